//! How a failure is answered: as a problem document to a program, as a page to a person.
//!
//! Absent and forbidden are one answer, headers and body alike.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_usecases::UseCaseError;
use serde_json::{Value, json};

use crate::{App, kept::Kept, visitor::Visitor};

/// A failed request, ready to be answered.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    problem: Value,
    /// The page's parts, for a person: heading, what happened, what to do.
    page: Option<String>,
}

/// What a failure is to the client.
pub(crate) fn status(error: &UseCaseError) -> StatusCode {
    match error {
        UseCaseError::NotFound => StatusCode::NOT_FOUND,
        UseCaseError::NotSignedIn => StatusCode::UNAUTHORIZED,
        UseCaseError::StepUp
        | UseCaseError::PurposeNeeded { .. }
        | UseCaseError::OutOfReach
        | UseCaseError::EnrolFirst => StatusCode::FORBIDDEN,
        UseCaseError::Refused(_) | UseCaseError::KeyReused => StatusCode::CONFLICT,
        UseCaseError::Invalid { .. }
        | UseCaseError::Rules { .. }
        | UseCaseError::Blocked { .. }
        | UseCaseError::Leaks { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        UseCaseError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        UseCaseError::Store(_) | UseCaseError::Corrupt(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The problem document (RFC 9457) of a failure. What the store says stays in the log.
pub(crate) fn problem(error: &UseCaseError) -> Value {
    let status = status(error);
    let mut problem = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("failed"),
        "status": status.as_u16(),
        "detail": detail(error),
    });
    match error {
        UseCaseError::PurposeNeeded { case } => {
            problem["remedy"] =
                json!(format!("Post {{\"purpose\": \"…\"}} to /api/v1/cases/{case}/purpose."));
        }
        UseCaseError::Refused(refusal) => {
            problem["kind"] = json!(refusal.kind);
            problem["rule"] = json!(refusal.rule);
            problem["remedy"] = json!(refusal.remedy);
        }
        UseCaseError::Invalid { field, remedy, .. } => {
            problem["field"] = json!(field);
            problem["remedy"] = json!(remedy);
        }
        UseCaseError::Rules { problems } => problem["problems"] = json!(problems),
        UseCaseError::Blocked { findings } | UseCaseError::Leaks { findings } => {
            problem["findings"] = json!(findings);
        }
        _ => {}
    }
    problem
}

/// What may be said of a failure to whoever asked.
pub(crate) fn detail(error: &UseCaseError) -> String {
    match error {
        UseCaseError::Store(_) => {
            "the desk could not store or read this; whether a change was stored is unknown: send the same request again with the same idempotency key".to_owned()
        }
        UseCaseError::Corrupt(_) => {
            "the desk found something wrong with its data and stopped here; its operator has been told".to_owned()
        }
        error => error.to_string(),
    }
}

impl Failure {
    /// The answer to this failure at this path.
    pub(crate) fn at(error: &UseCaseError, app: &App, path: &str, visitor: Option<&Visitor>) -> Self {
        Self::keeping(error, app, path, visitor, None)
    }

    /// The same, with what was sent kept in it for whoever must confirm first.
    pub(crate) fn keeping(
        error: &UseCaseError,
        app: &App,
        path: &str,
        visitor: Option<&Visitor>,
        kept: Option<&Kept>,
    ) -> Self {
        if let UseCaseError::Store(_) | UseCaseError::Corrupt(_) = error {
            // Neither kind holds content of a case: the store's errors name places, a fold's name events.
            tracing::error!(%error, "a request failed");
        }
        let page = (!is_api(path)).then(|| crate::web::failure_page(app, visitor, path, error, kept));
        Self { status: status(error), problem: problem(error), page }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Some(page) = self.page {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            return (self.status, [(header::CONTENT_TYPE, html)], page).into_response();
        }
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(header::CONTENT_TYPE, kind)], self.problem.to_string()).into_response()
    }
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// The answer where no route is, or not with this method: the same as where nobody may look.
pub(crate) async fn absent(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    drop(request);
    let visitor = Visitor::of(&app, &headers).await.ok();
    Failure::at(&UseCaseError::NotFound, &app, &path, visitor.as_ref()).into_response()
}
