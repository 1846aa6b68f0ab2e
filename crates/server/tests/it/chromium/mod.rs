//! The site in a real browser: the walks of each role, accessibility, and texts that try to run.
//!
//! The desk runs in this process under a simulated clock and is served on a free port; one person sits at Chromium, the
//! others do their steps over the API. Where Chromium is not installed these tests say so and skip.

mod administrator;
mod approver;
mod coordinator;
mod corpus;
mod developer;
mod pages;
mod reader;
mod reporter;
mod subscriber;

use std::path::Path;

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_model::{
    id::PersonId,
    time::{Clock as _, Span},
};
use bastide_server::Options;
use bastide_testkit::{
    chromium::{Chromium, Sight},
    judge::axe,
};
use bastide_usecases::{NewPerson, SignInPolicy};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use crate::site::Site;

/// A desk that is served to browsers.
pub(crate) struct Served {
    pub(crate) site: Site,
    /// Where, without a slash at the end.
    pub(crate) origin: String,
    /// axe-core; nothing where it is not installed.
    axe: Option<String>,
    _server: JoinSet<()>,
}

impl Served {
    /// A served desk that calls itself by this address; by its own, when none is given.
    pub(crate) async fn open(public_url: Option<&str>) -> Self {
        Self::open_with(public_url, SignInPolicy::without_passkeys()).await
    }

    /// Such a desk under a policy of signing in.
    pub(crate) async fn open_with(public_url: Option<&str>, sign_in: SignInPolicy) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let site = Site::made(public_url.unwrap_or(&origin), sign_in).await;
        let mut server = JoinSet::new();
        let served =
            bastide_server::serve(listener, site.desk.clone(), Options::default(), std::future::pending());
        server.spawn(async move { served.await.unwrap() });
        let axe = axe::script(Path::new(env!("CARGO_TARGET_TMPDIR")));
        Self { site, origin, axe, _server: server }
    }

    /// Somebody's browser; nothing where none is installed.
    pub(crate) async fn browser(&self, script: bool) -> Option<Chromium> {
        Chromium::open(&self.origin, script).await
    }

    /// Signs a browser in by a link, as its owner does: opened, then confirmed by its button.
    pub(crate) async fn sign_in(&self, browser: &Chromium, person: PersonId) {
        let link = self.site.desk.issue_sign_in_link(person).await.unwrap();
        browser.go(&format!("/sign-in/{}", link.reveal())).await;
        browser.send("do-sign-in").await;
    }

    /// Somebody who runs the programme.
    pub(crate) async fn administrator(&self) -> PersonId {
        let person = NewPerson { name: "administrator-a".to_owned(), identities: Vec::new() };
        let id = self.site.desk.add_person(person).await.unwrap();
        self.site.desk.grant(id, Role::ProgrammeAdmin, Scope::Programme, None).await.unwrap();
        id
    }

    /// Says that the page shown is sound: nothing for the judge of accessibility to find, no wider than its window, and
    /// nothing for the browser to complain about.
    pub(crate) async fn must_be_sound(&self, browser: &Chromium) {
        let faults = self.faults(browser, Sight::All).await;
        assert!(faults.is_empty(), "{}: {faults:#?}", browser.place().await);
    }

    /// What is wrong with the page shown.
    pub(crate) async fn faults(&self, browser: &Chromium, sight: Sight) -> Vec<String> {
        let mut faults = browser.grievances().await;
        // The judge is a script: it judges the same page in a browser that runs scripts.
        if let Some(axe) = self.axe.as_ref().filter(|_| browser.runs_script()) {
            faults.extend(browser.judged(axe, sight).await.iter().map(ToString::to_string));
        }
        let overhang = browser.overhang().await;
        if overhang > 0 {
            faults.push(format!("the page is {overhang} pixels wider than its window"));
        }
        faults
    }

    /// Somebody does a step of a case over the API.
    pub(crate) async fn step(
        &self,
        who: &(PersonId, String),
        case: &str,
        name: &str,
        fields: Value,
    ) -> Value {
        let address = format!("/api/v1/cases/{case}/steps/{name}");
        let done = self.site.post(&address, Some(&who.1), fields).await;
        assert_eq!(done.status, StatusCode::OK, "{name}: {}", done.text);
        done.json()
    }

    /// The report of the examples, sent over the API; gives the case and the secret of its reporter's link.
    pub(crate) async fn reported(&self) -> (String, String) {
        let sent = self.site.post("/api/v1/projects/jupyterlab/reports", None, crate::api::report()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
        let sent = sent.json();
        let text = |name: &str| sent[name].as_str().unwrap_or_else(|| panic!("{sent}")).to_owned();
        (text("case"), text("link"))
    }

    /// The one case of the desk.
    pub(crate) async fn case(&self) -> String {
        let inbox = self.site.get("/api/v1/inbox", Some(&self.site.coordinator.1)).await.json();
        inbox[0]["case"].as_str().unwrap_or_else(|| panic!("{inbox}")).to_owned()
    }

    /// The coordinator takes a case, answers, accepts it and invites the developer and one to test.
    pub(crate) async fn accepted(&self, case: &str) {
        self.step(&self.site.coordinator, case, "take", json!({})).await;
        self.judged(case).await;
    }

    /// The coordinator of a case answers, accepts it and invites the developer and one to test.
    pub(crate) async fn judged(&self, case: &str) {
        let coordinator = &self.site.coordinator;
        let answer = json!({ "text": "Thank you, we look into it." });
        self.step(coordinator, case, "acknowledge", answer).await;
        let verdict = json!({
            "outcome": "vulnerability",
            "clause": "untrusted-notebook",
            "reasoning": "A notebook runs a command without being trusted.",
        });
        self.step(coordinator, case, "triage", verdict).await;
        self.step(coordinator, case, "accept", json!({})).await;
        for person in [self.site.developer.0, self.site.stranger.0] {
            let invitation = json!({ "person": person, "seat": "developer" });
            self.step(coordinator, case, "invite", invitation).await;
        }
    }

    /// The invited ones agree, mend it, and everything is ready for its dates.
    pub(crate) async fn mended(&self, case: &str, number: &str) {
        let (coordinator, developer, tester) =
            (&self.site.coordinator, &self.site.developer, &self.site.stranger);
        self.step(developer, case, "answer-invitation", json!({ "accept": true })).await;
        self.step(tester, case, "answer-invitation", json!({ "accept": true })).await;
        let seen = json!({ "result": "confirmed", "note": "Seen in 4.2.4." });
        self.step(developer, case, "replicate", seen).await;
        self.step(developer, case, "fix-start", json!({ "reference": "private fork 1" })).await;
        self.step(developer, case, "cve-request", json!({})).await;
        self.step(coordinator, case, "cve-reserve", json!({ "number": number })).await;
        self.step(developer, case, "fix-agree", json!({})).await;
        let told = json!({ "notice": "cve-number", "text": format!("It is {number}.") });
        self.step(coordinator, case, "notify", told).await;
        self.dated(case).await;
        self.step(tester, case, "fix-test", json!({ "note": "All tests pass here." })).await;
    }

    /// The coordinator proposes dates.
    pub(crate) async fn proposed(&self, case: &str) {
        let now = self.site.clock.now();
        let (release, announcement) = ((now + Span::days(2)).to_string(), (now + Span::days(9)).to_string());
        let dates = json!({ "release": release, "announcement": announcement });
        self.step(&self.site.coordinator, case, "propose-dates", dates).await;
    }

    /// The coordinator proposes dates and the developer agrees.
    pub(crate) async fn dated(&self, case: &str) {
        self.proposed(case).await;
        self.step(&self.site.developer, case, "confirm-dates", json!({})).await;
        let post = json!({ "text": "A security release follows, and its announcement a week later." });
        self.step(&self.site.coordinator, case, "post-notice", post).await;
    }

    /// The coordinator writes the advisory and asks for its review.
    pub(crate) async fn drafted(&self, case: &str, number: &str) {
        let record = json!({
            "schema_version": "1.7.5",
            "summary": "JupyterLab runs commands of notebooks that nobody trusted",
            "details": "A notebook can hold a cell that is run when it is opened.\n\nVersions before 4.2.5 are affected.",
            "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L" }],
            "affected": [{
                "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
                "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "4.0.0" }, { "fixed": "4.2.5" }] }],
            }],
            "aliases": [number],
            "credits": [{ "name": "reporter-a", "type": "FINDER" }],
        });
        self.step(&self.site.coordinator, case, "draft-advisory", json!({ "record": record })).await;
        self.step(&self.site.coordinator, case, "submit-for-review", json!({})).await;
    }

    /// Somebody approves the newest draft.
    pub(crate) async fn approved(&self, who: &(PersonId, String), case: &str) {
        let shown = self.site.get(&format!("/api/v1/cases/{case}"), Some(&who.1)).await.json();
        let drafted = shown["history"].as_array().unwrap().iter().rev();
        let mut digests = drafted.filter_map(|entry| entry["event"]["digest"].as_str());
        let digest = digests.next().expect("the draft's digest is in its event").to_owned();
        self.step(who, case, "approve", json!({ "digest": digest })).await;
    }

    /// Time passes: the fix is merged and released on its day, the advisory published on its own, the case closed.
    pub(crate) async fn closed(&self, case: &str) {
        let (coordinator, developer) = (&self.site.coordinator, &self.site.developer);
        self.site.clock.pass(Span::days(2));
        self.step(developer, case, "fix-merge", json!({ "reference": "pull request 7" })).await;
        self.step(developer, case, "fix-release", json!({ "version": "4.2.5" })).await;
        self.site.clock.pass(Span::days(7));
        self.site.desk.tick().await.unwrap();
        self.step(coordinator, case, "cve-published", json!({})).await;
        let told =
            json!({ "notice": "releases", "text": "It is out. Thank you for your patience and care." });
        self.step(coordinator, case, "notify", told).await;
        self.step(coordinator, case, "close", json!({})).await;
    }
}
