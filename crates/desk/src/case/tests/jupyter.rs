//! The Jupyter process from report to close.

use bastide_model::time::Span;

use super::world::{ADVISORY, VULNERABILITY, Who, World, digest, project};
use crate::case::{ClosingReason, Command, Lifecycle, Notice, Seat};
use crate::threat::Outcome;

/// Proves: J04, J06, J08, J11, J12, J13, J15, J18, J19, J20, J21, J22, J24, J25, J26, J27, J28, J29, J30, J31.
#[test]
fn a_report_goes_through_the_whole_process() {
    let mut world = World::new("jupyter");
    let lab = project("jupyterlab");
    world.report(Who::Reporter);
    assert_eq!(world.lifecycle(), Lifecycle::Received);
    assert!(world.case().embargoed(), "the policy's embargo begins with the report");
    let acknowledge = world.wait(Span::days(1)).acknowledge();
    world.does(Who::Coordinator, acknowledge);
    assert_eq!(world.lifecycle(), Lifecycle::Acknowledged);
    let judge = world.judge(Outcome::Vulnerability);
    world.does(Who::Coordinator, judge);
    world.does(Who::Coordinator, Command::Accept { vulnerability: VULNERABILITY });
    world.join(Who::Developer, Seat::Developer);
    world.join(Who::SecondDeveloper, Seat::Developer);
    assert_eq!(world.lifecycle(), Lifecycle::AcceptedEmbargoed);

    world.wait(Span::days(5)).fix_agreed();
    assert_eq!(world.lifecycle(), Lifecycle::FixAgreed);
    world.does(Who::Coordinator, Command::TellReporterCve { text: "It is CVE-2026-12345.".into() });
    world.approved();
    world.dated();
    assert_eq!(world.lifecycle(), Lifecycle::Scheduled);
    world.does(Who::Coordinator, Command::PostNotice { text: "Release on Tuesday.".into() });
    world.does(
        Who::Coordinator,
        Command::NotifyReporter { notice: Notice::Dates, text: "The dates are set.".into() },
    );

    let test = Command::RecordManualTest { project: lab.clone(), note: "All tests pass locally.".into() };
    assert_eq!(world.refused(Who::Developer, &test), "J31", "whoever wrote the fix does not test it");
    world.does(Who::SecondDeveloper, test);
    world.wait(Span::days(2));
    world.does(Who::Developer, Command::MergeFix { project: lab.clone(), reference: "abc".into() });
    world.does(Who::Developer, Command::ReleaseFix { project: lab, version: "4.2.5".into() });
    assert_eq!(world.lifecycle(), Lifecycle::ReleasedQuiet);

    let publish = Command::PublishAdvisory { advisory: ADVISORY };
    assert_eq!(world.refused(Who::Coordinator, &publish), "J28");
    world.wait(Span::days(7));
    let events = world.tick();
    assert!(events.contains(&"advisory-published".to_owned()), "the clock publishes on the date: {events:?}");
    assert_eq!(world.lifecycle(), Lifecycle::Published);
    assert!(world.case().is_public() && !world.case().embargoed());

    assert_eq!(
        world.refused(Who::Coordinator, &Command::Close),
        "J29",
        "the reporter is told before the close"
    );
    world.does(Who::Coordinator, Command::ConfirmCvePublished { vulnerability: VULNERABILITY });
    let notice = Command::NotifyReporter { notice: Notice::Releases, text: "It is out. Thank you.".into() };
    world.does(Who::Coordinator, notice);
    world.does(Who::Coordinator, Command::Close);
    assert_eq!(world.case().closed.map(|(_, reason)| reason), Some(ClosingReason::Published));
    assert_eq!(world.case().breaches, 0);
    assert!(world.case().deadlines.is_empty());
}

/// Proves: J09.
#[test]
fn an_author_does_not_approve_and_an_approval_covers_one_version() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.draft(Who::Coordinator, "first");
    world.does(Who::Coordinator, Command::SubmitForReview);
    let approve = Command::ApproveAdvisory { digest: digest("first") };
    assert_eq!(world.refused(Who::Coordinator, &approve), "J09");
    assert_eq!(world.refused(Who::Developer, &Command::ApproveAdvisory { digest: digest("other") }), "J09");
    world.does(Who::Developer, approve);
    world.draft(Who::Coordinator, "second");
    assert!(!world.case().advisory.approved(), "a new version needs a new approval");
}
