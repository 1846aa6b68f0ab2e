//! Flags made from the declarations of the settings, and the file and environment beside them.

use std::path::{Path, PathBuf};

use bastide_config::{ConfigError, Flag, Loaded, Setting, Settings, Sources};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, builder::ValueParser};

use crate::{diagnostic::Diagnostic, input};

/// No configuration file is longer, in bytes.
const MAX_FILE: usize = 1024 * 1024;
/// Under which heading the flags stand.
const HEADING: &str = "Settings (docs/configuration.md)";

/// The settings that were given on the command line. With `SERVE` also those that only the running desk has.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingFlags<const SERVE: bool> {
    config: Option<PathBuf>,
    /// Key, flag and value of each.
    given: Vec<(String, String, String)>,
}

/// The flag that a command has for a setting.
fn flag_of(setting: &Setting, serve: bool) -> Option<&'static str> {
    match setting.flag {
        Flag::Everywhere(flag) => Some(flag),
        Flag::Serve(flag) if serve => Some(flag),
        Flag::Serve(_) | Flag::None => None,
    }
}

fn help(setting: &Setting) -> String {
    let mut text = setting.sentence();
    text.truncate(text.trim_end_matches('.').len());
    let default = setting.default.map(|value| format!(" [default: {value}]"));
    let variable = setting.variable().map(|name| format!(" [env: {name}]"));
    text.extend([default, variable].into_iter().flatten());
    text
}

impl<const SERVE: bool> Args for SettingFlags<SERVE> {
    fn augment_args(command: Command) -> Command {
        let argument = |name: &'static str, kind: &'static str, help: String| {
            Arg::new(name).long(name).value_name(kind).help(help).global(true).help_heading(HEADING)
        };
        let file = "The configuration file, in TOML [env: BASTIDE_CONFIG]".to_owned();
        let any = "Any setting by its key. Repeatable".to_owned();
        let mut command = command
            .arg(argument("config", "FILE", file).value_parser(ValueParser::path_buf()))
            .arg(argument("set", "KEY=VALUE", any).action(ArgAction::Append));
        for setting in Settings::all() {
            if let Some(flag) = flag_of(setting, SERVE) {
                command = command.arg(argument(flag, setting.kind, help(setting)));
            }
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const SERVE: bool> FromArgMatches for SettingFlags<SERVE> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self { config: matches.get_one::<PathBuf>("config").cloned(), given: Vec::new() };
        for text in matches.get_many::<String>("set").into_iter().flatten() {
            let (key, value) = text.split_once('=').ok_or_else(|| {
                clap::Error::raw(
                    clap::error::ErrorKind::ValueValidation,
                    "`--set` takes a key and a value: `--set listen=127.0.0.1:9000`\n",
                )
            })?;
            flags.given.push((key.trim().to_owned(), "set".to_owned(), value.to_owned()));
        }
        for setting in Settings::all() {
            if let Some(flag) = flag_of(setting, SERVE)
                && let Some(value) = matches.get_one::<String>(flag)
            {
                flags.given.push((setting.key(), flag.to_owned(), value.clone()));
            }
        }
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<const SERVE: bool> SettingFlags<SERVE> {
    /// Every setting that holds: built-in values, file, environment, these flags.
    pub(crate) fn load(&self) -> Result<Loaded, Diagnostic> {
        let environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = environment.iter().find(|(name, _)| name == "BASTIDE_CONFIG").map(|(_, value)| value);
        let path = self.config.as_deref().or_else(|| named.map(Path::new));
        let file = path.map(read).transpose()?;
        let loaded = Sources { file, environment, flags: self.given.clone() }.load()?;
        for name in &loaded.ignored {
            tracing::warn!(
                name,
                "this variable looks like a setting and is none; docs/configuration.md lists them"
            );
        }
        Ok(loaded)
    }
}

fn read(path: &Path) -> Result<(String, String), Diagnostic> {
    Ok((input::shown(path), input::read_text(path, MAX_FILE)?))
}

impl From<ConfigError> for Diagnostic {
    fn from(error: ConfigError) -> Self {
        let mut problems = error.problems.into_iter();
        let first = problems.next();
        let mut diagnostic = match first {
            Some(problem) => Self::usage(problem.what).at(problem.place).remedy(problem.remedy),
            None => Self::usage("the configuration is wrong"),
        };
        for problem in problems {
            diagnostic = diagnostic.and(Self::usage(problem.what).at(problem.place).remedy(problem.remedy));
        }
        diagnostic
    }
}
