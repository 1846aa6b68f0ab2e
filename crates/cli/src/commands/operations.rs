//! `bastide operations`: the machinery of a running desk, for its administrators.

use std::fmt::Write as _;

use bastide_model::{
    output::{Outcome, one_line},
    time::Instant,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::report_send::AnswerFormat;
use crate::{connection::Connection, diagnostic::Diagnostic, terminal};

/// Look after the machinery of a running desk: jobs, what waits, outgoing mail.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  bastide operations show\n  bastide operations hold --reason 'Mail goes to the wrong list'\n  \
                        bastide operations release\n  bastide operations retry msg-…"
)]
pub(crate) struct Operations {
    #[command(subcommand)]
    verb: OperationsVerb,
}

#[derive(Debug, Subcommand)]
enum OperationsVerb {
    /// Show the hold, the jobs and their last rounds, what waits, and dead letters.
    Show {
        #[command(flatten)]
        connection: Connection,
        /// How the answer is written.
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: AnswerFormat,
    },
    /// Hold everything outgoing: it waits in the outbox.
    Hold {
        #[command(flatten)]
        connection: Connection,
        /// Why, in a sentence for the other administrators; name no case.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// When it ends by itself, as `2027-01-31T00:00:00Z`; until somebody ends it without.
        #[arg(long, value_name = "INSTANT")]
        until: Option<Instant>,
    },
    /// Let everything outgoing go again.
    Release {
        #[command(flatten)]
        connection: Connection,
    },
    /// Try a dead letter again.
    Retry(Letter),
    /// Never send a dead letter.
    Drop(Letter),
}

#[derive(Debug, Args)]
struct Letter {
    /// The message's id, as `show` lists it.
    #[arg(value_name = "MESSAGE", value_parser = message)]
    message: String,
    #[command(flatten)]
    connection: Connection,
}

fn message(text: &str) -> Result<String, String> {
    let plain =
        text.starts_with("msg-") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain {
        Ok(text.to_owned())
    } else {
        Err("write the id that `bastide operations show` lists".to_owned())
    }
}

impl Operations {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        const PLACE: &str = "/api/v1/operations";
        match &self.verb {
            OperationsVerb::Show { connection, format } => {
                let answer = connection.open_signed_in()?.get(PLACE).await?;
                let shown = match format {
                    AnswerFormat::Json => format!("{answer:#}\n"),
                    AnswerFormat::Text => as_text(&answer),
                };
                terminal::print(&shown)?;
            }
            OperationsVerb::Hold { connection, reason, until } => {
                let body = json!({ "reason": reason, "until": until });
                connection.open_signed_in()?.post(&format!("{PLACE}/hold"), &body).await?;
            }
            OperationsVerb::Release { connection } => {
                connection.open_signed_in()?.post(&format!("{PLACE}/release"), &json!({})).await?;
            }
            OperationsVerb::Retry(letter) => letter.decide("retry").await?,
            OperationsVerb::Drop(letter) => letter.decide("drop").await?,
        }
        Ok(Outcome::Clean)
    }
}

impl Letter {
    async fn decide(&self, decision: &str) -> Result<(), Diagnostic> {
        let path = format!("/api/v1/operations/dead-letters/{}", self.message);
        self.connection.open_signed_in()?.post(&path, &json!({ "decision": decision })).await?;
        Ok(())
    }
}

fn as_text(answer: &Value) -> String {
    let mut text = String::new();
    let moment = |value: &Value| {
        let at: Option<Instant> = serde_json::from_value(value.clone()).ok();
        at.map_or_else(|| "never".to_owned(), Instant::for_people)
    };
    match &answer["hold"] {
        Value::Null => text.push_str("Mail leaves as it comes.\n"),
        hold => {
            let until =
                if hold["until"].is_null() { "somebody ends it".to_owned() } else { moment(&hold["until"]) };
            let reason = one_line(hold["reason"].as_str().unwrap_or_default());
            let _ =
                writeln!(text, "Nothing leaves since {}, until {until}: {reason}", moment(&hold["since"]));
        }
    }
    for job in answer["jobs"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let _ = writeln!(
            text,
            "job {:<10} last good round {}, last failure {}, failures {}",
            one_line(job["job"].as_str().unwrap_or_default()),
            moment(&job["succeeded"]),
            moment(&job["failed"]),
            job["failures"].as_u64().unwrap_or_default()
        );
    }
    for (state, count) in answer["messages"].as_object().into_iter().flatten() {
        let _ = writeln!(text, "messages {:<10} {}", one_line(state), count.as_u64().unwrap_or_default());
    }
    let oldest = |value: &Value| if value.is_null() { "nothing is late".to_owned() } else { moment(value) };
    let _ = writeln!(text, "oldest due message: {}", oldest(&answer["oldest-due-message"]));
    let _ = writeln!(text, "oldest due case: {}", oldest(&answer["oldest-due-case"]));
    for letter in answer["dead-letters"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let word = |name: &str| one_line(letter[name].as_str().unwrap_or_default());
        let _ = writeln!(
            text,
            "dead letter {}  {} by {}, given up {}: {}",
            word("message"),
            word("text"),
            word("channel"),
            moment(&letter["given-up"]),
            word("why")
        );
    }
    text
}
