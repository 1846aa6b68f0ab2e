//! Every deadline fires once, by whoever looks first, also when the clock is late.

use std::collections::BTreeMap;

use bastide_authz::{Role, Tier};
use bastide_model::time::Span;

use super::world::{ADVISORY, Who, World, digest, project};
use crate::{
    case::{Command, DeadlineKind, Event, Lifecycle},
    machine::em,
    threat::Outcome,
};

fn days(count: i64) -> Span {
    Span::days(count)
}

fn received() -> World {
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    world
}

fn count(world: &World, name: &str) -> usize {
    world.history.iter().filter(|(_, event)| event.name() == name).count()
}

/// Proves: J04, J11.
#[test]
fn the_receipt_does_not_stop_the_three_days_and_a_persons_answer_does() {
    let mut world = received();
    assert!(world.case().reporter.told.contains_key(&crate::case::Notice::Receipt));
    assert_eq!(world.due(DeadlineKind::Acknowledge), Some(world.now + days(3)));
    world.wait(days(3)).tick();
    let breached = world.case().deadlines[&DeadlineKind::Acknowledge].breached;
    assert_eq!(breached, Some(world.now));
    assert_eq!(count(&world, "deadline-breached"), 1);
    for _ in 0..10 {
        world.wait(days(1)).tick();
    }
    assert_eq!(world.case().breaches, 1, "a breach is counted once");

    let mut answered = received();
    let message = answered.write(Tier::TeamAndReporter, false);
    answered.wait(days(2)).does(Who::Coordinator, message);
    assert_eq!(answered.due(DeadlineKind::Acknowledge), None, "any answer of a person counts");
    answered.wait(days(5)).tick();
    assert_eq!(answered.case().breaches, 0);

    let mut talk = received();
    let message = talk.write(Tier::TeamOnly, false);
    talk.does(Who::Coordinator, message);
    assert!(talk.due(DeadlineKind::Acknowledge).is_some(), "the team's talk is no answer");
}

/// Proves: J04.
#[test]
fn an_answer_after_the_breach_ends_the_deadline_but_not_the_count() {
    let mut world = received();
    world.wait(days(4)).tick();
    let acknowledge = world.acknowledge();
    world.does(Who::Coordinator, acknowledge);
    assert_eq!(world.due(DeadlineKind::Acknowledge), None);
    assert_eq!(world.case().breaches, 1);
}

/// Proves: J08.
#[test]
fn an_idle_case_is_given_to_a_coordinator_after_three_days() {
    let mut world = received();
    world.wait(days(2)).tick();
    assert!(!world.case().holds(Who::SecondCoordinator.id(), Role::Coordinator));
    world.wait(days(1)).tick();
    assert!(world.case().holds(Who::SecondCoordinator.id(), Role::Coordinator));
    assert_eq!(world.due(DeadlineKind::AssignCoordinator), None);
}

/// Proves: J06.
#[test]
fn without_anybody_to_assign_the_administrators_are_called_every_day_about_each_deadline() {
    let mut world = received();
    let nobody = Command::Tick { candidates: Vec::new(), advisory: ADVISORY };
    for _ in 0..100 * 4 {
        world.wait(Span::hours(6)).does(Who::Clock, nobody.clone());
    }
    let mut calls: BTreeMap<DeadlineKind, usize> = BTreeMap::new();
    for (_, event) in &world.history {
        if let Event::Escalated { kind } = event {
            *calls.entry(*kind).or_default() += 1;
        }
    }
    assert_eq!(calls[&DeadlineKind::AssignCoordinator], 98, "days 3 to 100");
    assert_eq!(calls[&DeadlineKind::Disclosure], 11, "days 90 to 100");
}

/// Proves: J06.
#[test]
fn reminders_come_fourteen_seven_and_one_day_before_each_once() {
    let mut world = World::new("jupyter");
    world.accepted();
    let begin = world.now;
    while world.now.since(begin) < days(90) {
        world.wait(Span::hours(1)).tick();
    }
    let given: Vec<(i64, u32)> = world
        .history
        .iter()
        .filter_map(|(at, event)| match event {
            Event::Reminded { days, .. } => Some((at.since(begin).whole_days(), *days)),
            _ => None,
        })
        .collect();
    assert_eq!(given, [(76, 14), (83, 7), (89, 1)]);
}

/// Proves: J06.
#[test]
fn a_late_clock_gives_the_tightest_reminder_only_and_none_after_the_deadline() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.wait(days(85));
    assert_eq!(world.tick(), ["reminded"]);
    assert!(world.tick().is_empty());
    let given: Vec<u32> = world.case().reminded.iter().map(|(_, days)| *days).collect();
    assert_eq!(given, [7], "fourteen days before has gone by");
    world.wait(days(10));
    assert!(!world.tick().contains(&"reminded".to_owned()));
}

/// VP-06-004.
#[test]
fn an_embargo_proposal_is_decided_in_two_weeks_or_rejected() {
    let mut world = World::new("jupyter");
    world.accepted();
    let end = world.now + days(60);
    let proposal = world.fresh();
    world.does(Who::Developer, Command::ProposeEmbargo { proposal, end, justification: None });
    assert_eq!(world.due(DeadlineKind::EmbargoDecision { proposal }), Some(world.now + days(14)));
    world.wait(days(14)).tick();
    assert_eq!(world.case().em, em::State::Active);
    assert_eq!(world.case().breaches, 1);
    assert_eq!(world.case().reporter.consent, crate::machine::pec::State::Signatory);
}

/// Proves: J06.
#[test]
fn an_embargo_ends_by_itself() {
    let mut world = World::new("jupyter");
    let end = world.now + days(20);
    world.report_wishing(end);
    world.wait(days(20)).tick();
    assert_eq!(world.case().em, em::State::Exited);
    assert_eq!(world.due(DeadlineKind::EmbargoEnd), None);
}

/// Proves: J06, J28.
#[test]
fn at_the_deadline_an_approved_advisory_goes_out_patch_or_not_number_or_not() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.approved();
    world.wait(days(89)).tick();
    assert_eq!(world.case().advisory.published, None);
    world.wait(days(1));
    let events = world.tick();
    assert!(events.contains(&"advisory-published".to_owned()), "{events:?}");
    assert_eq!(world.lifecycle(), Lifecycle::Published);
    assert_eq!(world.due(DeadlineKind::Disclosure), None);
    assert_eq!(world.case().breaches, 0, "it was disclosed in time");
    assert_eq!(world.case().vulnerabilities.values().filter(|part| part.number_settled()).count(), 0);
}

/// Proves: J06, J09.
#[test]
fn at_the_deadline_nothing_unapproved_goes_out_and_the_administrators_are_called_daily() {
    for submitted in [false, true] {
        let mut world = World::new("jupyter");
        world.accepted();
        world.draft(Who::Coordinator, "first");
        if submitted {
            world.does(Who::Coordinator, Command::SubmitForReview);
        }
        world.wait(days(90)).tick();
        for _ in 0..24 * 30 {
            world.wait(Span::hours(1)).tick();
        }
        assert_eq!(world.case().advisory.published, None);
        assert_eq!(count(&world, "escalated"), 31);
        assert_eq!(count(&world, "deadline-breached"), 1);
        assert!(!world.case().is_public());
    }
}

/// Proves: J06, J09, O05.
#[test]
fn after_the_deadline_an_administrator_may_be_the_second_person_but_the_reporter_may_not() {
    let mut world = World::new("jupyter");
    world.report(Who::Stranger);
    let judge = world.judge(Outcome::Vulnerability);
    world.does(Who::Coordinator, judge);
    world.does(Who::Coordinator, Command::Accept { vulnerability: super::world::VULNERABILITY });
    world.draft(Who::Coordinator, "first");
    world.does(Who::Coordinator, Command::SubmitForReview);
    let approve = Command::ApproveAdvisory { digest: digest("first") };
    assert_eq!(world.refused(Who::Operator, &approve), "J09", "not before the deadline");
    world.wait(days(90)).tick();
    assert_eq!(world.refused(Who::Coordinator, &approve), "J09", "nor does its author");
    assert_eq!(world.refused(Who::Stranger, &approve), "J09", "nor its reporter");
    world.does(Who::Operator, approve);
    assert!(world.tick().contains(&"advisory-published".to_owned()));
}

/// Proves: J06.
#[test]
fn putting_disclosure_off_needs_a_reason_and_has_an_end() {
    let mut world = World::new("jupyter");
    world.accepted();
    let received = world.case().received;
    let postpone = |count: i64, reason: &str| Command::PostponeDisclosure {
        until: received + days(count),
        reason: reason.to_owned(),
    };
    assert_eq!(world.refused(Who::Coordinator, &postpone(120, " ")), "J06");
    assert_eq!(world.refused(Who::Coordinator, &postpone(90, "No earlier.")), "J06");
    assert_eq!(world.refused(Who::Coordinator, &postpone(366, "A year is enough.")), "VP-05-002");
    world.wait(days(80)).tick();
    assert_eq!(count(&world, "reminded"), 1);
    world.does(Who::Coordinator, postpone(120, "Two projects need a release first."));
    assert_eq!(world.due(DeadlineKind::Disclosure), Some(received + days(120)));
    world.wait(days(30)).tick();
    assert_eq!(world.case().breaches, 0);
    assert_eq!(count(&world, "reminded"), 2, "the new date has its own reminders");
    world.wait(days(10)).tick();
    assert_eq!(world.case().breaches, 1);
}

/// Proves: J24, J28.
#[test]
fn the_clock_announces_on_the_date_and_not_before() {
    let mut world = World::scheduled();
    let lab = project("jupyterlab");
    let note = "Passes.".to_owned();
    world.does(Who::SecondDeveloper, Command::RecordManualTest { project: lab.clone(), note });
    world.wait(days(2));
    world.does(Who::Developer, Command::MergeFix { project: lab.clone(), reference: "abc".into() });
    world.does(Who::Developer, Command::ReleaseFix { project: lab, version: "4.2.5".into() });
    world.wait(days(6)).wait(Span::hours(23)).tick();
    assert_eq!(world.lifecycle(), Lifecycle::ReleasedQuiet);
    world.wait(Span::hours(1)).tick();
    assert_eq!(world.lifecycle(), Lifecycle::Published);
    assert_eq!(world.case().breaches, 0);
}

/// Proves: J24.
#[test]
fn an_announcement_without_an_approved_advisory_is_a_breach_and_a_call_every_day() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.fix_agreed();
    world.dated();
    world.wait(days(9)).tick();
    world.wait(days(1)).tick();
    let kinds: Vec<DeadlineKind> = world
        .history
        .iter()
        .filter_map(|(_, event)| match event {
            Event::DeadlineBreached { kind } => Some(*kind),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [DeadlineKind::Release, DeadlineKind::Announcement]);
    assert_eq!(count(&world, "escalated"), 2);
    assert_eq!(world.case().advisory.published, None);
}

/// Proves: J26, J28.
#[test]
fn a_fix_that_is_public_for_longer_than_the_notice_is_exposure_counted_from_the_first_merge() {
    let mut world = World::scheduled();
    let lab = project("jupyterlab");
    let note = "Passes.".to_owned();
    world.does(Who::SecondDeveloper, Command::RecordManualTest { project: lab.clone(), note });
    world.does(Who::Developer, Command::MergeFix { project: lab, reference: "abc".into() });
    assert_eq!(world.due(DeadlineKind::Exposure), Some(world.now + days(7)));
    assert!(world.case().fix_public());
    world.wait(days(7)).tick();
    assert!(world.history.contains(&(world.now, Event::DeadlineBreached { kind: DeadlineKind::Exposure })));
    world.wait(days(2)).tick();
    assert_eq!(world.lifecycle(), Lifecycle::Published);
    assert_eq!(world.due(DeadlineKind::Exposure), None);
}

/// Proves: J24.
#[test]
fn nothing_is_dated_after_the_advisory_is_out() {
    let mut world = World::scheduled();
    let dates = Command::ProposeDates {
        release: world.now + days(20),
        announcement: world.now + days(30),
        short_notice_reason: None,
    };
    world.does(Who::Developer, dates.clone());
    world.wait(days(9)).tick();
    assert_eq!(world.lifecycle(), Lifecycle::Published);
    assert!(world.ask(Who::Coordinator, &Command::ConfirmDates).is_err());
    assert_eq!(world.refused(Who::Coordinator, &dates), "J24");
    assert_eq!(world.due(DeadlineKind::Announcement), None);
}

/// Proves: J24.
#[test]
fn proposed_dates_that_have_passed_are_not_confirmed() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.fix_agreed();
    let propose = Command::ProposeDates {
        release: world.now + days(2),
        announcement: world.now + days(9),
        short_notice_reason: None,
    };
    world.does(Who::Coordinator, propose);
    world.wait(days(10));
    assert_eq!(world.refused(Who::Developer, &Command::ConfirmDates), "J24");
}

/// Proves: J04, J06.
#[test]
#[allow(clippy::disallowed_methods, reason = "the test is about how long it takes")]
fn a_year_of_ticks_takes_less_than_a_second() {
    let begun = std::time::Instant::now();
    let mut world = World::new("jupyter");
    world.accepted();
    world.draft(Who::Coordinator, "first");
    for _ in 0..365 * 24 {
        world.wait(Span::hours(1)).tick();
    }
    let spent = begun.elapsed();
    println!("{} ticks, {} events in {spent:?}", 365 * 24, world.history.len());
    assert!(spent < std::time::Duration::from_secs(1), "{spent:?}");
    assert_eq!(world.case().breaches, 1);
}

/// When the clock looks next: never later than anything is due, and never in a loop.
///
/// Proves: J04, J06.
#[test]
fn a_clock_that_wakes_when_told_misses_nothing_and_rests_in_between() {
    for mut world in [received(), World::scheduled()] {
        let begin = world.now;
        let mut woken = 0;
        while let Some(at) = world.case().wake_at(world.now) {
            if at.since(begin) > days(200) {
                break;
            }
            woken += 1;
            assert!(woken < 400, "the clock is woken in a loop");
            for deadline in world.case().deadlines.values().filter(|deadline| deadline.breached.is_none()) {
                assert!(at <= deadline.due.max(world.now), "{deadline:?} would be missed");
            }
            world.now = at.max(world.now);
            let before = world.case().clone();
            world.tick();
            assert_ne!(*world.case(), before, "woken for nothing at {at}");
        }
    }
}
