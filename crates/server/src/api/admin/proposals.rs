//! Changes that need two persons.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_model::{id::ChangeId, time::Span};
use bastide_usecases::{
    UseCaseError,
    proposal::{Decision, ProposalLine, Proposed},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{
    extract::Call,
    json as answer,
    openapi::{get, idempotency_key, parameter, post},
};

/// A change that somebody proposes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct NewProposal {
    change: Proposed,
    reason: String,
    days: Option<u16>,
}

/// What whoever decides writes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Note {
    #[serde(default)]
    note: String,
}

/// What waits, or with `?state=decided` what was decided.
pub(super) async fn list(call: Call) -> Response {
    let waiting = call.query("state").as_deref() != Some("decided");
    match call.desk().proposals(&call.visitor.actor, waiting).await {
        Ok(lines) => answer(StatusCode::OK, &lines.iter().map(listed).collect::<Vec<_>>()),
        Err(error) => call.fail(&error),
    }
}

fn listed(line: &ProposalLine) -> Value {
    json!({
        "proposal": line.id,
        "kind": line.kind.name,
        "object": line.object,
        "proposer": line.proposer,
        "own": line.own,
        "created": line.created,
        "expires": line.expires,
        "state": line.state,
        "decided-by": line.decided_by,
        "decided-at": line.decided_at,
        "progress": line.progress,
    })
}

/// Proposes a change; the use case asks for the right that its kind takes.
pub(super) async fn propose(call: Call) -> Response {
    let result = async {
        let key = call.key()?;
        let new: NewProposal = call.json()?;
        let lasts = new.days.map(|days| Span::days(i64::from(days)));
        call.desk().propose(&call.visitor.actor, new.change, &new.reason, lasts, Some(&key)).await
    };
    match result.await {
        Ok(id) => answer(StatusCode::CREATED, &json!({ "proposal": id })),
        Err(error) => call.fail(&error),
    }
}

/// One proposal with old and new.
pub(super) async fn show(call: Call) -> Response {
    let result = async {
        let id: ChangeId = call.parameter("proposal")?;
        call.desk().proposal(&call.visitor.actor, id).await
    };
    match result.await {
        Ok(view) => {
            let mut shown = listed(&view.line);
            shown["reason"] = json!(view.reason);
            shown["note"] = json!(view.note);
            shown["changes"] = json!(view.comparison);
            shown["stays"] = json!(view.stays);
            shown["stale"] = json!(view.stale);
            shown["may-decide"] = json!(view.may_decide);
            shown["may-withdraw"] = json!(view.may_withdraw);
            answer(StatusCode::OK, &shown)
        }
        Err(error) => call.fail(&error),
    }
}

/// The decision about one.
pub(super) async fn decide(decision: Decision, call: Call) -> Response {
    let result = async {
        let id: ChangeId = call.parameter("proposal")?;
        let key = call.key()?;
        let note: Note = call.json()?;
        let actor = &call.visitor.actor;
        let state = call.desk().decide_proposal(actor, id, decision, &note.note, Some(&key)).await?;
        Ok::<_, UseCaseError>((id, state))
    };
    match result.await {
        Ok((id, state)) => answer(StatusCode::OK, &json!({ "proposal": id, "state": state })),
        Err(error) => call.fail(&error),
    }
}

/// The archive of a case that an approved proposal gives, once; the same request again under its key gives it again.
pub(super) async fn archive(call: Call) -> Response {
    let result = async {
        let id: ChangeId = call.parameter("proposal")?;
        let key = call.key()?;
        call.desk().proposal_archive(&call.visitor.actor, id, Some(&key)).await
    };
    match result.await {
        Ok(bytes) => {
            let kind = HeaderValue::from_static("application/x-tar");
            (StatusCode::OK, [(header::CONTENT_TYPE, kind)], bytes).into_response()
        }
        Err(error) => call.fail(&error),
    }
}

/// These addresses in the OpenAPI document.
pub(super) fn paths() -> Vec<(String, Value)> {
    let id = || parameter("proposal", "The proposal's id");
    let list = json!({ "type": "array", "items": { "type": "object" } });
    let object = json!({ "type": "object" });
    let proposal = json!({
        "type": "object",
        "required": ["change", "reason"],
        "additionalProperties": false,
        "properties": {
            "change": {
                "type": "object",
                "required": ["kind"],
                "properties": { "kind": { "type": "string", "enum": kinds() } },
            },
            "reason": { "type": "string", "minLength": 1, "maxLength": 2000 },
            "days": { "type": "integer", "minimum": 1, "maximum": 30 },
        },
    });
    let note = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "note": { "type": "string", "maxLength": 2000 } },
    });
    let mut paths = vec![
        (
            "/api/v1/admin/proposals".to_owned(),
            json!({
                "get": get("Changes that need two persons, for those who may approve them", Some("person"), &json!([]), &list),
                "post": post("Propose a change that needs two persons", Some("person"), &json!([idempotency_key()]), &proposal, 201),
            }),
        ),
        (
            "/api/v1/admin/proposals/{proposal}".to_owned(),
            json!({ "get": get("One proposal with old and new", Some("person"), &json!([id()]), &object) }),
        ),
    ];
    let archive = "Fetch the archive of a case, once; a tar file";
    paths.push((
        "/api/v1/admin/proposals/{proposal}/archive".to_owned(),
        json!({ "post": post(archive, Some("person"), &json!([id(), idempotency_key()]), &note, 200) }),
    ));
    for decision in Decision::ALL {
        let summary = match decision {
            Decision::Approve => "Approve somebody else's proposal, which carries it out",
            Decision::Refuse => "Refuse somebody else's proposal, with a note that says why",
            Decision::Withdraw => "Take one's own proposal back",
        };
        paths.push((
            format!("/api/v1/admin/proposals/{{proposal}}/{}", decision.name()),
            json!({ "post": post(summary, Some("person"), &json!([id(), idempotency_key()]), &note, 200) }),
        ));
    }
    paths
}

fn kinds() -> Vec<&'static str> {
    bastide_usecases::proposal::ProposalKind::ALL.iter().map(|kind| kind.name).collect()
}
