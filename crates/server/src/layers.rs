//! What stands around every route: limits, headers, refusal of forged requests, no panic that takes the server down.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};

use crate::App;

/// No request's body is longer, in bytes: a report with its attachments, base64 and all.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// No request takes longer.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The content security policy of every page: nothing inline, nothing from elsewhere, one script of our own, and no text
/// that becomes markup or script by way of it (`require-trusted-types-for`).
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// Puts the layers around the routes.
pub(crate) fn around(routes: Router, app: &App) -> Router {
    let origin = app.desk().settings().public_url.clone();
    let csrf = CsrfLayer::new();
    // A public address that is no origin is refused at the door's start; without it the request's own host counts.
    let csrf = csrf.add_trusted_origin(&origin).unwrap_or_default();
    routes
        .layer(csrf)
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME_LIMIT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.options().secure_cookies, headers))
        .layer(middleware::from_fn_with_state(app.options().metrics.clone(), crate::operations::count))
}

/// A panic is our defect; its text could quote a request, so it is not logged.
#[allow(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn panicked(_panic: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked; the request was answered with 500");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "The desk made a mistake with this request; its operator has been told.\n",
    )
        .into_response()
}

async fn headers(
    axum::extract::State(secure): axum::extract::State<bool>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let fixed: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What is not said to be cacheable is not kept by anybody.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if secure {
        let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
    response
}
