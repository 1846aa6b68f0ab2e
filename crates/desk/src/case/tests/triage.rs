//! What a report is found to be, and what follows from it.

use bastide_model::{finding::Finding, party::ProjectName, time::Span};

use super::world::{ADVISORY, VULNERABILITY, Who, World, project};
use crate::{
    case::{
        Cited, ClosingReason, Command, DeadlineKind, Lifecycle, Notice, PublicFact, RefusalKind,
        ReportContent, Reproduction, Seat, tasks,
    },
    lint::ReportDraft,
    machine::{conduct, intake, rm},
    policy::Disposition,
    threat::{Outcome, Ruling},
};

/// The same judgement with another clause.
fn citing(command: Command, cited: Option<Cited>) -> Command {
    let Command::Triage { outcome, reasoning, duplicate_of, destination, cleaned_text, message, .. } =
        command
    else {
        panic!("only a triage cites a clause")
    };
    Command::Triage { outcome, clause: cited, reasoning, duplicate_of, destination, cleaned_text, message }
}

fn cited(ruling: Ruling) -> Cited {
    Cited { id: "free-execution".into(), ruling }
}

fn amended(disposition: Disposition, world: &mut World) -> Command {
    let content = ReportContent { draft: ReportDraft::default(), raw: "bW9yZQ==".into(), origin: None };
    Command::Amend {
        content: Box::new(content),
        findings: Vec::<Finding>::new(),
        disposition,
        proposal: world.fresh(),
    }
}

/// Proves: J13, P29.
#[test]
fn a_vulnerability_waits_for_a_coordinator_to_accept_it() {
    let (mut world, _) = World::judged("jupyter", Outcome::Vulnerability);
    assert_eq!(world.lifecycle(), Lifecycle::Triaging);
    assert_eq!(world.case().desk_rm, rm::State::Valid);
    let again = world.judge(Outcome::Vulnerability);
    assert_eq!(world.refused(Who::Coordinator, &again), "J18", "a judged report is not judged again");
    world.does(Who::Coordinator, Command::Accept { vulnerability: VULNERABILITY });
    assert_eq!(world.lifecycle(), Lifecycle::AcceptedEmbargoed);
}

/// Proves: P12, P14, P29, S06, J14.
#[test]
fn a_bug_is_closed_with_the_cleaned_text_of_a_public_issue() {
    let mut world = World::new("cpython");
    world.report(Who::Reporter);
    let Command::Triage { outcome, clause, reasoning, duplicate_of, destination, message, .. } =
        world.judge(Outcome::PublicIssue)
    else {
        panic!("a judgement is a triage")
    };
    let without_text = Command::Triage {
        outcome,
        clause,
        reasoning,
        duplicate_of,
        destination,
        cleaned_text: Some("  ".into()),
        message,
    };
    assert_eq!(world.refused(Who::Coordinator, &without_text), "P12");

    let judge = world.judge(Outcome::PublicIssue);
    let said = world.said(Who::Coordinator, &judge);
    assert!(said.contains(&"Reading an empty file prints a traceback.".to_owned()), "{said:?}");
    let events = world.does(Who::Coordinator, judge);
    assert!(events.contains(&"issue-text-written".to_owned()), "{events:?}");
    assert_eq!(world.ended(), Some(ClosingReason::NotAccepted));
}

/// Proves: P09.
#[test]
fn a_dependencys_flaw_goes_upstream_only_when_the_reporter_said_so() {
    for given in [true, false] {
        let (mut world, _) = World::judged("cpython", Outcome::Upstream);
        assert_eq!(world.lifecycle(), Lifecycle::Invalid);
        assert!(world.case().reporter.asked.is_some() && world.case().acknowledged.is_some());
        assert_eq!(world.refused(Who::Coordinator, &Command::Close), "P09", "nobody answered yet");
        let consent = Command::ConsentUpstream { given };
        assert_eq!(world.refused(Who::Coordinator, &consent), "P09", "the reporter says it, nobody else");
        world.does(Who::Reporter, consent.clone());
        assert_eq!(world.refused(Who::Reporter, &consent), "P09", "said once");
        world.does(Who::Coordinator, Command::Close);
        assert_eq!(world.case().reporter.upstream, Some(given));
        assert_eq!(world.ended(), Some(ClosingReason::NotAccepted));
        assert!(!world.case().embargoed());
    }
}

/// Proves: P09.
#[test]
fn a_silent_reporter_does_not_keep_a_case_open_for_ever() {
    let (mut world, _) = World::judged("cpython", Outcome::Upstream);
    world.wait(Span::days(29));
    assert_eq!(world.refused(Who::Coordinator, &Command::Close), "P09");
    world.wait(Span::days(1)).does(Who::Coordinator, Command::Close);
    assert_eq!(world.ended(), Some(ClosingReason::Abandoned));
    assert_eq!(world.case().reporter.upstream, None, "silence is no consent");
}

/// Proves: P28, O03.
#[test]
fn another_projects_matter_moves_within_the_programme() {
    let mut world = World::new("scipy");
    world.report(Who::Reporter);
    let judge = with_destination(world.judge(Outcome::OtherProject), "numpy");
    world.does(Who::Coordinator, judge.clone());
    let projects: Vec<&str> = world.case().projects.keys().map(ProjectName::as_str).collect();
    assert_eq!(projects, ["numpy", "scipy"]);
    assert_eq!(
        world.lifecycle(),
        Lifecycle::Received,
        "the other project's coordinators find it in their inbox"
    );
    assert!(world.due(DeadlineKind::AssignCoordinator).is_some());
    assert_eq!(world.refused(Who::Coordinator, &judge), "P28", "it is there already");
}

/// Proves: P28, J14.
#[test]
fn another_projects_matter_outside_of_the_programme_is_closed_and_the_reporter_told() {
    let (world, events) = World::judged("cpython", Outcome::OtherProject);
    assert!(events.contains(&"reporter-notified".to_owned()), "{events:?}");
    assert_eq!(world.ended(), Some(ClosingReason::NotAccepted));
}

/// Proves: P28.
#[test]
fn an_unsure_report_stays_in_the_inbox_until_a_person_routes_it() {
    let (mut world, _) = World::judged("cpython", Outcome::Unsure);
    assert_eq!(world.ended(), None);
    assert_eq!(world.lifecycle(), Lifecycle::Received);
    assert!(world.due(DeadlineKind::Acknowledge).is_some(), "the reporter still waits for an answer");
    let next = crate::case::next_task(world.case(), &[bastide_authz::Role::Coordinator]);
    assert!(next.is_some());
    let judge = world.judge(Outcome::Vulnerability);
    world.does(Who::Coordinator, judge);
    assert_eq!(world.lifecycle(), Lifecycle::Triaging);
}

/// Proves: J14, J04.
#[test]
fn what_is_not_accepted_is_closed_and_the_reporter_told_in_one_step() {
    for outcome in [Outcome::Declined, Outcome::PublicIssue, Outcome::Duplicate, Outcome::OtherProject] {
        let (world, events) = World::judged("jupyter", outcome);
        let told = events.iter().position(|event| event == "reporter-notified");
        let closed = events.iter().position(|event| event == "case-closed");
        assert!(told.is_some() && told < closed, "{outcome:?}: {events:?}");
        assert!(world.case().reporter.told.contains_key(&Notice::NotAccepted));
        assert_eq!(world.case().desk_rm, rm::State::Closed);
        assert!(world.case().acknowledged.is_some(), "a decision with its reasons is a person's answer");
        assert!(!world.case().embargoed() && world.case().deadlines.is_empty());
        assert_eq!(world.lifecycle(), Lifecycle::Closed);
        let silent = Command::Triage {
            outcome,
            clause: Some(cited(Ruling::OutOfScope)),
            reasoning: " ".into(),
            duplicate_of: None,
            destination: None,
            cleaned_text: None,
            message: bastide_model::id::Id::from_bytes([1; 16]),
        };
        assert!(world.ask(Who::Coordinator, &silent).is_err());
    }
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    let judge = world.judge(Outcome::Declined);
    let said = world.said(Who::Coordinator, &judge);
    assert!(
        said.iter().any(|text| text == "Because of the clause."),
        "the reasons reach the reporter: {said:?}"
    );
}

/// Proves: J14.
#[test]
fn a_duplicate_names_the_other_case() {
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    let other = bastide_model::id::Id::from_bytes([99; 16]);
    for named in [None, Some(super::world::CASE)] {
        let Command::Triage { outcome, clause, reasoning, destination, cleaned_text, message, .. } =
            world.judge(Outcome::Duplicate)
        else {
            panic!("a judgement is a triage")
        };
        let judge = Command::Triage {
            outcome,
            clause,
            reasoning,
            duplicate_of: named,
            destination,
            cleaned_text,
            message,
        };
        assert_eq!(world.refused(Who::Coordinator, &judge), "VP-10", "{named:?}");
    }
    let judge = world.judge(Outcome::Duplicate);
    world.does(Who::Coordinator, judge);
    assert_eq!(world.ended(), Some(ClosingReason::Duplicate { of: other }));
    assert!(!world.case().ended_without_vulnerability());
}

/// Proves: P26, J04.
#[test]
fn noise_is_answered_where_the_policy_answers_everybody_and_nowhere_else() {
    let (answered, events) = World::judged("jupyter", Outcome::Noise);
    assert!(events.contains(&"reporter-notified".to_owned()), "{events:?}");
    assert!(answered.case().reporter.told.contains_key(&Notice::NotAccepted));
    let (discarded, events) = World::judged("cpython", Outcome::Noise);
    assert!(!events.contains(&"reporter-notified".to_owned()), "{events:?}");
    assert!(!discarded.case().reporter.told.contains_key(&Notice::NotAccepted));
    for world in [answered, discarded] {
        assert_eq!(world.ended(), Some(ClosingReason::Noise));
        assert!(world.case().deadlines.is_empty() && !world.case().embargoed());
    }
}

#[test]
fn a_decision_cites_a_clause_that_says_so() {
    let mut world = World::new("scipy");
    world.report(Who::Reporter);
    let rulings = [Ruling::Vulnerability, Ruling::Bug, Ruling::Upstream, Ruling::OutOfScope];
    let mut against = 0;
    for outcome in [Outcome::Vulnerability, Outcome::PublicIssue, Outcome::Upstream, Outcome::Declined] {
        let bare = citing(world.judge(outcome), None);
        assert_eq!(world.refused(Who::Coordinator, &bare), "P03", "{outcome:?} without a clause");
        for ruling in rulings {
            let judge = citing(world.judge(outcome), Some(cited(ruling)));
            if outcome.may_cite(ruling) {
                assert!(world.ask(Who::Coordinator, &judge).is_ok(), "{outcome:?} by {ruling:?}");
            } else {
                against += 1;
                assert_eq!(world.refused(Who::Coordinator, &judge), "P03", "{outcome:?} by {ruling:?}");
                assert_eq!(world.kind(Who::Coordinator, &judge), RefusalKind::Invalid);
            }
        }
    }
    assert_eq!(against, 11, "of 16 pairs, 5 fit: declined may cite a bug's clause");
    for outcome in [Outcome::Unsure, Outcome::Noise] {
        let bare = citing(world.judge(outcome), None);
        assert!(world.ask(Who::Coordinator, &bare).is_ok(), "{outcome:?} needs none");
    }
}

/// Proves: J18, J14.
#[test]
fn an_accepted_report_is_declined_only_when_no_developer_could_reproduce_it() {
    let mut world = World::new("jupyter");
    world.accepted();
    let declined = world.judge(Outcome::Declined);
    assert_eq!(world.refused(Who::Coordinator, &declined), "J18");
    let result = Reproduction::NotReproduced;
    let lab = project("jupyterlab");
    world.does(Who::Developer, Command::Replicate { project: lab, result, note: "No effect.".into() });
    world.does(Who::Coordinator, declined);
    assert_eq!(world.ended(), Some(ClosingReason::NotAccepted));
    assert!(world.case().reporter.told.contains_key(&Notice::NotAccepted));
    assert!(world.case().projects.values().all(|part| part.rm == rm::State::Closed));
}

/// Proves: J13, J14.
#[test]
fn a_valid_report_can_turn_out_to_be_none_before_it_is_accepted() {
    for outcome in [Outcome::Declined, Outcome::Duplicate, Outcome::PublicIssue] {
        let (mut world, _) = World::judged("jupyter", Outcome::Vulnerability);
        let judge = world.judge(outcome);
        world.does(Who::Coordinator, judge);
        assert_eq!(world.case().desk_rm, rm::State::Closed, "{outcome:?}");
    }
}

/// Proves: P02, J04, J06.
#[test]
fn a_held_report_is_amended_and_then_received() {
    let mut world = World::new("cpython");
    let events = world.held();
    assert!(events.contains(&"reporter-notified".to_owned()), "the receipt goes out: {events:?}");
    assert_eq!(world.lifecycle(), Lifecycle::Held);
    assert!(!world.case().embargoed(), "nothing is judged, nobody is bound");
    let due = world.due(DeadlineKind::Disclosure).expect("the clocks run for a held report too");
    let better = amended(Disposition::Record, &mut world);
    assert_eq!(world.refused(Who::Stranger, &better), "P02");
    assert_eq!(world.refused(Who::Coordinator, &better), "P02");

    world.wait(Span::days(2));
    let still_lacking = amended(Disposition::Hold, &mut world);
    world.does(Who::Reporter, still_lacking);
    assert_eq!(world.lifecycle(), Lifecycle::Held);
    world.does(Who::Reporter, better);
    assert_eq!(world.lifecycle(), Lifecycle::Received);
    assert!(world.case().embargoed());
    assert_eq!(world.due(DeadlineKind::EmbargoEnd), Some(due), "the embargo counts from receipt");
    let late = amended(Disposition::Record, &mut world);
    assert!(world.ask(Who::Reporter, &late).is_err(), "a received report is followed up by message");
}

/// Proves: P23, P24.
#[test]
fn a_blocked_report_is_refused_and_nothing_is_stored() {
    let mut world = World::new("cpython");
    let intake = world.intake(Disposition::Block);
    let refusal = world.ask(Who::Reporter, &Command::Submit(Box::new(intake))).expect_err("blocked");
    assert_eq!(refusal.kind, RefusalKind::Invalid);
    assert!(refusal.remedy.contains("nothing was stored"), "{refusal}");
    assert!(world.case.is_none() && world.history.is_empty());
    world.held();
    let before = world.case().clone();
    let blocked = amended(Disposition::Block, &mut world);
    assert_eq!(world.refused(Who::Reporter, &blocked), "P02-P26", "nor is a blocked amendment");
    assert_eq!(*world.case(), before);
}

/// Proves: O06.
#[test]
fn a_coordinator_lets_a_held_report_in_or_discards_it() {
    let mut world = World::new("jupyter");
    world.held();
    let release = Command::ReleaseHold { proposal: world.fresh() };
    for who in [Who::Reporter, Who::Stranger, Who::Developer, Who::Clock] {
        assert_eq!(world.kind(who, &release), RefusalKind::NotYourRole, "{who:?}");
    }
    let judge = world.judge(Outcome::Vulnerability);
    assert_eq!(world.refused(Who::Coordinator, &judge), "O06", "first it is let in");
    let noise = world.judge(Outcome::Noise);
    assert!(world.ask(Who::Coordinator, &noise).is_ok());
    let acknowledge = world.acknowledge();
    world.does(Who::Coordinator, acknowledge);
    world.does(Who::Coordinator, release.clone());
    assert_eq!(world.lifecycle(), Lifecycle::Acknowledged);
    let coordinator = &world.case().members[&Who::Coordinator.id()];
    assert!(world.case().content_open_to(coordinator), "who was there before the embargo is bound by it");
    assert_eq!(world.refused(Who::Coordinator, &release), "O06", "it is held no longer");
}

/// Proves: O06.
#[test]
fn what_became_public_while_it_was_held_is_not_embargoed() {
    let mut world = World::new("jupyter");
    world.held();
    let evidence = "A post names it.".to_owned();
    world.does(Who::Coordinator, Command::TakeCoordination);
    world.does(Who::Coordinator, Command::RecordPublicFact { fact: PublicFact::Public, evidence });
    let release = Command::ReleaseHold { proposal: world.fresh() };
    world.does(Who::Coordinator, release);
    assert!(!world.case().embargoed());
}

/// Proves: P01.
#[test]
fn reports_of_a_rejected_reporter_are_turned_away_whatever_their_merit() {
    for state in [conduct::State::RejectOnArrival, conduct::State::Banned] {
        let mut world = World::new("cpython");
        let mut intake = world.intake(Disposition::Record);
        intake.conduct = state;
        let events = world.does(Who::Reporter, Command::Submit(Box::new(intake)));
        assert!(events.contains(&"report-submitted".to_owned()), "it is kept all the same");
        assert!(!events.contains(&"reporter-notified".to_owned()), "{events:?}");
        assert_eq!(world.case().intake, intake::State::RejectedOnArrival);
        assert_eq!(world.ended(), Some(ClosingReason::RejectedOnArrival));
        assert_eq!(world.lifecycle(), Lifecycle::Closed);
        assert!(world.case().deadlines.is_empty());
        assert!(world.tick().is_empty());
    }
    for state in [conduct::State::Clear, conduct::State::Warned(3)] {
        let mut world = World::new("cpython");
        let mut intake = world.intake(Disposition::Record);
        intake.conduct = state;
        world.does(Who::Reporter, Command::Submit(Box::new(intake)));
        assert_eq!(world.lifecycle(), Lifecycle::Received);
    }
}

#[test]
fn a_reporter_takes_a_held_report_back_but_not_a_received_one() {
    let mut world = World::new("jupyter");
    world.held();
    assert_eq!(world.refused(Who::Coordinator, &Command::TakeBack), "O05");
    world.does(Who::Reporter, Command::TakeBack);
    assert_eq!(world.ended(), Some(ClosingReason::Abandoned));
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    assert_eq!(world.kind(Who::Reporter, &Command::TakeBack), RefusalKind::NotNow);
}

/// Proves: J30.
#[test]
fn a_case_has_one_report_and_a_closed_one_changes_no_more() {
    let (mut world, _) = World::judged("jupyter", Outcome::Declined);
    let second = Command::Submit(Box::new(world.intake(Disposition::Record)));
    assert_eq!(world.refused(Who::Reporter, &second), "J12");
    let judge = world.judge(Outcome::Vulnerability);
    assert_eq!(world.refused(Who::Coordinator, &judge), "J30");
    let publish = Command::PublishAdvisory { advisory: ADVISORY };
    assert_eq!(world.refused(Who::Coordinator, &publish), "J30");
    let word = world.write(bastide_authz::Tier::TeamAndReporter, false);
    world.does(Who::Reporter, word);
}

fn with_destination(command: Command, name: &str) -> Command {
    let Command::Triage { outcome, clause, reasoning, duplicate_of, cleaned_text, message, .. } = command
    else {
        panic!("only a triage has a destination")
    };
    let destination = Some(project(name));
    Command::Triage { outcome, clause, reasoning, duplicate_of, destination, cleaned_text, message }
}

/// Proves: J09.
#[test]
fn an_accepted_report_is_a_duplicate_only_when_two_coordinators_say_so() {
    let mut world = World::new("jupyter");
    world.accepted();
    let judge = world.judge(Outcome::Duplicate);
    assert_eq!(world.does(Who::Coordinator, judge.clone()), ["triaged"], "one person's word closes nothing");
    assert_eq!(world.ended(), None);
    assert!(tasks(world.case()).iter().any(|task| task.command == "triage"));
    assert_eq!(world.kind(Who::Coordinator, &judge), RefusalKind::SecondPerson);
    // Two who name two cases agree on nothing.
    let mut other = judge.clone();
    if let Command::Triage { duplicate_of, .. } = &mut other {
        *duplicate_of = Some(bastide_model::id::Id::from_bytes([98; 16]));
    }
    assert_eq!(world.kind(Who::SecondCoordinator, &other), RefusalKind::SecondPerson);
    world.does(Who::SecondCoordinator, judge);
    assert!(matches!(world.ended(), Some(ClosingReason::Duplicate { .. })));
}

/// Proves: J09, J18.
#[test]
fn who_could_not_reproduce_an_accepted_report_does_not_put_it_aside_alone() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::Coordinator, Seat::Developer);
    let name = world.case().project.clone();
    let result = Reproduction::NotReproduced;
    world.does(Who::Coordinator, Command::Replicate { project: name, result, note: "Nothing.".into() });
    let judge = world.judge(Outcome::Declined);
    assert_eq!(world.kind(Who::Coordinator, &judge), RefusalKind::SecondPerson);
    world.does(Who::SecondCoordinator, judge);
    assert_eq!(world.ended(), Some(ClosingReason::NotAccepted));
}

/// Proves: P26.
#[test]
fn where_noise_is_not_answered_its_reasoning_is_not_for_the_reporter() {
    for answers in [true, false] {
        let mut world = World::new("jupyter");
        world.terms.replies.to_noise = answers;
        world.report(Who::Reporter);
        let judge = world.judge(Outcome::Noise);
        assert_eq!(world.said(Who::Coordinator, &judge).is_empty(), !answers);
    }
}

/// Proves: O05.
#[test]
fn a_case_takes_texts_of_64_kib_and_messages_up_to_ten_thousand_events() {
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    let word = |length: usize| Command::Write {
        message: bastide_model::id::Id::from_bytes([3; 16]),
        tier: bastide_authz::Tier::TeamAndReporter,
        asks_reporter: false,
        text: "a".repeat(length),
    };
    assert!(world.ask(Who::Reporter, &word(64 * 1024)).is_ok());
    assert_eq!(world.refused(Who::Reporter, &word(64 * 1024 + 1)), "O05");
    assert_eq!(world.case().events as usize, world.history.len());
    world.case.as_mut().expect("a case").events = 10_000;
    assert_eq!(world.refused(Who::Reporter, &word(1)), "O05");
    let judge = world.judge(Outcome::Declined);
    assert!(world.ask(Who::Coordinator, &judge).is_ok(), "it can still be ended");
}

/// Proves: J24.
#[test]
fn dates_are_looked_at_again_when_they_are_confirmed() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    world.fix_agreed();
    let (release, announcement) = (world.now + Span::days(2), world.now + Span::days(60));
    world.does(Who::Coordinator, Command::ProposeDates { release, announcement, short_notice_reason: None });
    let end = world.now + Span::days(30);
    let shorter = Command::ProposeEmbargo { proposal: world.fresh(), end, justification: None };
    world.does(Who::Developer, shorter);
    world.does(Who::Coordinator, Command::DecideEmbargo { accept: true });
    assert_eq!(world.refused(Who::Developer, &Command::ConfirmDates), "EM", "the embargo moved");
    world.wait(Span::days(3));
    assert_eq!(world.refused(Who::Developer, &Command::ConfirmDates), "J24", "the release date has passed");
}

/// Proves: J28.
#[test]
fn a_cve_record_is_confirmed_after_the_case_is_closed() {
    let mut world = World::scheduled();
    world.wait(Span::days(9)).tick();
    assert!(world.case().advisory.published.is_some());
    let text = "It is out.".to_owned();
    world.does(Who::Coordinator, Command::NotifyReporter { notice: Notice::Releases, text });
    world.does(Who::Coordinator, Command::Close);
    world.does(Who::Coordinator, Command::CveUncertain { vulnerability: VULNERABILITY });
    let number = Some("CVE-2026-12345".to_owned());
    world.does(Who::Coordinator, Command::ReconcileCve { vulnerability: VULNERABILITY, number });
    assert_eq!(world.case().vulnerabilities[&VULNERABILITY].cve, crate::machine::cve::State::Published);
}
