//! The CPython process: published once the fix is merged, numbers for supported versions only.

use bastide_model::{id::Id, time::Span};

use super::world::{ADVISORY, VULNERABILITY, Who, World, digest, project};
use crate::{
    case::{ClosingReason, Command, Lifecycle, Notice, RefusalKind, Reproduction, Seat},
    machine::{cve, fix},
    project::Eligibility,
    threat::Outcome,
};

fn cpython() -> World {
    let mut world = World::new("cpython");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    world
}

fn replicated(world: &mut World) {
    let name = world.case().project.clone();
    let result = Reproduction::Confirmed;
    world.does(Who::Developer, Command::Replicate { project: name, result, note: "Seen.".into() });
}

fn not_eligible(rule: &str) -> Command {
    let reason = "only 3.15.0a1 is vulnerable, and 3.15 is in development".to_owned();
    let eligibility = Eligibility::NotEligible { reason, rule: rule.to_owned() };
    Command::RequestCve { vulnerability: VULNERABILITY, eligibility }
}

fn merge(world: &World) -> Command {
    Command::MergeFix { project: world.case().project.clone(), reference: "gh-1234".into() }
}

fn release(world: &World) -> Command {
    Command::ReleaseFix { project: world.case().project.clone(), version: "3.14.2".into() }
}

fn tested(world: &mut World) {
    let name = world.case().project.clone();
    world.does(Who::SecondDeveloper, Command::RecordManualTest { project: name, note: "Passes.".into() });
}

/// Proves: P29, J05.
#[test]
fn an_approved_advisory_goes_out_with_the_merge() {
    let mut world = cpython();
    world.fix_agreed();
    world.approved();
    let publish = Command::PublishAdvisory { advisory: ADVISORY };
    assert_eq!(world.refused(Who::Coordinator, &publish), "P29", "no date matters, the merge does");
    assert!(world.tick().is_empty());
    tested(&mut world);
    let merging = merge(&world);
    world.does(Who::Developer, merging);
    assert_eq!(world.lifecycle(), Lifecycle::ReleasedQuiet);
    let events = world.tick();
    assert!(events.contains(&"advisory-published".to_owned()), "{events:?}");
    assert!(
        !events.contains(&"deadline-breached".to_owned()),
        "a merge and its advisory leave no gap: {events:?}"
    );
    assert_eq!(world.case().breaches, 0);
    assert_eq!(world.case().vulnerabilities[&VULNERABILITY].cve, cve::State::Publishing);
    world.does(Who::Coordinator, Command::ConfirmCvePublished { vulnerability: VULNERABILITY });
    world.does(
        Who::Coordinator,
        Command::NotifyReporter { notice: Notice::Releases, text: "It is out. Thank you.".into() },
    );
    world.does(Who::Coordinator, Command::Close);
    assert_eq!(world.ended(), Some(ClosingReason::Published));
}

/// Proves: P29.
#[test]
fn a_merge_without_an_approved_advisory_publishes_nothing() {
    let mut world = cpython();
    world.fix_agreed();
    tested(&mut world);
    let merging = merge(&world);
    world.does(Who::Developer, merging);
    let events = world.tick();
    assert_eq!(events, ["deadline-breached"], "the exposure is seen at once");
    world.draft(Who::Coordinator, "first");
    world.does(Who::Coordinator, Command::SubmitForReview);
    world.does(Who::SecondDeveloper, Command::ApproveAdvisory { digest: digest("first") });
    world.does(Who::Developer, Command::PublishAdvisory { advisory: ADVISORY });
    assert_eq!(world.lifecycle(), Lifecycle::Published);
}

/// Proves: P10, P11, P12.
#[test]
fn what_is_not_eligible_gets_no_number_but_an_exemption_or_a_public_issue() {
    for rule in ["P10", "P11"] {
        let mut world = cpython();
        assert_eq!(world.refused(Who::Developer, &not_eligible(rule)), rule);
        assert_eq!(world.kind(Who::Developer, &not_eligible(rule)), RefusalKind::Invalid);
        replicated(&mut world);
        let name = world.case().project.clone();
        world.does(Who::Developer, Command::StartFix { project: name.clone(), reference: "pr".into() });
        world.does(Who::Developer, Command::AgreeFix { project: name });
        tested(&mut world);
        let merging = merge(&world);
        assert_eq!(world.refused(Who::Developer, &merging), "J21");
        let exempt =
            |reason: &str| Command::ExemptCve { vulnerability: VULNERABILITY, reason: reason.into() };
        assert_eq!(world.refused(Who::Coordinator, &exempt("")), "J21", "with a reason");
        assert_eq!(world.kind(Who::Developer, &exempt("A prerelease.")), RefusalKind::NotYourRole);
        world.does(Who::Coordinator, exempt("Only a prerelease is vulnerable."));
        assert!(world.case().numbers_settled());
        world.does(Who::Developer, merging);
    }
    // Seen at triage, it becomes a regular public bug (P12).
    let (world, events) = World::judged("cpython", Outcome::PublicIssue);
    assert!(events.contains(&"issue-text-written".to_owned()));
    assert_eq!(world.ended(), Some(ClosingReason::NotAccepted));
}

/// Proves: J19, J21.
#[test]
fn dates_merge_and_release_wait_for_the_number() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    replicated(&mut world);
    let lab = project("jupyterlab");
    let dates = Command::ProposeDates {
        release: world.now + Span::days(1),
        announcement: world.now + Span::days(8),
        short_notice_reason: None,
    };
    assert_eq!(world.refused(Who::Coordinator, &dates), "J21", "first the fix is agreed");
    world.does(Who::Developer, Command::StartFix { project: lab.clone(), reference: "fork/1".into() });
    world.does(Who::Developer, Command::AgreeFix { project: lab });
    assert_eq!(world.refused(Who::Coordinator, &dates), "J21", "then the number comes");
    tested(&mut world);
    let (merging, releasing) = (merge(&world), release(&world));
    assert_eq!(world.refused(Who::Developer, &merging), "J21");
    assert_eq!(world.refused(Who::Developer, &releasing), "J21");

    let eligibility = Eligibility::Eligible { versions: vec!["4.2.4".into()] };
    world.does(Who::Developer, Command::RequestCve { vulnerability: VULNERABILITY, eligibility });
    assert_eq!(world.refused(Who::Coordinator, &dates), "J21", "asked for is not come");
    let reserve = |number: &str| Command::ReserveCve { vulnerability: VULNERABILITY, number: number.into() };
    for number in ["CVE-2026-123", "cve-2026-12345", "CVE-26-12345", "2026-12345", "CVE-2026-1234x", ""] {
        assert_eq!(world.refused(Who::Coordinator, &reserve(number)), "J19", "{number}");
    }
    world.does(Who::Coordinator, reserve("CVE-2026-12345"));
    assert!(world.ask(Who::Coordinator, &reserve("CVE-2026-54321")).is_err(), "a number is written once");
    assert_eq!(world.refused(Who::Developer, &merging), "J24", "dates come before the merge");
    world.does(Who::Coordinator, dates);
    assert_eq!(world.refused(Who::Developer, &merging), "J24", "and both roles agree to them");
    world.does(Who::Developer, Command::ConfirmDates);
    world.does(Who::Developer, merging);
    assert_eq!(world.refused(Who::Developer, &releasing), "J24", "the release waits for its date");
    world.wait(Span::days(1)).does(Who::Developer, releasing);
}

/// Proves: J21.
#[test]
fn every_weakness_of_a_case_needs_its_number() {
    let mut world = cpython();
    world.fix_agreed();
    let second = Id::from_bytes([5; 16]);
    world.does(Who::Developer, Command::AddVulnerability { vulnerability: second });
    assert_eq!(world.refused(Who::Developer, &Command::AddVulnerability { vulnerability: second }), "J19");
    tested(&mut world);
    let merging = merge(&world);
    assert_eq!(world.refused(Who::Developer, &merging), "J21");
    world.does(Who::Coordinator, Command::ExemptCve { vulnerability: second, reason: "Same cause.".into() });
    world.does(Who::Developer, merging);
}

/// Proves: J19.
#[test]
fn a_lost_answer_is_looked_up_before_anything_is_tried_again() {
    let mut world = cpython();
    let eligibility = Eligibility::Eligible { versions: vec!["3.14.1".into()] };
    let request = Command::RequestCve { vulnerability: VULNERABILITY, eligibility };
    world.does(Who::Coordinator, request.clone());
    world.does(Who::Coordinator, Command::CveUncertain { vulnerability: VULNERABILITY });
    assert!(world.ask(Who::Coordinator, &request).is_err(), "asking again could take two numbers");
    let reconcile = |number: Option<&str>| Command::ReconcileCve {
        vulnerability: VULNERABILITY,
        number: number.map(str::to_owned),
    };
    world.does(Who::Coordinator, reconcile(None));
    assert_eq!(world.case().vulnerabilities[&VULNERABILITY].cve, cve::State::Requested);
    world.does(Who::Coordinator, Command::CveUncertain { vulnerability: VULNERABILITY });
    world.does(Who::Coordinator, reconcile(Some("CVE-2026-12345")));
    assert_eq!(world.case().vulnerabilities[&VULNERABILITY].cve, cve::State::Reserved);
    let confirm = Command::ConfirmCvePublished { vulnerability: VULNERABILITY };
    assert_eq!(
        world.refused(Who::Coordinator, &confirm),
        "J28",
        "a record is not public before its advisory"
    );
}

/// Proves: J28.
#[test]
fn a_record_whose_publication_was_uncertain_is_found_published() {
    for looks_up in [true, false] {
        let mut world = cpython();
        world.fix_agreed();
        world.approved();
        tested(&mut world);
        let merging = merge(&world);
        world.does(Who::Developer, merging);
        world.tick();
        world.does(Who::Coordinator, Command::CveUncertain { vulnerability: VULNERABILITY });
        assert_eq!(world.case().vulnerabilities[&VULNERABILITY].cve, cve::State::RecordUnknown);
        let number = Some("CVE-2026-12345".to_owned());
        let found = if looks_up {
            Command::ReconcileCve { vulnerability: VULNERABILITY, number }
        } else {
            Command::ConfirmCvePublished { vulnerability: VULNERABILITY }
        };
        world.does(Who::Coordinator, found);
        assert_eq!(world.case().vulnerabilities[&VULNERABILITY].cve, cve::State::Published);
    }
}

/// Proves: J22.
#[test]
fn the_reporter_is_told_the_number_once_there_is_one() {
    let mut world = cpython();
    let tell = Command::TellReporterCve { text: "It is CVE-2026-12345.".into() };
    assert_eq!(world.refused(Who::Coordinator, &tell), "J22");
    world.fix_agreed();
    world.does(Who::Coordinator, tell);
    assert!(world.case().reporter.told.contains_key(&Notice::CveNumber));
}

/// Proves: J27, J26.
#[test]
fn a_quiet_release_names_its_version_and_is_no_announcement() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    world.fix_agreed();
    world.approved();
    world.dated();
    tested(&mut world);
    let merging = merge(&world);
    world.wait(Span::days(2)).does(Who::Developer, merging);
    let nameless = Command::ReleaseFix { project: project("jupyterlab"), version: " ".into() };
    assert_eq!(world.refused(Who::Developer, &nameless), "J27");
    let releasing = release(&world);
    let events = world.does(Who::Developer, releasing);
    assert_eq!(events, ["fix-changed"], "nothing goes out with it");
    assert!(world.case().fix_public() && !world.case().is_public() && world.case().embargoed());
    assert_eq!(world.case().projects[&project("jupyterlab")].fix, fix::State::Released);
    assert_eq!(world.refused(Who::Coordinator, &Command::PublishAdvisory { advisory: ADVISORY }), "J28");
}

/// Proves: J31, J32.
#[test]
fn a_case_in_two_projects_has_two_forks_and_waits_for_both() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    world.does(Who::Coordinator, Command::AddProject { project: project("notebook") });
    world.fix_agreed();
    let dates = Command::ProposeDates {
        release: world.now,
        announcement: world.now + Span::days(7),
        short_notice_reason: None,
    };
    assert_eq!(world.refused(Who::Coordinator, &dates), "J21", "the other project's fix is not agreed");
    let notebook = project("notebook");
    let start = Command::StartFix { project: notebook.clone(), reference: "other-org/fork".into() };
    world.does(Who::SecondDeveloper, start);
    let agree = Command::AgreeFix { project: notebook.clone() };
    assert_eq!(world.refused(Who::SecondDeveloper, &agree), "J18", "it has not confirmed the vulnerability");
    let result = Reproduction::Confirmed;
    let seen = Command::Replicate { project: notebook.clone(), result, note: "Here too.".into() };
    world.does(Who::SecondDeveloper, seen);
    world.does(Who::SecondDeveloper, agree);
    let test = Command::RecordManualTest { project: notebook, note: "Passes.".into() };
    assert_eq!(world.refused(Who::SecondDeveloper, &test), "J31", "whoever wrote it does not test it");
    world.does(Who::Developer, test);
    world.does(Who::Coordinator, dates);
    let unknown = Command::StartFix { project: project("voila"), reference: "fork".into() };
    assert_eq!(world.refused(Who::Developer, &unknown), "O03");
}

/// Proves: J24, J06.
#[test]
fn dates_lie_a_week_apart_or_have_a_reason_and_keep_within_the_deadlines() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.fix_agreed();
    let now = world.now;
    let propose = |release: i64, announcement: i64, reason: Option<&str>| Command::ProposeDates {
        release: now + Span::days(release),
        announcement: now + Span::days(announcement),
        short_notice_reason: reason.map(str::to_owned),
    };
    for (release, announcement, reason, rule) in [
        (2, 9, None, None),
        (2, 8, None, Some("J24")),
        (2, 8, Some(" "), Some("J24")),
        (2, 8, Some("It is used in attacks."), None),
        (2, 1, Some("It is used in attacks."), Some("J24")),
        (-1, 9, None, Some("J24")),
        (2, 90, None, None),
        (2, 91, None, Some("J06")),
    ] {
        let command = propose(release, announcement, reason);
        match rule {
            None => assert!(world.ask(Who::Coordinator, &command).is_ok(), "{release} {announcement}"),
            Some(rule) => {
                assert_eq!(world.refused(Who::Coordinator, &command), rule, "{release} {announcement}");
            }
        }
    }
}

/// Proves: J24, J25.
#[test]
fn agreed_dates_stand_until_both_roles_agreed_to_others() {
    let mut world = World::new("jupyter");
    world.accepted();
    world.fix_agreed();
    world.dated();
    world.does(Who::Coordinator, Command::PostNotice { text: "Release on Tuesday.".into() });
    let agreed = world.case().dates;
    let other = Command::ProposeDates {
        release: world.now + Span::days(10),
        announcement: world.now + Span::days(20),
        short_notice_reason: None,
    };
    world.does(Who::Developer, other);
    assert_eq!(world.case().dates, agreed, "one person's proposal changes nothing");
    assert_eq!(world.lifecycle(), Lifecycle::Scheduled);
    assert_eq!(world.refused(Who::Developer, &Command::ConfirmDates), "J24");
    world.does(Who::Coordinator, Command::ConfirmDates);
    let dates = world.case().dates_agreed().expect("both agreed");
    assert_eq!(dates.release, world.now + Span::days(10));
    assert_eq!(dates.posted, None, "the new dates are posted anew");
    assert_eq!(world.due(crate::case::DeadlineKind::Announcement), Some(world.now + Span::days(20)));
    world.wait(Span::days(21));
    world.does(Who::Coordinator, Command::PostNotice { text: "Release on Tuesday.".into() });
}
