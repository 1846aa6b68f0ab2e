//! The one way in which a route comes into being: with a guard.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{
    App,
    guard::{self, Guard},
};

/// The routes of the site as they are added.
pub(crate) struct Routes {
    app: App,
    router: Router<App>,
    table: Vec<RouteRow>,
}

/// One row of the table of routes: for documents and for tests of rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRow {
    /// The method.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: String,
    /// What it is about, in a word.
    pub object: &'static str,
    /// The action that `authorize` is asked about.
    pub action: bastide_authz::Action,
}

impl Routes {
    /// No routes yet.
    pub(crate) fn new(app: App) -> Self {
        Self { app, router: Router::new(), table: Vec::new() }
    }

    /// Adds a route that reads.
    pub(crate) fn get<H, T>(&mut self, path: &str, guard: Guard, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(MethodFilter::GET, Method::GET, path, guard, handler);
    }

    /// Adds a route that changes something.
    pub(crate) fn post<H, T>(&mut self, path: &str, guard: Guard, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(MethodFilter::POST, Method::POST, path, guard, handler);
    }

    #[allow(clippy::disallowed_methods, reason = "the one place that makes routes, each with its guard")]
    fn add<H, T>(&mut self, filter: MethodFilter, method: Method, path: &str, guard: Guard, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let guarded: MethodRouter<App> = on(filter, handler)
            .layer(middleware::from_fn_with_state((self.app.clone(), guard), guard::stand));
        let router = std::mem::take(&mut self.router);
        self.router = router.route(path, guarded);
        self.table.push(RouteRow {
            method,
            path: path.to_owned(),
            object: guard.object(),
            action: guard.action(),
        });
    }

    /// The service; what no route takes is answered like what nobody may see.
    pub(crate) fn finish(self) -> Router {
        self.router
            .fallback(crate::error::absent)
            .method_not_allowed_fallback(crate::error::absent)
            .with_state(self.app)
    }
}

/// Every route with its declaration, ordered by path.
pub fn route_table(desk: bastide_usecases::Desk) -> Vec<RouteRow> {
    let app = App::new(desk, crate::Options::default());
    let mut routes = Routes::new(app);
    crate::web::add(&mut routes);
    crate::api::add(&mut routes);
    let mut table = routes.table;
    table
        .sort_by(|left, right| (&left.path, left.method.as_str()).cmp(&(&right.path, right.method.as_str())));
    table
}
