//! The operator's own listener: health in full and metrics, without a sign-in. It belongs on the loopback address.

use std::future::Future;

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_usecases::{Check, Desk, Limits};

use super::metrics::{MEDIA_TYPE, Metrics};

/// Answers `/metrics`, `/health/live` and `/health/ready` until `shutdown` is done.
pub async fn observe(
    listener: tokio::net::TcpListener,
    desk: Desk,
    metrics: Metrics,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service: Router = Router::new().fallback(answer).with_state((desk, metrics, limits));
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await
}

async fn answer(
    State((desk, metrics, limits)): State<(Desk, Metrics, Limits)>,
    request: Request,
) -> Response {
    if request.method() != Method::GET {
        return StatusCode::NOT_FOUND.into_response();
    }
    match request.uri().path() {
        "/health/live" => live(),
        "/health/ready" => checks(&desk.ready_in_full(&limits).await),
        "/metrics" => match desk.measured_here().await.map(|measured| metrics.render(&measured)) {
            Ok(Ok(text)) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response(),
            Ok(Err(_)) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The process is there.
pub(crate) fn live() -> Response {
    (StatusCode::OK, "live\n").into_response()
}

/// Whether everything is in order, line by line.
pub(crate) fn checks(checks: &[Check]) -> Response {
    let good = checks.iter().all(|check| check.good);
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |good: bool| if good { "in order" } else { "not in order" };
    let mut text = String::new();
    for check in checks {
        text.extend([check.name, ": ", word(check.good), "\n"]);
    }
    (status, text).into_response()
}
