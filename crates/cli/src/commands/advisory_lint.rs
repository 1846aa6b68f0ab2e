//! `bastide advisory lint FILE`: what is wrong with an advisory before it is published.

use std::path::PathBuf;

use bastide_advisory::{Advisory, Format as Syntax, MAX_DOCUMENT_BYTES, lint, read_osv};
use bastide_model::output::{self, Format, Outcome};
use clap::Args;

use crate::{
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// Check an advisory before it is published: what users would miss, and what its formats could not say.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide advisory lint draft.json --format markdown")]
pub(crate) struct AdvisoryLint {
    #[command(flatten)]
    record: AdvisoryFile,
    /// How the findings are written: text, json, sarif, github or markdown.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// An advisory in a file.
#[derive(Debug, Args)]
pub(crate) struct AdvisoryFile {
    /// An OSV record, JSON or (by its ending `.yaml` or `.yml`) YAML; `-` for JSON on standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

impl AdvisoryFile {
    /// Reads the record.
    pub(crate) fn read(&self) -> Result<Advisory, Diagnostic> {
        let bytes = input::read(&self.file, MAX_DOCUMENT_BYTES)?;
        let yaml = self.file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        let syntax = if yaml { Syntax::Yaml } else { Syntax::Json };
        read_osv(&bytes, syntax, &input::shown(&self.file)).map_err(|error| Diagnostic::usage(chain(&error)))
    }
}

impl AdvisoryLint {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let findings = lint::lint(&self.record.read()?);
        terminal::print(&output::render(self.format, &findings, &terminal::registry()?))?;
        Ok(Outcome::of(&findings))
    }
}
