//! The embargo: begun, wished otherwise, moved, ended; and what people can read meanwhile.

use bastide_authz::Tier;
use bastide_model::time::{Instant, Span};

use super::world::{Who, World};
use crate::{
    case::{Command, DeadlineKind, PublicFact, RefusalKind, Seat, tasks},
    machine::{em, pec},
    policy::Disposition,
};

fn days(count: i64) -> Span {
    Span::days(count)
}

fn proposing(world: &mut World, length: Span, justification: Option<&str>) -> Command {
    let end = world.now + length;
    let justification = justification.map(str::to_owned);
    Command::ProposeEmbargo { proposal: world.fresh(), end, justification }
}

fn end_of(world: &World) -> Option<Instant> {
    world.case().embargo.map(|embargo| embargo.end)
}

/// A case under embargo with two developers, in which both have written to their team.
fn embargoed() -> World {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    let talk = world.write(Tier::TeamOnly, false);
    world.does(Who::Developer, talk);
    world
}

/// Proves: J05, J06.
#[test]
fn the_policys_embargo_begins_with_the_report() {
    let mut world = World::new("jupyter");
    let events = world.report(Who::Reporter);
    assert_eq!(world.case().em, em::State::Active);
    assert_eq!(end_of(&world), Some(world.now + days(90)));
    assert_eq!(world.due(DeadlineKind::EmbargoEnd), end_of(&world));
    assert_eq!(world.case().reporter.consent, pec::State::Signatory);
    let proposed = events.iter().position(|event| event == "embargo-proposed");
    let accepted = events.iter().position(|event| event == "embargo-accepted");
    assert!(proposed.is_some() && proposed < accepted, "in one step, VP-07-003: {events:?}");
}

/// VP-07-004.
#[test]
fn a_shorter_wish_of_the_reporter_wins() {
    let mut world = World::new("jupyter");
    let wish = world.now + days(30);
    world.report_wishing(wish);
    assert_eq!(world.case().em, em::State::Active);
    assert_eq!(end_of(&world), Some(wish));
}

/// VP-07-005.
#[test]
fn a_longer_wish_of_the_reporter_is_a_proposed_change() {
    let mut world = World::new("jupyter");
    let (begin, wish) = (world.now, world.now + days(120));
    world.report_wishing(wish);
    assert_eq!(world.case().em, em::State::Revise);
    assert_eq!(end_of(&world), Some(begin + days(90)), "the policy's end stands meanwhile");
    assert_eq!(world.case().proposal.map(|open| open.end), Some(wish));
    world.does(Who::Coordinator, Command::TakeCoordination);
    let task = tasks(world.case()).into_iter().find(|task| task.command == "decide-embargo");
    assert_eq!(task.and_then(|task| task.due), Some(begin + days(14)), "somebody is asked to decide");
    let decide = Command::DecideEmbargo { accept: true };
    assert_eq!(
        world.kind(Who::Reporter, &decide),
        RefusalKind::SecondPerson,
        "who proposed it does not decide"
    );
    world.does(Who::Coordinator, decide);
    assert_eq!(end_of(&world), Some(wish));
    assert_eq!(world.due(DeadlineKind::EmbargoEnd), Some(wish));
}

/// VP-07-005, VP-06-004.
#[test]
fn a_wish_that_nobody_decides_about_lapses_after_two_weeks() {
    let mut world = World::new("jupyter");
    let begin = world.now;
    world.report_wishing(begin + days(120));
    world.wait(days(14)).tick();
    assert_eq!(world.case().em, em::State::Active);
    assert_eq!(end_of(&world), Some(begin + days(90)));
    assert_eq!(world.case().proposal, None);
    assert!(world.history.iter().any(|(_, event)| event.name() == "deadline-breached"));
}

/// VP-05-002, VP-07-005.
#[test]
fn a_wish_counts_within_the_policys_bounds_and_also_for_a_held_report() {
    let mut world = World::new("jupyter");
    let begin = world.now;
    world.report_wishing(begin + days(3000));
    assert_eq!(world.case().proposal.map(|open| open.end), Some(begin + days(365)));

    let mut world = World::new("jupyter");
    let begin = world.now;
    world.report_wishing(begin - days(1));
    assert_eq!(world.case().em, em::State::Active, "a past wish is none");
    assert_eq!(end_of(&world), Some(begin + days(90)));

    let mut world = World::new("cpython");
    let mut intake = world.intake(Disposition::Hold);
    intake.embargo_end = Some(world.now + days(20));
    let wish = intake.embargo_end;
    world.does(Who::Reporter, Command::Submit(Box::new(intake)));
    world.wait(days(2));
    let release = Command::ReleaseHold { proposal: world.fresh() };
    world.does(Who::Coordinator, release);
    assert_eq!(end_of(&world), wish);
}

/// VP-04-001, VP-05-002, EP-01.
#[test]
fn an_embargo_has_an_end_within_bounds_and_a_long_one_a_justification() {
    let mut world = World::new("jupyter");
    world.terms.embargo.minimum_days = 5;
    world.report(Who::Reporter);
    world.does(Who::Coordinator, Command::TakeCoordination);
    for (length, justification, rule) in [
        (Span::ZERO, None, Some("VP-04-001")),
        (days(-1), None, Some("VP-04-001")),
        (days(4), None, Some("EP-01")),
        (days(5), None, None),
        (days(90), None, None),
        (days(91), None, Some("VP-05-002")),
        (days(91), Some("  "), Some("VP-05-002")),
        (days(91), Some("The fix needs a new release of a dependency."), None),
        (days(365), Some("So does this."), None),
        (days(366), Some("Whatever the reason."), Some("VP-05-002")),
    ] {
        let propose = proposing(&mut world, length, justification);
        match rule {
            None => assert!(world.ask(Who::Coordinator, &propose).is_ok(), "{length}"),
            Some(rule) => assert_eq!(world.refused(Who::Coordinator, &propose), rule, "{length}"),
        }
    }
}

/// VP-06-001.
#[test]
fn nothing_that_is_known_is_embargoed() {
    for fact in [PublicFact::Public, PublicFact::Exploit, PublicFact::Attacks] {
        let mut world = World::new("jupyter");
        world.terms.embargo.default_days = 0;
        world.terms.embargo.ends_when_attacked = false;
        world.report(Who::Reporter);
        assert_eq!(world.case().em, em::State::None);
        world.does(Who::Coordinator, Command::TakeCoordination);
        let propose = proposing(&mut world, days(30), None);
        assert!(world.ask(Who::Coordinator, &propose).is_ok());
        world.does(Who::Coordinator, propose.clone());
        world.does(Who::Coordinator, Command::RecordPublicFact { fact, evidence: "A post.".into() });
        assert_eq!(world.case().em, em::State::None, "{fact:?} ends the negotiation");
        let again = proposing(&mut world, days(30), None);
        assert_eq!(world.refused(Who::Coordinator, &again), "VP-06-001", "{fact:?}");
    }
}

/// Proves: J05, J16.
#[test]
fn a_proposed_change_closes_the_contents_to_who_has_not_agreed_to_it() {
    let mut world = embargoed();
    let team = world.opens(Who::Developer, Tier::TeamOnly);
    assert!(team > 0);
    assert_eq!(world.opens(Who::SecondDeveloper, Tier::TeamOnly), team);
    let propose = proposing(&mut world, days(80), None);
    world.does(Who::Developer, propose);
    assert_eq!(world.case().em, em::State::Revise);
    assert_eq!(world.case().members[&Who::SecondDeveloper.id()].consent, pec::State::Lapsed);
    assert_eq!(world.opens(Who::Developer, Tier::TeamOnly), team, "who proposed it agrees to it");
    assert_eq!(world.opens(Who::SecondDeveloper, Tier::TeamOnly), 0);
    assert_eq!(world.opens(Who::SecondDeveloper, Tier::Participants), 0);
    assert!(world.opens(Who::Reporter, Tier::TeamAndReporter) > 0, "nobody hides a report from its reporter");
    assert_eq!(world.opens(Who::Reporter, Tier::TeamOnly), 0);

    world.does(Who::SecondDeveloper, Command::AnswerInvitation { accept: true });
    assert_eq!(world.opens(Who::SecondDeveloper, Tier::TeamOnly), team);
}

/// Vultron §6.4: a rejected change leaves the earlier terms, to which all had agreed.
#[test]
fn a_rejected_change_restores_everybody_who_had_agreed() {
    let mut world = embargoed();
    let end = end_of(&world);
    let propose = proposing(&mut world, days(80), None);
    world.does(Who::Developer, propose);
    world.does(Who::Coordinator, Command::DecideEmbargo { accept: false });
    assert_eq!(world.case().em, em::State::Active);
    assert_eq!(end_of(&world), end);
    assert!(world.case().members.values().all(|member| member.consent == pec::State::Signatory));
    assert_eq!(world.case().reporter.consent, pec::State::Signatory);
    assert!(world.opens(Who::SecondDeveloper, Tier::TeamOnly) > 0);
    assert!(!world.case().deadlines.keys().any(|kind| matches!(kind, DeadlineKind::EmbargoDecision { .. })));
}

/// Proves: J09.
#[test]
fn an_accepted_change_moves_the_end_and_still_asks_the_others() {
    let mut world = embargoed();
    let propose = proposing(&mut world, days(80), None);
    let end = world.now + days(80);
    world.does(Who::Developer, propose);
    let decide = Command::DecideEmbargo { accept: true };
    assert_eq!(world.kind(Who::Developer, &decide), RefusalKind::SecondPerson);
    world.does(Who::Coordinator, decide.clone());
    assert_eq!(end_of(&world), Some(end));
    assert_eq!(world.opens(Who::SecondDeveloper, Tier::TeamOnly), 0, "one person's yes binds nobody else");
    assert_eq!(world.case().reporter.consent, pec::State::Lapsed);
    world.does(Who::Reporter, Command::AnswerInvitation { accept: true });
    assert_eq!(world.case().reporter.consent, pec::State::Signatory);
    assert_eq!(world.refused(Who::Coordinator, &decide), "EM", "nothing is open");
}

/// VP-04-001.
#[test]
fn a_proposal_whose_end_has_passed_is_not_accepted() {
    let mut world = embargoed();
    let propose = proposing(&mut world, days(2), None);
    world.does(Who::Developer, propose);
    world.wait(days(3));
    assert_eq!(world.refused(Who::Coordinator, &Command::DecideEmbargo { accept: true }), "VP-04-001");
    world.does(Who::Coordinator, Command::DecideEmbargo { accept: false });
}

/// Proves: J16.
#[test]
fn who_is_only_invited_reads_nothing() {
    let mut world = embargoed();
    for tier in [Tier::TeamOnly, Tier::TeamAndReporter, Tier::Participants] {
        assert_eq!(world.opens(Who::Stranger, tier), 0);
    }
    world.does(Who::Coordinator, Command::Invite { person: Who::Stranger.id(), seat: Seat::Developer });
    for tier in [Tier::TeamOnly, Tier::TeamAndReporter, Tier::Participants] {
        assert_eq!(world.opens(Who::Stranger, tier), 0, "VP-08-006: consent before content");
    }
    world.does(Who::Stranger, Command::AnswerInvitation { accept: true });
    assert!(world.opens(Who::Stranger, Tier::TeamOnly) > 0);
    world.does(Who::Stranger, Command::Leave { person: Who::Stranger.id(), seat: Seat::Developer });
    assert_eq!(world.opens(Who::Stranger, Tier::TeamOnly), 0, "who has left reads nothing");
}

/// Proves: J16.
#[test]
fn an_operator_reads_what_is_for_all_participants_and_no_more() {
    let mut world = embargoed();
    world.join(Who::Operator, Seat::Observer);
    let propose = proposing(&mut world, days(95), Some("It takes long."));
    world.does(Who::Coordinator, propose);
    world.does(Who::Developer, Command::DecideEmbargo { accept: true });
    world.does(Who::Operator, Command::AnswerInvitation { accept: true });
    assert!(world.opens(Who::Operator, Tier::Participants) > 0);
    assert_eq!(world.opens(Who::Operator, Tier::TeamAndReporter), 0);
    assert_eq!(world.opens(Who::Operator, Tier::TeamOnly), 0);
}

#[test]
fn an_embargo_that_ends_binds_nobody_and_stays_closed_to_who_had_not_agreed() {
    let mut world = embargoed();
    let propose = proposing(&mut world, days(80), None);
    world.does(Who::Developer, propose);
    let end = Command::EndEmbargo { reason: String::new() };
    assert_eq!(world.refused(Who::Coordinator, &end), "EM", "ending early needs a reason");
    world.does(Who::Coordinator, Command::EndEmbargo { reason: "It has leaked.".into() });
    assert_eq!(world.case().em, em::State::Exited);
    assert_eq!(world.case().proposal, None);
    assert!(world.case().members.values().all(|member| member.consent == pec::State::NoEmbargo));
    assert_eq!(world.case().reporter.consent, pec::State::NoEmbargo);
    assert!(world.opens(Who::Developer, Tier::TeamOnly) > 0);
    assert_eq!(world.opens(Who::SecondDeveloper, Tier::TeamOnly), 0, "its end is no agreement");
    world.join(Who::SecondDeveloper, Seat::Developer);
    assert!(world.opens(Who::SecondDeveloper, Tier::TeamOnly) > 0, "asked anew, they agreed");
    let kinds = world.case().deadlines.keys();
    let left: Vec<_> = kinds
        .filter(|kind| matches!(kind, DeadlineKind::EmbargoEnd | DeadlineKind::EmbargoDecision { .. }))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let again = proposing(&mut world, days(30), None);
    assert!(world.ask(Who::Coordinator, &again).is_err(), "there is one embargo in a case's life");
}

/// VP-09-003 against EMB-03-003: the policy chooses.
#[test]
fn attacks_end_the_embargo_where_the_policy_says_so() {
    for ends in [true, false] {
        let mut world = World::new("jupyter");
        world.terms.embargo.ends_when_attacked = ends;
        world.accepted();
        let propose = proposing(&mut world, days(80), None);
        world.does(Who::Developer, propose);
        let fact = Command::RecordPublicFact { fact: PublicFact::Attacks, evidence: "In our logs.".into() };
        world.does(Who::Developer, fact.clone());
        assert!(world.case().embargoed() && world.case().proposal.is_some(), "a claim changes nothing");
        world.does(Who::Coordinator, Command::AnswerInvitation { accept: true });
        world.does(Who::Coordinator, fact.clone());
        assert_eq!(world.case().embargoed(), !ends);
        assert_eq!(world.case().proposal, None, "nothing new is negotiated after attacks");
        assert!(world.ask(Who::Developer, &fact).is_err(), "attacks begin once");
        let exploit = Command::RecordPublicFact { fact: PublicFact::Exploit, evidence: "A gist.".into() };
        world.does(Who::Coordinator, exploit);
        assert!(
            !world.case().embargoed() && world.case().is_public(),
            "a public exploit is public knowledge"
        );
    }
}

/// A policy without a default embargo: one is proposed, everybody is asked, nobody is bound unasked.
#[test]
fn a_first_embargo_asks_everybody_who_is_there() {
    let mut world = World::new("jupyter");
    world.terms.embargo.default_days = 0;
    world.accepted();
    assert!(world.opens(Who::Developer, Tier::TeamAndReporter) > 0, "no embargo, no consent needed");
    let propose = proposing(&mut world, days(30), None);
    world.does(Who::Coordinator, propose);
    assert_eq!(world.case().em, em::State::Proposed);
    assert_eq!(world.case().members[&Who::Developer.id()].consent, pec::State::Invited);
    world.does(Who::Reporter, Command::DecideEmbargo { accept: true });
    assert!(world.case().embargoed());
    assert_eq!(world.opens(Who::Developer, Tier::TeamAndReporter), 0);
    world.does(Who::Developer, Command::AnswerInvitation { accept: true });
    assert!(world.opens(Who::Developer, Tier::TeamAndReporter) > 0);

    let mut world = World::new("jupyter");
    world.terms.embargo.default_days = 0;
    let wish = world.now + days(30);
    world.report_wishing(wish);
    assert_eq!(world.case().em, em::State::Proposed, "a wish without a default is a proposal");
    world.does(Who::Coordinator, Command::TakeCoordination);
    world.does(Who::Coordinator, Command::DecideEmbargo { accept: false });
    assert_eq!(world.case().em, em::State::None);
    assert_eq!(world.case().members[&Who::Coordinator.id()].consent, pec::State::NoEmbargo);
}

/// Proves: J09.
#[test]
fn a_reporter_does_not_decide_about_their_own_wish_in_another_role() {
    let mut world = World::new("jupyter");
    let mut intake = world.intake(Disposition::Record);
    intake.embargo_end = Some(world.now + days(120));
    world.does(Who::Developer, Command::Submit(Box::new(intake)));
    world.does(Who::Coordinator, Command::TakeCoordination);
    world.join(Who::Developer, Seat::Developer);
    let decide = Command::DecideEmbargo { accept: true };
    assert_eq!(world.kind(Who::Developer, &decide), RefusalKind::SecondPerson);
    assert_eq!(world.kind(Who::Reporter, &decide), RefusalKind::SecondPerson, "nor by their secret link");
}

/// Proves: J05, J16, J28.
#[test]
fn one_participants_word_that_it_is_public_calls_the_coordinators_and_changes_nothing() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    world.join(Who::Operator, Seat::Observer);
    world.fix_agreed();
    world.approved();
    let fact = |fact| Command::RecordPublicFact { fact, evidence: "A post.".into() };
    for (who, what) in [
        (Who::Reporter, PublicFact::Public),
        (Who::Developer, PublicFact::Exploit),
        (Who::Operator, PublicFact::Attacks),
    ] {
        let before = world.case().clone();
        assert_eq!(world.does(who, fact(what)), ["public-fact-asserted"], "{who:?}");
        assert_eq!(world.case().pxa, before.pxa);
        assert_eq!((world.case().em, &world.case().members), (before.em, &before.members));
        assert_eq!(world.refused(who, &fact(what)), "CS", "said once");
    }
    assert!(!world.tick().contains(&"advisory-published".to_owned()), "no date was agreed");
    let asked = tasks(world.case()).into_iter().filter(|task| task.command == "public-fact").count();
    assert_eq!(asked, 3);

    world.does(Who::Coordinator, fact(PublicFact::Public));
    assert!(world.case().is_public() && !world.case().embargoed());
    assert!(world.tick().contains(&"advisory-published".to_owned()), "a coordinator looked at it");
}

/// Proves: J16.
#[test]
fn who_declined_or_lapsed_neither_records_a_fact_nor_reads_once_a_claim_is_recorded() {
    let mut world = embargoed();
    world.does(Who::Coordinator, Command::Invite { person: Who::SecondDeveloper.id(), seat: Seat::Observer });
    let propose = proposing(&mut world, days(80), None);
    world.does(Who::Developer, propose);
    world.does(Who::SecondDeveloper, Command::AnswerInvitation { accept: false });
    assert_eq!(world.case().members[&Who::SecondDeveloper.id()].consent, pec::State::Declined);
    let fact = Command::RecordPublicFact { fact: PublicFact::Public, evidence: "A post.".into() };
    assert_eq!(world.refused(Who::SecondDeveloper, &fact), "PEC");
    assert_eq!(world.refused(Who::Coordinator, &fact), "PEC", "nor a coordinator who has lapsed");
    world.does(Who::Coordinator, Command::AnswerInvitation { accept: true });
    world.does(Who::Coordinator, fact);
    assert!(!world.case().embargoed());
    assert_eq!(world.opens(Who::SecondDeveloper, Tier::TeamOnly), 0, "no back door past the embargo");
}

/// Only no embargo at all is open without consent; one that is proposed is not (PEC).
///
/// Proves: J16.
#[test]
fn while_a_first_embargo_is_proposed_only_who_agreed_reads() {
    let mut world = World::new("jupyter");
    world.terms.embargo.default_days = 0;
    world.accepted();
    let propose = proposing(&mut world, days(30), None);
    world.does(Who::Developer, propose);
    assert_eq!(world.case().em, em::State::Proposed);
    assert!(world.opens(Who::Developer, Tier::TeamAndReporter) > 0, "who proposed it agrees to it");
    world.join(Who::SecondDeveloper, Seat::Developer);
    assert!(world.opens(Who::SecondDeveloper, Tier::TeamAndReporter) > 0);
    let mut world = World::new("jupyter");
    world.terms.embargo.default_days = 0;
    world.accepted();
    let propose = proposing(&mut world, days(30), None);
    world.does(Who::Coordinator, propose);
    assert_eq!(world.opens(Who::Developer, Tier::TeamAndReporter), 0);
    world.does(Who::Reporter, Command::DecideEmbargo { accept: false });
    assert!(world.opens(Who::Developer, Tier::TeamAndReporter) > 0, "there is none after all");
}

/// Proves: J16.
#[test]
fn an_observers_or_reporters_proposal_locks_nobody_out_before_a_coordinator_takes_it_up() {
    for who in [Who::Reporter, Who::Operator] {
        let mut world = embargoed();
        world.join(Who::Operator, Seat::Observer);
        let (first, second) = (proposing(&mut world, days(80), None), proposing(&mut world, days(70), None));
        world.does(who, first);
        assert!(world.opens(Who::Developer, Tier::TeamOnly) > 0, "{who:?}");
        assert_eq!(world.refused(who, &second), "EM", "one open proposal each");
        let other = if who == Who::Reporter { Who::Operator } else { Who::Reporter };
        assert_eq!(
            world.refused(other, &second),
            "EM",
            "nor does anybody else's outside the team displace it"
        );
        let accept = Command::DecideEmbargo { accept: true };
        assert_eq!(world.kind(other, &accept), RefusalKind::NotYourRole);
        assert!(world.ask(who, &Command::DecideEmbargo { accept: false }).is_ok(), "one's own is taken back");
        world.does(Who::Coordinator, accept);
        assert_eq!(world.case().members[&Who::Developer.id()].consent, pec::State::Lapsed);
        assert_eq!(world.case().members[&Who::Coordinator.id()].consent, pec::State::Signatory);
    }
    let mut world = World::new("jupyter");
    world.terms.embargo.default_days = 0;
    world.accepted();
    let propose = proposing(&mut world, days(30), None);
    world.does(Who::Reporter, propose);
    assert!(world.opens(Who::Developer, Tier::TeamAndReporter) > 0, "nobody was asked yet");
    world.does(Who::Coordinator, Command::DecideEmbargo { accept: true });
    assert_eq!(world.opens(Who::Developer, Tier::TeamAndReporter), 0);
}

/// Proves: J16, J17, O06.
#[test]
fn whoever_joins_while_the_report_is_held_is_asked_when_the_embargo_begins() {
    let mut world = World::new("jupyter");
    world.held();
    world.does(Who::Coordinator, Command::TakeCoordination);
    world.join(Who::Developer, Seat::Developer);
    world
        .does(Who::Coordinator, Command::Invite { person: Who::SecondDeveloper.id(), seat: Seat::Developer });
    let release = Command::ReleaseHold { proposal: world.fresh() };
    world.does(Who::Coordinator, release);
    for who in [Who::Developer, Who::SecondDeveloper] {
        assert_eq!(world.opens(who, Tier::TeamAndReporter), 0, "{who:?} has not agreed");
        world.does(who, Command::AnswerInvitation { accept: true });
        assert!(world.opens(who, Tier::TeamAndReporter) > 0, "{who:?} agreed");
    }
}
