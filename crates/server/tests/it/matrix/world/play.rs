//! How the cases of the matrix come to their states.

use std::collections::BTreeSet;

use bastide_authz::Role;
use bastide_desk::{
    case::Channel,
    lint::{Answers, Credit, ReportDraft, TestedVersion},
};
use bastide_model::{
    id::{CaseId, PersonId},
    time::{Clock as _, Span},
};
use bastide_usecases::{
    ReportSubmission,
    step::{Step, StepKind},
};
use serde_json::{Value, json};

use super::{Actor, Audience, By, Canary, FOREIGN, Membership, OWN, Played, SEATS, STATES, World, project};

impl World {
    pub(super) async fn play_all(&mut self) {
        // The overdue one first: its 90 days pass before any other begins.
        let overdue = self.play("overdue").await;
        self.clock.pass(Span::days(91));
        let quiet = self.play("released-quiet").await;
        let mut own = vec![overdue, quiet];
        for state in STATES {
            if !["overdue", "released-quiet"].contains(&state) {
                own.push(self.play(state).await);
            }
        }
        own.sort_by_key(|played| STATES.iter().position(|state| *state == played.state));
        self.own = own;
        self.other = self.received(OWN, None, "received").await;
        self.foreign = self.received(FOREIGN, None, "received").await;
        let foreign = self.foreign.case.parse().unwrap();
        self.does(self.carrier.foreign, foreign, "take", json!({})).await;
        for actor in self.actors.clone() {
            if let (By::Seat(role), Membership::OtherProject) = (actor.by, actor.membership) {
                self.joins(self.carrier.foreign, foreign, actor.person.unwrap(), role, true).await;
            }
        }
        let mut foreign = self.foreign.clone();
        self.note_people(&mut foreign).await;
        self.foreign = foreign;
        let mut other = self.other.clone();
        self.note_people(&mut other).await;
        self.other = other;
        for played in &self.own {
            let case: CaseId = played.case.parse().unwrap();
            let lifecycle = self.desk.case_view(&self.actor(self.carrier.coordinator).await, case).await;
            let lifecycle = lifecycle.unwrap().lifecycle();
            let wanted = if played.state == "overdue" { "accepted-embargoed" } else { played.state };
            assert_eq!(lifecycle.as_str(), wanted, "the case was played to its state");
        }
    }

    fn canary(&mut self, field: &'static str, tier: Audience) -> Canary {
        self.count += 1;
        Canary { word: format!("canary{:05}{}x", self.count, field.replace(' ', "")), tier, field }
    }

    /// A report of jupyterlab in its first state; its canaries are in every field of it.
    async fn received(&mut self, to: &str, by: Option<PersonId>, state: &'static str) -> Played {
        let mut canaries = Vec::new();
        let mut word = |field| {
            let canary = self.canary(field, Audience::TeamAndReporter);
            canaries.push(canary.clone());
            canary.word
        };
        let mut draft = report();
        draft.title = word("title");
        draft.body = format!("{} {}", draft.body, word("body"));
        draft.contact = Some(word("contact"));
        draft.proof_of_concept = Some(word("proof of concept"));
        draft.patch = Some(word("patch"));
        draft.answers.attack_vector = Some(word("attack vector"));
        draft.credit = Some(Credit { name: word("credit"), consent: true, link: None });
        if state == "held" {
            draft.tested_versions.clear();
        }
        let actor = match by {
            Some(person) => self.actor(person).await,
            None => bastide_authz::Actor::anonymous(),
        };
        let submission = ReportSubmission {
            project: project(to),
            raw: draft.body.clone().into_bytes(),
            draft,
            channel: Channel::Form,
            origin: None,
            embargo_end: None,
        };
        let sent = self.desk.submit_report(&actor, submission, None).await.unwrap();
        Played {
            state,
            case: sent.case.to_string(),
            link: sent.link,
            seated: BTreeSet::new(),
            invited: BTreeSet::new(),
            reporter: by,
            canaries,
        }
    }

    /// Plays a case of the own project to a state, with everybody's seats.
    async fn play(&mut self, state: &'static str) -> Played {
        let account = self.actors.iter().find(|actor| actor.by == By::Account).and_then(|actor| actor.person);
        let mut played = self.received(OWN, account, state).await;
        let case: CaseId = played.case.parse().unwrap();
        let coordinator = self.carrier.coordinator;
        let stages = ["held", "received", "acknowledged", "triaging", "invalid"];
        let stage = stages.iter().position(|stage| *stage == state).unwrap_or(stages.len());
        if stage >= 1 {
            self.does(coordinator, case, "take", json!({})).await;
        }
        if stage >= 2 {
            self.does(coordinator, case, "acknowledge", json!({ "text": "Thank you." })).await;
        }
        if stage >= 3 {
            let (outcome, clause) = match state {
                "invalid" => ("upstream", "dependency"),
                _ => ("vulnerability", "untrusted-notebook"),
            };
            let verdict = json!({ "outcome": outcome, "clause": clause, "reasoning": "So it is." });
            self.does(coordinator, case, "triage", verdict).await;
        }
        if stage >= 5 {
            self.does(coordinator, case, "accept", json!({})).await;
        }
        if stage >= 1 {
            self.staff(case).await;
            self.write(&mut played, case).await;
        }
        if stage >= 5 {
            self.further(&mut played, case, state).await;
        }
        self.note_people(&mut played).await;
        played
    }

    /// Everybody with a seat, those who were asked and have not answered, and those who left.
    async fn staff(&mut self, case: CaseId) {
        let coordinator = self.carrier.coordinator;
        self.joins(coordinator, case, self.carrier.developer, Role::Developer, true).await;
        for actor in self.actors.clone() {
            let (By::Seat(role), Some(person)) = (actor.by, actor.person) else { continue };
            match actor.membership {
                Membership::Confirmed => self.joins(coordinator, case, person, role, true).await,
                Membership::Invited => self.joins(coordinator, case, person, role, false).await,
                Membership::Removed => {
                    self.joins(coordinator, case, person, role, true).await;
                    let seat = SEATS.iter().find(|seat| seat.0 == role).unwrap().1;
                    let gone = json!({ "person": person.to_string(), "seat": seat });
                    self.does(coordinator, case, "leave", gone).await;
                }
                Membership::Expired | Membership::OtherProject => {}
            }
        }
    }

    async fn joins(&self, by: PersonId, case: CaseId, person: PersonId, role: Role, agrees: bool) {
        let seat = SEATS.iter().find(|seat| seat.0 == role).unwrap().1;
        self.does(by, case, "invite", json!({ "person": person.to_string(), "seat": seat })).await;
        if agrees {
            self.does(person, case, "answer-invitation", json!({ "accept": true })).await;
        }
    }

    /// A message for each audience.
    async fn write(&mut self, played: &mut Played, case: CaseId) {
        let coordinator = self.carrier.coordinator;
        for (tier, audience) in [
            ("team-only", Audience::Team),
            ("team-and-reporter", Audience::TeamAndReporter),
            ("participants", Audience::Participants),
        ] {
            // A message that the reporter reads is an answer, after which a report is no longer only received.
            if audience != Audience::Team && played.state == "received" {
                continue;
            }
            let canary = self.canary("message", audience);
            let message = json!({ "tier": tier, "text": canary.word });
            self.does(coordinator, case, "message", message).await;
            played.canaries.push(canary);
        }
    }

    async fn further(&mut self, played: &mut Played, case: CaseId, state: &str) {
        let (coordinator, developer) = (self.carrier.coordinator, self.carrier.developer);
        let order =
            ["accepted-embargoed", "fix-agreed", "scheduled", "released-quiet", "published", "withdrawn"];
        // The overdue one stays accepted; the closed one was published.
        let stage = match state {
            "overdue" => 0,
            "closed" => 4,
            state => order.iter().position(|other| *other == state).unwrap(),
        };
        let public = stage >= 4;
        let number = format!("CVE-2026-{}", 770_000 + self.count);
        let number_canary = Canary {
            word: number.clone(),
            tier: if public { Audience::Public } else { Audience::Team },
            field: "CVE number",
        };
        let details = self.canary("advisory", if public { Audience::Public } else { Audience::Team });
        let fork = self.canary("fork", Audience::Team);
        if stage >= 1 {
            let seen = json!({ "result": "confirmed", "note": self.canary("note", Audience::Team).word });
            self.does(developer, case, "replicate", seen).await;
            self.does(developer, case, "cve-request", json!({})).await;
            self.does(coordinator, case, "cve-reserve", json!({ "number": number })).await;
            self.does(developer, case, "fix-start", json!({ "reference": fork.word })).await;
            self.does(developer, case, "fix-agree", json!({})).await;
            self.does(
                coordinator,
                case,
                "draft-advisory",
                json!({ "record": advisory(&number, &details.word) }),
            )
            .await;
            played.canaries.extend([number_canary, details.clone(), fork]);
        }
        if stage >= 2 {
            self.does(coordinator, case, "submit-for-review", json!({})).await;
            self.approve(case).await;
        }
        if (2..4).contains(&stage) {
            let at = |days| (self.clock.now() + Span::days(days)).to_string();
            let dates = json!({ "release": at(2), "announcement": at(9) });
            self.does(coordinator, case, "propose-dates", dates).await;
            self.does(developer, case, "confirm-dates", json!({})).await;
        }
        if stage == 3 {
            self.clock.pass(Span::days(2));
            self.tested(case).await;
            self.does(developer, case, "fix-merge", json!({ "reference": "merge 1" })).await;
            self.does(developer, case, "fix-release", json!({ "version": "4.2.5" })).await;
        }
        if public {
            let fact = json!({ "fact": "public", "evidence": "A post describes it." });
            self.does(coordinator, case, "public-fact", fact).await;
            let done = self.does(coordinator, case, "publish", json!({})).await;
            self.advisory = done.advisory.unwrap();
        }
        if stage == 5 {
            let gone = json!({
                "record": advisory(&number, &details.word),
                "withdraws": true,
                "change": "It was none.",
            });
            self.does(coordinator, case, "draft-advisory", gone).await;
            self.does(coordinator, case, "submit-for-review", json!({})).await;
            self.approve(case).await;
            self.does(coordinator, case, "publish", json!({})).await;
        }
        if state == "closed" {
            self.tested(case).await;
            self.does(developer, case, "fix-merge", json!({ "reference": "merge 1" })).await;
            self.does(developer, case, "fix-release", json!({ "version": "4.2.5" })).await;
            self.does(coordinator, case, "cve-published", json!({})).await;
            for notice in ["cve-number", "dates", "releases"] {
                let told = json!({ "notice": notice, "text": "It is out." });
                self.tries(coordinator, case, "notify", told).await.ok();
            }
            self.does(coordinator, case, "close", json!({})).await;
        }
    }

    /// Somebody else than the author tests the fix.
    async fn tested(&self, case: CaseId) {
        let seat = |actor: &&Actor| {
            actor.by == By::Seat(Role::Developer) && actor.membership == Membership::Confirmed
        };
        let tester = self.actors.iter().find(seat).and_then(|actor| actor.person).unwrap();
        self.does(tester, case, "fix-test", json!({ "note": "All tests pass." })).await;
    }

    async fn approve(&self, case: CaseId) {
        let actor = self.actor(self.carrier.developer).await;
        let digest = self.desk.case_view(&actor, case).await.unwrap().case.advisory.digest.unwrap();
        self.does(self.carrier.developer, case, "approve", json!({ "digest": digest })).await;
    }

    async fn tries(
        &self,
        who: PersonId,
        case: CaseId,
        name: &str,
        fields: Value,
    ) -> Result<bastide_usecases::Done, bastide_usecases::UseCaseError> {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let step: Step = StepKind::find(name).unwrap().read(&fields).unwrap();
        self.desk.act(&self.actor(who).await, case, &step, None).await
    }

    async fn does(&self, who: PersonId, case: CaseId, name: &str, fields: Value) -> bastide_usecases::Done {
        match self.tries(who, case, name, fields).await {
            Ok(done) => done,
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

fn report() -> ReportDraft {
    let some = |text: &str| Some(text.to_owned());
    ReportDraft {
        body: "A prepared document runs a script when it is opened, before anybody trusts it.".to_owned(),
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
            freely_executes: Some(false),
            ..Answers::default()
        },
        tested_versions: vec![TestedVersion { version: "4.2.4".to_owned(), vulnerable: true }],
        ..ReportDraft::default()
    }
}

fn advisory(number: &str, details: &str) -> Value {
    json!({
        "schema_version": "1.7.5",
        "aliases": [number],
        "summary": "Opening a prepared document runs a script",
        "details": format!("A prepared document runs a script when it is opened. {details}"),
        "affected": [{
            "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "4.0.0" }, { "fixed": "4.2.5" }] }],
        }],
    })
}
