//! `bastide case show CASE`: where a case stands, what is due, what you could do now.

use std::fmt::Write as _;

use bastide_model::{
    id::CaseId,
    output::{Outcome, one_line},
    time::Instant,
};
use clap::Args;
use serde_json::Value;

use super::report_send::AnswerFormat;
use crate::{connection::Connection, diagnostic::Diagnostic, terminal};

/// Show a case: where it stands, what is due, what you could do now, what has happened.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide case show case-… --format json")]
pub(crate) struct CaseShow {
    /// The case.
    #[arg(value_name = "CASE")]
    case: CaseId,
    #[command(flatten)]
    connection: Connection,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AnswerFormat,
}

impl CaseShow {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open_signed_in()?;
        let answer = desk.get(&format!("/api/v1/cases/{}", self.case)).await?;
        let shown = match self.format {
            AnswerFormat::Json => format!("{answer:#}\n"),
            AnswerFormat::Text => as_text(&answer),
        };
        terminal::print(&shown)?;
        Ok(Outcome::Clean)
    }
}

fn word(value: &Value) -> String {
    one_line(value.as_str().unwrap_or_default())
}

fn instant(value: &Value) -> Option<String> {
    serde_json::from_value(value.clone()).ok().map(Instant::for_people)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn as_text(case: &Value) -> String {
    let state = &case["state"];
    let mut text = format!("{}  {}\n", word(&case["reference"]), word(&case["lifecycle"]));
    let title = word(&case["report"]["title"]);
    if !title.is_empty() {
        let _ = writeln!(text, "  {title}");
    }
    let digest = word(&state["advisory-digest"]);
    if !digest.is_empty() {
        let _ = writeln!(
            text,
            "  advisory: {}, version {}, digest {digest}",
            word(&state["advisory"]),
            state["advisory-version"]
        );
    }
    for number in case["cve-numbers"].as_object().into_iter().flatten() {
        let _ = writeln!(text, "  {}: {}", one_line(number.0), word(number.1));
    }
    for deadline in list(&state["deadlines"]) {
        let missed = if deadline["missed"].as_bool() == Some(true) { " (missed)" } else { "" };
        let due = instant(&deadline["due"]).unwrap_or_default();
        let _ =
            writeln!(text, "  due {due}: {}{missed} ({})", word(&deadline["what"]), word(&deadline["rule"]));
    }
    let next = word(&case["next-task"]["what"]);
    if !next.is_empty() {
        let _ = writeln!(text, "  your next step: {next}");
    }
    let (now, later): (Vec<&Value>, Vec<&Value>) =
        list(&case["offers"]).iter().partition(|offer| offer["not-now"].is_null());
    if !now.is_empty() {
        text.push_str("What you could do now (`bastide case STEP --help` explains each):\n");
    }
    for offer in now {
        let _ = writeln!(text, "  {:<20} {}", word(&offer["step"]), word(&offer["title"]));
    }
    if !later.is_empty() {
        let names: Vec<String> = later.iter().map(|offer| word(&offer["step"])).collect();
        let _ = writeln!(text, "Not now: {}", names.join(", "));
    }
    text.push_str("What has happened:\n");
    for entry in list(&case["history"]) {
        let at = instant(&entry["at"]).unwrap_or_default();
        let actor = entry["actor"].as_str().map(|actor| word(&case["names"][actor])).unwrap_or_default();
        let event = &entry["event"];
        let name = event.as_str().or_else(|| event["event"].as_str()).or_else(|| event["kind"].as_str());
        let _ = writeln!(text, "  {at}  {:<24} {}", one_line(&actor), one_line(name.unwrap_or_default()));
    }
    text
}
