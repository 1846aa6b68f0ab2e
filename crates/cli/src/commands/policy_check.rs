//! `bastide policy check FILE`: every mistake of a policy file at once, with line, column and what to write instead.

use std::{fmt::Write as _, path::PathBuf};

use bastide_desk::policy::{self, Policy, PolicyProblem, read::MAXIMUM_BYTES};
use bastide_model::output::Outcome;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::{diagnostic::Diagnostic, input, terminal};

/// Check a policy file: every mistake with its line, column and what to write instead.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  bastide policy check policy.toml\n  bastide policy check --format json - < policy.toml"
)]
pub(crate) struct PolicyCheck {
    /// The policy, a TOML file; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: PolicyFormat,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PolicyFormat {
    /// One mistake a line: `FILE:LINE:COLUMN: FIELD: what (what to write)`.
    Text,
    /// The resolved policy with its digest, or the list of mistakes.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
}

impl PolicyCheck {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let text = input::read_text(&self.file, MAXIMUM_BYTES)?;
        let checked = policy::check(&text, &input::shown(&self.file));
        let shown = match self.format {
            PolicyFormat::Text => as_text(&checked),
            PolicyFormat::Json => as_json(&checked),
            PolicyFormat::Github => as_annotations(&checked),
        };
        terminal::print(&shown)?;
        Ok(if checked.is_ok() { Outcome::Clean } else { Outcome::Findings })
    }
}

fn as_text(checked: &Result<Policy, Vec<PolicyProblem>>) -> String {
    match checked {
        Ok(policy) => {
            let days = &policy.deadlines;
            format!(
                "{} ({}), version {}: no mistakes\n  answer within {} days, disclose within {} days, {} days between release \
                 and announcement\n  threat model {}\n  digest {}\n",
                policy.title,
                policy.name,
                policy.version,
                days.acknowledge_days,
                days.disclosure_days,
                days.notice_days,
                policy.threat_model,
                policy.digest()
            )
        }
        Err(problems) => {
            let mut text = String::new();
            for problem in problems {
                let _ = writeln!(text, "{problem}");
            }
            let _ = writeln!(text, "{} to mend", count(problems.len()));
            text
        }
    }
}

fn count(mistakes: usize) -> String {
    if mistakes == 1 { "1 mistake".to_owned() } else { format!("{mistakes} mistakes") }
}

fn as_json(checked: &Result<Policy, Vec<PolicyProblem>>) -> String {
    let document = match checked {
        Ok(policy) => json!({ "problems": [], "policy": policy, "digest": policy.digest() }),
        Err(problems) => json!({ "problems": problems, "policy": null, "digest": null }),
    };
    format!("{document:#}\n")
}

fn as_annotations(checked: &Result<Policy, Vec<PolicyProblem>>) -> String {
    let mut text = String::new();
    for problem in checked.as_ref().err().into_iter().flatten() {
        let message = format!("{} {}", problem.message, problem.remedy);
        let _ = writeln!(
            text,
            "::error file={},line={},col={}::{}",
            in_property(&problem.file),
            problem.line,
            problem.column,
            in_message(&message)
        );
    }
    text
}

/// GitHub's escapes of a message: nothing in it ends the command or begins another.
fn in_message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn in_property(text: &str) -> String {
    in_message(text).replace(':', "%3A").replace(',', "%2C")
}
