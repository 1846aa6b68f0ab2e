//! Cases: the inbox, one case, its steps.

use axum::{http::StatusCode, response::Response};
use bastide_authz::Viewer;
use bastide_desk::lint::OutgoingKind;
use bastide_model::id::CaseId;
use bastide_usecases::{CaseView, InboxFilter, OpenedContent, UseCaseError, step::StepKind};
use serde_json::{Value, json};

use super::{extract::Call, json as answer};
use crate::{download, web::inbox::filter};

/// The lines that the person may see, next deadline first.
pub(crate) async fn inbox(call: Call) -> Response {
    let number = |name: &str| call.query(name).and_then(|value| value.parse().ok()).unwrap_or(0);
    let pairs = call.query_pairs();
    let filter = match filter::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
        Ok(filter) => InboxFilter {
            closed: filter.closed || call.query("closed").is_some_and(|value| value == "true"),
            limit: number("limit"),
            offset: number("offset"),
            ..filter
        },
        Err(_) => {
            return call.fail(&UseCaseError::Invalid {
                field: "project".to_owned(),
                reason: "this is no name of a project".to_owned(),
                remedy: "See /api/v1/projects for the names.".to_owned(),
            });
        }
    };
    match call.app.desk().inbox(&call.visitor.actor, &filter).await {
        Ok(page) => {
            let rows: Vec<Value> = page
                .rows
                .iter()
                .map(|row| {
                    json!({
                        "case": row.case,
                        "reference": row.reference,
                        "title": row.title,
                        "unread": row.unread,
                        "project": row.project,
                        "lifecycle": row.lifecycle,
                        "severity": row.severity,
                        "owner": row.owner,
                        "received": row.received_at,
                        "next-due": row.next_due,
                        "next-task": row.next_task,
                    })
                })
                .collect();
            answer(StatusCode::OK, &rows)
        }
        Err(error) => call.fail(&error),
    }
}

/// One case as the person may see it.
pub(crate) async fn show(call: Call) -> Response {
    let result = async {
        let case: CaseId = call.parameter("case")?;
        call.app.desk().case_view(&call.visitor.actor, case).await
    };
    match result.await {
        Ok(view) => answer(StatusCode::OK, &shown(&view)),
        Err(error) => call.fail(&error),
    }
}

/// Why an auditor reads a case.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Purpose {
    purpose: String,
}

/// States why an auditor reads a case; it holds for an hour.
pub(crate) async fn purpose(call: Call) -> Response {
    let result = async {
        let case: CaseId = call.parameter("case")?;
        let stated: Purpose = call.json()?;
        call.app.desk().state_purpose(&call.visitor.actor, case, &stated.purpose, &call.key()?).await
    };
    match result.await {
        Ok(()) => answer(StatusCode::OK, &json!({ "holds-minutes": 60 })),
        Err(error) => call.fail(&error),
    }
}

/// A case as JSON: the state, the history with what the viewer may read, what they could do.
pub(crate) fn shown(view: &CaseView) -> Value {
    let entries: Vec<Value> = view
        .entries
        .iter()
        .map(|entry| {
            let content = match &entry.content {
                OpenedContent::None => Value::Null,
                OpenedContent::Closed(tier) => json!({ "closed": tier }),
                OpenedContent::Erased => json!({ "erased": true }),
                OpenedContent::Unopened(tier) => json!({ "tier": tier, "unopened": true }),
                OpenedContent::Open(tier, content) => json!({ "tier": tier, "open": content }),
            };
            json!({
                "sequence": entry.sequence,
                "at": entry.at,
                "actor": entry.actor,
                "event": entry.event,
                "content": content,
            })
        })
        .collect();
    let offers: Vec<Value> = view
        .offers
        .iter()
        .map(|offer| {
            json!({
                "step": offer.kind.name,
                "title": offer.kind.title,
                "not-now": offer.not_now,
                "asks-to-confirm": offer.needs_step_up,
            })
        })
        .collect();
    let numbers: serde_json::Map<String, Value> =
        view.cve_numbers.iter().map(|(id, number)| (id.to_string(), json!(number))).collect();
    let names: serde_json::Map<String, Value> =
        view.names.iter().map(|(id, name)| (id.to_string(), json!(name))).collect();
    json!({
        "case": view.case.id,
        "reference": view.reference,
        "lifecycle": view.lifecycle(),
        "roles": view.roles,
        "state": state(view),
        "next-task": view.next_task(),
        "tasks": view.tasks,
        "offers": offers,
        "report": view.report.as_ref().map(|report| &report.draft),
        "findings": view.findings,
        "suggestions": view.suggestions,
        "draft": view.draft,
        "cve-numbers": numbers,
        "names": names,
        "history": entries,
    })
}

/// The plain state, as far as it is not said elsewhere.
fn state(view: &CaseView) -> Value {
    let case = &view.case;
    let projects: Vec<Value> = case
        .projects
        .iter()
        .map(|(name, part)| {
            json!({
                "project": name, "report": part.rm, "fix": part.fix,
                "merged": part.merged, "released": part.released,
            })
        })
        .collect();
    let vulnerabilities: Vec<Value> = case
        .vulnerabilities
        .iter()
        .map(|(id, part)| json!({ "vulnerability": id, "cve": part.cve, "exempt": part.exempt }))
        .collect();
    let deadlines: Vec<Value> = case
        .deadlines
        .values()
        .map(|deadline| {
            json!({
                "what": deadline.kind.in_words(), "rule": deadline.kind.rule(),
                "due": deadline.due, "missed": deadline.breached,
            })
        })
        .collect();
    // Who proposed dates and who agreed to them is the team's business.
    let inside = matches!(view.viewer, Viewer::Team | Viewer::Auditor);
    let days =
        case.dates.map(|dates| json!({ "release": dates.release, "announcement": dates.announcement }));
    json!({
        "project": case.project,
        "received": case.received,
        "intake": case.intake,
        "report": case.desk_rm,
        "embargo": case.em,
        "embargo-end": case.embargo.map(|embargo| embargo.end),
        "public": case.pxa,
        "advisory": case.advisory.state,
        "advisory-version": case.advisory.version,
        "advisory-digest": case.advisory.digest,
        "four-eyes": view.four_eyes,
        "dates": if inside { json!(case.dates) } else { json!(days) },
        "projects": projects,
        "vulnerabilities": vulnerabilities,
        "deadlines": deadlines,
        "closed": case.closed.map(|(at, reason)| json!({ "at": at, "reason": reason })),
        "erased": case.erased,
    })
}

/// The newest draft in every format.
pub(crate) async fn preview(call: Call) -> Response {
    let result = async {
        let case: CaseId = call.parameter("case")?;
        let view = call.app.desk().case_view(&call.visitor.actor, case).await?;
        let draft = view.draft.ok_or(UseCaseError::NotFound)?;
        call.app.desk().previews(&view.case, &draft).await
    };
    match result.await {
        Ok(previews) => {
            let previews: Vec<Value> = previews
                .into_iter()
                .map(|preview| match preview.document {
                    Ok(document) => json!({ "format": preview.kind.as_str(), "document": document }),
                    Err(reason) => json!({ "format": preview.kind.as_str(), "not-possible": reason }),
                })
                .collect();
            answer(StatusCode::OK, &previews)
        }
        Err(error) => call.fail(&error),
    }
}

/// A text that is about to go out.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Outgoing {
    text: String,
    kind: OutgoingKind,
}

/// What a text that is about to go out would give away; nothing is stored.
pub(crate) async fn leak_lint(call: Call) -> Response {
    let result = async {
        let case: CaseId = call.parameter("case")?;
        let outgoing: Outgoing = call.json()?;
        call.app.desk().leak_lint(&call.visitor.actor, case, &outgoing.text, outgoing.kind).await
    };
    match result.await {
        Ok(findings) => answer(StatusCode::OK, &findings),
        Err(error) => call.fail(&error),
    }
}

/// A step in a case.
pub(crate) async fn step(kind: &'static StepKind, call: Call) -> Response {
    let case = call.parameter("case");
    take(kind, &call, case).await
}

/// Reads the step's fields and takes it.
pub(crate) async fn take(
    kind: &'static StepKind,
    call: &Call,
    case: Result<CaseId, UseCaseError>,
) -> Response {
    let result = async {
        let fields: serde_json::Map<String, Value> = call.json()?;
        let step = kind.read(&fields).map_err(|error| UseCaseError::Invalid {
            field: "body".to_owned(),
            reason: error.to_string(),
            remedy: "See /api/v1/openapi.json for what this step takes.".to_owned(),
        })?;
        let key = call.key()?;
        call.app.desk().act(&call.visitor.actor, case?, &step, Some(&key)).await
    };
    match result.await {
        Ok(done) => answer(StatusCode::OK, &done),
        Err(error) => call.fail(&error),
    }
}

/// A file that came with the report, byte for byte.
pub(crate) async fn attachment(call: Call) -> Response {
    let file = async {
        let (case, index) = (call.parameter("case")?, call.parameter("index")?);
        call.app.desk().attachment(&call.visitor.actor, case, index).await
    };
    match file.await {
        Ok(file) => download::file("application/octet-stream", &file.name, file.bytes),
        Err(error) => call.fail(&error),
    }
}
