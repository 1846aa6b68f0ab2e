//! A desk with a project and people, and a client that sends requests to its service.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use bastide_authz::{Role, Scope};
use bastide_model::{id::PersonId, time::Span};
use bastide_server::{Options, router};
use bastide_store::{Config, KeySource, Location, Store};
use bastide_usecases::{
    Desk, NewPerson, ProjectSetup, SeededEntropy, Settings, SignInPolicy, SimulatedClock,
};
use serde_json::Value;
use tower::ServiceExt as _;

/// A running site.
pub(crate) struct Site {
    pub(crate) desk: Desk,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) service: Router,
    pub(crate) coordinator: (PersonId, String),
    pub(crate) developer: (PersonId, String),
    pub(crate) stranger: (PersonId, String),
    directory: tempfile::TempDir,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

/// The desk whose data and keys lie in this directory; made where there is none. `seed` is its randomness.
pub(crate) async fn desk_in(
    directory: &std::path::Path,
    clock: &Arc<SimulatedClock>,
    public_url: &str,
    sign_in: SignInPolicy,
    seed: &str,
) -> Desk {
    let config = Config {
        location: Location::Sqlite { directory: directory.join("data") },
        keys: KeySource::Directory(directory.join("keys")),
        origin: "desk.example.org".to_owned(),
    };
    let store = Store::open(config, bastide_model::time::Clock::now(&**clock)).await.unwrap();
    let settings =
        Settings { programme: "Test programme".into(), public_url: public_url.to_owned(), sign_in };
    Desk::new(store, clock.clone(), Arc::new(SeededEntropy::new(seed)), settings)
}

impl Site {
    /// A desk under the Jupyter policy with a coordinator, a developer and somebody without role.
    pub(crate) async fn open() -> Self {
        Self::made("http://localhost:1", SignInPolicy::without_passkeys()).await
    }

    /// Such a desk under a policy of signing in.
    pub(crate) async fn open_with(sign_in: SignInPolicy) -> Self {
        Self::made("http://localhost:1", sign_in).await
    }

    /// Such a desk at this address under a policy of signing in.
    pub(crate) async fn made(public_url: &str, sign_in: SignInPolicy) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(SimulatedClock::at("2026-03-01T09:00:00Z".parse().unwrap()));
        let desk = desk_in(directory.path(), &clock, public_url, sign_in, "site").await;
        let setup = ProjectSetup::builtin(
            "jupyterlab".parse().unwrap(),
            "JupyterLab",
            "jupyter",
            Some("jupyter"),
            Some("jupyterlab"),
        );
        desk.set_up_project(setup.unwrap()).await.unwrap();
        let mut people = Vec::new();
        for name in ["coordinator-a", "developer-a", "stranger-a"] {
            let person = NewPerson { name: name.to_owned(), identities: Vec::new() };
            let id = desk.add_person(person).await.unwrap();
            let token = desk.issue_token(id, Span::days(365), true).await.unwrap();
            people.push((id, token.reveal().to_owned()));
        }
        let scope = Scope::Project("jupyterlab".parse().unwrap());
        desk.grant(people[0].0, Role::Coordinator, scope, None).await.unwrap();
        let service = router(desk.clone(), Options::default());
        let [coordinator, developer, stranger] = <[_; 3]>::try_from(people).unwrap();
        Self { desk, clock, service, coordinator, developer, stranger, directory }
    }

    /// Where the desk's data and keys lie.
    pub(crate) fn place(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// A site with the same people on another desk.
    pub(crate) fn with(
        &self,
        desk: Desk,
        clock: Arc<SimulatedClock>,
        service: Router,
        directory: tempfile::TempDir,
    ) -> Self {
        let (coordinator, developer, stranger) =
            (self.coordinator.clone(), self.developer.clone(), self.stranger.clone());
        Self { desk, clock, service, coordinator, developer, stranger, directory }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.service.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Answer {
        static KEYS: AtomicU64 = AtomicU64::new(0);
        let key = format!("key-of-a-test-{:010}", KEYS.fetch_add(1, Ordering::Relaxed));
        let mut request =
            Request::post(path).header("content-type", "application/json").header("idempotency-key", key);
        if !path.starts_with("/api/") {
            // What a browser says of a form on the desk's own page; without it a form is refused whoever sent it.
            request = request.header("sec-fetch-site", "same-origin");
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}
