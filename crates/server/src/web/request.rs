//! What a page's handler takes out of a request, and how it answers.

use std::collections::BTreeMap;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_model::time::Instant;
use bastide_pages::{Notice, Page, Shell, part::Tone};
use bastide_usecases::{RequestKey, UseCaseError, step::StepKind};

use super::{
    multipart::{self, Sent},
    shell,
};
use crate::{App, inbound::Inbound};

/// A request as a page's handler sees it.
#[derive(Debug)]
pub(super) struct Visit(Inbound);

impl std::ops::Deref for Visit {
    type Target = Inbound;

    fn deref(&self) -> &Inbound {
        &self.0
    }
}

impl FromRequest<App> for Visit {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        Inbound::read(request, app, "form").await.map(Self)
    }
}

impl Visit {
    /// The present.
    pub(super) fn now(&self) -> Instant {
        self.desk().now()
    }

    /// A value of the query; empty when it is absent.
    pub(super) fn query(&self, name: &str) -> String {
        self.0.query(name).unwrap_or_default()
    }

    /// The fields and files of the form, in order.
    pub(super) async fn sent(&self) -> Result<Sent, UseCaseError> {
        multipart::read(&self.headers, &self.body).await
    }

    /// The fields of the form, in order.
    pub(super) fn pairs(&self) -> Result<Vec<(String, String)>, UseCaseError> {
        serde_urlencoded::from_bytes(&self.body).map_err(|_| UseCaseError::Invalid {
            field: "form".to_owned(),
            reason: "it is not a form as browsers send it, in UTF-8".to_owned(),
            remedy: "Fill in the page's form and send that.".to_owned(),
        })
    }

    /// The fields of the form by name; of several with one name the last.
    pub(super) fn fields(&self) -> Result<BTreeMap<String, String>, UseCaseError> {
        Ok(self.pairs()?.into_iter().collect())
    }

    /// The frame of the page, with what was just done.
    pub(super) fn shell(&self) -> Shell {
        let mut frame = shell::frame(&self.app, Some(&self.visitor), &self.path);
        if let Some(kind) = StepKind::find(&self.query("done")) {
            let text = format!("Done: {}.", kind.title).into();
            frame.notices.push(Notice { tone: Tone::Good, text, link: None });
        }
        frame
    }

    /// A page, or the answer to the failure on the way to it.
    pub(super) fn answer(&self, page: Result<Response, UseCaseError>) -> Response {
        page.unwrap_or_else(|error| self.fail(&error))
    }
}

/// The key that a form carries.
pub(super) fn key(pairs: &BTreeMap<String, String>) -> Result<RequestKey, UseCaseError> {
    let text = pairs.get("idempotency-key").map(String::as_str).unwrap_or_default();
    text.parse().map_err(|error: bastide_usecases::RequestKeyError| UseCaseError::Invalid {
        field: "idempotency-key".to_owned(),
        reason: error.to_string(),
        remedy: "Open the page again and send its form.".to_owned(),
    })
}

/// A page as an answer.
pub(super) fn html(status: StatusCode, page: &impl Page) -> Response {
    match page.render() {
        Ok(text) => {
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A document of this media type.
pub(super) fn document(media_type: &str, bytes: Vec<u8>) -> Response {
    let kind = HeaderValue::from_str(media_type)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// A JSON document to keep under this name.
pub(super) fn download(data: &serde_json::Value, name: &str) -> Response {
    let text = format!("{data:#}\n").into_bytes();
    crate::download::file("application/json", name, text)
}

/// See another page: after a form was carried out.
pub(super) fn see(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// An answer with a cookie set or taken away.
pub(super) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
