//! Signing in and out. A sign-in link works once, so only pressing the button spends it: programs that follow links in
//! mails do not.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use bastide_pages::{
    desk::OneForm,
    part::{ActionForm, Link},
};
use bastide_usecases::{NewSession, Secret, UseCaseError};

use crate::{
    visitor::{self, Cookie},
    web::{
        forms::Forms,
        message,
        request::{Visit, html, see, with_cookie},
        sign_in,
    },
};

/// The sign-in page.
pub(in crate::web) async fn form(visit: Visit) -> Response {
    let next = visit.query("next");
    html(StatusCode::OK, &sign_in::page(&visit, &next, None, &Forms::fresh()))
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
    let browser = visitor::browser(&visit.app, &visit.headers);
    match visit.desk().sign_in(&secret, &browser).await {
        Ok(session) => {
            let to = after_sign_in(&visit, &session, sign_in::local_path(next)).await;
            signed_in(&visit, see(&to), &session)
        }
        Err(UseCaseError::NotSignedIn) => {
            let error = "This token or link does not work: it may be mistyped, used up or too old.";
            let page = sign_in::page(&visit, next, Some(error), &Forms::fresh());
            html(StatusCode::UNAUTHORIZED, &page)
        }
        Err(error) => visit.fail(&error),
    }
}

/// A sign-in link was followed: it asks for a press of the button, and spends nothing. One that works no more says so.
pub(in crate::web) async fn link(visit: Visit) -> Response {
    let works = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        visit.desk().sign_in_works(&secret).await
    };
    match works.await {
        Ok(true) => {}
        Ok(false) => return html(StatusCode::GONE, &message::spent_link(visit.shell())),
        Err(error) => return visit.fail(&error),
    }
    let address = visit.path.clone();
    let page = OneForm {
        shell: visit.shell(),
        heading: "Sign in".into(),
        lead: "This link signs you in once. Press the button to use it.".into(),
        form: ActionForm::new("sign-in", "Sign in", address, Forms::fresh().tokens()).unfolded(),
        next: vec![Link::new("Sign in with a token instead", "/sign-in")],
    };
    html(StatusCode::OK, &page)
}

/// The button was pressed.
pub(in crate::web) async fn follow(visit: Visit) -> Response {
    let answer = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        let browser = visitor::browser(&visit.app, &visit.headers);
        let session = visit.desk().sign_in(&secret, &browser).await?;
        let to = after_sign_in(&visit, &session, "/inbox").await;
        Ok(signed_in(&visit, see(&to), &session))
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
    let mut response = with_cookie(see("/"), Some(Cookie::Session.clear(&visit.app)));
    // Not "cookies": a report's link and the mark by which this browser is known again are no part of the session.
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), clear);
    response
}

/// Where somebody goes who has just signed in: to their passkeys first, when they must make one.
pub(in crate::web) async fn after_sign_in(visit: &Visit, session: &NewSession, next: &str) -> String {
    match visit.desk().signed_in(&session.secret).await {
        Ok(who) if who.actor.confined => "/account/passkeys".to_owned(),
        // Who was offered a role came for that.
        Ok(who) if next == "/inbox" && who.actor.is_offered_a_role(visit.now()) => "/roles".to_owned(),
        _ => next.to_owned(),
    }
}

/// An answer with the cookies of a session that has just begun.
pub(in crate::web) fn signed_in(visit: &Visit, response: Response, session: &NewSession) -> Response {
    let response = with_cookie(response, Cookie::Session.set(&visit.app, &session.secret));
    let device = session.device.as_ref().and_then(|secret| Cookie::Device.set(&visit.app, secret));
    with_cookie(response, device)
}
