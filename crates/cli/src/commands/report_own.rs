//! `bastide report list` and `show`: one's own reports, by an account.

use std::fmt::Write as _;

use bastide_model::{
    id::CaseId,
    output::{Outcome, one_line},
    time::Instant,
};
use clap::Args;
use serde_json::Value;

use super::report_send::{self, AnswerFormat};
use crate::{connection::Connection, diagnostic::Diagnostic, terminal};

/// List the reports that you keep under your account, the newest first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide report list")]
pub(crate) struct ReportList {
    #[command(flatten)]
    connection: Connection,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AnswerFormat,
}

impl ReportList {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open_signed_in()?;
        let answer = desk.get("/api/v1/reports").await?;
        terminal::print(&match self.format {
            AnswerFormat::Json => format!("{answer:#}\n"),
            AnswerFormat::Text => as_text(&answer),
        })?;
        Ok(Outcome::Clean)
    }
}

/// Show one of your own reports: stages, dates and what was said. Write back with `bastide case message`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide report show case-01jq3v5k6m7n8p9q0r1s2t3v4w")]
pub(crate) struct ReportShow {
    /// The report's case, as `bastide report list` names it.
    case: CaseId,
    #[command(flatten)]
    connection: Connection,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AnswerFormat,
}

impl ReportShow {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open_signed_in()?;
        let answer = desk.get(&format!("/api/v1/reports/{}", self.case)).await?;
        terminal::print(&match self.format {
            AnswerFormat::Json => format!("{answer:#}\n"),
            AnswerFormat::Text => report_send::as_text(&answer),
        })?;
        Ok(Outcome::Clean)
    }
}

fn as_text(answer: &Value) -> String {
    let rows = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return "No report is kept under this account. Open a report's secret link in a browser to keep it here.\n".to_owned();
    }
    let mut text = String::new();
    for row in rows {
        let word = |name: &str| row[name].as_str().map(one_line).unwrap_or_default();
        let next: Option<Instant> = serde_json::from_value(row["next"].clone()).ok();
        let next = next.map_or_else(|| "no date".to_owned(), Instant::for_people);
        let new = if row["unread"].as_bool() == Some(true) { "  (new answer)" } else { "" };
        let _ = writeln!(
            text,
            "{next:<20}  {}  {}  {}{new}\n{:22}{}  {}",
            word("reference"),
            word("stage"),
            word("title"),
            "",
            word("case"),
            word("task"),
        );
    }
    text
}
