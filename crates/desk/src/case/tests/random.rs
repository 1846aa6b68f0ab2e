//! Random people doing random things at random instants: what holds whatever happens.

use std::collections::BTreeMap;

use bastide_authz::{Role, Tier};
use bastide_model::{
    id::{Id, PersonId, VulnerabilityId},
    time::{Instant, Span},
};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRng, TestRunner},
};

use super::world::{ADVISORY, CASE, VULNERABILITY, Who, World, digest, project};
use crate::{
    case::{
        Case, Cited, Command, DeadlineKind, Event, Lifecycle, Notice, PublicFact, ReportContent,
        Reproduction, Seat, fold, tasks,
    },
    lint::ReportDraft,
    machine::{conduct, fix, intake, invariants, pxa},
    policy::{Disposition, PublishTrigger},
    project::Eligibility,
    threat::{Outcome, Ruling},
};

const PEOPLE: [Who; 8] = [
    Who::Reporter,
    Who::Coordinator,
    Who::SecondCoordinator,
    Who::Developer,
    Who::SecondDeveloper,
    Who::Operator,
    Who::Stranger,
    Who::Clock,
];

/// Draws from one random number, so that proptest can shrink a whole step.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX constants; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        let index = usize::try_from(self.below(choices.len() as u64)).expect("a small number");
        choices[index].clone()
    }

    fn days(&mut self, from: i64, to: i64) -> Span {
        let width = u64::try_from(to - from).expect("from is below to");
        Span::days(from + i64::try_from(self.below(width)).expect("a small number"))
    }

    fn words(&mut self) -> String {
        if self.one_in(12) { "  ".into() } else { "Some words.".into() }
    }
}

/// What a random world begins with.
fn begin(dice: &mut Dice) -> World {
    let mut world = World::new(dice.of(&["jupyter", "cpython", "scipy"]));
    world.terms.embargo.ends_when_attacked = dice.one_in(2);
    if dice.one_in(5) {
        world.terms.embargo.default_days = 0;
    }
    if !dice.one_in(3) {
        world.accepted();
        world.join(Who::SecondDeveloper, Seat::Developer);
        world.join(Who::Operator, Seat::Observer);
        return world;
    }
    let disposition = dice.of(&[Disposition::Record, Disposition::Warn, Disposition::Hold]);
    let mut intake = world.intake(disposition);
    if dice.one_in(3) {
        intake.embargo_end = Some(world.now + dice.days(-10, 500));
    }
    if dice.one_in(20) {
        intake.conduct = conduct::State::Banned;
    }
    let reporter = dice.of(&[Who::Reporter, Who::Reporter, Who::Developer, Who::Coordinator, Who::Stranger]);
    world.does(reporter, Command::Submit(Box::new(intake)));
    world
}

/// Any command at all, most of them sensible in some state.
#[allow(clippy::too_many_lines, reason = "a table of all commands")]
fn any_command(world: &mut World, dice: &mut Dice) -> Command {
    let names = [world.case().project.clone(), project("notebook"), project("numpy")];
    let name = dice.of(&[names[0].clone(), names[0].clone(), names[1].clone(), names[2].clone()]);
    let vulnerability: VulnerabilityId = dice.of(&[VULNERABILITY, VULNERABILITY, Id::from_bytes([5; 16])]);
    let person = dice.of(&PEOPLE).id();
    let seat = dice.of(&[Seat::Developer, Seat::Developer, Seat::Observer, Seat::Coordinator, Seat::Cna]);
    let accept = !dice.one_in(3);
    let text = dice.words();
    let reason = text.clone();
    let newest = world.case().advisory.digest.unwrap_or(digest("none"));
    let number = dice.of(&["CVE-2026-12345", "CVE-2026-12345", "CVE-26-1"]).to_owned();
    match dice.below(50) {
        0 => Command::Amend {
            content: Box::new(ReportContent {
                draft: ReportDraft::default(),
                raw: String::new(),
                origin: None,
            }),
            findings: Vec::new(),
            disposition: dice.of(&[Disposition::Record, Disposition::Hold, Disposition::Block]),
            proposal: world.fresh(),
        },
        1 => Command::ReleaseHold { proposal: world.fresh() },
        2 if dice.one_in(4) => Command::TakeBack,
        3 if dice.one_in(6) => Command::KeepUnderAccount { person },
        3 if dice.one_in(6) => Command::EndReporterLink,
        3 if dice.one_in(6) => Command::ReplaceReporterLink,
        2 | 3 => Command::TakeCoordination,
        4 => Command::Leave { person, seat },
        5 => Command::Acknowledge { text, message: world.fresh() },
        6 => Command::Write {
            message: world.fresh(),
            tier: dice.of(&[Tier::TeamOnly, Tier::TeamAndReporter, Tier::Participants, Tier::Public]),
            asks_reporter: dice.one_in(3),
            text,
        },
        7..=9 => {
            let outcome = if dice.one_in(3) { dice.of(Outcome::ALL) } else { Outcome::Vulnerability };
            let rulings = [Ruling::Vulnerability, Ruling::Bug, Ruling::Upstream, Ruling::OutOfScope];
            let fitting = rulings.into_iter().find(|ruling| outcome.may_cite(*ruling));
            let ruling = if dice.one_in(8) { dice.of(&rulings) } else { fitting.unwrap_or(Ruling::Bug) };
            Command::Triage {
                outcome,
                clause: (!dice.one_in(10)).then(|| Cited { id: "CLAUSE-1".into(), ruling }),
                reasoning: text,
                duplicate_of: dice.of(&[None, Some(CASE), Some(Id::from_bytes([99; 16]))]),
                destination: dice.one_in(2).then_some(name),
                cleaned_text: dice.one_in(2).then(|| "A bug.".to_owned()),
                message: world.fresh(),
            }
        }
        10 => Command::ConsentUpstream { given: accept },
        11 | 12 => Command::Accept { vulnerability },
        13 if dice.one_in(5) => Command::AddProject { project: name },
        14 | 15 => Command::Invite { person, seat },
        16 | 17 => Command::AnswerInvitation { accept },
        18 => Command::ProposeEmbargo {
            proposal: world.fresh(),
            end: world.now + dice.days(-5, 380),
            justification: dice.one_in(2).then_some(reason),
        },
        19 => Command::DecideEmbargo { accept },
        20 if dice.one_in(4) => Command::EndEmbargo { reason },
        21 if dice.one_in(4) => Command::RecordPublicFact {
            fact: dice.of(&[
                PublicFact::Public,
                PublicFact::Exploit,
                PublicFact::Attacks,
                PublicFact::Attacks,
            ]),
            evidence: text,
        },
        20..=23 => Command::Replicate {
            project: name,
            result: dice.of(&[
                Reproduction::Confirmed,
                Reproduction::Confirmed,
                Reproduction::Deferred,
                Reproduction::NotReproduced,
            ]),
            note: text,
        },
        24 => Command::AddVulnerability { vulnerability: Id::from_bytes([5; 16]) },
        25 => Command::RequestCve {
            vulnerability,
            eligibility: if dice.one_in(4) {
                Eligibility::NotEligible { reason: "a prerelease".into(), rule: "P11".into() }
            } else {
                Eligibility::Eligible { versions: vec!["4.2.4".into()] }
            },
        },
        26 => Command::ReserveCve { vulnerability, number },
        27 => Command::CveUncertain { vulnerability },
        28 => Command::ReconcileCve { vulnerability, number: dice.one_in(2).then_some(number) },
        29 if dice.one_in(3) => Command::RejectCve { vulnerability, reason },
        29 => Command::ExemptCve { vulnerability, reason },
        30 => Command::ConfirmCvePublished { vulnerability },
        31 => Command::TellReporterCve { text },
        32 => Command::StartFix { project: name, reference: text },
        33 => Command::AgreeFix { project: name },
        34 => Command::RecordManualTest { project: name, note: text },
        35 => Command::MergeFix { project: name, reference: text },
        36 => Command::ReleaseFix { project: name, version: text },
        37 => Command::ReportDeployed { project: name },
        38 => {
            let release = world.now + dice.days(-1, 10);
            let announcement = release + dice.days(0, 14);
            Command::ProposeDates {
                release,
                announcement,
                short_notice_reason: dice.one_in(2).then_some(reason),
            }
        }
        39 => Command::ConfirmDates,
        13 | 40 => Command::PostNotice { text: "Release on Tuesday.".into() },
        41 | 42 => {
            let name = format!("draft {}", dice.below(1000));
            let withdraws = world.case().advisory.published.is_some() && dice.one_in(3);
            Command::DraftAdvisory {
                record: serde_json::json!({}),
                digest: digest(&name),
                withdraws,
                severity: None,
                change: Some(text),
            }
        }
        43 => Command::SubmitForReview,
        44 if dice.one_in(4) => Command::RequestChanges { text },
        44 | 45 => Command::ApproveAdvisory { digest: if dice.one_in(10) { digest("old") } else { newest } },
        46 => Command::PublishAdvisory { advisory: ADVISORY },
        47 => Command::NotifyReporter {
            notice: dice.of(&[
                Notice::Releases,
                Notice::Releases,
                Notice::Dates,
                Notice::CveNumber,
                Notice::NotAccepted,
                Notice::Receipt,
            ]),
            text,
        },
        48 => Command::PostponeDisclosure { until: world.now + dice.days(-5, 200), reason },
        _ => Command::Close,
    }
}

/// A step of somebody: now and then a wild one, mostly one that the case would accept, so that stories get far.
fn any_step(world: &mut World, dice: &mut Dice) -> (Who, Command) {
    let wild = dice.one_in(3);
    let mut last = None;
    for _ in 0..40 {
        let command = any_command(world, dice);
        let who = dice.of(&PEOPLE);
        let accepted = world.ask(who, &command).is_ok();
        last = Some((who, command));
        if wild || accepted {
            break;
        }
    }
    last.expect("forty tries")
}

/// What was seen over all runs.
#[derive(Default)]
struct Seen {
    steps: usize,
    accepted: usize,
    names: BTreeMap<String, usize>,
}

/// One random story; every law is checked after every step.
fn live(begun: u64, steps: &[u64], seen: &mut Seen) -> Result<(), TestCaseError> {
    let mut world = begin(&mut Dice(begun));
    holds(&world, 0)?;
    for step in steps {
        let mut dice = Dice(*step);
        let pause = Span::minutes(i64::try_from(dice.below(16 * 60)).expect("a small number"));
        world.wait(if dice.one_in(40) { dice.days(3, 60) } else { pause });
        // What is over changes little more: leave some stories there and begin others.
        if world.case().closed.is_some() && dice.one_in(5) {
            break;
        }
        let before_tick = world.history.len();
        if !dice.one_in(3) {
            world.tick();
        }
        check_publications(&world, before_tick)?;
        let (who, command) = any_step(&mut world, &mut dice);
        let before = world.case().clone();
        let from = world.history.len();
        seen.steps += 1;
        match world.ask(who, &command) {
            Ok(recorded) => {
                seen.accepted += 1;
                world.apply(recorded);
            }
            Err(refusal) => {
                prop_assert!(!refusal.rule.is_empty() && !refusal.remedy.is_empty(), "{}", refusal);
                prop_assert_eq!(world.case(), &before, "a refused command changes nothing");
            }
        }
        check_publications(&world, from)?;
        holds(&world, before_tick)?;
    }
    let folded = fold(CASE, world.history.iter().map(|(at, event)| (*at, event)));
    prop_assert_eq!(&folded.expect("an accepted history folds"), &world.case);
    for (_, event) in &world.history {
        *seen.names.entry(event.name()).or_default() += 1;
    }
    Ok(())
}

/// The laws of one state, and of the events since `from`.
fn holds(world: &World, from: usize) -> Result<(), TestCaseError> {
    let case = world.case();
    for (_, event) in &world.history[from..] {
        let json = serde_json::to_string(event).expect("an event is JSON");
        let read: Event = serde_json::from_str(&json).expect("and is read back");
        prop_assert_eq!(&read, event, "{}", json);
    }
    prop_assert!(serde_json::to_string(case).is_ok(), "a case is JSON");
    secrecy_holds(world)?;
    deadlines_hold(case)?;
    let on_attacks = if case.terms.embargo.ends_when_attacked {
        invariants::OnAttacks::EndEmbargo
    } else {
        invariants::OnAttacks::Keep
    };
    let embargo = invariants::check_embargo(case.em, case.pxa, on_attacks);
    prop_assert!(embargo.is_ok(), "{:?}", embargo);
    prop_assert!(case.pxa != pxa::State::Exploit, "a public exploit is public knowledge at once");
    for part in case.projects.values() {
        let fix = invariants::check_fix(part.rm, part.vfd);
        prop_assert!(fix.is_ok(), "{:?}", fix);
        prop_assert!(part.fix < fix::State::Agreed || part.vfd.fix_is_ready());
        prop_assert!(part.fix < fix::State::Merged || part.merged.is_some());
    }
    if case.advisory.published.is_some() {
        prop_assert!(case.is_public() && !case.embargoed());
    }
    if case.closed.is_some() {
        prop_assert!(!case.embargoed() && case.proposal.is_none());
        prop_assert_eq!(case.lifecycle(), Lifecycle::Closed);
        prop_assert!(tasks(case).is_empty());
        prop_assert_eq!(case.wake_at(world.now), None);
    }
    let told_why = case.closed.is_none_or(|(_, reason)| {
        use crate::case::ClosingReason::{Duplicate, NotAccepted};
        let needs = matches!(reason, NotAccepted | Duplicate { .. });
        let upstream = case.reporter.upstream.is_some();
        !needs || upstream || case.reporter.told.contains_key(&Notice::NotAccepted)
    });
    prop_assert!(told_why, "closed without a word to the reporter");
    for task in tasks(case) {
        prop_assert!(!task.what.is_empty() && !task.why.is_empty() && !task.rule.is_empty());
    }
    Ok(())
}

/// Nobody reads what is embargoed but those who agreed to the embargo, under whatever role.
fn secrecy_holds(world: &World) -> Result<(), TestCaseError> {
    let case = world.case();
    let private = [Tier::TeamOnly, Tier::TeamAndReporter, Tier::Participants];
    for who in [Who::Developer, Who::SecondDeveloper, Who::Operator, Who::Stranger] {
        let opened: usize = private.iter().map(|tier| world.opens(who, *tier)).sum();
        if opened == 0 {
            continue;
        }
        let member = case.members.get(&who.id());
        prop_assert!(member.is_some_and(|member| !member.roles.is_empty()), "{:?} has no role", who);
        let agreed = member.is_some_and(|member| case.content_open_to(member));
        prop_assert!(agreed, "{:?} has not agreed to the embargo", who);
    }
    prop_assert_eq!(world.opens(Who::Reporter, Tier::TeamOnly), 0);
    prop_assert_eq!(world.opens(Who::Operator, Tier::TeamOnly) > 0, {
        let member = case.members.get(&Who::Operator.id());
        let team = member.is_some_and(|member| {
            case.content_open_to(member)
                && (member.roles.contains(&Role::Developer) || member.roles.contains(&Role::Coordinator))
        });
        team && world.contents.iter().any(|content| content.tier() == Tier::TeamOnly)
    });
    Ok(())
}

/// What is due fits to where the case stands.
fn deadlines_hold(case: &Case) -> Result<(), TestCaseError> {
    let due = |kind| case.deadlines.contains_key(&kind);
    if case.closed.is_some() {
        prop_assert!(case.deadlines.is_empty(), "{:?}", case.deadlines);
        return Ok(());
    }
    let received = case.intake == intake::State::Received || case.intake == intake::State::Held;
    prop_assert_eq!(due(DeadlineKind::Disclosure), received && case.advisory.published.is_none());
    prop_assert_eq!(due(DeadlineKind::Acknowledge), case.acknowledged.is_none());
    prop_assert_eq!(due(DeadlineKind::EmbargoEnd), case.embargoed());
    prop_assert_eq!(case.embargo.is_some(), case.embargoed());
    if case.holders(Role::Coordinator).next().is_none() {
        prop_assert!(due(DeadlineKind::AssignCoordinator), "nobody carries the case and nobody is due to");
    }
    for (kind, deadline) in &case.deadlines {
        prop_assert_eq!(*kind, deadline.kind);
        match kind {
            DeadlineKind::EmbargoDecision { proposal } => {
                prop_assert_eq!(case.proposal.map(|open| open.id), Some(*proposal));
            }
            DeadlineKind::Rsvp { person } => {
                prop_assert!(!case.members[person].invited.is_empty(), "nobody waits for this answer");
            }
            DeadlineKind::Announcement | DeadlineKind::Exposure => {
                prop_assert!(case.advisory.published.is_none());
            }
            _ => {}
        }
    }
    if let Some(open) = case.proposal {
        let decision = DeadlineKind::EmbargoDecision { proposal: open.id };
        prop_assert!(due(decision), "a proposal waits for ever");
    }
    for (person, member) in &case.members {
        let answer = DeadlineKind::Rsvp { person: *person };
        prop_assert!(member.invited.is_empty() || due(answer), "an invitation waits for ever");
    }
    Ok(())
}

/// Every publication among the events since `from` had four eyes and its time.
fn check_publications(world: &World, from: usize) -> Result<(), TestCaseError> {
    for (index, (at, event)) in world.history.iter().enumerate().skip(from) {
        let Event::AdvisoryPublished { version, digest, .. } = event else { continue };
        let before = &world.history[..index];
        let case = fold(CASE, before.iter().map(|(at, event)| (*at, event)))
            .expect("a beginning of a history folds")
            .expect("there is a case");
        let approver: Option<PersonId> = before.iter().rev().find_map(|(_, event)| match event {
            Event::AdvisoryApproved { version: approved, digest: read, by } => {
                (approved == version && read == digest).then_some(*by)
            }
            _ => None,
        });
        prop_assert!(approver.is_some(), "version {} was never approved", version);
        let since = before
            .iter()
            .rposition(|(_, event)| matches!(event, Event::AdvisoryPublished { .. }))
            .map_or(0, |last| last + 1);
        for (_, event) in &before[since..] {
            if let Event::AdvisoryDrafted { by, .. } = event {
                prop_assert!(Some(*by) != approver, "an author approved");
            }
        }
        prop_assert!(case.individuals() >= 2);
        prop_assert!(case.advisory.published.is_some() || time_had_come(&case, *at), "too early at {}", at);
    }
    Ok(())
}

/// The rule of publication said a second time, in other words than the code's (J28, P29, J06).
fn time_had_come(case: &Case, at: Instant) -> bool {
    let dated = matches!(case.dates, Some(dates) if dates.confirmed_by.is_some() && at >= dates.announcement);
    let merged = case.projects.values().all(|part| part.merged.is_some());
    let on_merge = case.terms.publication.trigger == PublishTrigger::FixMerged;
    let disclosure = case.deadlines[&DeadlineKind::Disclosure].due;
    let by_policy = if on_merge { merged } else { dated };
    (by_policy && case.vulnerabilities.values().all(super::super::state::Vulnerability::number_settled))
        || at >= disclosure
        || case.pxa.is_public()
}

fn run(mut runner: TestRunner) -> Seen {
    let mut seen = Seen::default();
    let total = std::cell::RefCell::new(&mut seen);
    let stories = (any::<u64>(), proptest::collection::vec(any::<u64>(), 1..120));
    runner
        .run(&stories, |(begun, steps)| live(begun, &steps, &mut total.borrow_mut()))
        .unwrap_or_else(|failure| panic!("{failure}"));
    println!("{} steps, {} accepted, {} kinds of events", seen.steps, seen.accepted, seen.names.len());
    seen
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

/// The names of all events, as JSON, the ledger and the timeline use them.
fn all_names() -> Vec<String> {
    let error = serde_json::from_str::<Event>(r#"{"event":"?"}"#).expect_err("no event has that name");
    let text = error.to_string();
    text.split('`').skip(1).step_by(2).filter(|name| *name != "?").map(str::to_owned).collect()
}

/// Proves: J09, J10, J14, J16, J28, P29.
#[test]
fn whatever_people_do_the_laws_of_a_case_hold() {
    let seen = run(TestRunner::new(config(60)));
    assert!(seen.accepted > 500);
}

/// The same with fixed dice, far enough that every event happens that the process knows.
///
/// Proves: J09, J28, P29.
#[test]
fn the_laws_hold_on_the_way_through_every_event() {
    let config = config(160);
    let dice = TestRng::deterministic_rng(config.rng_algorithm);
    let seen = run(TestRunner::new_with_rng(config, dice));
    let missing: Vec<String> =
        all_names().into_iter().filter(|name| !seen.names.contains_key(name)).collect();
    assert!(missing.is_empty(), "nothing emits these: {missing:?}");
    assert!(seen.steps > 5_000);
}

/// A name in the ledger stays for ever: this list only grows.
#[test]
fn the_names_of_the_events_are_these() {
    insta::assert_snapshot!(all_names().join("\n"));
}
