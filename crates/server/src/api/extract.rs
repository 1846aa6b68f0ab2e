//! What every API handler takes out of a request: who asks, the key, the path's values, the body.

use axum::{
    extract::{FromRequest, Request},
    response::Response,
};
use bastide_usecases::{RequestKey, UseCaseError};
use serde::de::DeserializeOwned;

use crate::{App, inbound::Inbound};

/// The deepest nesting of a JSON body that is read.
const MAX_DEPTH: usize = 64;

/// A request as an API handler sees it.
#[derive(Debug)]
pub(crate) struct Call(Inbound);

impl std::ops::Deref for Call {
    type Target = Inbound;

    fn deref(&self) -> &Inbound {
        &self.0
    }
}

impl FromRequest<App> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        Inbound::read(request, app, "body").await.map(Self)
    }
}

impl Call {
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
