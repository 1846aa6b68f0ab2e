//! `bastide report send`, `bastide report status`: a report on its way, and what became of it.

use std::{fmt::Write as _, path::PathBuf};

use bastide_model::{
    finding::Finding,
    output::{self, Format, Outcome, one_line},
    party::ProjectName,
    time::Instant,
};
use bastide_usecases::Submitted;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::report_lint::ReportFile;
use crate::{
    connection::Connection,
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// Send a report to a project of a desk. The answer holds the secret status link; it is shown once.
#[derive(Debug, Args)]
#[command(
    after_help = "Without an account the status link is how you and the team stay in touch: keep it.\n\n\
                  Example:\n  bastide report send --desk https://desk.example.org --project jupyterlab report.txt"
)]
pub(crate) struct ReportSend {
    /// The project, by the name that the desk knows it by.
    #[arg(long, value_name = "NAME")]
    project: ProjectName,
    #[command(flatten)]
    report: ReportFile,
    /// The channel that it came through, when you pass on somebody else's report.
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// Ask for an embargo that ends then, such as `2027-01-31T00:00:00Z`.
    #[arg(long, value_name = "INSTANT")]
    embargo_end: Option<Instant>,
    #[command(flatten)]
    connection: Connection,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AnswerFormat,
}

/// How an answer of a desk is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people.
    Text,
    /// As the desk gave it.
    Json,
}

/// Show where your report stands, by its secret status link.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide report status --link-file link.txt")]
pub(crate) struct ReportStatus {
    /// A file with the link, or its secret; standard input without it.
    #[arg(long, value_name = "FILE", default_value = "-")]
    link_file: PathBuf,
    #[command(flatten)]
    connection: Connection,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AnswerFormat,
}

impl ReportSend {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let draft = self.report.read()?;
        let body = json!({ "report": draft, "origin": self.origin, "embargo-end": self.embargo_end });
        let desk = self.connection.open()?;
        let answer = desk.post(&format!("/api/v1/projects/{}/reports", self.project), &body).await?;
        if self.format == AnswerFormat::Json {
            terminal::print(&format!("{answer:#}\n"))?;
            return Ok(Outcome::Clean);
        }
        let submitted: Submitted = serde_json::from_value(answer).map_err(|error| {
            Diagnostic::cannot(format!("the answer is not understood: {}", chain(&error)))
        })?;
        terminal::print(&receipt(&submitted, desk.address()))?;
        show(&submitted.findings)?;
        Ok(Outcome::Clean)
    }
}

/// What the reporter keeps.
pub(crate) fn receipt(submitted: &Submitted, address: &str) -> String {
    let mut text = format!("Received as {} on {}.\n", submitted.reference, submitted.received.for_people());
    if submitted.lifecycle == bastide_desk::case::Lifecycle::Held {
        text.push_str("It is held until you mend what the findings name, or a person lets it in.\n");
    }
    if let Some(due) = submitted.answer_due {
        let _ = writeln!(text, "A person answers by {}.", due.for_people());
    }
    if let Some(due) = submitted.disclosure_due {
        let _ = writeln!(text, "It is disclosed by {} at the latest.", due.for_people());
    }
    let _ = writeln!(
        text,
        "Your status link, secret and shown once; keep it:\n  {address}/status/{}",
        submitted.link
    );
    text
}

fn show(findings: &[Finding]) -> Result<(), Diagnostic> {
    if !findings.is_empty() {
        terminal::say("\nWhat the desk noted about your report:\n\n");
        terminal::say(&output::render(Format::Text, findings, &terminal::registry()?));
    }
    Ok(())
}

impl ReportStatus {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open_as_reporter(&input::read_secret(&self.link_file)?)?;
        let answer = desk.get("/api/v1/report").await?;
        let shown = match self.format {
            AnswerFormat::Json => format!("{answer:#}\n"),
            AnswerFormat::Text => as_text(&answer),
        };
        terminal::print(&shown)?;
        Ok(Outcome::Clean)
    }
}

pub(crate) fn as_text(answer: &Value) -> String {
    let word = |value: &Value| one_line(value.as_str().unwrap_or_default());
    let instant = |value: &Value| {
        let at: Option<Instant> = serde_json::from_value(value.clone()).ok();
        at.map(Instant::for_people)
    };
    let mut text = format!("{}: {}\n", word(&answer["reference"]), word(&answer["lifecycle"]));
    for stage in answer["stages"].as_array().into_iter().flatten() {
        let when = match (instant(&stage["reached"]), instant(&stage["expected"])) {
            (Some(reached), _) => reached,
            (None, Some(expected)) => format!("expected by {expected}"),
            (None, None) => "not yet".to_owned(),
        };
        let _ = writeln!(text, "  {:<30} {when}", word(&stage["stage"]));
    }
    for entry in answer["history"].as_array().into_iter().flatten() {
        let message = &entry["content"]["open"];
        let said = message["text"].as_str().filter(|said| !said.trim().is_empty());
        if let (Some(said), Some(at)) = (said, instant(&entry["at"])) {
            let lines: Vec<String> = said.lines().map(|line| format!("    {}", one_line(line))).collect();
            let _ = writeln!(text, "{at}:\n{}", lines.join("\n"));
        }
    }
    if let Some(task) = answer["next-task"]["what"].as_str() {
        let _ = writeln!(text, "Your next step: {}", one_line(task));
    }
    text
}
