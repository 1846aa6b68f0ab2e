//! Who does which step, who may not, and who must not be alone.

use bastide_authz::{Role, Tier};
use bastide_model::{id::Id, time::Span};

use super::world::{ADVISORY, VULNERABILITY, Who, World, digest, project};
use crate::{
    case::{Command, DeadlineKind, Notice, PublicFact, RefusalKind, Reproduction, Seat, next_task},
    machine::pec,
    policy::Disposition,
    project::Eligibility,
    threat::Outcome,
};

/// Everybody who could try a step.
const EVERYBODY: [Who; 8] = [
    Who::Reporter,
    Who::Coordinator,
    Who::SecondCoordinator,
    Who::Developer,
    Who::SecondDeveloper,
    Who::Operator,
    Who::Stranger,
    Who::Clock,
];

/// A case at the step before `command`, with a coordinator, two developers and an operator once it is accepted.
struct Scene {
    name: &'static str,
    world: World,
    command: Command,
    may: &'static [Who],
}

const COORDINATORS: &[Who] = &[Who::Coordinator, Who::SecondCoordinator];
const COORDINATOR: &[Who] = &[Who::Coordinator];
const DEVELOPERS: &[Who] = &[Who::Developer, Who::SecondDeveloper];
const TEAM: &[Who] = &[Who::Coordinator, Who::Developer, Who::SecondDeveloper];
const PARTICIPANTS: &[Who] =
    &[Who::Reporter, Who::Coordinator, Who::Developer, Who::SecondDeveloper, Who::Operator];

fn received() -> World {
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    world
}

fn accepted() -> World {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    world.join(Who::Operator, Seat::Observer);
    world
}

fn agreed() -> World {
    let mut world = accepted();
    world.fix_agreed();
    world
}

fn tested() -> World {
    let mut world = agreed();
    world.dated();
    let note = "All tests pass.".to_owned();
    world.does(Who::SecondDeveloper, Command::RecordManualTest { project: project("jupyterlab"), note });
    world
}

fn released() -> World {
    let mut world = tested();
    world.approved();
    world.wait(Span::days(2));
    let lab = project("jupyterlab");
    world.does(Who::Developer, Command::MergeFix { project: lab.clone(), reference: "abc".into() });
    world.does(Who::Developer, Command::ReleaseFix { project: lab, version: "4.2.5".into() });
    world
}

fn published() -> World {
    let mut world = released();
    world.wait(Span::days(7)).tick();
    world
}

fn scenes() -> Vec<Scene> {
    let lab = || project("jupyterlab");
    let mut scenes = Vec::new();
    let mut add = |name, world: World, command, may| scenes.push(Scene { name, world, command, may });

    let mut world = received();
    let (answer, judge) = (world.acknowledge(), world.judge(Outcome::Vulnerability));
    add("acknowledge", received(), answer, COORDINATORS);
    add("triage", received(), judge.clone(), COORDINATORS);
    add("take", received(), Command::TakeCoordination, COORDINATORS);
    let ask = world.write(Tier::TeamAndReporter, false);
    add(
        "write to the reporter",
        accepted(),
        ask,
        &[Who::Reporter, Who::Coordinator, Who::SecondCoordinator, Who::Developer, Who::SecondDeveloper],
    );
    let talk = world.write(Tier::TeamOnly, false);
    add(
        "write to the team",
        accepted(),
        talk,
        &[Who::Coordinator, Who::SecondCoordinator, Who::Developer, Who::SecondDeveloper],
    );
    let mut world = received();
    world.does(Who::Coordinator, judge);
    add("accept", world, Command::Accept { vulnerability: VULNERABILITY }, COORDINATOR);

    add(
        "invite",
        accepted(),
        Command::Invite { person: Who::Stranger.id(), seat: Seat::Developer },
        COORDINATOR,
    );
    add("add a project", accepted(), Command::AddProject { project: project("notebook") }, COORDINATOR);
    let removal = Command::Leave { person: Who::Operator.id(), seat: Seat::Observer };
    add("leave", accepted(), removal, &[Who::Coordinator, Who::Operator]);
    let mut world = accepted();
    world.does(Who::Coordinator, Command::Invite { person: Who::Stranger.id(), seat: Seat::Developer });
    add("answer an invitation", world, Command::AnswerInvitation { accept: true }, &[Who::Stranger]);
    let mut world = accepted();
    let end = world.now + Span::days(60);
    let propose = Command::ProposeEmbargo { proposal: world.fresh(), end, justification: None };
    add("propose an embargo", world, propose.clone(), PARTICIPANTS);
    let mut world = accepted();
    world.does(Who::Operator, propose);
    add(
        "decide about it",
        world,
        Command::DecideEmbargo { accept: true },
        &[Who::Reporter, Who::Coordinator, Who::Developer, Who::SecondDeveloper],
    );
    add("end the embargo", accepted(), Command::EndEmbargo { reason: "It leaked.".into() }, COORDINATOR);
    let fact = Command::RecordPublicFact { fact: PublicFact::Attacks, evidence: "In our logs.".into() };
    add("record attacks", accepted(), fact, PARTICIPANTS);

    let replicate = |result| Command::Replicate { project: lab(), result, note: "Seen.".into() };
    add("replicate", accepted(), replicate(Reproduction::Confirmed), DEVELOPERS);
    add(
        "add a vulnerability",
        accepted(),
        Command::AddVulnerability { vulnerability: Id::from_bytes([5; 16]) },
        TEAM,
    );
    let eligibility = Eligibility::Eligible { versions: vec!["4.2.4".into()] };
    let request = Command::RequestCve { vulnerability: VULNERABILITY, eligibility };
    add("request a CVE number", accepted(), request.clone(), TEAM);
    let number = "CVE-2026-12345".to_owned();
    let mut world = accepted();
    world.does(Who::Developer, request);
    add("reserve it", world, Command::ReserveCve { vulnerability: VULNERABILITY, number }, COORDINATOR);
    let exempt = Command::ExemptCve { vulnerability: VULNERABILITY, reason: "Only in a preview.".into() };
    add("exempt it", accepted(), exempt, COORDINATOR);
    add(
        "tell the reporter the number",
        agreed(),
        Command::TellReporterCve { text: "It is…".into() },
        COORDINATOR,
    );

    let mut world = accepted();
    world.does(Who::Developer, replicate(Reproduction::Confirmed));
    let start = Command::StartFix { project: lab(), reference: "fork/1".into() };
    add("start a fix", world, start.clone(), DEVELOPERS);
    let mut world = accepted();
    world.does(Who::Developer, replicate(Reproduction::Confirmed));
    world.does(Who::Developer, start);
    add("agree on it", world, Command::AgreeFix { project: lab() }, DEVELOPERS);
    let test = Command::RecordManualTest { project: lab(), note: "Passes.".into() };
    add("test it", agreed(), test, &[Who::SecondDeveloper]);
    let merge = Command::MergeFix { project: lab(), reference: "abc".into() };
    add("merge it", tested(), merge.clone(), DEVELOPERS);
    let mut world = tested();
    world.wait(Span::days(2)).does(Who::Developer, merge);
    add("release it", world, Command::ReleaseFix { project: lab(), version: "4.2.5".into() }, DEVELOPERS);
    add("say that it is deployed", released(), Command::ReportDeployed { project: lab() }, &[Who::Operator]);

    let world = agreed();
    let propose = Command::ProposeDates {
        release: world.now + Span::days(2),
        announcement: world.now + Span::days(9),
        short_notice_reason: None,
    };
    add("propose dates", agreed(), propose.clone(), TEAM);
    let mut world = agreed();
    world.does(Who::Coordinator, propose);
    add("confirm dates", world, Command::ConfirmDates, DEVELOPERS);
    add("post the dates", tested(), Command::PostNotice, COORDINATOR);
    let dates = Command::NotifyReporter { notice: Notice::Dates, text: "They are set.".into() };
    add("tell the reporter the dates", tested(), dates, COORDINATOR);
    let world = accepted();
    let postpone = Command::PostponeDisclosure { until: world.now + Span::days(120), reason: "Hard.".into() };
    add("postpone disclosure", world, postpone, COORDINATOR);

    let draft = Command::DraftAdvisory {
        record: serde_json::json!({}),
        digest: digest("first"),
        withdraws: false,
        severity: None,
        change: None,
    };
    add("draft the advisory", accepted(), draft.clone(), TEAM);
    let mut world = accepted();
    world.does(Who::Developer, draft.clone());
    add("submit it", world, Command::SubmitForReview, TEAM);
    for (name, command) in [
        ("approve it", Command::ApproveAdvisory { digest: digest("first") }),
        ("ask for changes", Command::RequestChanges { text: "Name the versions.".into() }),
    ] {
        let mut world = accepted();
        world.does(Who::Developer, draft.clone());
        world.does(Who::Developer, Command::SubmitForReview);
        let author_too = name == "ask for changes";
        add(name, world, command, if author_too { TEAM } else { &[Who::Coordinator, Who::SecondDeveloper] });
    }
    let mut world = released();
    world.wait(Span::days(7));
    add(
        "publish it",
        world,
        Command::PublishAdvisory { advisory: ADVISORY },
        &[Who::Coordinator, Who::Developer, Who::SecondDeveloper, Who::Clock],
    );
    let out = Command::ConfirmCvePublished { vulnerability: VULNERABILITY };
    add("confirm the CVE record", published(), out, COORDINATOR);
    let releases = Command::NotifyReporter { notice: Notice::Releases, text: "It is out.".into() };
    add("tell the reporter the releases", published(), releases.clone(), COORDINATOR);
    let mut world = published();
    world.does(Who::Coordinator, releases);
    add("close", world, Command::Close, COORDINATOR);
    scenes
}

/// Every step, tried by everybody in the state in which it is possible.
///
/// Proves: J08, J10, J18, J19, J24.
#[test]
fn each_step_belongs_to_its_roles_and_is_refused_to_others() {
    let (mut tried, mut allowed) = (0, 0);
    let scenes = scenes();
    for Scene { name, world, command, may } in &scenes {
        for who in EVERYBODY {
            tried += 1;
            match world.ask(who, command) {
                Ok(events) => {
                    allowed += 1;
                    assert!(may.contains(&who), "{who:?} must not {name}");
                    assert!(!events.is_empty(), "{name} leaves a trace");
                }
                Err(refusal) => {
                    assert!(!may.contains(&who), "{who:?} may {name}: {refusal}");
                    let by_person =
                        matches!(refusal.kind, RefusalKind::NotYourRole | RefusalKind::SecondPerson);
                    let asked_nothing = matches!(command, Command::AnswerInvitation { .. });
                    let reporters_words = matches!(command, Command::Write { .. }) && who == Who::Reporter;
                    assert!(by_person || asked_nothing || reporters_words, "{who:?} {name}: {refusal}");
                    assert!(!refusal.rule.is_empty(), "{name}");
                }
            }
        }
    }
    println!("{} steps, {tried} tries, {allowed} allowed", scenes.len());
    assert!(scenes.len() >= 35 && tried == scenes.len() * EVERYBODY.len());
}

/// Proves: J08.
#[test]
fn the_next_task_of_a_role_is_a_step_that_this_role_may_do() {
    let mut world = received();
    assert_eq!(next_task(world.case(), &[Role::Coordinator]).map(|task| task.command), Some("take"));
    assert_eq!(next_task(world.case(), &[Role::Developer]), None);
    world.does(Who::Coordinator, Command::TakeCoordination);
    assert_eq!(next_task(world.case(), &[Role::Coordinator]).map(|task| task.command), Some("acknowledge"));
    let world = accepted();
    assert_eq!(next_task(world.case(), &[Role::Developer]).map(|task| task.command), Some("replicate"));
    let world = agreed();
    assert_eq!(next_task(world.case(), &[Role::Developer]).map(|task| task.command), Some("fix test"));
}

/// Proves: J09.
#[test]
fn one_person_alone_accepts_nothing() {
    let mut world = World::new("jupyter");
    world.report(Who::Coordinator);
    let judge = world.judge(Outcome::Vulnerability);
    world.does(Who::Coordinator, judge);
    let accept = Command::Accept { vulnerability: VULNERABILITY };
    assert_eq!(world.refused(Who::Coordinator, &accept), "J09");
    assert_eq!(world.kind(Who::Coordinator, &accept), RefusalKind::SecondPerson);
    world.join(Who::Developer, Seat::Developer);
    world.does(Who::Coordinator, accept);
}

/// Proves: J09.
#[test]
fn a_reporter_who_develops_needs_another_coordinator() {
    let mut world = World::new("jupyter");
    world.report(Who::Coordinator);
    let judge = world.judge(Outcome::Vulnerability);
    world.does(Who::Coordinator, judge);
    for who in [Who::Coordinator, Who::Developer] {
        world.join(who, Seat::Developer);
    }
    let accept = Command::Accept { vulnerability: VULNERABILITY };
    assert_eq!(world.case().individuals(), 2);
    assert_eq!(
        world.refused(Who::Coordinator, &accept),
        "J09",
        "reporter, developer and coordinator are one"
    );
    world.does(Who::SecondCoordinator, Command::TakeCoordination);
    world.does(Who::Coordinator, accept);
}

/// Proves: J09.
#[test]
fn a_developer_who_is_the_reporter_does_not_approve_not_even_as_coordinator() {
    let mut world = World::new("jupyter");
    world.report(Who::SecondCoordinator);
    let judge = world.judge(Outcome::Vulnerability);
    world.does(Who::Coordinator, judge);
    world.does(Who::Coordinator, Command::Accept { vulnerability: VULNERABILITY });
    world.join(Who::SecondCoordinator, Seat::Developer);
    world.join(Who::Developer, Seat::Developer);
    world.draft(Who::Coordinator, "first");
    world.does(Who::Coordinator, Command::SubmitForReview);
    let approve = Command::ApproveAdvisory { digest: digest("first") };
    assert_eq!(world.refused(Who::SecondCoordinator, &approve), "J09");
    world.does(Who::SecondCoordinator, Command::TakeCoordination);
    assert_eq!(world.refused(Who::SecondCoordinator, &approve), "J09", "a second hat changes nothing");
    world.does(Who::Developer, approve);
}

/// Proves: J09, J28.
#[test]
fn an_advisory_is_not_published_when_the_second_person_has_gone() {
    let mut world = World::new("jupyter");
    world.report(Who::Developer);
    let judge = world.judge(Outcome::Vulnerability);
    world.does(Who::Coordinator, judge);
    world.does(Who::Coordinator, Command::Accept { vulnerability: VULNERABILITY });
    world.join(Who::SecondDeveloper, Seat::Developer);
    world.draft(Who::Coordinator, "first");
    world.does(Who::Coordinator, Command::SubmitForReview);
    world.does(Who::SecondDeveloper, Command::ApproveAdvisory { digest: digest("first") });
    world.does(Who::Coordinator, Command::Leave { person: Who::Coordinator.id(), seat: Seat::Coordinator });
    world.wait(Span::days(91));
    let publish = Command::PublishAdvisory { advisory: ADVISORY };
    assert_eq!(world.refused(Who::SecondDeveloper, &publish), "J09", "nobody coordinates");
}

/// Proves: J17, J09.
#[test]
fn an_invited_person_has_a_role_only_after_answering() {
    let mut world = World::new("jupyter");
    world.accepted();
    let person = Who::SecondDeveloper.id();
    let invite = Command::Invite { person, seat: Seat::Developer };
    world.does(Who::Coordinator, invite.clone());
    assert_eq!(world.refused(Who::Coordinator, &invite), "J17", "once is enough");
    let replicate = Command::Replicate {
        project: project("jupyterlab"),
        result: Reproduction::Confirmed,
        note: "Seen.".into(),
    };
    assert_eq!(world.refused(Who::SecondDeveloper, &replicate), "J18");
    assert_eq!(world.case().members[&person].consent, pec::State::Invited);
    world.does(Who::SecondDeveloper, Command::AnswerInvitation { accept: false });
    assert_eq!(world.case().members[&person].consent, pec::State::Declined);
    assert_eq!(world.due(DeadlineKind::Rsvp { person }), None);
    world.does(Who::Coordinator, invite);
    world.does(Who::SecondDeveloper, Command::AnswerInvitation { accept: true });
    assert_eq!(world.case().members[&person].consent, pec::State::Signatory);
    world.does(Who::SecondDeveloper, replicate);
    assert_eq!(world.refused(Who::Stranger, &Command::AnswerInvitation { accept: true }), "J17");
}

/// Proves: J17.
#[test]
fn silence_to_an_invitation_is_a_no() {
    let mut world = World::new("jupyter");
    world.accepted();
    let person = Who::SecondDeveloper.id();
    world.does(Who::Coordinator, Command::Invite { person, seat: Seat::Developer });
    assert_eq!(world.due(DeadlineKind::Rsvp { person }), Some(world.now + Span::days(7)));
    world.wait(Span::days(6)).tick();
    assert_eq!(world.case().members[&person].consent, pec::State::Invited);
    world.wait(Span::days(1)).tick();
    assert_eq!(world.case().members[&person].consent, pec::State::Declined);
    assert!(world.case().members[&person].invited.is_empty());
    assert_eq!(world.case().breaches, 0, "silence is an answer, not a breach");
    assert_eq!(world.refused(Who::SecondDeveloper, &Command::AnswerInvitation { accept: true }), "PEC");
}

/// Proves: J17.
#[test]
fn taking_one_of_two_invitations_back_leaves_the_other_waiting() {
    let mut world = World::new("jupyter");
    world.accepted();
    let person = Who::SecondDeveloper.id();
    for seat in [Seat::Developer, Seat::Observer] {
        world.does(Who::Coordinator, Command::Invite { person, seat });
    }
    world.does(Who::Coordinator, Command::Leave { person, seat: Seat::Observer });
    assert!(world.due(DeadlineKind::Rsvp { person }).is_some());
    world.does(Who::Coordinator, Command::Leave { person, seat: Seat::Developer });
    assert_eq!(world.due(DeadlineKind::Rsvp { person }), None);
    let again = Command::Leave { person, seat: Seat::Developer };
    assert_eq!(world.refused(Who::Coordinator, &again), "J17");
}

/// Proves: J08, J17.
#[test]
fn a_case_that_loses_its_coordinator_is_given_to_the_next() {
    let mut world = World::new("jupyter");
    world.accepted();
    assert_eq!(world.due(DeadlineKind::AssignCoordinator), None);
    world.does(Who::Coordinator, Command::Leave { person: Who::Coordinator.id(), seat: Seat::Coordinator });
    assert_eq!(world.due(DeadlineKind::AssignCoordinator), Some(world.now + Span::days(3)));
    world.wait(Span::days(3)).tick();
    assert!(world.case().holds(Who::SecondCoordinator.id(), Role::Coordinator));
    assert_eq!(world.case().breaches, 0);
}

/// Proves: J09.
#[test]
fn the_timer_does_not_give_a_case_to_its_reporter() {
    let mut world = World::new("jupyter");
    world.report(Who::SecondCoordinator);
    world.wait(Span::days(3));
    let candidates = vec![Who::SecondCoordinator.id(), Who::Coordinator.id()];
    world.does(Who::Clock, Command::Tick { candidates, advisory: ADVISORY });
    let coordinators: Vec<_> = world.case().holders(Role::Coordinator).collect();
    assert_eq!(coordinators, [Who::Coordinator.id()]);
}

/// Proves: J13, J18.
#[test]
fn a_question_to_the_reporter_waits_until_it_is_answered() {
    let mut world = World::new("jupyter");
    world.accepted();
    let question = world.write(Tier::TeamAndReporter, true);
    world.does(Who::Developer, question.clone());
    assert!(world.case().reporter.asked.is_some());
    assert_eq!(next_task(world.case(), &[Role::Reporter]).map(|task| task.rule), Some("J13"));
    assert_eq!(world.refused(Who::Reporter, &question), "J13", "the reporter answers, and asks nobody");
    let answer = world.write(Tier::TeamAndReporter, false);
    world.does(Who::Reporter, answer);
    assert!(world.case().reporter.asked.is_none());
    assert_eq!(next_task(world.case(), &[Role::Reporter]), None);
}

/// Proves: J16.
#[test]
fn no_message_of_a_case_is_public() {
    let mut world = accepted();
    for who in [Who::Reporter, Who::Coordinator, Who::Developer] {
        let message = world.write(Tier::Public, false);
        assert_eq!(world.refused(who, &message), "J16", "{who:?}");
    }
}

/// Proves: J10, P02.
#[test]
fn a_stranger_does_nothing_in_any_state() {
    let mut worlds = vec![received(), accepted(), agreed(), tested(), released(), published()];
    let mut held = World::new("cpython");
    let intake = held.intake(Disposition::Hold);
    held.does(Who::Reporter, Command::Submit(Box::new(intake)));
    worlds.push(held);
    let scenes = scenes();
    for world in &worlds {
        for Scene { name, command, .. } in &scenes {
            assert!(world.ask(Who::Stranger, command).is_err(), "a stranger must not {name}");
        }
    }
}
