//! Health and metrics on the site, and the machinery over the API.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_model::time::Instant;
use bastide_usecases::{LetterDecision, Operations, UseCaseError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{extract::Call, json as answer};
use crate::operations::{MEDIA_TYPE, checks, is_live};

/// The process is there.
pub(super) async fn live(call: Call) -> Response {
    let _ = call;
    is_live()
}

/// Whether the desk can take a report; the same whatever cases there are.
pub(super) async fn ready(call: Call) -> Response {
    checks(&call.desk().ready(&call.app.options().limits).await)
}

/// Everything that is measured, for a service account or an administrator.
pub(super) async fn metrics(call: Call) -> Response {
    match call.desk().measured(&call.visitor.actor).await {
        Ok(measured) => match call.app.options().metrics.render(&measured) {
            Ok(text) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        Err(error) => call.fail(&error),
    }
}

/// The machinery.
pub(super) async fn show(call: Call) -> Response {
    match call.desk().operations(&call.visitor.actor).await {
        Ok(operations) => answer(StatusCode::OK, &document(&operations)),
        Err(error) => call.fail(&error),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct HoldBody {
    reason: String,
    until: Option<Instant>,
}

/// Holds everything outgoing.
pub(super) async fn hold(call: Call) -> Response {
    let done = async {
        let body: HoldBody = call.json()?;
        call.desk().hold_outbound(&call.visitor.actor, &call.key()?, &body.reason, body.until).await
    };
    done_or_failed(&call, done.await)
}

/// Lets everything outgoing go again.
pub(super) async fn release(call: Call) -> Response {
    let done = async { call.desk().release_outbound(&call.visitor.actor, &call.key()?).await };
    done_or_failed(&call, done.await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionBody {
    decision: LetterDecision,
}

/// Decides about a dead letter.
pub(super) async fn decide(call: Call) -> Response {
    let done = async {
        let body: DecisionBody = call.json()?;
        let id: String = call.parameter("message")?;
        call.desk().decide_dead_letter(&call.visitor.actor, &call.key()?, &id, body.decision).await
    };
    done_or_failed(&call, done.await)
}

fn done_or_failed(call: &Call, done: Result<(), UseCaseError>) -> Response {
    match done {
        Ok(()) => answer(StatusCode::OK, &json!({ "done": true })),
        Err(error) => call.fail(&error),
    }
}

fn document(operations: &Operations) -> Value {
    let hold = operations.hold.as_ref().map(
        |hold| json!({ "reason": hold.reason, "by": hold.by, "since": hold.since, "until": hold.until }),
    );
    let jobs: Vec<Value> = operations
        .jobs
        .iter()
        .map(|(job, round)| {
            json!({ "job": job, "since": round.since, "succeeded": round.succeeded, "failed": round.failed,
                    "failures": round.failures })
        })
        .collect();
    let letters: Vec<Value> = operations
        .dead_letters
        .iter()
        .map(|letter| {
            json!({ "message": letter.id, "channel": letter.channel, "text": letter.template,
                    "attempts": letter.attempts, "given-up": letter.given_up, "why": letter.why })
        })
        .collect();
    json!({
        "hold": hold,
        "jobs": jobs,
        "messages": operations.counts.messages,
        "oldest-due-message": operations.counts.oldest_message,
        "oldest-due-case": operations.counts.oldest_wake,
        "writer-queue": operations.queue.waiting,
        "free-bytes": operations.free_bytes,
        "dead-letters": letters,
    })
}
