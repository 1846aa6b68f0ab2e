//! Reports: linted, sent, followed by their reporter.

use axum::{http::StatusCode, response::Response};
use bastide_desk::{case::Channel, lint::ReportDraft};
use bastide_model::{id::CaseId, party::ProjectName, time::Instant};
use bastide_usecases::{ReportSubmission, ReporterView, UseCaseError, step::StepKind};
use serde::Deserialize;

use super::{case, extract::Call, json as answer};

/// A report as a program sends it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Submission {
    report: ReportDraft,
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    embargo_end: Option<Instant>,
}

/// What the lint says of a draft; nothing is stored.
pub(crate) async fn lint(call: Call) -> Response {
    let result = async {
        let project: ProjectName = call.parameter("project")?;
        let draft: ReportDraft = call.json()?;
        call.app.desk().lint_report(&call.visitor.actor, &project, &draft).await
    };
    match result.await {
        Ok(report) => answer(StatusCode::OK, &report),
        Err(error) => call.fail(&error),
    }
}

/// Takes a report in; the answer holds the secret status link, once.
pub(crate) async fn submit(call: Call) -> Response {
    let result = async {
        let project: ProjectName = call.parameter("project")?;
        let submission: Submission = call.json()?;
        let raw = serde_json::to_vec(&submission.report).unwrap_or_default();
        let channel = if submission.origin.is_some() { Channel::Bridge } else { Channel::Api };
        let submission = ReportSubmission {
            project,
            draft: submission.report,
            raw,
            channel,
            origin: submission.origin,
            embargo_end: submission.embargo_end,
        };
        let key = call.key()?;
        if let Some(wait) = call.report_must_wait(&submission.project) {
            return Ok(wait);
        }
        let submitted = call.app.desk().submit_report(&call.visitor.actor, submission, Some(&key)).await?;
        Ok(answer(StatusCode::CREATED, &submitted))
    };
    match result.await {
        Ok(response) => response,
        Err(error) => call.fail(&error),
    }
}

/// The reports of the signed-in person, the newest first.
pub(crate) async fn list(call: Call) -> Response {
    match call.app.desk().own_reports(&call.visitor.actor).await {
        Ok(rows) => {
            let rows: Vec<_> = rows
                .iter()
                .map(|row| {
                    serde_json::json!({
                        "case": row.case,
                        "reference": row.reference,
                        "title": row.title,
                        "project": row.project,
                        "received": row.received,
                        "lifecycle": row.lifecycle.as_str(),
                        "stage": row.stage,
                        "next": row.next,
                        "task": row.task,
                        "unread": row.unread,
                    })
                })
                .collect();
            answer(StatusCode::OK, &rows)
        }
        Err(error) => call.fail(&error),
    }
}

/// One of the signed-in person's own reports. A program that reads it leaves it unread: its owner may not have looked.
pub(crate) async fn show(call: Call) -> Response {
    let result = async {
        let case: CaseId = call.parameter("case")?;
        call.app.desk().own_report_of(&call.visitor.actor, case).await
    };
    shown(&call, result.await)
}

/// The report of whoever holds the secret link.
pub(crate) async fn own(call: Call) -> Response {
    let link = call.visitor.report_link.clone().ok_or(UseCaseError::NotFound);
    let result = async { call.app.desk().own_report(&link?).await };
    shown(&call, result.await)
}

fn shown(call: &Call, result: Result<ReporterView, UseCaseError>) -> Response {
    match result {
        Ok(report) => {
            let stages: Vec<_> = report
                .stages
                .iter()
                .map(|stage| {
                    serde_json::json!({ "stage": stage.name, "reached": stage.reached, "expected": stage.expected })
                })
                .collect();
            let mut shown = case::shown(&report.view);
            shown["stages"] = serde_json::json!(stages);
            answer(StatusCode::OK, &shown)
        }
        Err(error) => call.fail(&error),
    }
}

/// Mends a held report.
pub(crate) async fn amend(call: Call) -> Response {
    let result = async {
        let case = call.visitor.actor.reporter_of.ok_or(UseCaseError::NotFound)?;
        let submission: Submission = call.json()?;
        let raw = serde_json::to_vec(&submission.report).unwrap_or_default();
        let key = call.key()?;
        call.app.desk().amend_report(&call.visitor.actor, case, submission.report, &raw, Some(&key)).await
    };
    match result.await {
        Ok(done) => answer(StatusCode::OK, &done),
        Err(error) => call.fail(&error),
    }
}

/// A step of the reporter's.
pub(crate) async fn step(kind: &'static StepKind, call: Call) -> Response {
    let case = call.visitor.actor.reporter_of.ok_or(UseCaseError::NotFound);
    case::take(kind, &call, case).await
}
