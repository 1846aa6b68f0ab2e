//! Who does which step, who may not, and who must not be alone.

use bastide_authz::{Role, Tier};
use bastide_model::time::Span;

use super::world::{ADVISORY, VULNERABILITY, Who, World, digest, project};
use crate::{
    case::{Command, DeadlineKind, RefusalKind, Reproduction, Seat, next_task},
    machine::pec,
    threat::Outcome,
};

/// Proves: J08.
#[test]
fn the_next_task_of_a_role_is_a_step_that_this_role_may_do() {
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    assert_eq!(next_task(world.case(), &[Role::Coordinator]).map(|task| task.command), Some("take"));
    assert_eq!(next_task(world.case(), &[Role::Developer]), None);
    world.does(Who::Coordinator, Command::TakeCoordination);
    assert_eq!(next_task(world.case(), &[Role::Coordinator]).map(|task| task.command), Some("acknowledge"));
    let mut world = World::new("jupyter");
    world.accepted();
    assert_eq!(next_task(world.case(), &[Role::Developer]).map(|task| task.command), Some("replicate"));
    world.fix_agreed();
    assert_eq!(next_task(world.case(), &[Role::Developer]).map(|task| task.command), Some("fix-test"));
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

/// Proves: J09.
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
    let mut world = World::new("jupyter");
    world.accepted();
    for who in [Who::Reporter, Who::Coordinator, Who::Developer] {
        let message = world.write(Tier::Public, false);
        assert_eq!(world.refused(who, &message), "J16", "{who:?}");
    }
}
