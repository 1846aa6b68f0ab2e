//! `bastide ledger prove CASE`: a case's history with its proof, to be verified elsewhere.

use std::path::PathBuf;

use bastide_ledger::Log;
use bastide_model::{id::CaseId, output::Outcome};
use clap::Args;

use crate::{
    desk_place::{DeskPlace, Missing},
    diagnostic::{Diagnostic, chain},
    input,
    setting_flags::SettingFlags,
    terminal,
};

/// Write the proof of a case's whole history: every event with its way to a signed root. Contents stay sealed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide ledger prove case-… --data DIR -o case.json")]
pub(crate) struct LedgerProve {
    /// The case.
    #[arg(value_name = "CASE")]
    case: CaseId,
    #[command(flatten)]
    settings: SettingFlags<false>,
    /// Where the proof goes; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl LedgerProve {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let store =
            DeskPlace::of(&self.settings.load()?.settings.desk)?.store("localhost", Missing::Refuse).await?;
        let proved = store.prove(self.case, None).await;
        let key = store.verifier_key(Log::Case).to_string();
        store.close().await;
        let bundle = serde_json::to_vec_pretty(&proved?)
            .map_err(|error| Diagnostic::cannot(format!("the proof cannot be written: {}", chain(&error))))?;
        match &self.output {
            Some(file) => input::write(file, &bundle)?,
            None => terminal::print_document(&[&bundle[..], b"\n"].concat())?,
        }
        let name = self.output.as_ref().map_or("FILE".to_owned(), |file| file.display().to_string());
        terminal::say(&format!("Anybody can check it: bastide ledger verify --proof {name} --key {key}\n"));
        Ok(Outcome::Clean)
    }
}
