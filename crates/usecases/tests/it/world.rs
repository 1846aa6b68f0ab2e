//! A desk with typed users on either engine, a clock that the story moves, and short ways to say what happens.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use bastide_authz::{Actor, Role, Scope};
use bastide_desk::{
    case::Channel,
    lint::{Answers, Credit, ReportDraft, TestedVersion},
};
use bastide_model::{
    id::{CaseId, PersonId},
    party::{Identity, ProjectName},
    time::{Clock as _, Instant, Span},
};
use bastide_store::{Config, KeySource, Location, Store};
use bastide_usecases::{
    CaseView, Desk, Done, NewPerson, ProjectSetup, ReportSubmission, Secret, SeededEntropy, Settings,
    SignInPolicy, SimulatedClock, Submitted, UseCaseError,
    step::{Step, StepKind},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Somebody in a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Coordinates jupyterlab.
    Coordinator,
    /// Coordinates jupyterlab, too.
    SecondCoordinator,
    /// Has no role but those of a case.
    Developer,
    /// Another one.
    SecondDeveloper,
    /// Deploys what others develop; no role but those of a case.
    Operator,
    /// Coordinates cpython.
    OtherCoordinator,
    /// Coordinates scipy.
    ScipyCoordinator,
    /// Keeps jupyterlab's policy.
    ProjectAdmin,
    /// Runs the desk.
    ProgrammeAdmin,
    /// Runs the desk, too.
    SecondAdmin,
    /// Reads for a purpose.
    Auditor,
    /// Receives matters of conduct.
    ConductTeam,
    /// Signed in, without any role.
    Stranger,
}

impl Who {
    pub(crate) const ALL: [Self; 13] = [
        Self::Coordinator,
        Self::SecondCoordinator,
        Self::Developer,
        Self::SecondDeveloper,
        Self::Operator,
        Self::OtherCoordinator,
        Self::ScipyCoordinator,
        Self::ProjectAdmin,
        Self::ProgrammeAdmin,
        Self::SecondAdmin,
        Self::Auditor,
        Self::ConductTeam,
        Self::Stranger,
    ];

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The address under which mail reaches them.
    pub(crate) fn address(self) -> String {
        format!("{}@people.example.org", self.name())
    }

    fn grant(self) -> Option<(Role, Scope)> {
        let at = |name: &str| Scope::Project(project(name));
        Some(match self {
            Self::Coordinator | Self::SecondCoordinator => (Role::Coordinator, at("jupyterlab")),
            Self::OtherCoordinator => (Role::Coordinator, at("cpython")),
            Self::ScipyCoordinator => (Role::Coordinator, at("scipy")),
            Self::ProjectAdmin => (Role::ProjectAdmin, at("jupyterlab")),
            Self::ProgrammeAdmin | Self::SecondAdmin => (Role::ProgrammeAdmin, Scope::Programme),
            Self::Auditor => (Role::Auditor, Scope::Programme),
            Self::ConductTeam => (Role::ConductTeam, Scope::Programme),
            _ => return None,
        })
    }
}

/// A place for a desk, on one engine.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
    pub(crate) config: Config,
}

impl Place {
    fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: directory.path().join("data") };
        Self::at(directory, location)
    }

    fn postgres() -> Option<Self> {
        let url = bastide_testkit::postgres::database()?;
        Some(Self::at(tempfile::tempdir().unwrap(), Location::Postgres { url }))
    }

    fn at(directory: TempDir, location: Location) -> Self {
        let keys = KeySource::Directory(directory.path().join("keys"));
        Self { config: Config { location, keys, origin: "desk.example.org".to_owned() }, directory }
    }
}

/// A desk with people and projects.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) place: Place,
    people: BTreeMap<Who, (PersonId, Secret)>,
}

pub(crate) fn project(name: &str) -> ProjectName {
    name.parse().unwrap()
}

/// A fresh idempotency key.
pub(crate) fn request_key() -> bastide_usecases::RequestKey {
    static KEYS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = KEYS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("key-of-a-story-{number:010}").parse().unwrap()
}

pub(crate) fn start() -> Instant {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

/// Runs a story on SQLite and, where it is installed, on PostgreSQL.
pub(crate) fn on_both_engines<F: Future<Output = ()>>(story: impl Fn(World) -> F) {
    on_sqlite(&story);
    if let Some(place) = Place::postgres() {
        let runtime = runtime();
        runtime.block_on(async { story(World::new(place).await).await });
    }
}

/// Runs a story that is about SQLite's files, or whose second engine would prove nothing more.
pub(crate) fn on_sqlite<F: Future<Output = ()>>(story: impl Fn(World) -> F) {
    let runtime = runtime();
    runtime.block_on(async { story(World::new(Place::sqlite()).await).await });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

impl World {
    async fn new(place: Place) -> Self {
        let store = Store::open(place.config.clone(), start()).await.unwrap();
        let clock = Arc::new(SimulatedClock::at(start()));
        let settings = Settings {
            programme: "Example programme".to_owned(),
            public_url: "https://desk.example.org".to_owned(),
            sign_in: SignInPolicy::without_passkeys(),
        };
        let entropy = Arc::new(SeededEntropy::new("a story"));
        let desk = Desk::new(store, Arc::<SimulatedClock>::clone(&clock), entropy, settings);
        for (name, title, policy, supports, product) in [
            ("jupyterlab", "JupyterLab", "jupyter", Some("jupyter"), Some("jupyterlab")),
            ("notebook", "Jupyter Notebook", "jupyter", Some("jupyter"), Some("notebook")),
            ("cpython", "CPython", "cpython", Some("cpython"), Some("python")),
            ("scipy", "SciPy", "scipy", Some("scipy"), Some("scipy")),
        ] {
            let setup = ProjectSetup::builtin(project(name), title, policy, supports, product).unwrap();
            desk.set_up_project(setup).await.unwrap();
        }
        let mut people = BTreeMap::new();
        for who in Who::ALL {
            let identities = vec![Identity::Mail { address: who.address() }];
            let id = desk.add_person(NewPerson { name: who.name(), identities }).await.unwrap();
            if let Some((role, scope)) = who.grant() {
                desk.grant(id, role, scope, None).await.unwrap();
            }
            let token = desk.issue_token(id, Span::days(3650), true).await.unwrap();
            people.insert(who, (id, token));
        }
        Self { desk, clock, place, people }
    }

    pub(crate) fn id(&self, who: Who) -> PersonId {
        self.people[&who].0
    }

    pub(crate) fn token(&self, who: Who) -> &Secret {
        &self.people[&who].1
    }

    /// The person as `authorize` sees them now, through their token.
    pub(crate) async fn actor(&self, who: Who) -> Actor {
        self.desk.signed_in(self.token(who)).await.unwrap().actor
    }

    pub(crate) async fn reporter(&self, link: &str) -> Actor {
        self.desk.reporter_by_link(&Secret::given(link)).await.unwrap().0
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn days_pass(&self, days: i64) {
        self.clock.pass(Span::days(days));
    }

    /// An anonymous report to a project.
    pub(crate) async fn report(&self, project: &str, draft: ReportDraft) -> Submitted {
        self.desk.submit_report(&Actor::anonymous(), submission(project, draft), None).await.unwrap()
    }

    /// A report of somebody who is signed in.
    pub(crate) async fn report_by(&self, who: Who, project: &str) -> Submitted {
        let actor = self.actor(who).await;
        self.desk.submit_report(&actor, submission(project, good_report()), None).await.unwrap()
    }

    /// A step by name, as a door would send it.
    pub(crate) async fn try_step(
        &self,
        who: Who,
        case: CaseId,
        name: &str,
        fields: Value,
    ) -> Result<Done, UseCaseError> {
        self.desk.act(&self.actor(who).await, case, &step(name, fields), None).await
    }

    /// A step that must be accepted; gives the names of its events.
    pub(crate) async fn does(&self, who: Who, case: CaseId, name: &str, fields: Value) -> Done {
        match self.try_step(who, case, name, fields).await {
            Ok(done) => done,
            Err(error) => panic!("{who:?} {name}: {error}"),
        }
    }

    /// A step that the process must refuse; gives the rule that it cites.
    pub(crate) async fn refused(&self, who: Who, case: CaseId, name: &str, fields: Value) -> String {
        match self.try_step(who, case, name, fields).await {
            Err(UseCaseError::Refused(refusal)) => refusal.rule.into_owned(),
            other => panic!("{who:?} {name} was to be refused: {other:?}"),
        }
    }

    pub(crate) async fn view(&self, who: Who, case: CaseId) -> CaseView {
        let actor = self.actor(who).await;
        if who == Who::Auditor {
            let purpose = "A look at how the story goes on.";
            self.desk.state_purpose(&actor, case, purpose, &request_key()).await.unwrap();
        }
        self.desk.case_view(&actor, case).await.unwrap()
    }

    /// Invites somebody, who agrees.
    pub(crate) async fn joins(&self, who: Who, case: CaseId, seat: &str) {
        let coordinator = if self.view_opens(Who::Coordinator, case).await {
            Who::Coordinator
        } else {
            Who::OtherCoordinator
        };
        let person = self.id(who).to_string();
        self.does(coordinator, case, "invite", json!({ "person": person, "seat": seat })).await;
        self.does(who, case, "answer-invitation", json!({ "accept": true })).await;
    }

    async fn view_opens(&self, who: Who, case: CaseId) -> bool {
        self.desk.case_view(&self.actor(who).await, case).await.is_ok()
    }

    /// A case of jupyterlab that was accepted, with two developers on board; gives the case and the reporter's link.
    pub(crate) async fn accepted(&self) -> (CaseId, String) {
        let report = self.report("jupyterlab", good_report()).await;
        let case = report.case;
        self.does(Who::Coordinator, case, "acknowledge", json!({ "text": "Thank you, we look." })).await;
        let verdict = json!({
            "outcome": "vulnerability",
            "clause": "untrusted-notebook",
            "reasoning": "Opening the document is enough.",
        });
        self.does(Who::Coordinator, case, "triage", verdict).await;
        self.does(Who::Coordinator, case, "accept", json!({})).await;
        self.joins(Who::Developer, case, "developer").await;
        self.joins(Who::SecondDeveloper, case, "developer").await;
        (case, report.link)
    }

    /// Plays on until the fix is agreed and the number reserved.
    pub(crate) async fn fix_agreed(&self, case: CaseId) {
        let seen = json!({ "result": "confirmed", "note": "It runs." });
        self.does(Who::Developer, case, "replicate", seen).await;
        self.does(Who::Developer, case, "cve-request", json!({})).await;
        self.does(Who::Coordinator, case, "cve-reserve", json!({ "number": "CVE-2026-12345" })).await;
        let fork = json!({ "reference": "https://forge.example.org/private/1" });
        self.does(Who::Developer, case, "fix-start", fork).await;
        self.does(Who::Developer, case, "fix-agree", json!({})).await;
    }

    /// Plays on until both roles agreed to dates: release in 2 days, announcement in 9.
    pub(crate) async fn dated(&self, case: CaseId) {
        let at = |days| (self.now() + Span::days(days)).to_string();
        let dates = json!({ "release": at(2), "announcement": at(9) });
        self.does(Who::Coordinator, case, "propose-dates", dates).await;
        self.does(Who::Developer, case, "confirm-dates", json!({})).await;
    }

    /// Somebody writes a draft, submits it, and somebody else approves what they read.
    pub(crate) async fn drafted_and_approved(&self, case: CaseId, record: Value) {
        self.approved(case, json!({ "record": record })).await;
    }

    /// The same with every field of the draft's step.
    pub(crate) async fn approved(&self, case: CaseId, draft: Value) {
        self.does(Who::Coordinator, case, "draft-advisory", draft).await;
        self.does(Who::Coordinator, case, "submit-for-review", json!({})).await;
        let digest = self.view(Who::Developer, case).await.case.advisory.digest.unwrap();
        self.does(Who::Developer, case, "approve", json!({ "digest": digest })).await;
    }

    /// A case of jupyterlab played until the clock has published its advisory; gives case, link and public id.
    pub(crate) async fn published(&self) -> (CaseId, String, String) {
        let (case, link) = self.accepted().await;
        self.fix_agreed(case).await;
        self.drafted_and_approved(case, advisory()).await;
        self.dated(case).await;
        self.days_pass(9);
        assert_eq!(self.desk.tick().await.unwrap(), 1);
        let published = self.desk.public_advisories(None, 1000).await.unwrap();
        (case, link, published[0].record.id.clone())
    }

    /// Everything in the store is sound.
    pub(crate) async fn sound(&self) {
        let report = self.desk.store().verify().await.unwrap();
        assert!(report.is_sound(), "{:?}", report.problems);
    }

    /// Where the database, the keys and a test's own files lie.
    pub(crate) fn files(&self) -> PathBuf {
        self.place.directory.path().to_owned()
    }

    pub(crate) async fn end(self) {
        self.desk.store().close().await;
    }
}

/// A step as a door reads it.
pub(crate) fn step(name: &str, fields: Value) -> Step {
    let Value::Object(fields) = fields else { panic!("the fields of a step are an object") };
    StepKind::find(name).unwrap_or_else(|| panic!("no step {name}")).read(&fields).unwrap()
}

/// A report as the form sends it.
pub(crate) fn submission(to: &str, draft: ReportDraft) -> ReportSubmission {
    ReportSubmission {
        project: project(to),
        raw: draft.body.clone().into_bytes(),
        draft,
        channel: Channel::Form,
        origin: None,
        embargo_end: None,
    }
}

/// A report that no built-in policy holds.
pub(crate) fn good_report() -> ReportDraft {
    let some = |text: &str| Some(text.to_owned());
    ReportDraft {
        title: "Opening a prepared document runs a script".to_owned(),
        body: "A prepared document runs a script when it is opened, before anybody trusts it.\n\
               So its author acts as the reader and reads their files."
            .to_owned(),
        answers: Answers {
            threat_model: some("An untrusted document runs code when it is merely opened."),
            cites: some("untrusted-notebook"),
            real_world: some("People open documents that they were sent."),
            realistic: Some(true),
            launch_conditions: Some(false),
            availability: Some(false),
            fixed_on_main: Some(false),
            experimental: Some(false),
            platform_dependent: Some(false),
            verified: true,
            attack_vector: some("The author of the document sends it to a reader, who opens it."),
            freely_executes: Some(false),
            ..Answers::default()
        },
        tested_versions: vec![TestedVersion { version: "4.2.4".to_owned(), vulnerable: true }],
        proof_of_concept: some("import sys; sys.exit(1 if vulnerable() else 0)"),
        patch: some("see the two lines in the sanitizer"),
        credit: Some(Credit { name: "Reporter A".to_owned(), consent: true, link: None }),
        ..ReportDraft::default()
    }
}

/// A draft advisory as a door sends it: OSV without an id.
pub(crate) fn advisory() -> Value {
    json!({
        "schema_version": "1.7.5",
        "aliases": ["CVE-2026-12345"],
        "summary": "Opening a prepared document runs a script",
        "details": "A prepared document runs a script when it is opened. Update to 4.2.5.",
        "affected": [{
            "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
            "ranges": [{
                "type": "ECOSYSTEM",
                "events": [{ "introduced": "0" }, { "fixed": "4.2.5" }],
            }],
        }],
        "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L" }],
    })
}
