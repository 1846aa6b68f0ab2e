//! The inbox, a case, its steps, invitations, proofs.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bastide_model::{
    id::{CaseId, PersonId},
    party::ProjectName,
};
use bastide_pages::{
    desk::OneForm,
    part::{ActionForm, Choice, Control, Field, Link},
};
use bastide_usecases::{CaseView, InboxFilter, PersonRecord, UseCaseError, step::StepKind};

use super::step;
use crate::web::{
    case,
    forms::Forms,
    inbox,
    request::{Visit, document, html, key, see},
    step_form::{Refused, StepForms},
    words,
};

/// The inbox.
pub(in crate::web) async fn inbox(visit: Visit) -> Response {
    let page = async {
        let project = visit.query("project");
        let project: Option<ProjectName> = if project.is_empty() {
            None
        } else {
            Some(project.parse().map_err(|_| UseCaseError::NotFound)?)
        };
        let filter = InboxFilter {
            project,
            closed: visit.query("state") == "closed",
            limit: inbox::PAGE + 1,
            offset: visit.query("from").parse().unwrap_or(0),
        };
        let rows = visit.desk().inbox(&visit.visitor.actor, &filter).await?;
        let projects = visit.desk().projects().await?;
        let directory = people(&visit).await?;
        Ok(html(
            StatusCode::OK,
            &inbox::page(visit.shell(), &rows, &filter, &projects, &directory, visit.now()),
        ))
    };
    visit.answer(page.await)
}

/// Everybody whom the visitor may choose or see by name; nobody when they may not.
pub(super) async fn people(visit: &Visit) -> Result<Vec<(PersonId, PersonRecord)>, UseCaseError> {
    match visit.desk().directory(&visit.visitor.actor).await {
        Err(UseCaseError::NotFound | UseCaseError::NotSignedIn) => Ok(Vec::new()),
        other => other,
    }
}

/// A case.
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
    refused: Option<&Refused>,
    status: StatusCode,
) -> Result<Response, UseCaseError> {
    let view: CaseView = visit.desk().case_view(&visit.visitor.actor, id).await?;
    let directory = people(visit).await?;
    let projects = visit.desk().projects().await?;
    let forms = Forms::fresh();
    let steps = StepForms {
        view: &view,
        directory: &directory,
        projects: &projects,
        base: format!("/cases/{id}/steps"),
        forms: &forms,
        refused,
        now: visit.now(),
    };
    Ok(html(status, &case::page(visit.shell(), &steps)))
}

/// A step in a case.
pub(in crate::web) async fn step(kind: &'static StepKind, visit: Visit) -> Response {
    let answer = async {
        let id: CaseId = visit.parameter("case")?;
        let fields = visit.fields()?;
        let read = match step::read(kind, &fields) {
            Ok(read) => read,
            Err(refused) => return shown(&visit, id, Some(&refused), StatusCode::UNPROCESSABLE_ENTITY).await,
        };
        match visit.desk().act(&visit.visitor.actor, id, &read, Some(&key(&fields)?)).await {
            Ok(_) if case::ON_THE_DRAFT_PAGE.contains(&kind.name) => {
                Ok(see(&format!("/cases/{id}/advisory?done={}", kind.name)))
            }
            Ok(_) => Ok(see(&format!("{}?done={}", after(&visit, id).await, kind.name))),
            Err(error) => match step::refused(kind, &fields, &error) {
                Some(refused) => shown(&visit, id, Some(&refused), crate::error::status(&error)).await,
                None => Err(error),
            },
        }
    };
    visit.answer(answer.await)
}

/// Where to go after a step: the case, unless the step closed it to the visitor.
async fn after(visit: &Visit, id: CaseId) -> String {
    match visit.desk().case_view(&visit.visitor.actor, id).await {
        Ok(_) => format!("/cases/{id}"),
        Err(_) => "/inbox".to_owned(),
    }
}

/// An invitation: the one page that somebody sees who has not agreed to the embargo. It says nothing of the case.
pub(in crate::web) async fn invitation(visit: Visit) -> Response {
    let page = async {
        let id: CaseId = visit.parameter("case")?;
        let kind = StepKind::find("answer-invitation").ok_or(UseCaseError::NotFound)?;
        let choices = vec![
            Choice::new("yes", "Yes, I agree: I tell nobody before it is public", ""),
            Choice::new("no", "No, I do not take part", ""),
        ];
        let field = Field::new("accept", "Do you agree to the embargo?", Control::Radio(choices)).required();
        let page = OneForm {
            shell: visit.shell(),
            heading: "You were asked to take part in a case".into(),
            lead: "You see what it is about once you agree to keep it private until it is published.".into(),
            form: ActionForm {
                id: kind.name.into(),
                title: kind.title.into(),
                why: kind.why.into(),
                rule: words::rule(kind.rule),
                action: format!("/cases/{id}/steps/{}", kind.name).into(),
                tokens: Forms::fresh().tokens(),
                fields: vec![field],
                submit: "Answer".into(),
                disabled: None,
                grave: false,
                open: true,
            },
            next: vec![Link::new("Back to the inbox", "/inbox")],
        };
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// The ledger's proof of a case's history, to be checked offline.
pub(in crate::web) async fn proof(visit: Visit) -> Response {
    let page = async {
        let id: CaseId = visit.parameter("case")?;
        let bundle = visit.desk().proof(&visit.visitor.actor, id).await?;
        let bytes = serde_json::to_vec_pretty(&bundle)
            .map_err(|error| UseCaseError::Corrupt(format!("a proof cannot be written: {error}")))?;
        let mut response = document("application/json", bytes);
        if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"proof-{id}.json\"")) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
        Ok(response)
    };
    visit.answer(page.await)
}
