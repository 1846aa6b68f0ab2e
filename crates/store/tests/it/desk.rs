//! A desk to test with, on either engine, and short ways to say what happens on it.

use std::path::PathBuf;

use bastide_authz::{
    Action, Actor, CaseObject, Decision, Embargoed, Member, Object, Permit, Role, Tier, authorize,
};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use bastide_store::{
    Append, Appended, Config, KeySource, Location, NewEvent, Store, StoreError, Stream, StreamBatch,
};
use serde_json::json;
use tempfile::TempDir;

/// A place for a store, on one engine.
pub(crate) struct Desk {
    pub(crate) directory: TempDir,
    pub(crate) config: Config,
}

pub(crate) fn now() -> Instant {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn case(number: u8) -> CaseId {
    CaseId::from_bytes([number; 16])
}

pub(crate) fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

impl Desk {
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: directory.path().join("data") };
        Self::at(directory, location)
    }

    pub(crate) fn postgres() -> Option<Self> {
        let url = bastide_testkit::postgres::database()?;
        Some(Self::at(tempfile::tempdir().unwrap(), Location::Postgres { url }))
    }

    fn at(directory: TempDir, location: Location) -> Self {
        let keys = KeySource::Directory(directory.path().join("keys"));
        Self { config: Config { location, keys, origin: "desk.example.org".to_owned() }, directory }
    }

    pub(crate) async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub(crate) async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(self.config.clone(), now()).await
    }

    /// The SQLite database file.
    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("data/bastide.db")
    }
}

/// Runs a scenario on SQLite and, where it is installed, on PostgreSQL.
pub(crate) fn on_both_engines<F: Future<Output = ()>>(scenario: impl Fn(Desk) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(scenario(Desk::sqlite()));
    if let Some(desk) = Desk::postgres() {
        runtime.block_on(scenario(desk));
    }
}

/// Runs a scenario that is about SQLite's files.
pub(crate) fn on_sqlite<F: Future<Output = ()>>(scenario: impl Fn(Desk) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(scenario(Desk::sqlite()));
}

pub(crate) fn event(kind: &str, body: Option<Embargoed<Vec<u8>>>) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        at: now(),
        actor: Some(person(9)),
        header: json!({"kind": kind, "n": 1}),
        body,
    }
}

pub(crate) fn secret(number: u8, text: &str) -> Embargoed<Vec<u8>> {
    Embargoed::new(case(number), Tier::TeamAndReporter, text.as_bytes().to_vec())
}

/// One event with a sealed body, as number `expected + 1` of a case.
pub(crate) fn report(number: u8, expected: u64, text: &str) -> Append {
    Append {
        batches: vec![StreamBatch {
            stream: Stream::case(case(number)),
            expected,
            events: vec![event("message-sent", Some(secret(number, text)))],
        }],
        ..Append::at(now())
    }
}

pub(crate) fn stored(appended: Appended) -> Vec<u64> {
    match appended {
        Appended::Stored(positions) => positions.into_iter().map(|position| position.log_index).collect(),
        Appended::Replayed(_) => panic!("stored, not replayed"),
    }
}

/// What a developer of the case may open.
pub(crate) fn team_permit(number: u8) -> Permit {
    let object = CaseObject {
        case: case(number),
        projects: vec![],
        members: vec![Member { person: person(1), roles: [Role::Developer].into(), consented: true }],
        disclosure_overdue: false,
    };
    let actor = Actor { person: Some(person(1)), ..Actor::anonymous() };
    match authorize(&actor, Action::ReadCase, Object::Case(&object), now()) {
        Decision::Allow(permit) => permit,
        other => panic!("a consenting developer may read the case: {other:?}"),
    }
}

/// Runs one statement past the store, as somebody with a SQL prompt would; the engine's refusal as text.
pub(crate) async fn raw(config: &Config, statement: &str) -> Result<(), String> {
    use sqlx::Connection as _;
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    match &config.location {
        Location::Sqlite { directory } => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(directory.join("bastide.db"));
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            let done = sqlx::raw_sql(statement).execute(&mut connection).await;
            connection.close().await.unwrap();
            done.map(|_| ()).map_err(|error| error.to_string())
        }
        Location::Postgres { url } => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            let done = sqlx::raw_sql(statement).execute(&mut connection).await;
            connection.close().await.unwrap();
            done.map(|_| ()).map_err(|error| error.to_string())
        }
    }
}

/// Numbers that are the same in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
