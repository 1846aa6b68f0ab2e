//! `bastide completions` and `bastide manual`: what shells and `man` want to know, made from the command line itself.

use std::path::PathBuf;

use bastide_model::output::Outcome;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{
    arguments::Arguments,
    diagnostic::{Diagnostic, chain},
    terminal,
};

/// Print a script by which a shell completes this program's commands.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bastide completions bash >/usr/share/bash-completion/completions/bastide"
)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Write the manual pages into a directory, one for each command.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide manual /usr/local/share/man/man1")]
pub(crate) struct Manual {
    /// The directory; made when it is missing.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "bastide", &mut script);
        terminal::print_document(&script)?;
        Ok(Outcome::Clean)
    }
}

impl Manual {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let failed = |error: std::io::Error| {
            Diagnostic::cannot(format!("manual pages cannot be written: {}", chain(&error)))
                .at(self.directory.display().to_string())
                .remedy("name a directory where you may write")
        };
        std::fs::create_dir_all(&self.directory).map_err(failed)?;
        clap_mangen::generate_to(Arguments::command(), &self.directory).map_err(failed)?;
        Ok(Outcome::Clean)
    }
}
