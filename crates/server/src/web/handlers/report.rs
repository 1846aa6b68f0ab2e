//! The report form: shown, checked, sent.

use std::{collections::BTreeMap, sync::Arc};

use axum::{http::StatusCode, response::Response};
use bastide_desk::case::Channel;
use bastide_model::party::ProjectName;
use bastide_pages::desk::{ReportValues, report_form::field};
use bastide_usecases::{ProjectFacts, ReportSubmission, UseCaseError};

use crate::web::{
    forms::Forms,
    message, receipt,
    report_form::{self, Again},
    request::{Visit, html, key},
};

/// The empty form.
pub(in crate::web) async fn form(visit: Visit) -> Response {
    let page = async {
        let facts = facts(&visit).await?;
        let page = report_form::page(
            visit.shell(),
            &facts,
            ReportValues::default(),
            Again::default(),
            &Forms::fresh(),
        );
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

async fn facts(visit: &Visit) -> Result<Arc<ProjectFacts>, UseCaseError> {
    let name: ProjectName = visit.parameter("project")?;
    visit.desk().project(&name).await
}

/// Sends the report, or shows the form again: for more rows, for a check, or because the policy does not take it so.
pub(in crate::web) async fn send(visit: Visit) -> Response {
    visit.answer(sent(&visit).await)
}

async fn sent(visit: &Visit) -> Result<Response, UseCaseError> {
    let facts = facts(visit).await?;
    let pairs = visit.pairs()?;
    let values = ReportValues::from_pairs(pairs.clone());
    let fields: BTreeMap<String, String> = pairs.into_iter().collect();
    let again = |status, values, again| {
        Ok(html(status, &report_form::page(visit.shell(), &facts, values, again, &Forms::fresh())))
    };
    if fields.contains_key(field::MORE_ROWS) {
        return again(StatusCode::OK, values.with_more_rows(), Again::default());
    }
    let draft = report_form::draft(&values, &facts);
    let actor = &visit.visitor.actor;
    if fields.contains_key(field::CHECK) {
        let report = visit.desk().lint_report(actor, &facts.record.name, &draft).await?;
        return again(StatusCode::OK, values, Again::checked(&report));
    }
    let raw = as_sent(&fields);
    let submission = ReportSubmission {
        project: facts.record.name.clone(),
        draft,
        raw,
        channel: Channel::Form,
        origin: None,
        embargo_end: None,
    };
    match visit.desk().submit_report(actor, submission, Some(&key(&fields)?)).await {
        // The secret link is shown once and stands in no address: the receipt is the answer itself, and sending the
        // same form again gives the same receipt.
        Ok(submitted) => {
            let url = &visit.desk().settings().public_url;
            let page = receipt::page(visit.shell(), &facts, &submitted, url, visit.now());
            Ok(html(StatusCode::CREATED, &page))
        }
        Err(UseCaseError::Blocked { findings }) => {
            again(StatusCode::UNPROCESSABLE_ENTITY, values, Again::blocked(&findings, &facts))
        }
        Err(error) => match message::at_fields(&error) {
            Some(findings) => {
                let outcome = Some("Your report was not sent.".to_owned());
                again(StatusCode::UNPROCESSABLE_ENTITY, values, Again { outcome, findings })
            }
            None => Err(error),
        },
    }
}

/// What was sent, as it was sent, without the key that names this sending.
pub(super) fn as_sent(fields: &BTreeMap<String, String>) -> Vec<u8> {
    let sent: BTreeMap<&String, &String> =
        fields.iter().filter(|(name, _)| name.as_str() != "idempotency-key").collect();
    serde_json::to_vec(&sent).unwrap_or_default()
}
