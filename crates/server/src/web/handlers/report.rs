//! The report form: a project chosen, questions answered, checked, looked at, sent.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_desk::{
    case::Channel,
    lint::{Attachment, ReportDraft},
};
use bastide_model::{digest::Sha256Digest, party::ProjectName};
use bastide_pages::desk::{ReportValues, report_form::field};
use bastide_usecases::{ProjectFacts, ReportSubmission, UseCaseError};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::web::{
    forms::Forms,
    message,
    multipart::{self, Sent},
    receipt,
    report_form::{self, Again, Lane},
    report_picker,
    request::{Visit, html, key},
};

/// How many reports are checked at once while their reporters type. More are told to wait; sending one is never held up.
static CHECKS: Semaphore = Semaphore::const_new(4);

/// The longest form that is checked while it is filled in, in bytes.
const CHECKED: usize = 512 * 1024;

/// Where a report came from when its reporter did not choose a project (P28).
const UNSURE: &str = "the reporter was not sure which project it is";

/// The picker of projects.
pub(in crate::web) async fn pick(visit: Visit) -> Response {
    let page = async {
        let desk = visit.desk();
        let mut projects = Vec::new();
        for record in desk.projects().await? {
            projects.push(desk.project(&record.name).await?);
        }
        let unsure = desk.project_for_the_unsure().await.ok();
        let page = report_picker::page(visit.shell(), &projects, unsure.as_deref(), &visit.query("q"));
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// The empty form of a project.
pub(in crate::web) async fn form(visit: Visit) -> Response {
    let page = async { Ok(empty(&visit, &*chosen(&visit).await?, Lane::Chosen)) };
    visit.answer(page.await)
}

/// The empty form for whoever is not sure which project it is.
pub(in crate::web) async fn unsure_form(visit: Visit) -> Response {
    let page = async { Ok(empty(&visit, &*visit.desk().project_for_the_unsure().await?, Lane::Unsure)) };
    visit.answer(page.await)
}

fn empty(visit: &Visit, facts: &ProjectFacts, lane: Lane) -> Response {
    let (values, again) = (ReportValues::default(), Again::default());
    html(StatusCode::OK, &report_form::page(visit.shell(), facts, lane, values, again, &Forms::fresh()))
}

async fn chosen(visit: &Visit) -> Result<Arc<ProjectFacts>, UseCaseError> {
    let name: ProjectName = visit.parameter("project")?;
    visit.desk().project(&name).await
}

/// What the checks say of what was typed so far, for the page's script. Nothing is stored and nothing is sent on.
pub(in crate::web) async fn check(visit: Visit) -> Response {
    let result = async {
        if visit.body.len() > CHECKED {
            return Err(UseCaseError::Invalid {
                field: "form".to_owned(),
                reason: format!("what was typed is longer than {} KiB", CHECKED / 1024),
                remedy: "Use the page's button to check it.".to_owned(),
            });
        }
        let _turn = CHECKS.try_acquire().map_err(|_| UseCaseError::Busy)?;
        let facts = chosen(&visit).await?;
        let values = ReportValues::from_pairs(visit.pairs()?);
        let draft = report_form::draft(&values, &[], &facts);
        let report = visit.desk().lint_report(&visit.visitor.actor, &facts.record.name, &draft).await?;
        let again = Again::checked(&report);
        let page =
            report_form::page(visit.shell(), &facts, Lane::Chosen, values, again, &Forms::new("unused"));
        let findings: Vec<_> = page
            .summary()
            .into_iter()
            .map(|(note, target)| {
                json!({
                    "target": target.map(|target| target.trim_start_matches('#').to_owned()),
                    "words": note.disposition.words(),
                    "tone": note.disposition.class(),
                    "message": note.message.as_str(),
                    "remedy": note.remedy.as_str(),
                    "rule": note.rule.id.as_str(),
                })
            })
            .collect();
        Ok(json!({ "findings": findings }))
    };
    match result.await {
        Ok(findings) => ([(header::CONTENT_TYPE, "application/json")], findings.to_string()).into_response(),
        Err(error) => visit.fail(&error),
    }
}

/// Sends the report, or shows the form again: for more rows, for a check, or because the policy does not take it so.
pub(in crate::web) async fn send(visit: Visit) -> Response {
    let answer = async { sent(&visit, &*chosen(&visit).await?, Lane::Chosen).await };
    visit.answer(answer.await)
}

/// The same, of somebody who did not choose a project.
pub(in crate::web) async fn unsure_send(visit: Visit) -> Response {
    let answer = async { sent(&visit, &*visit.desk().project_for_the_unsure().await?, Lane::Unsure).await };
    visit.answer(answer.await)
}

async fn sent(visit: &Visit, facts: &ProjectFacts, lane: Lane) -> Result<Response, UseCaseError> {
    let Sent { pairs, files } = visit.sent().await?;
    let values = ReportValues::from_pairs(pairs.clone());
    let fields: BTreeMap<String, String> = pairs.into_iter().collect();
    let again = |status, values, mut again: Again, files| {
        let (values, lost) = multipart::pasted(values, files);
        again.findings.extend(lost);
        let page = report_form::page(visit.shell(), facts, lane, values, again, &Forms::fresh());
        Ok(html(status, &page))
    };
    let asked = |button| fields.contains_key(button);
    if asked(field::MORE_ROWS) || asked(field::EDIT) {
        let values = if asked(field::EDIT) { values } else { values.with_more_rows() };
        return again(StatusCode::OK, values, Again::default(), files);
    }
    let draft = drafted(&values, &files, facts, lane);
    let actor = &visit.visitor.actor;
    if asked(field::CHECK) || asked(field::PREVIEW) {
        let report = match visit.desk().lint_report(actor, &facts.record.name, &draft).await {
            Err(error) => return at_fields(error, |found| again(StatusCode::OK, values, found, files)),
            report => report?,
        };
        let half = report_form::half_said(&values);
        let (whole, lost) = multipart::pasted(values, files);
        if asked(field::CHECK) || !lost.is_empty() || !half.is_empty() {
            let mut checked = Again::checked(&report).and(half);
            checked.findings.extend(lost);
            return again(StatusCode::OK, whole, checked, Vec::new());
        }
        let page = report_form::preview(visit.shell(), facts, lane, whole, &report, &Forms::fresh());
        return Ok(html(StatusCode::OK, &page));
    }
    let mut missing = report_form::missing(&draft);
    missing.extend(report_form::half_said(&values));
    if !missing.is_empty() {
        let outcome = Some("Your report was not sent.".to_owned());
        return again(StatusCode::UNPROCESSABLE_ENTITY, values, Again { outcome, findings: missing }, files);
    }
    if let Some(wait) = visit.report_must_wait(&facts.record.name) {
        return Ok(wait);
    }
    let submission = ReportSubmission {
        project: facts.record.name.clone(),
        raw: as_sent(&fields, &files),
        draft,
        channel: Channel::Form,
        origin: (lane == Lane::Unsure).then(|| UNSURE.to_owned()),
        embargo_end: None,
    };
    match visit.desk().submit_report(actor, submission, Some(&key(&fields)?)).await {
        // The secret link is shown once and stands in no address: the receipt is the answer itself, and sending the
        // same form again gives the same receipt.
        Ok(submitted) => {
            let url = &visit.desk().settings().public_url;
            let page = receipt::page(visit.shell(), facts, &submitted, url, visit.now());
            Ok(html(StatusCode::CREATED, &page))
        }
        Err(UseCaseError::Blocked { findings }) => {
            again(StatusCode::UNPROCESSABLE_ENTITY, values, Again::blocked(&findings, facts), files)
        }
        Err(error) => {
            let status = crate::error::status(&error);
            at_fields(error, |found| again(status, values, found, files))
        }
    }
}

/// The form again with a refusal at its fields; a refusal that is about no field is a page of its own.
fn at_fields(
    error: UseCaseError,
    again: impl FnOnce(Again) -> Result<Response, UseCaseError>,
) -> Result<Response, UseCaseError> {
    match message::at_fields(&error) {
        Some(findings) => again(Again { outcome: Some("Your report was not sent.".to_owned()), findings }),
        None => Err(error),
    }
}

/// The draft that was sent; who is not sure of the project has not chosen its product either.
fn drafted(values: &ReportValues, files: &[Attachment], facts: &ProjectFacts, lane: Lane) -> ReportDraft {
    let mut draft = report_form::draft(values, files, facts);
    if lane == Lane::Unsure && values.answer(field::PRODUCT).trim().is_empty() {
        draft.product = None;
    }
    draft
}

/// What was sent, as it was sent, without the key that names this sending. Files are kept apart, byte for byte; here
/// stands which they were.
pub(super) fn as_sent(fields: &BTreeMap<String, String>, files: &[Attachment]) -> Vec<u8> {
    let digests: Vec<String> =
        files.iter().map(|file| format!("{} {}", Sha256Digest::of(&file.bytes), file.name)).collect();
    let digests = digests.join("\n");
    let files = (!files.is_empty()).then_some((field::FILES, digests.as_str()));
    let sent: BTreeMap<&str, &str> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "idempotency-key")
        .chain(files)
        .collect();
    serde_json::to_vec(&sent).unwrap_or_default()
}
