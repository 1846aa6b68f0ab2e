//! One's own roles: what one holds, and what one was offered.

use axum::{http::StatusCode, response::Response};
use bastide_authz::Scope;
use bastide_pages::{
    desk::OneForm,
    part::{ActionForm, Field, Link},
};
use bastide_usecases::UseCaseError;

use crate::web::{
    forms::Forms,
    request::{Visit, html, key, see},
    words,
};

/// The first role that waits for an answer, with what it means.
pub(super) async fn show(visit: Visit) -> Response {
    let page = async {
        let grants = visit.desk().own_roles(&visit.visitor.actor).await?;
        let offered = grants
            .iter()
            .find(|grant| !grant.confirmed && grant.until.is_none_or(|until| visit.now() < until));
        let Some(grant) = offered else { return Ok(see("/inbox")) };
        let place = match &grant.scope {
            Scope::Programme => "the whole programme".to_owned(),
            Scope::Project(name) => visit.desk().project(name).await?.record.title.clone(),
            Scope::Case(_) => return Err(UseCaseError::NotFound),
        };
        let until = grant.until.map_or_else(
            || "It has no end; you can give it back at any time.".to_owned(),
            |until| format!("It ends on {}; you can give it back before.", until.for_people()),
        );
        let scope = match &grant.scope {
            Scope::Project(name) => format!("project:{name}"),
            _ => "programme".to_owned(),
        };
        let answers = vec![
            ("yes".to_owned(), "I take it on".to_owned()),
            ("no".to_owned(), "No, thank you".to_owned()),
        ];
        let page = OneForm {
            shell: visit.shell(),
            heading: format!("You are asked to be {} of {place}", words::role(grant.role)).into(),
            lead: format!("Until you take it on you see nothing more than before. {until}").into(),
            form: ActionForm {
                fields: vec![
                    Field::hidden("role", words::role_name(grant.role)),
                    Field::hidden("scope", scope),
                    super::Entry::new(None, "role").select_of("answer", "Your answer", &answers),
                ],
                ..super::form("role", "Answer", "", "/roles", &Forms::fresh(), Vec::new())
            },
            next: vec![Link::new("Later", "/inbox")],
        };
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// The answer.
pub(super) async fn answer(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        key(&fields)?;
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let role = words::role_of(text("role")).ok_or(UseCaseError::NotFound)?;
        let scope = match text("scope").strip_prefix("project:") {
            Some(name) => Scope::Project(name.parse().map_err(|_| UseCaseError::NotFound)?),
            None => Scope::Programme,
        };
        visit.desk().answer_role(&visit.visitor.actor, role, &scope, text("answer") == "yes").await?;
        Ok(see("/roles"))
    };
    visit.answer(page.await)
}
