//! Proofs: a case's for its parties, checkpoints and tiles of the public log for anyone.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_authz::{Action, Object};
use bastide_model::id::CaseId;
use bastide_store::Log;
use bastide_usecases::UseCaseError;
use serde_json::json;

use super::{extract::Call, json as answer};

/// The proof of a case's history, which `bastide ledger verify --proof` checks offline.
pub(crate) async fn proof(call: Call) -> Response {
    let result = async {
        let case: CaseId = call.parameter("case")?;
        call.app.desk().proof(&call.visitor.actor, case).await
    };
    match result.await {
        Ok(bundle) => answer(StatusCode::OK, &bundle),
        Err(error) => call.fail(&error),
    }
}

/// The newest signed checkpoint of a log. The case log's says how many events the desk has seen, so it is for auditors;
/// who has a case's proof has it in there.
pub(crate) async fn checkpoint(call: Call) -> Response {
    let result = async {
        let log = log(&call)?;
        if log != Log::Public {
            call.app.desk().permit(&call.visitor.actor, Action::ReadProofs, Object::Programme)?;
        }
        call.app.desk().checkpoint(log).await
    };
    match result.await {
        Ok(note) => text(note),
        Err(error) => call.fail(&error),
    }
}

/// The key that verifies a log's checkpoints.
pub(crate) async fn key(call: Call) -> Response {
    match log(&call) {
        Ok(log) => text(format!("{}\n", call.app.desk().store().verifier_key(log))),
        Err(error) => call.fail(&error),
    }
}

/// Every public key of both logs, with when it signed. For the public log also which sizes; how many leaves the log of
/// cases has says how much is going on.
pub(crate) async fn keys(call: Call) -> Response {
    let keys: Vec<serde_json::Value> = Log::ALL
        .into_iter()
        .flat_map(|log| call.app.desk().store().log_keys(log).iter().map(move |key| (log, key)))
        .map(|(log, key)| {
            let mut line = json!({
                "log": log.name(), "key": key.key.to_string(), "since": key.since, "until": key.until,
            });
            if log == Log::Public {
                line["first-size"] = json!(key.first_size);
                line["last-size"] = json!(key.last_size);
            }
            line
        })
        .collect();
    answer(StatusCode::OK, &keys)
}

/// A tile of the public log (C2SP tlog-tiles). The case log's are not served: its leaves say nothing, but how many
/// there are says how much is going on.
pub(crate) async fn tile(call: Call) -> Response {
    let result = async {
        if log(&call)? != Log::Public {
            return Err(UseCaseError::NotFound);
        }
        let path: String = call.parameter("path")?;
        call.app.desk().tile(&format!("tile/{path}")).await
    };
    match result.await {
        Ok(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
            ];
            (StatusCode::OK, headers, Body::from(bytes)).into_response()
        }
        Err(error) => call.fail(&error),
    }
}

fn log(call: &Call) -> Result<Log, UseCaseError> {
    match call.parameter::<String>("log")?.as_str() {
        "case" => Ok(Log::Case),
        "public" => Ok(Log::Public),
        _ => Err(UseCaseError::NotFound),
    }
}

fn text(text: String) -> Response {
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], text).into_response()
}
