//! `bastide case proof CASE`: the proof of a case's history, for somebody who takes part in it.

use std::path::PathBuf;

use bastide_model::{id::CaseId, output::Outcome};
use clap::Args;

use crate::{connection::Connection, diagnostic::Diagnostic, input, terminal};

/// Take the proof of a case's history home: every event with its way to a signed root.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide case proof case-… -o case.json")]
pub(crate) struct CaseProof {
    /// The case.
    #[arg(value_name = "CASE")]
    case: CaseId,
    #[command(flatten)]
    connection: Connection,
    /// Where the proof goes; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl CaseProof {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open_signed_in()?;
        let bundle = desk.get_bytes(&format!("/api/v1/cases/{}/proof", self.case)).await?;
        let key = desk.get_bytes("/ledger/case/key").await?;
        match &self.output {
            Some(file) => input::write(file, &bundle)?,
            None => terminal::print_document(&bundle)?,
        }
        let name = self.output.as_ref().map_or_else(|| "FILE".to_owned(), |file| file.display().to_string());
        let key = String::from_utf8_lossy(&key);
        terminal::say(&format!(
            "Anybody can check it: bastide ledger verify --proof {name} --key {}\n",
            key.trim()
        ));
        Ok(Outcome::Clean)
    }
}
