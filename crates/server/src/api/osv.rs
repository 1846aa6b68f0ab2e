//! The OSV service for scanners: osv.dev's API and dumps, out of what was synced and what was published here.
//!
//! Answers and errors are osv.dev's, not the desk's problem documents: clients read them. Addresses stand with and without
//! `/v1`, since some clients add it and some want it in the address that they are given. No Content-Type is asked for.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_authz::Action;
use bastide_impact::osv_service::{self, Layers, ServiceError};
use bastide_usecases::{Snapshots, UseCaseError};

use super::extract::Call;
use crate::{guard::Guard, routes::Routes};

/// Batches up to this many bytes are answered where they arrive; others where waiting harms nobody.
const SHORT: usize = 64 * 1024;

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    let public = Guard::Public(Action::ReadPublic);
    for base in ["/v1", ""] {
        routes.post(&format!("{base}/query"), public, query);
        routes.post(&format!("{base}/querybatch"), public, batch);
        routes.get(&format!("{base}/vulns/{{id}}"), public, vulnerability);
    }
    routes.get("/PyPI/all.zip", public, dump);
    routes.get("/PyPI/modified_id.csv", public, modified_ids);
}

async fn query(call: Call) -> Response {
    answer(&call, true, osv_service::query).await
}

async fn batch(call: Call) -> Response {
    answer(&call, call.body.len() > SHORT, osv_service::query_batch).await
}

/// Answers a body with a body. `aside` says that it may take long.
async fn answer(
    call: &Call,
    aside: bool,
    service: fn(Layers<'_>, &[u8]) -> Result<String, ServiceError>,
) -> Response {
    let snapshots = match snapshots(call).await {
        Ok(snapshots) if snapshots.has_feeds() => snapshots,
        Ok(_) => return unavailable(),
        Err(error) => return failed(&error),
    };
    let body = call.body.clone();
    let result = if aside {
        let asked = tokio::task::spawn_blocking(move || service(snapshots.layers(), &body));
        match asked.await {
            Ok(result) => result,
            Err(error) => return failed(&UseCaseError::Corrupt(error.to_string())),
        }
    } else {
        service(snapshots.layers(), &body)
    };
    written(result)
}

async fn vulnerability(call: Call) -> Response {
    let id: String = call.parameter("id").unwrap_or_default();
    match snapshots(&call).await {
        Ok(snapshots) => written(osv_service::vulnerability(snapshots.layers(), &id)),
        Err(error) => failed(&error),
    }
}

async fn dump(call: Call) -> Response {
    match call.app.service().dump(call.app.desk(), "PyPI").await {
        Ok((tag, bytes)) => tagged(&call.headers, &tag, "application/zip", || bytes.to_vec()),
        Err(error) => failed(&error),
    }
}

async fn modified_ids(call: Call) -> Response {
    let snapshots = match snapshots(&call).await {
        Ok(snapshots) => snapshots,
        Err(error) => return failed(&error),
    };
    match osv_service::modified_ids(snapshots.layers(), "PyPI") {
        Ok(lines) => {
            tagged(&call.headers, &snapshots.tag(), "text/csv; charset=utf-8", || lines.into_bytes())
        }
        Err(error) => written(Err(error)),
    }
}

async fn snapshots(call: &Call) -> Result<Snapshots, UseCaseError> {
    call.app.service().snapshots(call.app.desk()).await
}

/// A document with its tag; nothing of it for whoever has it.
fn tagged(asked: &HeaderMap, tag: &str, kind: &'static str, bytes: impl FnOnce() -> Vec<u8>) -> Response {
    let tag = format!("\"{tag}\"");
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let has = known
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag);
    let mut response = if has {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (StatusCode::OK, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], Body::from(bytes()))
            .into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn written(result: Result<String, ServiceError>) -> Response {
    match result {
        Ok(body) => json(StatusCode::OK, body),
        Err(error) => {
            if error.code == osv_service::Code::Internal {
                tracing::error!(error = error.message, "the OSV service could not answer");
                return internal();
            }
            let status =
                StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            json(status, error.body())
        }
    }
}

/// Nobody may take "no database" for "no vulnerability".
fn unavailable() -> Response {
    let message = "There is no advisory database here yet, so nothing can be said of any package. Whoever runs this desk \
                   brings one with `bastide sync`.";
    let body = serde_json::json!({"code": 14, "message": message});
    json(StatusCode::SERVICE_UNAVAILABLE, body.to_string())
}

fn failed(error: &UseCaseError) -> Response {
    tracing::error!(error = %error, "the OSV service could not answer");
    internal()
}

fn internal() -> Response {
    let body =
        serde_json::json!({"code": 13, "message": "The desk could not answer; its operator has been told."});
    json(StatusCode::INTERNAL_SERVER_ERROR, body.to_string())
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
