//! The draft of an advisory: its page, and saving a version.

use axum::{http::StatusCode, response::Response};
use bastide_advisory::{Advisory, osv};
use bastide_model::id::CaseId;
use bastide_usecases::{CaseView, UseCaseError, step::Step};

use super::case::Surroundings;
use crate::web::{
    advisory_draft::{self, RefusedDraft},
    draft_form::DraftForm,
    message,
    request::{Visit, html, key, see},
};

/// The page of the draft.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let page = async {
        let id: CaseId = visit.parameter("case")?;
        shown(&visit, id, None, StatusCode::OK).await
    };
    visit.answer(page.await)
}

async fn shown(
    visit: &Visit,
    id: CaseId,
    refused: Option<&RefusedDraft>,
    status: StatusCode,
) -> Result<Response, UseCaseError> {
    let view: CaseView = visit.desk().case_drafts(&visit.visitor.actor, id).await?;
    let drafts = view.offers.iter().any(|offer| offer.kind.name == "draft-advisory");
    if view.draft.is_none() && !drafts {
        return Err(UseCaseError::NotFound);
    }
    let previews = match &view.draft {
        Some(draft) => visit.desk().previews(&view.case, draft).await?,
        None => Vec::new(),
    };
    let version = |name: &str| visit.query(name).parse::<u32>().ok();
    let asked = version("old").zip(version("new"));
    let around = Surroundings::of(visit).await?;
    let steps = around.steps(&view, None);
    Ok(html(status, &advisory_draft::page(visit.shell(), &steps, &previews, refused, asked)))
}

/// Saves a version.
pub(in crate::web) async fn save(visit: Visit) -> Response {
    visit.answer(saved(&visit).await)
}

async fn saved(visit: &Visit) -> Result<Response, UseCaseError> {
    let id: CaseId = visit.parameter("case")?;
    let pairs = visit.pairs()?;
    let form = DraftForm::from_pairs(&pairs);
    let fields = pairs.into_iter().collect();
    let key = key(&fields)?;
    let text = |name: &str| fields.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let change = text("change");
    let view = visit.desk().case_drafts(&visit.visitor.actor, id).await?;
    let base = advisory_draft::record(&view).unwrap_or_else(|| Advisory::draft("", visit.now()));
    let record = match form.apply(&base) {
        Ok(record) => record,
        Err(findings) => {
            let refused = RefusedDraft { form, change, findings };
            return shown(visit, id, Some(&refused), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let mut document = osv::render(&record);
    if record.id.is_empty()
        && let Some(fields) = document.as_object_mut()
    {
        // The desk gives the first version its id.
        fields.remove("id");
    }
    let step = Step::DraftAdvisory {
        record: document,
        withdraws: text("withdraws") == "yes",
        change: Some(change.clone()).filter(|change| !change.is_empty()),
    };
    match visit.desk().act(&visit.visitor.actor, id, &step, Some(&key)).await {
        Ok(_) => Ok(see(&format!("/cases/{id}/advisory?done=draft-advisory"))),
        Err(error) => match message::at_fields(&error) {
            Some(findings) => {
                let refused = RefusedDraft { form, change, findings };
                shown(visit, id, Some(&refused), crate::error::status(&error)).await
            }
            None => Err(error),
        },
    }
}
