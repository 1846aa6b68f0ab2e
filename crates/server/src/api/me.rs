//! Who I am, who is there, is the desk alive.

use axum::{http::StatusCode, response::Response};
use bastide_model::party::Identity;
use serde_json::json;

use super::{extract::Call, json as answer};

/// Where the API is described, for whoever looks here first.
pub(crate) async fn index(call: Call) -> Response {
    let url = &call.app.desk().settings().public_url;
    let about = json!({
        "what": "The API of this desk. Make a token on your account page and send it as `Authorization: Bearer TOKEN`.",
        "description": format!("{url}/api/v1/openapi.json"),
        "tokens": format!("{url}/account/tokens"),
    });
    answer(StatusCode::OK, &about)
}

/// Whether the desk answers, without saying what it holds.
pub(crate) async fn health(call: Call) -> Response {
    let _ = call;
    answer(StatusCode::OK, &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The signed-in person with their roles.
pub(crate) async fn me(call: Call) -> Response {
    let Some(signed_in) = &call.visitor.signed_in else {
        return call.fail(&bastide_usecases::UseCaseError::NotSignedIn);
    };
    let grants: Vec<_> = signed_in
        .actor
        .grants
        .iter()
        .map(|grant| json!({ "role": grant.role, "scope": grant.scope, "until": grant.until }))
        .collect();
    answer(
        StatusCode::OK,
        &json!({
            "person": signed_in.actor.person,
            "name": signed_in.name,
            "grants": grants,
            "may-confirm": signed_in.actor.stepped_up,
        }),
    )
}

/// The directory of people (J17), for whoever coordinates or develops: names and handles. Mail addresses stay with the
/// desk, which writes to people itself.
pub(crate) async fn people(call: Call) -> Response {
    match call.app.desk().directory(&call.visitor.actor).await {
        Ok(people) => {
            let people: Vec<_> = people
                .iter()
                .map(|(id, record)| {
                    let handles: Vec<_> = record
                        .identities
                        .iter()
                        .filter(|identity| matches!(identity, Identity::Forge { .. }))
                        .collect();
                    json!({ "person": id, "name": record.name, "identities": handles })
                })
                .collect();
            answer(StatusCode::OK, &people)
        }
        Err(error) => call.fail(&error),
    }
}
