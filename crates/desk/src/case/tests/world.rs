//! A case under test with typed users and a clock that the story moves.

use bastide_authz::{Action, Embargoed, Grant, Object, Role, Scope, Tier, authorize};
use bastide_model::{
    digest::Sha256Digest,
    id::{AdvisoryId, CaseId, Id, PersonId, VulnerabilityId},
    party::ProjectName,
    time::{Instant, Span},
};

use crate::{
    case::{
        Actor, Case, Channel, Cited, ClosingReason, Command, Content, DeadlineKind, Event, Intake, Lifecycle,
        Recorded, Refusal, RefusalKind, ReportContent, Seat, Terms, decide, evolve,
    },
    lint::ReportDraft,
    machine::conduct,
    policy::{Disposition, builtin},
    threat::{Outcome, Ruling},
};

/// Somebody in a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The reporter, by secret link.
    Reporter,
    /// A coordinator of the project.
    Coordinator,
    /// A second coordinator of the project.
    SecondCoordinator,
    /// A developer without any role but those of the case.
    Developer,
    /// Another one.
    SecondDeveloper,
    /// A deployer.
    Operator,
    /// Somebody signed in without any role.
    Stranger,
    /// The clock.
    Clock,
}

impl Who {
    pub(super) fn id(self) -> PersonId {
        Id::from_bytes([self as u8 + 1; 16])
    }

    fn actor(self) -> Actor {
        match self {
            Self::Reporter => Actor::ReporterLink,
            Self::Clock => Actor::Clock,
            who => Actor::Person {
                id: who.id(),
                may_coordinate: matches!(who, Self::Coordinator | Self::SecondCoordinator),
            },
        }
    }
}

/// One case and the instant.
pub(super) struct World {
    pub(super) case: Option<Case>,
    pub(super) history: Vec<(Instant, Event)>,
    pub(super) now: Instant,
    pub(super) contents: Vec<Embargoed<Content>>,
    pub(super) policy: &'static str,
    /// The process parameters of the next report, where they differ from the policy's.
    pub(super) terms: Terms,
    fresh: u64,
}

pub(super) const CASE: CaseId = Id::from_bytes([9; 16]);
pub(super) const VULNERABILITY: VulnerabilityId = Id::from_bytes([8; 16]);
pub(super) const ADVISORY: AdvisoryId = Id::from_bytes([7; 16]);

pub(super) fn project(name: &str) -> ProjectName {
    name.parse().expect("a test's project name is good")
}

pub(super) fn digest(text: &str) -> Sha256Digest {
    Sha256Digest::of(text.as_bytes())
}

impl World {
    /// An empty desk under a built-in policy, on the first of March 2026.
    pub(super) fn new(policy: &'static str) -> Self {
        let now = "2026-03-01T09:00:00Z".parse().expect("a date");
        let terms = Terms::from(&builtin(policy).expect("a built-in policy"));
        Self { case: None, history: Vec::new(), now, contents: Vec::new(), policy, terms, fresh: 0 }
    }

    pub(super) fn case(&self) -> &Case {
        self.case.as_ref().expect("the story began with a report")
    }

    pub(super) fn wait(&mut self, span: Span) -> &mut Self {
        self.now = self.now + span;
        self
    }

    /// What a fresh id would be; every call differs.
    pub(super) fn fresh<K>(&mut self) -> Id<K> {
        self.fresh += 1;
        let mut bytes = [0x80; 16];
        bytes[8..].copy_from_slice(&self.fresh.to_be_bytes());
        Id::from_bytes(bytes)
    }

    /// Tries a command without applying it.
    pub(super) fn ask(&self, who: Who, command: &Command) -> Result<Vec<Recorded>, Refusal> {
        decide(self.case.as_ref(), CASE, command, who.actor(), self.now)
    }

    /// Does a command that must be accepted; gives the names of its events.
    #[allow(clippy::needless_pass_by_value, reason = "stories read better with commands written in place")]
    pub(super) fn does(&mut self, who: Who, command: Command) -> Vec<String> {
        let recorded =
            self.ask(who, &command).unwrap_or_else(|refusal| panic!("{who:?} {command:?}: {refusal}"));
        self.apply(recorded)
    }

    pub(super) fn apply(&mut self, recorded: Vec<Recorded>) -> Vec<String> {
        let mut names = Vec::new();
        for Recorded { event, content } in recorded {
            self.contents.extend(content);
            names.push(event.name());
            let next = evolve(self.case.take(), CASE, self.now, &event).expect("what decide emits folds");
            self.case = Some(next);
            self.history.push((self.now, event));
        }
        names
    }

    /// Tries a command that must be refused; gives the refusal's rule.
    pub(super) fn refused(&self, who: Who, command: &Command) -> String {
        match self.ask(who, command) {
            Ok(recorded) => panic!("{who:?} {command:?} was accepted: {recorded:?}"),
            Err(refusal) => {
                assert!(!refusal.remedy.is_empty() && !refusal.what.is_empty());
                refusal.rule.into_owned()
            }
        }
    }

    /// Lets the clock fire what is due now.
    pub(super) fn tick(&mut self) -> Vec<String> {
        let command = Command::Tick { candidates: vec![Who::SecondCoordinator.id()], advisory: ADVISORY };
        self.does(Who::Clock, command)
    }

    pub(super) fn lifecycle(&self) -> Lifecycle {
        self.case().lifecycle()
    }

    pub(super) fn intake(&mut self, disposition: Disposition) -> Intake {
        let policy = builtin(self.policy).expect("a built-in policy");
        Intake {
            report: self.fresh(),
            project: project(if self.policy == "jupyter" { "jupyterlab" } else { self.policy }),
            terms: self.terms.clone(),
            policy: policy.digest(),
            threat_model: digest("threat model"),
            channel: Channel::Form,
            content: ReportContent { draft: ReportDraft::default(), raw: String::new(), origin: None },
            findings: Vec::new(),
            disposition,
            conduct: conduct::State::Clear,
            embargo_end: None,
            proposal: self.fresh(),
        }
    }

    /// The refusal's kind; the command must be refused.
    pub(super) fn kind(&self, who: Who, command: &Command) -> RefusalKind {
        self.ask(who, command).expect_err("this command is refused").kind
    }

    /// The texts for the reporter in what a command would record, as the reporter may open them.
    pub(super) fn said(&self, who: Who, command: &Command) -> Vec<String> {
        let recorded = self.ask(who, command).expect("this command is accepted");
        let contents = recorded.iter().filter_map(|recorded| recorded.content.as_ref());
        let texts = contents.filter(|content| content.tier() >= Tier::TeamAndReporter);
        texts
            .filter_map(
                #[allow(clippy::disallowed_methods, reason = "the story looks at what was written")]
                |content| match content.expose_for_sealing() {
                    Content::Text { text } => Some(text.clone()),
                    _ => None,
                },
            )
            .collect()
    }

    /// A case that was judged and closed with this outcome, and the names of the closing step's events.
    pub(super) fn judged(policy: &'static str, outcome: Outcome) -> (Self, Vec<String>) {
        let mut world = Self::new(policy);
        world.report(Who::Reporter);
        let judge = world.judge(outcome);
        let events = world.does(Who::Coordinator, judge);
        (world, events)
    }

    /// A report that the lint holds.
    pub(super) fn held(&mut self) -> Vec<String> {
        let intake = self.intake(Disposition::Hold);
        self.does(Who::Reporter, Command::Submit(Box::new(intake)))
    }

    /// How many of the case's contents of this tier somebody can open now, through the one authorisation function.
    pub(super) fn opens(&self, who: Who, tier: Tier) -> usize {
        let (person, reporter_of, action) = match who {
            Who::Reporter => (None, Some(CASE), Action::SeeOwnReport),
            who => (Some(who.id()), None, Action::ReadCase),
        };
        let coordinates = matches!(who, Who::Coordinator | Who::SecondCoordinator);
        let grants = coordinates.then(|| Grant {
            role: Role::Coordinator,
            scope: Scope::Project(self.case().project.clone()),
            from: Instant::EPOCH,
            until: None,
            confirmed: true,
        });
        let actor = bastide_authz::Actor {
            person,
            grants: grants.into_iter().collect(),
            reporter_of,
            ..bastide_authz::Actor::default()
        };
        let object = self.case().as_object(self.now);
        let Some(permit) = authorize(&actor, action, Object::Case(&object), self.now).permit() else {
            return 0;
        };
        let of_tier = self.contents.iter().filter(|content| content.tier() == tier);
        of_tier.filter(|content| content.open(&permit).is_ok()).count()
    }

    /// A report arrives whose reporter wishes for an embargo until then.
    pub(super) fn report_wishing(&mut self, end: Instant) -> Vec<String> {
        let mut intake = self.intake(Disposition::Record);
        intake.embargo_end = Some(end);
        self.does(Who::Reporter, Command::Submit(Box::new(intake)))
    }

    /// How the case ended.
    pub(super) fn ended(&self) -> Option<ClosingReason> {
        self.case().closed.map(|(_, reason)| reason)
    }

    /// When this is due, if it is.
    pub(super) fn due(&self, kind: DeadlineKind) -> Option<Instant> {
        self.case().deadlines.get(&kind).map(|deadline| deadline.due)
    }

    /// A report arrives from somebody.
    pub(super) fn report(&mut self, who: Who) -> Vec<String> {
        let intake = self.intake(Disposition::Record);
        self.does(who, Command::Submit(Box::new(intake)))
    }

    pub(super) fn acknowledge(&mut self) -> Command {
        Command::Acknowledge { text: "Thank you, we are looking.".into(), message: self.fresh() }
    }

    /// A triage with everything that its outcome must bring along.
    pub(super) fn judge(&mut self, outcome: Outcome) -> Command {
        let ruling = match outcome {
            Outcome::PublicIssue => Ruling::Bug,
            Outcome::Upstream => Ruling::Upstream,
            Outcome::Declined => Ruling::OutOfScope,
            _ => Ruling::Vulnerability,
        };
        Command::Triage {
            outcome,
            clause: Some(Cited { id: "CLAUSE-1".into(), ruling }),
            reasoning: "Because of the clause.".into(),
            duplicate_of: Some(Id::from_bytes([99; 16])),
            destination: None,
            cleaned_text: Some("Reading an empty file prints a traceback.".into()),
            message: self.fresh(),
        }
    }

    pub(super) fn write(&mut self, tier: Tier, asks_reporter: bool) -> Command {
        Command::Write { message: self.fresh(), tier, asks_reporter, text: "Hello.".into() }
    }

    pub(super) fn join(&mut self, who: Who, seat: Seat) {
        self.does(Who::Coordinator, Command::Invite { person: who.id(), seat });
        self.does(who, Command::AnswerInvitation { accept: true });
    }

    /// Plays until the report is accepted, with one developer on board.
    pub(super) fn accepted(&mut self) {
        self.report(Who::Reporter);
        let acknowledge = self.acknowledge();
        self.does(Who::Coordinator, acknowledge);
        let judge = self.judge(Outcome::Vulnerability);
        self.does(Who::Coordinator, judge);
        self.does(Who::Coordinator, Command::Accept { vulnerability: VULNERABILITY });
        self.join(Who::Developer, Seat::Developer);
    }

    /// Plays on until the fix is agreed and the number reserved.
    pub(super) fn fix_agreed(&mut self) {
        use crate::{case::Reproduction, project::Eligibility};
        let name = self.case().project.clone();
        let note = "Reproduced.".to_owned();
        self.does(
            Who::Developer,
            Command::Replicate { project: name.clone(), result: Reproduction::Confirmed, note },
        );
        self.does(
            Who::Developer,
            Command::RequestCve {
                vulnerability: VULNERABILITY,
                eligibility: Eligibility::Eligible { versions: vec!["4.2.4".into()] },
            },
        );
        let number = "CVE-2026-12345".to_owned();
        self.does(Who::Coordinator, Command::ReserveCve { vulnerability: VULNERABILITY, number });
        self.does(Who::Developer, Command::StartFix { project: name.clone(), reference: "fork/1".into() });
        self.does(Who::Developer, Command::AgreeFix { project: name });
    }

    /// Plays on until the newest draft is approved by a second person.
    pub(super) fn approved(&mut self) {
        self.draft(Who::Coordinator, "first");
        self.does(Who::Coordinator, Command::SubmitForReview);
        self.does(Who::Developer, Command::ApproveAdvisory { digest: digest("first") });
    }

    /// A case with two developers, an approved advisory and agreed dates: release in 2 days, announcement in 9.
    pub(super) fn scheduled() -> Self {
        let mut world = Self::new("jupyter");
        world.accepted();
        world.join(Who::SecondDeveloper, Seat::Developer);
        world.fix_agreed();
        world.approved();
        world.dated();
        world
    }

    pub(super) fn draft(&mut self, who: Who, name: &str) {
        let record = serde_json::json!({ "id": name });
        self.does(
            who,
            Command::DraftAdvisory {
                record,
                digest: digest(name),
                withdraws: false,
                severity: None,
                change: None,
            },
        );
    }

    /// Plays on until both roles agreed to dates: release in 2 days, announcement in 9.
    pub(super) fn dated(&mut self) {
        let release = self.now + Span::days(2);
        let announcement = self.now + Span::days(9);
        self.does(
            Who::Coordinator,
            Command::ProposeDates { release, announcement, short_notice_reason: None },
        );
        self.does(Who::Developer, Command::ConfirmDates);
    }
}
