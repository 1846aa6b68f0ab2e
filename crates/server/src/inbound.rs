//! A whole request, as both doors take it in: who asks, the path's values, the query, the body.
//!
//! Pages (`web::request::Visit`) and the API (`api::extract::Call`) build on it; each adds what its bodies look like.

use std::sync::Arc;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, Method},
    response::{IntoResponse, Response},
};
use bastide_model::party::ProjectName;
use bastide_usecases::{Desk, UseCaseError};

use crate::{
    App,
    error::Failure,
    kept::Kept,
    limits::{Caller, report_must_wait},
    visitor::Visitor,
};

/// A request that the guard has let in, read to its end.
#[derive(Debug)]
pub(crate) struct Inbound {
    /// The server.
    pub(crate) app: App,
    /// Who asks.
    pub(crate) visitor: Arc<Visitor>,
    /// The address that was asked for, without its query.
    pub(crate) path: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    method: Method,
    parameters: Vec<(String, String)>,
    query: String,
    caller: Option<Caller>,
}

impl Inbound {
    /// Reads the request. The layer around every route has bounded the body; one that is longer or breaks off is an
    /// error at `body_field`, the word of this door for a body.
    pub(crate) async fn read(request: Request, app: &App, body_field: &str) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let visitor = parts.extensions.get::<Arc<Visitor>>().cloned();
        let fail = |error: UseCaseError| Failure::at(&error, app, &path, visitor.as_deref()).into_response();
        let Some(visitor) = visitor.clone() else {
            return Err(fail(UseCaseError::Corrupt("a route without a guard was reached".to_owned())));
        };
        let parameters = <RawPathParams as FromRequestParts<App>>::from_request_parts(&mut parts, app)
            .await
            .map_err(|_| fail(UseCaseError::NotFound))?;
        let parameters = parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = to_bytes(body, usize::MAX).await.map_err(|_| {
            fail(UseCaseError::Invalid {
                field: body_field.to_owned(),
                reason: "it is longer than 16 MiB or broke off".to_owned(),
                remedy: "Send less, or send it again.".to_owned(),
            })
        })?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let caller = parts.extensions.get::<Caller>().copied();
        let (method, headers) = (parts.method, parts.headers);
        Ok(Self { app: app.clone(), visitor, path, headers, body, method, parameters, query, caller })
    }

    /// The desk.
    pub(crate) fn desk(&self) -> &Desk {
        self.app.desk()
    }

    /// Takes one of the reports that this person or address may leave; asked once a report is
    /// whole and about to be stored. Gives the answer where none is left.
    pub(crate) fn report_must_wait(&self, project: &ProjectName) -> Option<Response> {
        report_must_wait(&self.app, self.caller, &self.visitor, project, &self.path)
    }

    /// A value of the path; nothing that does not read is anywhere.
    pub(crate) fn parameter<T: std::str::FromStr>(&self, name: &str) -> Result<T, UseCaseError> {
        let found = self.parameters.iter().find(|(key, _)| key == name);
        found.and_then(|(_, value)| value.parse().ok()).ok_or(UseCaseError::NotFound)
    }

    /// The pairs of the query, in order.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_str(&self.query).unwrap_or_default()
    }

    /// A value of the query, where it is there.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&self.query).unwrap_or_default();
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The answer to a failure of this request, in the words of the door that its path belongs to.
    pub(crate) fn fail(&self, error: &UseCaseError) -> Response {
        let kept = match error {
            UseCaseError::StepUp => {
                Kept::of(&self.method, &self.headers, &self.path, &self.query, &self.body)
            }
            _ => None,
        };
        Failure::keeping(error, &self.app, &self.path, Some(&self.visitor), kept.as_ref()).into_response()
    }
}
