//! The inbox, a case, its steps, invitations, proofs.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use bastide_pages::{
    desk::OneForm,
    part::{ActionForm, Choice, Control, Field, Link},
};
use bastide_usecases::{
    CaseView, EntryKind, InvitationTerms, PersonRecord, ProjectRecord, TimelineWindow, UseCaseError,
    step::{Entry, StepKind},
};

use super::step;
use crate::{
    download,
    web::{
        board::{self, Column},
        case,
        forms::Forms,
        message, purpose,
        request::{Visit, html, key, see},
        step_form::{Refused, StepForms},
        words,
    },
};

/// Everybody whom the visitor may choose or see by name; nobody when they may not.
pub(super) async fn people(visit: &Visit) -> Result<Arc<Vec<(PersonId, PersonRecord)>>, UseCaseError> {
    match visit.desk().directory(&visit.visitor.actor).await {
        Err(UseCaseError::NotFound | UseCaseError::NotSignedIn) => Ok(Arc::default()),
        other => other,
    }
}

/// What the pages of a case need besides the case, read once for a page.
#[derive(Debug)]
pub(super) struct Surroundings {
    directory: Arc<Vec<(PersonId, PersonRecord)>>,
    projects: Arc<Vec<ProjectRecord>>,
    forms: Forms,
    now: Instant,
}

impl Surroundings {
    pub(super) async fn of(visit: &Visit) -> Result<Self, UseCaseError> {
        Ok(Self {
            directory: people(visit).await?,
            projects: visit.desk().project_list().await?,
            forms: Forms::fresh(),
            now: visit.now(),
        })
    }

    /// The forms of this case's steps; one of them is shown again when it was refused.
    pub(super) fn steps<'a>(&'a self, view: &'a CaseView, refused: Option<&'a Refused>) -> StepForms<'a> {
        StepForms {
            view,
            directory: &self.directory,
            projects: &self.projects,
            base: format!("/cases/{}/steps", view.case.id),
            forms: &self.forms,
            refused,
            now: self.now,
        }
    }
}

/// A case.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let page = async {
        let id: CaseId = visit.parameter("case")?;
        shown(&visit, id, preset(&visit).as_ref(), StatusCode::OK).await
    };
    visit.answer(page.await)
}

/// The form that an address asks to open, with the choice that it asks for. Texts are not taken from addresses: a link
/// must not put words into anybody's mouth.
fn preset(visit: &Visit) -> Option<Refused> {
    let kind = StepKind::find(&visit.query("step"))?;
    let mut values = std::collections::BTreeMap::new();
    for field in kind.fields {
        if let Entry::Choice(options) = field.entry {
            let wanted = visit.query(field.name);
            if options.iter().any(|(value, _)| *value == wanted) {
                values.insert(field.name.to_owned(), wanted);
            }
        }
    }
    Some(Refused { step: kind.name.to_owned(), values, findings: Vec::new() })
}

/// One move on the board: the form of the next step towards a column, or why there is none.
pub(in crate::web) async fn move_to(visit: Visit) -> Response {
    let page = async {
        let id: CaseId = visit.parameter("case")?;
        let to: String = visit.parameter("column")?;
        let to = Column::find(&to).ok_or(UseCaseError::NotFound)?;
        let window = TimelineWindow::default();
        let view = visit.desk().case_page(&visit.visitor.actor, id, window).await?;
        let around = Surroundings::of(&visit).await?;
        let steps = around.steps(&view, None);
        Ok(html(StatusCode::OK, &board::move_page(visit.shell(), &steps, to)))
    };
    visit.answer(page.await)
}

async fn shown(
    visit: &Visit,
    id: CaseId,
    refused: Option<&Refused>,
    status: StatusCode,
) -> Result<Response, UseCaseError> {
    let number = |name: &str| visit.query(name).parse().ok();
    let kind = visit.query("kind");
    let window = TimelineWindow {
        kind: EntryKind::ALL.into_iter().find(|one| one.as_str() == kind),
        from: number("from"),
        before: number("before"),
    };
    let view: CaseView = visit.desk().case_page(&visit.visitor.actor, id, window).await?;
    let around = Surroundings::of(visit).await?;
    let steps = around.steps(&view, refused);
    Ok(html(status, &case::page(visit.shell(), &steps)))
}

/// A step in a case.
pub(in crate::web) async fn step(kind: &'static StepKind, visit: Visit) -> Response {
    let answer = async {
        let id: CaseId = visit.parameter("case")?;
        let fields = visit.fields()?;
        let read = match step::read(kind, &fields) {
            Ok(read) => read,
            Err(refused) => return again(&visit, id, &refused, StatusCode::UNPROCESSABLE_ENTITY).await,
        };
        match visit.desk().act(&visit.visitor.actor, id, &read, Some(&key(&fields)?)).await {
            Ok(_) if case::ON_THE_DRAFT_PAGE.contains(&kind.name) => {
                Ok(see(&format!("/cases/{id}/advisory?done={}", kind.name)))
            }
            Ok(_) => Ok(see(&format!("{}?done={}", after(&visit, id).await, kind.name))),
            Err(error) => match step::refused(kind, &fields, &error) {
                Some(refused) => again(&visit, id, &refused, crate::error::status(&error)).await,
                None => Err(error),
            },
        }
    };
    visit.answer(answer.await)
}

/// The case with the refused form; to whoever may do the step and not read the case, only what does not fit.
async fn again(
    visit: &Visit,
    id: CaseId,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, UseCaseError> {
    match shown(visit, id, Some(refused), status).await {
        Err(UseCaseError::NotFound) => Err(UseCaseError::Invalid {
            field: "form".to_owned(),
            reason: "an answer is missing or does not fit".to_owned(),
            remedy: "Go back, fill it in and send it again.".to_owned(),
        }),
        answer => answer,
    }
}

/// Where to go after a step: the case, unless the step closed it to the visitor.
async fn after(visit: &Visit, id: CaseId) -> String {
    match visit.desk().case_view(&visit.visitor.actor, id).await {
        Ok(_) => format!("/cases/{id}"),
        Err(_) => "/inbox".to_owned(),
    }
}

/// What somebody would agree to, in words.
fn invited_to(terms: &InvitationTerms) -> String {
    let mut text =
        "You see what it is about once you agree to keep it private until it is published.".to_owned();
    let mut say = |sentence: String| {
        text.push(' ');
        text.push_str(&sentence);
    };
    let seats: Vec<&str> = terms.seats.iter().map(|role| words::role(*role)).collect();
    if !seats.is_empty() {
        say(format!("You would take part as {}, in a case of {}.", seats.join(" and "), terms.project));
    }
    say(match (terms.embargo_end, terms.proposed_end) {
        (Some(end), _) => format!("The embargo ends {}.", end.for_people()),
        (None, Some(end)) => {
            format!("An embargo until {} is proposed, and not agreed yet.", end.for_people())
        }
        (None, None) => "No embargo is set; what you read is still not yours to publish.".to_owned(),
    });
    if let (Some(now), Some(proposed)) = (terms.embargo_end, terms.proposed_end)
        && now != proposed
    {
        say(format!("Another end is proposed: {}.", proposed.for_people()));
    }
    if let Some((release, announcement)) = terms.dates {
        say(format!(
            "The fix is released {} and announced {}.",
            release.for_people(),
            announcement.for_people()
        ));
    }
    if let Some(by) = terms.answer_by {
        say(format!("Please answer by {}.", by.for_people()));
    }
    text
}

/// An invitation: the one page that somebody sees who has not agreed to the embargo. It says what they would agree to,
/// and nothing of what the case is about.
pub(in crate::web) async fn invitation(visit: Visit) -> Response {
    let page = async {
        let id: CaseId = visit.parameter("case")?;
        let terms = visit.desk().invitation(&visit.visitor.actor, id).await?;
        let kind = StepKind::find("answer-invitation").ok_or(UseCaseError::NotFound)?;
        let choices = vec![
            Choice::new("yes", "Yes, I agree: I tell nobody before it is public", ""),
            Choice::new("no", "No, I do not take part", ""),
        ];
        let field = Field::new("accept", "Do you agree to the embargo?", Control::Radio(choices)).required();
        let action = format!("/cases/{id}/steps/{}", kind.name);
        let page = OneForm {
            shell: visit.shell(),
            heading: "You were asked to take part in a case".into(),
            lead: invited_to(&terms).into(),
            form: ActionForm {
                rule: words::rule(kind.rule),
                submit: "Answer".into(),
                ..ActionForm::new(kind.name, kind.title, action, Forms::fresh().tokens())
                    .because(kind.why)
                    .asking(vec![field])
                    .unfolded()
            },
            next: vec![Link::new("Back to the inbox", "/inbox")],
        };
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// States why an auditor reads a case, and shows it.
pub(in crate::web) async fn purpose(visit: Visit) -> Response {
    let answer = async {
        let id: CaseId = visit.parameter("case")?;
        let fields = visit.fields()?;
        let text = fields.get("purpose").map(String::as_str).unwrap_or_default();
        match visit.desk().state_purpose(&visit.visitor.actor, id, text, &key(&fields)?).await {
            Ok(()) => Ok(see(&format!("/cases/{id}"))),
            Err(error @ UseCaseError::Invalid { .. }) => {
                let wrong = message::at_fields(&error);
                let page = purpose::page(visit.shell(), id, text, wrong);
                Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(answer.await)
}

/// A file that came with the report, to be kept and not shown: it is whatever somebody sent.
pub(in crate::web) async fn attachment(visit: Visit) -> Response {
    let file = async {
        let (id, index) = (visit.parameter("case")?, visit.parameter("index")?);
        let file = visit.desk().attachment(&visit.visitor.actor, id, index).await?;
        Ok(download::file("application/octet-stream", &file.name, file.bytes))
    };
    visit.answer(file.await)
}

/// The ledger's proof of a case's history, to be checked offline.
pub(in crate::web) async fn proof(visit: Visit) -> Response {
    let page = async {
        let id: CaseId = visit.parameter("case")?;
        let bundle = visit.desk().proof(&visit.visitor.actor, id).await?;
        let bytes = serde_json::to_vec_pretty(&bundle)
            .map_err(|error| UseCaseError::Corrupt(format!("a proof cannot be written: {error}")))?;
        Ok(download::file("application/json", &format!("proof-{id}.json"), bytes))
    };
    visit.answer(page.await)
}
