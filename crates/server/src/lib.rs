//! Pages and JSON API over the use cases.
//!
//! A newcomer starts at [`routes`] (every address with what it is for and who may use it) and follows one handler in
//! `web` or `api`. A request passes: limits and headers (`layers`), who is asking (`visitor`), whether they may
//! (`guard`, the one call of `authorize` at this door), the handler, which parses, calls a use case and renders.
//!
//! Invariant: a route exists only through [`routes::Routes`], which asks for a [`guard::Guard`]; `clippy.toml` forbids
//! `axum::Router::route` elsewhere. Invariant: what a visitor may not see is answered exactly like what is not there.

mod api;
mod download;
mod error;
mod guard;
mod inbound;
mod kept;
mod layers;
mod limits;
mod operations;
mod routes;
mod serving;
mod visitor;
mod web;

use std::{net::IpAddr, sync::Arc};

use axum::Router;
use bastide_usecases::{AdvisoryService, Desk, OutsideSignIn};

pub use api::openapi;
pub use limits::{Lane, Limits, Network, Rate};
pub use operations::{Metrics, observe};
pub use routes::{RouteRow, route_table};
pub use serving::serve;

/// How the server behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether cookies are sent over TLS only; off only for `http://localhost`.
    pub secure_cookies: bool,
    /// The houses that people can sign in through.
    pub outside: OutsideSignIn,
    /// What a demonstration shows on its first page.
    pub demo: Option<Demo>,
    /// Where requests are counted; the same for the site and for the operator's own listener.
    pub metrics: Metrics,
    /// From when on the desk says that it is not ready.
    pub limits: bastide_usecases::Limits,
    /// How much may be asked, and for how long.
    pub floods: Limits,
    /// The advisories of feeds, for the OSV service; none where nothing was ever synced.
    pub feeds: Option<Arc<bastide_connect_feeds::Watch>>,
}

/// Where a request's connection comes from. The server puts it on each request that came over the network; a request
/// without it comes from this process itself and is not counted against any limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// A demonstration: what was played and whose eyes a visitor can borrow.
#[derive(Debug, Clone, Default)]
pub struct Demo {
    /// The public address of the finished case's advisory.
    pub first: String,
    /// The roles to click into: name, role in words, what they see, address of their sign-in or status link.
    pub roles: Vec<DemoRole>,
    /// What was played: when, who, what, by which rule.
    pub played: Vec<DemoStep>,
}

/// A role of a demonstration.
#[derive(Debug, Clone)]
pub struct DemoRole {
    /// The person's name.
    pub name: String,
    /// The role in words.
    pub role: String,
    /// What they see.
    pub sees: String,
    /// How to become them: a sign-in link's secret, or a reporter's.
    pub secret: String,
    /// Whether the secret is a reporter's status link.
    pub reporter: bool,
}

/// A step that was played.
#[derive(Debug, Clone)]
pub struct DemoStep {
    /// When, by the simulated clock.
    pub at: bastide_model::time::Instant,
    /// Who.
    pub actor: String,
    /// What.
    pub what: String,
    /// The rule behind it.
    pub rule: String,
}

/// What every handler can reach.
#[derive(Debug, Clone)]
pub(crate) struct App {
    inner: Arc<AppInner>,
}

#[derive(Debug)]
struct AppInner {
    desk: Desk,
    options: Options,
    buckets: limits::Buckets,
    service: AdvisoryService,
}

impl App {
    pub(crate) fn new(desk: Desk, options: Options) -> Self {
        let buckets = limits::Buckets::new(&options.floods);
        let service = AdvisoryService::new(options.feeds.clone());
        Self { inner: Arc::new(AppInner { desk, options, buckets, service }) }
    }

    /// Who answers which advisories speak of a package.
    pub(crate) fn service(&self) -> &AdvisoryService {
        &self.inner.service
    }

    /// The buckets that every request from outside takes a token of.
    pub(crate) fn buckets(&self) -> &limits::Buckets {
        &self.inner.buckets
    }

    /// The desk.
    pub(crate) fn desk(&self) -> &Desk {
        &self.inner.desk
    }

    /// How the server behaves.
    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }
}

/// The whole site as a service.
pub fn router(desk: Desk, options: Options) -> Router {
    let app = App::new(desk, options);
    let mut routes = routes::Routes::new(app.clone());
    web::add(&mut routes);
    api::add(&mut routes);
    layers::around(routes.finish(), &app)
}
