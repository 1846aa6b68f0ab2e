//! Forms of the machinery: hold and let go, decide about dead letters.

use axum::{http::StatusCode, response::Response};
use bastide_usecases::{LetterDecision, UseCaseError};

use crate::web::{
    forms::Forms,
    operations::{HERE, TERMS, page},
    request::{Visit, html, key, see},
};

/// Shows it.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let page = async {
        let operations = visit.desk().operations(&visit.visitor.actor).await?;
        Ok(html(StatusCode::OK, &page(visit.shell(), &operations, visit.now(), &Forms::fresh())))
    };
    visit.answer(page.await)
}

/// Holds everything outgoing.
pub(in crate::web) async fn hold(visit: Visit) -> Response {
    let done = async {
        let fields = visit.fields()?;
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let term =
            TERMS.iter().find(|(name, ..)| *name == field("term")).ok_or_else(|| UseCaseError::Invalid {
                field: "term".to_owned(),
                reason: "nobody knows how long this is".to_owned(),
                remedy: "Choose one of the terms.".to_owned(),
            })?;
        let until = term.2.map(|span| visit.now() + span);
        visit.desk().hold_outbound(&visit.visitor.actor, &key(&fields)?, field("reason"), until).await?;
        Ok(see(HERE))
    };
    visit.answer(done.await)
}

/// Lets everything outgoing go again.
pub(in crate::web) async fn release(visit: Visit) -> Response {
    let done = async {
        visit.desk().release_outbound(&visit.visitor.actor, &key(&visit.fields()?)?).await?;
        Ok(see(HERE))
    };
    visit.answer(done.await)
}

/// Decides about a dead letter.
pub(in crate::web) async fn decide(visit: Visit) -> Response {
    let done = async {
        let fields = visit.fields()?;
        let decision = match fields.get("decision").map(String::as_str) {
            Some("retry") => LetterDecision::Retry,
            Some("drop") => LetterDecision::Drop,
            _ => {
                return Err(UseCaseError::Invalid {
                    field: "decision".to_owned(),
                    reason: "it is neither `retry` nor `drop`".to_owned(),
                    remedy: "Use one of the two buttons.".to_owned(),
                });
            }
        };
        let id: String = visit.parameter("message")?;
        visit.desk().decide_dead_letter(&visit.visitor.actor, &key(&fields)?, &id, decision).await?;
        Ok(see(HERE))
    };
    visit.answer(done.await)
}
