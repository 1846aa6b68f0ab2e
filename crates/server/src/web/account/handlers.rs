//! The account's pages and forms, and the ceremonies of passkeys.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_model::digest::Sha256Digest;
use bastide_usecases::{Account, Asked, NewToken, Secret, SignedIn, TokenScope, UseCaseError};
use serde_json::json;

use super::{confirm, overview, passkeys, sessions, tokens};
use crate::{
    visitor,
    web::{
        admin, finding,
        forms::Forms,
        handlers::account::{after_sign_in, signed_in},
        request::{Visit, html, key, see},
        sign_in,
    },
};

fn who(visit: &Visit) -> Result<&SignedIn, UseCaseError> {
    visit.visitor.signed_in.as_ref().ok_or(UseCaseError::NotSignedIn)
}

async fn account(visit: &Visit) -> Result<Account, UseCaseError> {
    visit.desk().account(who(visit)?).await
}

fn digest(visit: &Visit) -> Result<Sha256Digest, UseCaseError> {
    visit.parameter("id")
}

/// What a script is answered: what the device is asked to sign.
fn asked(visit: &Visit, asked: Result<Asked, UseCaseError>) -> Response {
    match asked {
        Ok(asked) => {
            let body = json!({ "handle": asked.handle.reveal(), "options": asked.options });
            let kind = HeaderValue::from_static("application/json");
            (StatusCode::OK, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
        }
        Err(error) => problem(visit, &error),
    }
}

/// What a script is answered when something went wrong.
fn problem(visit: &Visit, error: &UseCaseError) -> Response {
    let _ = visit;
    if let UseCaseError::Store(_) | UseCaseError::Corrupt(_) = error {
        tracing::error!(%error, "a passkey ceremony failed");
    }
    let kind = HeaderValue::from_static("application/problem+json");
    let body = crate::error::problem(error).to_string();
    (crate::error::status(error), [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// The answer of a device, out of a form; without script there is none.
struct Answer {
    handle: Secret,
    answer: String,
}

fn answer(visit: &Visit) -> Result<Answer, UseCaseError> {
    let mut fields = visit.fields()?;
    let answer = fields.remove("answer").unwrap_or_default();
    let handle = Secret::given(fields.get("handle").map(String::as_str).unwrap_or_default());
    if answer.is_empty() || handle.reveal().is_empty() {
        return Err(UseCaseError::Invalid {
            field: "passkey".to_owned(),
            reason: "your browser sent no answer of a passkey; passkeys need script".to_owned(),
            remedy:
                "Switch script on for this desk's address and reload the page; or sign in by a one-time link."
                    .to_owned(),
        });
    }
    Ok(Answer { handle, answer })
}

/// What went wrong, in a sentence or two.
fn sentence(error: &UseCaseError) -> String {
    match error {
        UseCaseError::Invalid { reason, remedy, .. } => {
            format!("{}. {remedy}", crate::web::words::capitalised(reason))
        }
        other => crate::error::detail(other),
    }
}

/// Asks a device to sign in.
pub(in crate::web) async fn ask_to_sign_in(visit: Visit) -> Response {
    asked(&visit, visit.desk().ask_to_sign_in().await)
}

/// A device answered.
pub(in crate::web) async fn sign_in_by_passkey(visit: Visit) -> Response {
    let fields = visit.fields().unwrap_or_default();
    let next = fields.get("next").map(String::as_str).unwrap_or_default();
    let done = async {
        let Answer { handle, answer } = answer(&visit)?;
        let browser = visitor::browser(&visit.app, &visit.headers);
        visit.desk().sign_in_by_passkey(&handle, &answer, &browser).await
    };
    match done.await {
        Ok(session) => {
            let to = after_sign_in(&visit, &session, sign_in::local_path(next)).await;
            signed_in(&visit, see(&to), &session)
        }
        Err(error @ UseCaseError::Invalid { .. }) => {
            let forms = Forms::fresh();
            let page = sign_in::page(&visit, next, Some(&sentence(&error)), &forms);
            html(StatusCode::UNAUTHORIZED, &page)
        }
        Err(error) => visit.fail(&error),
    }
}

/// The account at a glance.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let page = async {
        let account = account(&visit).await?;
        Ok(html(StatusCode::OK, &overview::page(visit.shell(), &account)))
    };
    visit.answer(page.await)
}

/// The page that asks to confirm, for whoever comes by themselves.
pub(in crate::web) async fn confirmation(visit: Visit) -> Response {
    let page = confirm::page(
        visit.shell(),
        visit.visitor.signed_in.as_ref(),
        visit.desk().settings().sign_in.confirmation,
        None,
        "/account",
    );
    html(StatusCode::OK, &page)
}

/// Asks a device to confirm.
pub(in crate::web) async fn ask_to_confirm(visit: Visit) -> Response {
    let done = async { visit.desk().ask_to_confirm(who(&visit)?).await };
    asked(&visit, done.await)
}

/// A device confirmed. Only a script sends this.
pub(in crate::web) async fn confirm(visit: Visit) -> Response {
    let answer = match answer(&visit) {
        Ok(answer) => answer,
        Err(error) => return visit.fail(&error),
    };
    let done = async { visit.desk().confirm(who(&visit)?, &answer.handle, &answer.answer).await };
    match done.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => problem(&visit, &error),
    }
}

/// The passkeys.
pub(in crate::web) async fn passkey_list(visit: Visit) -> Response {
    let page = async { shown_passkeys(&visit, None).await };
    visit.answer(page.await)
}

async fn shown_passkeys(visit: &Visit, error: Option<&UseCaseError>) -> Result<Response, UseCaseError> {
    let account = account(visit).await?;
    let status = error.map_or(StatusCode::OK, crate::error::status);
    let error = error.map(sentence);
    let administers = admin::administers(&visit.app, &visit.visitor.actor);
    let page = passkeys::page(visit.shell(), &account, administers, &visit.query("done"), error.as_deref());
    Ok(html(status, &page))
}

/// Asks a device for a new passkey.
pub(in crate::web) async fn ask_to_enrol(visit: Visit) -> Response {
    let done = async { visit.desk().ask_to_enrol(who(&visit)?).await };
    asked(&visit, done.await)
}

/// A device made a passkey.
pub(in crate::web) async fn enrol(visit: Visit) -> Response {
    let done = async {
        let Answer { handle, answer } = answer(&visit)?;
        let name = visit.fields()?.remove("name").unwrap_or_default();
        visit.desk().enrol(who(&visit)?, &handle, &answer, &name).await
    };
    after_passkey(&visit, done.await, "enrolled").await
}

/// Another name.
pub(in crate::web) async fn rename(visit: Visit) -> Response {
    let done = async {
        let name = visit.fields()?.remove("name").unwrap_or_default();
        visit.desk().rename_passkey(who(&visit)?, &digest(&visit)?, &name).await
    };
    after_passkey(&visit, done.await, "renamed").await
}

/// Removal.
pub(in crate::web) async fn remove(visit: Visit) -> Response {
    let done = async {
        let last = visit.fields()?.contains_key("last");
        visit.desk().remove_passkey(who(&visit)?, &digest(&visit)?, last).await
    };
    after_passkey(&visit, done.await, "removed").await
}

async fn after_passkey(visit: &Visit, done: Result<(), UseCaseError>, word: &str) -> Response {
    match done {
        Ok(()) => see(&format!("/account/passkeys?done={word}")),
        Err(error @ UseCaseError::Invalid { .. }) => {
            let page = shown_passkeys(visit, Some(&error)).await;
            visit.answer(page)
        }
        Err(error) => visit.fail(&error),
    }
}

/// No new passkeys: they were not lost.
pub(in crate::web) async fn stop_recovery(visit: Visit) -> Response {
    let done = async {
        let person = who(&visit)?.actor.person.ok_or(UseCaseError::NotSignedIn)?;
        visit.desk().stop_recovery(&visit.visitor.actor, person).await?;
        Ok(see("/account"))
    };
    visit.answer(done.await)
}

/// The sessions.
pub(in crate::web) async fn session_list(visit: Visit) -> Response {
    let page = async {
        let account = account(&visit).await?;
        let policy = &visit.desk().settings().sign_in;
        let page = sessions::page(visit.shell(), &account, policy, &visit.query("done"));
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// The end of one session.
pub(in crate::web) async fn end_session(visit: Visit) -> Response {
    let done = async {
        visit.desk().end_session(who(&visit)?, &digest(&visit)?).await?;
        Ok(see("/account/sessions?done=ended"))
    };
    visit.answer(done.await)
}

/// The end of all other sessions.
pub(in crate::web) async fn end_others(visit: Visit) -> Response {
    let done = async {
        visit.desk().end_other_sessions(who(&visit)?).await?;
        Ok(see("/account/sessions?done=others"))
    };
    visit.answer(done.await)
}

/// The tokens.
pub(in crate::web) async fn token_list(visit: Visit) -> Response {
    let page = async {
        let account = account(&visit).await?;
        Ok(html(StatusCode::OK, &tokens::page(visit.shell(), &account, &visit.query("done"), None)))
    };
    visit.answer(page.await)
}

/// A new token; the answer shows it, once.
pub(in crate::web) async fn make_token(visit: Visit) -> Response {
    let done = async {
        let pairs = visit.pairs()?;
        // Without a key nothing tells a second click from a second token; the page's form has one.
        let key = key(&visit.fields()?).ok();
        let of = |name: &str| -> Vec<String> {
            let named = pairs.iter().filter(|(key, _)| key == name);
            named.map(|(_, value)| value.clone()).collect()
        };
        let scopes = of("scope");
        let new = NewToken {
            name: of("name").pop().unwrap_or_default(),
            scopes: TokenScope::ALL
                .into_iter()
                .filter(|scope| scopes.iter().any(|sent| sent == scope.name()))
                .collect(),
            days: of("days").pop().and_then(|days| days.parse().ok()).unwrap_or_default(),
        };
        match visit.desk().make_token(who(&visit)?, &new, key.as_ref()).await {
            Ok(token) => {
                let page = tokens::made(visit.shell(), new.name.trim(), &token, new.days, visit.now());
                Ok(html(StatusCode::OK, &page))
            }
            Err(UseCaseError::Invalid { field, reason, remedy }) => {
                let reason = format!("{}.", crate::web::words::capitalised(&reason));
                let findings = vec![finding::at_field("", &field, &reason, &remedy)];
                let refused =
                    tokens::Refused { name: new.name, scopes, days: new.days.to_string(), findings };
                let account = account(&visit).await?;
                let page = tokens::page(visit.shell(), &account, "", Some(&refused));
                Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(done.await)
}

/// The end of a token.
pub(in crate::web) async fn revoke_token(visit: Visit) -> Response {
    let done = async {
        visit.desk().revoke_token(who(&visit)?, &digest(&visit)?).await?;
        Ok(see("/account/tokens?done=revoked"))
    };
    visit.answer(done.await)
}
