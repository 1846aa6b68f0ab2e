//! `bastide ledger verify`: the whole ledger of a desk on this machine, or one case's proof with nothing else at hand.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use bastide_ledger::{BodyState, Log, PublicationProof, VerifierKey, proof::MAX_BYTES, verify};
use bastide_model::output::{Outcome, one_line};
use bastide_store::VerifyReport;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::{
    desk_place::{DeskPlace, Missing},
    diagnostic::{Diagnostic, chain},
    input,
    setting_flags::SettingFlags,
    terminal,
};

/// Verify the ledger of a desk on this machine, or a case's proof offline.
///
/// Without `--proof`: both trees are rebuilt from their leaves and compared with their roots and every checkpoint, the
/// database engine checks its file, and every record is read on the path that pages use and compared with its leaf.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  bastide ledger verify --data DIR\n  \
                  bastide ledger verify --proof case.json --key desk.example.org/case-log+0a1b2c3d+BASE64\n  bastide ledger verify --proof proof.json --document osv.json --key KEY")]
pub(crate) struct LedgerVerify {
    #[command(flatten)]
    settings: SettingFlags<false>,
    /// A case's proof, as `bastide ledger prove` or the case's page gives it; `-` for standard input. No desk is needed.
    #[arg(long, value_name = "FILE", requires = "keys_of_log")]
    proof: Option<PathBuf>,
    /// A published document, byte for byte; then the proof is the document's, from its advisory's page, and the key the
    /// public log's.
    #[arg(long, value_name = "FILE", requires = "proof")]
    document: Option<PathBuf>,
    /// The verifier key that you trust, from the desk's page or somebody who has one: `ORIGIN+ID+BASE64`. Repeatable.
    #[arg(long = "key", id = "keys_of_log", value_name = "VKEY", requires = "proof", value_parser = verifier_key)]
    keys: Vec<VerifierKey>,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: LedgerFormat,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LedgerFormat {
    /// What was checked and how much of it.
    Text,
    /// The same for programs.
    Json,
}

fn verifier_key(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text.trim()).map_err(|error| chain(&error))
}

impl LedgerVerify {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        match (&self.proof, &self.document) {
            (Some(proof), Some(document)) => self.published(proof, document),
            (Some(file), None) => self.offline(file),
            (None, _) => self.whole().await,
        }
    }

    async fn whole(&self) -> Result<Outcome, Diagnostic> {
        let store =
            DeskPlace::of(&self.settings.load()?.settings.desk)?.store("localhost", Missing::Refuse).await?;
        let checked = store.verify().await;
        let keys = Log::ALL.map(|log| store.verifier_key(log).to_string());
        store.close().await;
        let report = checked?;
        let shown = match self.format {
            LedgerFormat::Text => as_text(&report, &keys),
            LedgerFormat::Json => as_json(&report, &keys),
        };
        terminal::print(&shown)?;
        Ok(if report.is_sound() { Outcome::Clean } else { Outcome::Findings })
    }

    /// That a document was published as it is.
    fn published(&self, file: &Path, document: &Path) -> Result<Outcome, Diagnostic> {
        let read: Result<PublicationProof, _> = serde_json::from_slice(&input::read(file, MAX_BYTES)?);
        let proof = read.map_err(|_| {
            Diagnostic::refused("this is no proof of a published document").at(input::shown(file))
        })?;
        let bytes = input::read(document, MAX_BYTES)?;
        let checkpoint = proof
            .check(&bytes, &self.keys)
            .map_err(|error| Diagnostic::refused(chain(&error)).at(input::shown(document)))?;
        let shown = match self.format {
            LedgerFormat::Text => format!(
                "{}: exactly these {} bytes are leaf {} of the log {} of {} leaves\n",
                one_line(&proof.id),
                bytes.len(),
                proof.index,
                one_line(&checkpoint.origin),
                checkpoint.size
            ),
            LedgerFormat::Json => {
                let document = json!({
                    "sound": true, "id": proof.id, "leaf": proof.index, "origin": checkpoint.origin,
                    "size": checkpoint.size,
                });
                format!("{document:#}\n")
            }
        };
        terminal::print(&shown)?;
        Ok(Outcome::Clean)
    }

    fn offline(&self, file: &Path) -> Result<Outcome, Diagnostic> {
        let bundle = input::read(file, MAX_BYTES)?;
        let report = verify(&bundle, &self.keys)
            .map_err(|error| Diagnostic::refused(chain(&error)).at(input::shown(file)))?;
        let opened = report.events.iter().filter(|event| event.body == BodyState::Revealed).count();
        let sealed = report.events.iter().filter(|event| event.body == BodyState::Committed).count();
        let checkpoint = &report.checkpoint;
        let shown = match self.format {
            LedgerFormat::Text => {
                let mut text = format!(
                    "{}: {} events are in the log {} of {} leaves, in this order and unchanged\n",
                    report.case,
                    report.events.len(),
                    checkpoint.origin,
                    checkpoint.size
                );
                for event in &report.events {
                    let _ =
                        writeln!(text, "  {:>4}  {}  {}", event.sequence, event.at.for_people(), event.kind);
                }
                let _ = writeln!(
                    text,
                    "{opened} contents are laid open and are what was committed to, {sealed} are sealed"
                );
                text
            }
            LedgerFormat::Json => {
                let events: Vec<_> = report
                    .events
                    .iter()
                    .map(|event| json!({ "sequence": event.sequence, "leaf": event.index, "at": event.at, "kind": event.kind }))
                    .collect();
                let document = json!({
                    "sound": true, "case": report.case, "origin": checkpoint.origin, "size": checkpoint.size,
                    "events": events, "opened": opened, "sealed": sealed,
                });
                format!("{document:#}\n")
            }
        };
        terminal::print(&shown)?;
        Ok(Outcome::Clean)
    }
}

/// What was checked, with counts.
pub(crate) fn as_text(report: &VerifyReport, keys: &[String; 2]) -> String {
    let mut text = String::new();
    for note in &report.notes {
        let _ = writeln!(text, "{note}");
    }
    let counts = [
        (report.case_leaves, "leaves of the case log, root rebuilt"),
        (report.public_leaves, "leaves of the public log, root rebuilt"),
        (report.checkpoints, "signed checkpoints, each of the tree as it was"),
        (report.events, "events, each the leaf that it should be"),
        (report.bodies, "sealed contents opened, each what its event committed to"),
        (report.erased, "erased contents"),
        (report.objects, "sealed attachments opened"),
        (report.publications, "published documents, each in the public log"),
        (report.snapshots, "frozen policies and threat models, each with its digest"),
        (report.rows, "rows of the inbox, roles, credentials and messages, each with its check value"),
    ];
    for (count, what) in counts {
        let _ = writeln!(text, "{count:>8}  {what}");
    }
    let _ = writeln!(text, "Keys by which others check proofs:\n  {}\n  {}", keys[0], keys[1]);
    if report.is_sound() {
        text.push_str("The ledger is sound.\n");
    }
    for problem in &report.problems {
        let _ = writeln!(text, "problem: {}", problem.message);
    }
    if !report.is_sound() {
        let _ = writeln!(
            text,
            "{} found. What to do: stop the desk, keep a copy of the data as they are, and restore the newest backup that \
             verifies.",
            if report.problems.len() == 1 {
                "1 problem".to_owned()
            } else {
                format!("{} problems", report.problems.len())
            }
        );
    }
    text
}

fn as_json(report: &VerifyReport, keys: &[String; 2]) -> String {
    let problems: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
    let document = json!({
        "sound": report.is_sound(),
        "notes": report.notes,
        "case-leaves": report.case_leaves,
        "public-leaves": report.public_leaves,
        "checkpoints": report.checkpoints,
        "events": report.events,
        "bodies": report.bodies,
        "erased": report.erased,
        "objects": report.objects,
        "publications": report.publications,
        "snapshots": report.snapshots,
        "rows": report.rows,
        "keys": keys,
        "problems": problems,
    });
    format!("{document:#}\n")
}
