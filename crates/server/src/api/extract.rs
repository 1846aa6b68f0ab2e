//! What every API handler takes out of a request: who asks, the key, the path's values, the body.

use std::sync::Arc;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, RawPathParams, Request},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use bastide_usecases::{RequestKey, UseCaseError};
use serde::de::DeserializeOwned;

use crate::{App, error::Failure, visitor::Visitor};

/// The deepest nesting of a JSON body that is read.
const MAX_DEPTH: usize = 64;

/// A request as an API handler sees it.
#[derive(Debug)]
pub(crate) struct Call {
    /// The server.
    pub(crate) app: App,
    /// Who asks; the guard has let them in.
    pub(crate) visitor: Arc<Visitor>,
    headers: HeaderMap,
    parameters: Vec<(String, String)>,
    query: String,
    path: String,
    body: Bytes,
}

impl FromRequest<App> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let visitor = parts.extensions.get::<Arc<Visitor>>().cloned();
        let fail = |error: UseCaseError| Failure::at(&error, app, &path, visitor.as_deref()).into_response();
        let Some(visitor) = visitor.clone() else {
            return Err(fail(UseCaseError::Corrupt("a route without a guard was reached".to_owned())));
        };
        let parameters =
            <RawPathParams as axum::extract::FromRequestParts<App>>::from_request_parts(&mut parts, app)
                .await
                .map_err(|_| fail(UseCaseError::NotFound))?;
        let parameters = parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = to_bytes(body, usize::MAX).await.map_err(|_| {
            fail(UseCaseError::Invalid {
                field: "body".to_owned(),
                reason: "the request is longer than 16 MiB or broke off".to_owned(),
                remedy: "Send less, or send it again.".to_owned(),
            })
        })?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self { app: app.clone(), visitor, headers: parts.headers, parameters, query, path, body })
    }
}

impl Call {
    /// A value of the path; nothing that does not read is anywhere.
    pub(crate) fn parameter<T: std::str::FromStr>(&self, name: &str) -> Result<T, UseCaseError> {
        let found = self.parameters.iter().find(|(key, _)| key == name);
        found.and_then(|(_, value)| value.parse().ok()).ok_or(UseCaseError::NotFound)
    }

    /// A value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&self.query).unwrap_or_default();
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The idempotency key. A call that stores something without one could not be repeated after a lost answer.
    pub(crate) fn key(&self) -> Result<RequestKey, UseCaseError> {
        let invalid = |reason: String| UseCaseError::Invalid {
            field: "Idempotency-Key".to_owned(),
            reason,
            remedy: "Send a fresh random key with each new request.".to_owned(),
        };
        let value = self.headers.get("idempotency-key");
        let value = value.ok_or_else(|| invalid("this header is missing".to_owned()))?;
        let text = value.to_str().map_err(|_| invalid("it is not plain text".to_owned()))?;
        text.parse().map_err(|error: bastide_usecases::RequestKeyError| invalid(error.to_string()))
    }

    /// The body as JSON of this shape. An empty body is an empty object.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, UseCaseError> {
        let invalid = |field: String, reason: String| UseCaseError::Invalid {
            field,
            reason,
            remedy: "See /api/v1/openapi.json for what this address takes.".to_owned(),
        };
        let bytes: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        if depth(bytes) > MAX_DEPTH {
            return Err(invalid("body".to_owned(), format!("it is nested deeper than {MAX_DEPTH} levels")));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            // serde names the field and the position, and quotes at most the wrong word.
            invalid(
                format!("body, line {}, column {}", error.line(), error.column()),
                category(&error).to_owned(),
            )
        })
    }

    /// The answer to a failure of this request.
    #[allow(clippy::needless_pass_by_value, reason = "handlers end with it")]
    pub(crate) fn fail(&self, error: UseCaseError) -> Response {
        Failure::at(&error, &self.app, &self.path, Some(&self.visitor)).into_response()
    }
}

/// What is wrong with a JSON text, without quoting it: it may be a report.
fn category(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Syntax => "it is not JSON",
        serde_json::error::Category::Data => "a field is missing, unknown or of another type",
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Io => "it could not be read",
    }
}

/// The deepest nesting of brackets outside of texts.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match (in_text, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, false, b'"') => in_text = !in_text,
            (false, _, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, _, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
