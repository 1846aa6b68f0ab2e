//! `bastide report amend`: a held report, mended by its reporter.

use std::path::PathBuf;

use bastide_desk::case::Lifecycle;
use bastide_model::output::Outcome;
use bastide_usecases::Done;
use clap::Args;
use serde_json::json;

use super::report_lint::ReportFile;
use crate::{
    connection::Connection,
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// Send a mended version of a report that the desk holds. The first version is kept.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide report amend --link-file link.txt report.txt")]
pub(crate) struct ReportAmend {
    #[command(flatten)]
    report: ReportFile,
    /// A file with the secret status link.
    #[arg(long, value_name = "FILE")]
    link_file: PathBuf,
    #[command(flatten)]
    connection: Connection,
}

impl ReportAmend {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let draft = self.report.read()?;
        let desk = self.connection.open_as_reporter(&input::read_secret(&self.link_file)?)?;
        let answer = desk.post("/api/v1/report/amend", &json!({ "report": draft })).await?;
        let done: Done = serde_json::from_value(answer).map_err(|error| {
            Diagnostic::cannot(format!("the answer is not understood: {}", chain(&error)))
        })?;
        if done.lifecycle == Lifecycle::Held {
            terminal::print("It is still held: `bastide report lint` names what to mend.\n")?;
            return Ok(Outcome::Findings);
        }
        terminal::print(&format!("It is in: {}.\n", done.lifecycle.as_str()))?;
        Ok(Outcome::Clean)
    }
}
