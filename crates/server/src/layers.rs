//! What stands around every route: limits, headers, refusal of forged requests, no panic that takes the server down.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};

use crate::App;

/// No request's body is longer, in bytes: a report with its attachments, base64 and all.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

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
    let inside = routes
        .layer(middleware::from_fn(says_where_it_comes_from))
        .layer(csrf)
        .layer(middleware::from_fn_with_state(app.clone(), is_meant_for_us))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            app.options().floods.request_time(),
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.clone(), crate::limits::stand))
        .layer(middleware::from_fn_with_state(app.options().secure_cookies, headers))
        .layer(middleware::from_fn_with_state(app.options().metrics.clone(), crate::operations::count));
    // Which methods an address takes is added outside of the layers above.
    Router::new().fallback_service(inside).layer(middleware::map_response(names_no_methods))
}

/// Takes away which methods an address would take where nothing is to be seen: that would say that it is one.
async fn names_no_methods(mut response: Response) -> Response {
    if response.status() == StatusCode::NOT_FOUND {
        response.headers_mut().remove(header::ALLOW);
    }
    response
}

/// Whether a request with this method may change something.
pub(crate) fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Refuses a form, or a call that a cookie speaks for, of which the browser does not say where it was begun: every browser
/// since 2020 does. Programs call the API with a token or link in a header of its own, mail programs end a subscription by its
/// secret address, and scanners ask the OSV service, which changes nothing: they have nothing to say.
async fn says_where_it_comes_from(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let says = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    let path = request.uri().path();
    // Whoever knows the address in a mail may end what it came from, wherever they are (RFC 8058).
    let unsubscribes = path.starts_with("/unsubscribe/");
    let for_programs = path.starts_with("/api/") || unsubscribes || crate::limits::is_osv(path);
    let program = for_programs && !headers.contains_key(header::COOKIE);
    if says || program || !changes(request.method()) {
        return next.run(request).await;
    }
    (
        StatusCode::FORBIDDEN,
        "Nothing was changed. Your browser does not say which site this form was on, so it could have been anybody's. \
         Use a browser of the last years, the API, or mail.\n",
    )
        .into_response()
}

/// Refuses what would change something under a name that is not the desk's: a page elsewhere that made its own name lead
/// here would be of the same origin with itself. The machine itself may call the desk by its loopback names.
async fn is_meant_for_us(State(app): State<App>, request: Request, next: Next) -> Response {
    if !changes(request.method()) || request.extensions().get::<crate::Peer>().is_none() {
        return next.run(request).await;
    }
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = request.uri().authority().map_or(host, axum::http::uri::Authority::as_str);
    if is_ours(host, &app.desk().settings().public_url) {
        return next.run(request).await;
    }
    (
        StatusCode::MISDIRECTED_REQUEST,
        "Nothing was changed: the desk does not go by the name that this request asks for. Use its public address; \
         a reverse proxy passes the Host header on, or names the desk by a loopback address.\n",
    )
        .into_response()
}

/// Whether a `Host` is the public address's or a loopback name.
fn is_ours(host: &str, public_url: &str) -> bool {
    let public = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let public = public.split('/').next().unwrap_or_default();
    if host.eq_ignore_ascii_case(public) {
        return true;
    }
    let Ok(authority) = host.parse::<axum::http::uri::Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
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

async fn headers(State(secure): State<bool>, request: Request, next: Next) -> Response {
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
