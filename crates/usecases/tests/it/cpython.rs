//! CPython's process: the advisory goes out once the fix is merged.

use bastide_desk::{case::Lifecycle, lint::TestedVersion};
use bastide_usecases::DocumentKind;
use serde_json::json;

use crate::world::{Who, World, advisory, good_report, on_both_engines};

fn report_for(version: &str) -> bastide_desk::lint::ReportDraft {
    let mut draft = good_report();
    draft.answers.cites = Some("remote-data".to_owned());
    draft.tested_versions = vec![TestedVersion { version: version.to_owned(), vulnerable: true }];
    draft
}

async fn accepted(world: &World, version: &str) -> bastide_model::id::CaseId {
    let case = world.report("cpython", report_for(version)).await.case;
    let verdict = json!({ "outcome": "vulnerability", "clause": "remote-data", "reasoning": "So." });
    world.does(Who::OtherCoordinator, case, "triage", verdict).await;
    world.does(Who::OtherCoordinator, case, "accept", json!({})).await;
    world.joins(Who::Developer, case, "developer").await;
    world.joins(Who::SecondDeveloper, case, "developer").await;
    world.does(Who::Developer, case, "replicate", json!({ "result": "confirmed", "note": "Yes." })).await;
    case
}

/// Proves: P10, P29.
#[test]
fn the_advisory_goes_out_with_the_merge_and_without_dates() {
    on_both_engines(async |world| {
        let case = accepted(&world, "3.13.1").await;
        world.does(Who::Developer, case, "cve-request", json!({})).await;
        world.does(Who::OtherCoordinator, case, "cve-reserve", json!({ "number": "CVE-2026-12345" })).await;
        world.does(Who::Developer, case, "fix-start", json!({ "reference": "private fork" })).await;
        world.does(Who::Developer, case, "fix-agree", json!({})).await;
        world.does(Who::SecondDeveloper, case, "fix-test", json!({ "note": "Passes." })).await;
        let draft = json!({ "record": advisory() });
        world.does(Who::OtherCoordinator, case, "draft-advisory", draft).await;
        world.does(Who::OtherCoordinator, case, "submit-for-review", json!({})).await;
        let digest = world.view(Who::Developer, case).await.case.advisory.digest.unwrap();
        world.does(Who::Developer, case, "approve", json!({ "digest": digest })).await;
        assert_eq!(world.refused(Who::OtherCoordinator, case, "publish", json!({})).await, "P29");
        assert_eq!(world.desk.tick().await.unwrap(), 0);
        world.does(Who::Developer, case, "fix-merge", json!({ "reference": "pull request 1" })).await;
        assert_eq!(world.desk.tick().await.unwrap(), 1, "the clock publishes once the fix is merged");
        assert_eq!(world.view(Who::Developer, case).await.lifecycle(), Lifecycle::Published);
        let id = world.desk.public_advisories(None, 1).await.unwrap()[0].record.id.clone();
        let record = world.desk.published(&id, Some(1), DocumentKind::Cve).await.unwrap();
        assert!(String::from_utf8(record.bytes).unwrap().contains("PSF"), "the PSF assigned the number");
        world.sound().await;
        world.end().await;
    });
}

/// Proves: P11.
#[test]
fn a_version_in_development_gets_no_number() {
    on_both_engines(async |world| {
        let case = accepted(&world, "3.15.0a1").await;
        let rule = world.refused(Who::Developer, case, "cve-request", json!({})).await;
        assert!(["P11", "P12"].contains(&rule.as_str()), "{rule}");
        world.does(Who::OtherCoordinator, case, "cve-exempt", json!({ "reason": "A prerelease." })).await;
        world.end().await;
    });
}
