//! Pages and JSON API over the use cases.
//!
//! A newcomer starts at [`routes`] (every address with what it is for and who may use it) and follows one handler in
//! `web` or `api`. A request passes: limits and headers (`layers`), who is asking (`visitor`), whether they may
//! (`guard`, the one call of `authorize` at this door), the handler, which parses, calls a use case and renders.
//!
//! Invariant: a route exists only through [`routes::Routes`], which asks for a [`guard::Guard`]; `clippy.toml` forbids
//! `axum::Router::route` elsewhere. Invariant: what a visitor may not see is answered exactly like what is not there.

mod api;
mod error;
mod guard;
mod inbound;
mod kept;
mod layers;
mod operations;
mod routes;
mod visitor;
mod web;

use std::{future::Future, sync::Arc};

use axum::Router;
use bastide_usecases::Desk;

pub use api::openapi;
pub use operations::{Metrics, observe};
pub use routes::route_table;

/// How the server behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether cookies are sent over TLS only; off only for `http://localhost`.
    pub secure_cookies: bool,
    /// What a demonstration shows on its first page.
    pub demo: Option<Demo>,
    /// Where requests are counted; the same for the site and for the operator's own listener.
    pub metrics: Metrics,
    /// From when on the desk says that it is not ready.
    pub limits: bastide_usecases::Limits,
}

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
}

impl App {
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
    let app = App { inner: Arc::new(AppInner { desk, options }) };
    let mut routes = routes::Routes::new(app.clone());
    web::add(&mut routes);
    api::add(&mut routes);
    layers::around(routes.finish(), &app)
}

/// Serves the site until `shutdown` is done; requests under way are finished.
pub async fn serve(
    listener: tokio::net::TcpListener,
    desk: Desk,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(desk, options)).with_graceful_shutdown(shutdown).await
}
