//! Stands before everything else: takes a token, or says how long to wait and what to do instead.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bastide_model::{digest::Sha256Digest, party::ProjectName};
use serde_json::json;

use super::{
    Network, Wait,
    lane::{self, Kind},
};
use crate::{App, Peer, visitor::Visitor};

/// Bodies up to this need no room of their own.
const SHORT: u64 = 64 * 1024;

/// How long to stay away, in seconds, when everybody together asks too much.
const CROWDED: u64 = 30;

/// Who is calling, as far as it is counted; nobody where the callers cannot be told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(Option<Network>);

/// Takes a token and the room that the request needs, or refuses. Requests of this process itself (no [`Peer`]) pass.
pub(crate) async fn stand(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() else {
        return next.run(request).await;
    };
    let path = request.uri().path();
    let caller = caller(&app, peer, request.headers());
    let kind = lane::kind(request.method(), path);
    let room = match app.buckets().request(kind, caller) {
        Ok(()) => room(&app, request.headers()),
        Err(wait) => Err(wait),
    };
    let room = match room {
        Ok(room) => room,
        Err(wait) => return refused(&app, path, kind, wait),
    };
    request.extensions_mut().insert(Caller(caller));
    let answer = next.run(request).await;
    drop(room);
    answer
}

fn caller(app: &App, peer: IpAddr, headers: &HeaderMap) -> Option<Network> {
    let trusted = &app.options().floods.trusted_proxies;
    let address = lane::address(peer, headers, trusted);
    (!lane::is_crowd(address, trusted)).then(|| Network::of(address))
}

/// Room to work on the request, and for its body when that is long or of unknown length.
fn room(
    app: &App,
    headers: &HeaderMap,
) -> Result<(tokio::sync::OwnedSemaphorePermit, Option<tokio::sync::OwnedSemaphorePermit>), Wait> {
    let take = |room: &std::sync::Arc<tokio::sync::Semaphore>, count| {
        std::sync::Arc::clone(room).try_acquire_many_owned(count).map_err(|_| Wait::Crowded)
    };
    let request = take(&app.buckets().requests, 1)?;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let longest = crate::layers::BODY_LIMIT as u64;
    let length: u64 = match length {
        Some(length) => length,
        None if headers.contains_key(header::TRANSFER_ENCODING) => longest,
        None => 0,
    };
    // One that is too long is refused by its own layer, before it is read.
    if length <= SHORT || length > longest {
        return Ok((request, None));
    }
    let kibibytes = u32::try_from(length.div_ceil(1024)).unwrap_or(u32::MAX);
    Ok((request, Some(take(&app.buckets().bodies, kibibytes)?)))
}

/// Takes a token of the person or link behind a request that changes something; the answer where there is none left.
pub(crate) fn write_must_wait(app: &App, request: &Request, visitor: &Visitor) -> Option<Response> {
    if request.extensions().get::<Caller>().is_none() || !crate::layers::changes(request.method()) {
        return None;
    }
    let wait = app.buckets().write(&holder(visitor)?).err()?;
    Some(refused(app, request.uri().path(), Kind::Writing, wait))
}

/// Takes a token for a report that is about to be stored; the answer where there is none left.
pub(crate) fn report_must_wait(
    app: &App,
    caller: Option<Caller>,
    visitor: &Visitor,
    project: &ProjectName,
    path: &str,
) -> Option<Response> {
    let Caller(network) = caller?;
    let person = visitor.actor.person.map(|person| Sha256Digest::of(person.as_bytes()));
    let wait = app.buckets().report(network, person.as_ref(), project).err()?;
    Some(refused(app, path, Kind::Submitting, wait))
}

/// The person, or the link, that a request is counted for.
fn holder(visitor: &Visitor) -> Option<Sha256Digest> {
    match (visitor.actor.person, &visitor.report_link) {
        (Some(person), _) => Some(Sha256Digest::of(person.as_bytes())),
        (None, Some(link)) => Some(Sha256Digest::of(link.reveal().as_bytes())),
        (None, None) => None,
    }
}

/// The answer to whoever has to wait: how long, why, and what to do instead.
pub(crate) fn refused(app: &App, path: &str, kind: Kind, wait: Wait) -> Response {
    let (status, seconds) = match wait {
        Wait::Own(seconds) => (StatusCode::TOO_MANY_REQUESTS, seconds.clamp(1, 3600)),
        Wait::Crowded => (StatusCode::SERVICE_UNAVAILABLE, CROWDED),
    };
    let words = words(kind, wait, seconds);
    let mut response = if lane::is_osv(path) {
        let body = json!({ "code": 8, "message": format!("{} {}", words.what, words.remedies.join(" ")) });
        let kind = HeaderValue::from_static("application/json");
        (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
    } else if path.starts_with("/api/") {
        let problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("wait"),
            "status": status.as_u16(),
            "detail": format!("{} {}", words.what, words.why),
            "remedy": words.remedies.join(" "),
        });
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, kind)], problem.to_string()).into_response()
    } else {
        let page = crate::web::waiting_page(app, path, &words);
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        (status, [(header::CONTENT_TYPE, kind)], page).into_response()
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// What is said to whoever has to wait.
#[derive(Debug)]
pub(crate) struct WaitingWords {
    pub(crate) heading: &'static str,
    pub(crate) what: String,
    pub(crate) why: &'static str,
    pub(crate) remedies: Vec<String>,
}

fn words(kind: Kind, wait: Wait, seconds: u64) -> WaitingWords {
    let again = if seconds < 120 {
        format!("Wait {seconds} seconds, then do the same again.")
    } else {
        format!("Wait {} minutes, then do the same again.", seconds.div_ceil(60))
    };
    let mut remedies = vec![again];
    if matches!(kind, Kind::Submitting | Kind::Linting) {
        remedies.push(
            "If it cannot wait, write to the project by mail: its page here and its security.txt name the address."
                .to_owned(),
        );
    }
    match wait {
        Wait::Own(_) => WaitingWords {
            heading: "Too much at once",
            what: "More came from you, or from your network, than this desk takes in so short a time. Nothing was stored."
                .to_owned(),
            why: "The limit keeps the desk free for everybody; it says nothing about what you sent.",
            remedies,
        },
        Wait::Crowded => WaitingWords {
            heading: "The desk is busy",
            what: "More people ask than the desk can answer right now. Nothing was stored.".to_owned(),
            why: "It answers those who are already in, and asks everybody else to come back.",
            remedies,
        },
    }
}
