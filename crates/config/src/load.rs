//! Joining the sources: built-in values, file, environment, flags; a later one wins.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{Origin, Reader, Setting, Settings, declaration::key, document, given::Given};

/// Variables of bastide that are no settings.
const OTHER_VARIABLES: [&str; 3] = ["BASTIDE_CONFIG", "BASTIDE_DESK", "BASTIDE_TOKEN_FILE"];
/// A name this far from a known one is taken for a slip of the pen.
const SLIP: usize = 2;
/// No configuration file is longer, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// What was given, before anybody looked at it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file: its name and text.
    pub file: Option<(String, String)>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Flags: the key that each sets, the flag's name, the value.
    pub flags: Vec<(String, String, String)>,
}

/// What is wrong, where, and what to do about it. Never quotes a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File and line, variable or flag.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration has {} mistake(s)", .problems.len())]
pub struct ConfigError {
    /// What is wrong, in the order of the sources.
    pub problems: Vec<Problem>,
}

/// The settings that hold, and whence each came.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Variables that look like settings and are none.
    pub ignored: Vec<String>,
    given: BTreeMap<String, Given>,
}

impl Sources {
    /// Joins and checks everything.
    pub fn load(self) -> Result<Loaded, ConfigError> {
        let mut problems = Vec::new();
        let mut given = BTreeMap::new();
        if let Some((name, text)) = &self.file {
            match file(name, text, &mut problems) {
                Ok(found) => given.extend(found),
                Err(error) => return Err(error),
            }
        }
        let ignored = environment(self.environment, &mut given, &mut problems);
        for (key, flag, value) in self.flags {
            match find(&key) {
                Some(setting) => {
                    let texts = split(setting, &value);
                    given.insert(key, Given { texts, origin: Origin::Flag(flag) });
                }
                None => problems.push(unknown(format!("--{flag}"), &key)),
            }
        }
        let mut reader = Reader { given: &given, problems };
        let settings = Settings::read(&mut reader);
        match (settings, reader.problems) {
            (Some(settings), problems) if problems.is_empty() => Ok(Loaded { settings, ignored, given }),
            (_, problems) => Err(ConfigError { problems }),
        }
    }
}

fn file(name: &str, text: &str, problems: &mut Vec<Problem>) -> Result<BTreeMap<String, Given>, ConfigError> {
    if text.len() > MAX_BYTES {
        return Err(ConfigError {
            problems: vec![Problem {
                place: name.to_owned(),
                what: format!("it is longer than {MAX_BYTES} bytes"),
                remedy: "name the configuration file".to_owned(),
            }],
        });
    }
    let entries = document::entries(name, text).map_err(|problems| ConfigError { problems })?;
    let mut given = BTreeMap::new();
    for entry in entries {
        let origin = Origin::File { name: name.to_owned(), line: entry.line };
        if find(&entry.key).is_none() {
            problems.push(unknown(origin.to_string(), &entry.key));
        } else {
            given.insert(entry.key, Given { texts: entry.texts, origin });
        }
    }
    Ok(given)
}

/// Takes what the environment says; gives the variables that are nobody's.
fn environment(
    variables: Vec<(String, String)>,
    given: &mut BTreeMap<String, Given>,
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let known: BTreeMap<String, &Setting> =
        Settings::all().into_iter().filter_map(|setting| Some((setting.variable()?, setting))).collect();
    let mut ignored = Vec::new();
    for (name, value) in variables {
        if !name.starts_with("BASTIDE_") || OTHER_VARIABLES.contains(&name.as_str()) {
            continue;
        }
        if let Some(setting) = known.get(&name) {
            let texts = split(setting, &value);
            given.insert(setting.key(), Given { texts, origin: Origin::Variable(name) });
        } else if let Some(near) = nearest(&name, known.keys().cloned(), SLIP) {
            problems.push(Problem {
                place: name,
                what: "no setting has this variable".to_owned(),
                remedy: format!("did you mean `{near}`? Otherwise take it out of the environment"),
            });
        } else {
            ignored.push(name);
        }
    }
    ignored
}

/// The values in a text that did not come from a file.
fn split(setting: &Setting, value: &str) -> Vec<String> {
    if !setting.many {
        return vec![value.to_owned()];
    }
    value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The setting that a key names; a `*` in a section's name stands for any name.
fn find(key: &str) -> Option<&'static Setting> {
    Settings::all().into_iter().find(|setting| fits(&setting.key(), key))
}

fn fits(pattern: &str, key: &str) -> bool {
    let mut parts = key.split('.');
    pattern.split('.').all(|wanted| parts.next().is_some_and(|part| wanted == "*" || wanted == part))
        && parts.next().is_none()
}

fn unknown(place: String, key: &str) -> Problem {
    let known = || Settings::all().into_iter().map(Setting::key);
    // A key in the wrong section is a slip, too.
    let last = key.rsplit('.').next().unwrap_or(key).to_owned();
    let moved = known().find(|name| name.rsplit('.').next() == Some(last.as_str()));
    let near = nearest(key, known(), key.len() / 3 + 1).or(moved);
    Problem {
        place,
        what: format!("there is no setting `{}`", key.chars().take(80).collect::<String>()),
        remedy: near.map_or_else(
            || "docs/configuration.md lists the settings".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
    }
}

fn nearest(name: &str, known: impl Iterator<Item = String>, within: usize) -> Option<String> {
    let name: String = name.chars().take(200).collect();
    known
        .map(|other| (strsim::damerau_levenshtein(&name, &other), other))
        .filter(|(distance, _)| *distance <= within)
        .min()
        .map(|(_, other)| other)
}

impl Loaded {
    /// Whence the value of a key came.
    pub fn origin(&self, key: &str) -> Origin {
        self.given.get(key).map_or(Origin::Default, |given| given.origin.clone())
    }

    /// What holds, as a configuration file, each line with whence it came.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut section = String::new();
        for (name, field, value) in self.settings.values() {
            if name != section {
                let _ = writeln!(text, "\n[{name}]");
                section.clone_from(&name);
            }
            let origin = self.origin(&key(&name, field));
            let field = field.replace('_', "-");
            let _ = match value {
                Some(value) => writeln!(text, "{field} = {value} # {origin}"),
                None => writeln!(text, "# {field}: not given"),
            };
        }
        text
    }
}
