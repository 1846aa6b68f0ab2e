//! Signing in and out. A sign-in link works once, so only pressing the button spends it: programs that follow links in
//! mails do not.

use axum::{http::StatusCode, response::Response};
use bastide_pages::{
    desk::OneForm,
    part::{ActionForm, Link},
};
use bastide_usecases::{Secret, UseCaseError};

use crate::{
    visitor::Cookie,
    web::{
        forms::Forms,
        request::{Visit, html, see, with_cookie},
        sign_in,
    },
};

/// The sign-in page.
pub(in crate::web) async fn form(visit: Visit) -> Response {
    let next = visit.query("next");
    html(StatusCode::OK, &sign_in::page(visit.shell(), &next, None, &Forms::fresh()))
}

/// A token or link was pasted.
pub(in crate::web) async fn enter(visit: Visit) -> Response {
    let fields = match visit.fields() {
        Ok(fields) => fields,
        Err(error) => return visit.fail(&error),
    };
    let text = fields.get("token").map(String::as_str).unwrap_or_default().trim();
    let secret = Secret::given(text.rsplit('/').next().unwrap_or_default());
    let next = fields.get("next").map(String::as_str).unwrap_or_default();
    match visit.desk().sign_in(&secret).await {
        Ok(session) => with_cookie(see(sign_in::local_path(next)), Cookie::Session.set(&visit.app, &session)),
        Err(UseCaseError::NotSignedIn) => {
            let error = "This token or link does not work: it may be mistyped, used up or too old.";
            let page = sign_in::page(visit.shell(), next, Some(error), &Forms::fresh());
            html(StatusCode::UNAUTHORIZED, &page)
        }
        Err(error) => visit.fail(&error),
    }
}

/// A sign-in link was followed: it asks for a press of the button, and spends nothing.
pub(in crate::web) async fn link(visit: Visit) -> Response {
    let address = visit.path.clone();
    let page = OneForm {
        shell: visit.shell(),
        heading: "Sign in".into(),
        lead: "This link signs you in once. Press the button to use it.".into(),
        form: ActionForm {
            id: "sign-in".into(),
            title: "Sign in".into(),
            why: "".into(),
            rule: None,
            action: address.into(),
            tokens: Forms::fresh().tokens(),
            fields: Vec::new(),
            submit: "Sign in".into(),
            disabled: None,
            grave: false,
            open: true,
        },
        next: vec![Link::new("Sign in with a token instead", "/sign-in")],
    };
    html(StatusCode::OK, &page)
}

/// The button was pressed.
pub(in crate::web) async fn follow(visit: Visit) -> Response {
    let answer = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        let session = visit.desk().sign_in(&secret).await?;
        Ok(with_cookie(see("/inbox"), Cookie::Session.set(&visit.app, &session)))
    };
    visit.answer(answer.await)
}

/// Ends the session.
pub(in crate::web) async fn leave(visit: Visit) -> Response {
    if let Some(session) = &visit.visitor.session
        && let Err(error) = visit.desk().sign_out(session).await
    {
        return visit.fail(&error);
    }
    with_cookie(see("/"), Some(Cookie::Session.clear(&visit.app)))
}
