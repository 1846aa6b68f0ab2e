//! `bastide inbox`: what is due, next deadline first.

use std::fmt::Write as _;

use bastide_model::{
    output::{Outcome, one_line},
    party::ProjectName,
    time::Instant,
};
use clap::Args;
use serde_json::Value;

use super::report_send::AnswerFormat;
use crate::{connection::Connection, diagnostic::Diagnostic, terminal};

/// Show the cases that you may see a line of, next deadline first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide inbox --project jupyterlab")]
pub(crate) struct Inbox {
    /// Of this project only.
    #[arg(long, value_name = "NAME")]
    project: Option<ProjectName>,
    /// Closed cases instead of open ones.
    #[arg(long)]
    closed: bool,
    #[command(flatten)]
    connection: Connection,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AnswerFormat,
}

impl Inbox {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open_signed_in()?;
        let project = self.project.as_ref().map(|name| format!("&project={name}")).unwrap_or_default();
        let answer = desk.get(&format!("/api/v1/inbox?closed={}{project}", self.closed)).await?;
        let shown = match self.format {
            AnswerFormat::Json => format!("{answer:#}\n"),
            AnswerFormat::Text => as_text(&answer),
        };
        terminal::print(&shown)?;
        Ok(Outcome::Clean)
    }
}

fn as_text(answer: &Value) -> String {
    let rows = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return "Nothing waits for you.\n".to_owned();
    }
    let mut text = String::new();
    for row in rows {
        let word = |name: &str| row[name].as_str().map(one_line);
        let due: Option<Instant> = serde_json::from_value(row["next-due"].clone()).ok();
        let due = due.map_or_else(|| "no deadline".to_owned(), Instant::for_people);
        let _ = writeln!(
            text,
            "{due:<20}  {}  {}  {}\n{:22}{}  {}",
            word("reference").unwrap_or_default(),
            word("lifecycle").unwrap_or_default(),
            word("title").unwrap_or_else(|| "(title closed)".to_owned()),
            "",
            word("case").unwrap_or_default(),
            word("next-task").unwrap_or_default(),
        );
    }
    text
}
