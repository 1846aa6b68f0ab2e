//! SciPy under NumPy's guidelines, and reports that are no vulnerability, held or noise.

use bastide_authz::Actor;
use bastide_desk::case::{ClosingReason, Lifecycle, Notice};
use bastide_desk::lint::{Attachment, ReportDraft};
use bastide_usecases::{InboxFilter, Secret, UseCaseError};
use serde_json::json;

use crate::world::{Who, good_report, on_both_engines, submission};

/// Proves: S01, S03, J14.
#[test]
fn a_report_is_declined_with_a_clause_that_the_project_inherits() {
    on_both_engines(async |world| {
        let report = world.report("scipy", good_report()).await;
        let case = report.case;
        let view = world.view(Who::ScipyCoordinator, case).await;
        let clauses: Vec<&str> = view.threat_model.clauses.iter().map(|clause| clause.id.as_str()).collect();
        assert!(clauses.contains(&"input-as-argument"), "NumPy's clause: {clauses:?}");
        assert!(clauses.contains(&"bug-under-free-execution"), "SciPy's own clause");
        let verdict = json!({
            "outcome": "declined",
            "clause": "input-as-argument",
            "reasoning": "The caller chooses the argument.",
        });
        world.does(Who::ScipyCoordinator, case, "triage", verdict).await;
        let own = world.desk.own_report(&Secret::given(&report.link)).await.unwrap();
        assert_eq!(own.view.lifecycle(), Lifecycle::Closed, "closed and told in one step");
        assert!(own.view.case.reporter.told.contains_key(&Notice::NotAccepted));
        let cited = own.view.case.outcome.and_then(|(_, clause)| clause);
        assert_eq!(cited.as_deref(), Some("input-as-argument"));
        world.sound().await;
        world.end().await;
    });
}

/// Proves: S05, S06.
#[test]
fn a_bug_under_free_execution_becomes_a_public_issue_with_a_cleaned_text() {
    on_both_engines(async |world| {
        let case = world.report("scipy", good_report()).await.case;
        let mut verdict = json!({
            "outcome": "public-issue",
            "clause": "bug-under-free-execution",
            "reasoning": "Whoever can call this can do anything.",
        });
        assert_eq!(world.refused(Who::ScipyCoordinator, case, "triage", verdict.clone()).await, "P12");
        verdict["cleaned-text"] = json!("A large argument ends the process.");
        world.does(Who::ScipyCoordinator, case, "triage", verdict).await;
        assert_eq!(world.view(Who::ScipyCoordinator, case).await.lifecycle(), Lifecycle::Closed);
        world.end().await;
    });
}

/// Proves: P02, O06.
#[test]
fn a_held_report_is_mended_by_its_reporter_and_then_let_in() {
    on_both_engines(async |world| {
        let mut poor = good_report();
        poor.answers.threat_model = None;
        poor.tested_versions.clear();
        let report = world.report("cpython", poor.clone()).await;
        assert_eq!(report.lifecycle, Lifecycle::Held);
        assert!(report.findings.iter().any(|finding| finding.rule == "REP-P22" && finding.is_failure()));
        assert!(report.answer_due.is_some(), "the clocks count from receipt, held or not");
        let reporter = world.reporter(&report.link).await;
        let mut better = good_report();
        better.tested_versions[0].version = "3.13.1".to_owned();
        let key = "mending-a-report".parse().unwrap();
        let raw = better.body.clone().into_bytes();
        let done = world.desk.amend_report(&reporter, report.case, better.clone(), &raw, Some(&key)).await;
        assert_eq!(done.as_ref().unwrap().lifecycle, Lifecycle::Received);
        let again = world.desk.amend_report(&reporter, report.case, better, &raw, Some(&key)).await;
        assert_eq!(again.unwrap(), done.unwrap());
        let view = world.view(Who::OtherCoordinator, report.case).await;
        assert!(view.report.unwrap().draft.answers.threat_model.is_some(), "the newest version is shown");

        let second = world.report("cpython", poor).await;
        world.does(Who::OtherCoordinator, second.case, "release-hold", json!({})).await;
        assert_eq!(world.view(Who::OtherCoordinator, second.case).await.lifecycle(), Lifecycle::Received);
        world.sound().await;
        world.end().await;
    });
}

/// Proves: P26, J04.
#[test]
fn noise_is_discarded_with_a_reply_or_without_as_the_policy_says() {
    on_both_engines(async |world| {
        for (project, who, replies) in
            [("cpython", Who::OtherCoordinator, false), ("jupyterlab", Who::Coordinator, true)]
        {
            let draft = ReportDraft {
                title: "Your certificate of compliance".to_owned(),
                body: "Please fill in our questionnaire.".to_owned(),
                ..ReportDraft::default()
            };
            let report = world.report(project, draft).await;
            let verdict = json!({ "outcome": "noise", "reasoning": "A questionnaire." });
            world.does(who, report.case, "triage", verdict).await;
            let case = world.view(who, report.case).await.case;
            assert!(matches!(case.closed, Some((_, ClosingReason::Noise))), "{:?}", case.closed);
            assert_eq!(case.reporter.told.contains_key(&Notice::NotAccepted), replies, "{project}");
        }
        world.end().await;
    });
}

/// Proves: P23.
#[test]
fn a_blocked_report_is_not_stored_and_says_what_to_mend() {
    on_both_engines(async |world| {
        let mut draft = good_report();
        draft.attachments =
            vec![Attachment { name: "proof.pdf".to_owned(), bytes: b"%PDF-1.7 binary".to_vec() }];
        let sent = world
            .desk
            .submit_report(&Actor::anonymous(), submission("cpython", draft), None)
            .await
            .unwrap_err();
        let UseCaseError::Blocked { findings } = sent else { panic!("{sent}") };
        assert!(findings.iter().any(|finding| finding.rule == "REP-P23"));
        let coordinator = world.actor(Who::OtherCoordinator).await;
        assert!(world.desk.inbox(&coordinator, &InboxFilter::default()).await.unwrap().rows.is_empty());
        world.end().await;
    });
}
