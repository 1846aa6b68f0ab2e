//! Published advisories: new versions, withdrawal, and whose id is whose.

use bastide_model::id::CaseId;
use bastide_usecases::{DocumentKind, UseCaseError};
use serde_json::json;

use crate::world::{Who, World, advisory, good_report, on_both_engines};

async fn documents(world: &World, id: &str, version: u32) -> Vec<Vec<u8>> {
    let mut documents = Vec::new();
    for kind in DocumentKind::ALL {
        documents.push(world.desk.published(id, Some(version), kind).await.unwrap().bytes);
    }
    documents
}

#[test]
fn a_published_advisory_is_revised_and_withdrawn_and_its_versions_stay_as_they_were() {
    on_both_engines(async |world| {
        let (case, _, id) = world.published().await;
        let first = documents(&world, &id, 1).await;

        // The year turns: the case's advisory keeps its id.
        world.days_pass(320);
        let mut better = advisory();
        better["summary"] = json!("Opening a prepared document runs a script as its reader");
        let unsaid = json!({ "record": better.clone() });
        assert_eq!(world.refused(Who::Coordinator, case, "draft-advisory", unsaid).await, "J28");
        world.approved(case, json!({ "record": better.clone(), "change": "Says as whom." })).await;
        let done = world.does(Who::Coordinator, case, "publish", json!({})).await;
        assert_eq!(done.advisory.as_deref(), Some(id.as_str()));
        let second = documents(&world, &id, 2).await;
        assert!(String::from_utf8_lossy(&second[3]).contains("as its reader"));

        let gone = json!({ "record": better, "withdraws": true, "change": "It was no vulnerability." });
        world.approved(case, gone).await;
        world.does(Who::Coordinator, case, "publish", json!({})).await;
        let third = world.desk.published(&id, None, DocumentKind::Osv).await.unwrap();
        assert_eq!(third.version, 3);
        let osv: serde_json::Value = serde_json::from_slice(&third.bytes).unwrap();
        assert!(osv["withdrawn"].is_string());
        assert_eq!(osv["id"], json!(id));
        assert_eq!(documents(&world, &id, 1).await, first, "an earlier version never changes");
        assert_eq!(documents(&world, &id, 2).await, second);
        assert_eq!(world.desk.public_advisories(None, 10).await.unwrap().len(), 1);
        let report = world.desk.store().verify().await.unwrap();
        assert!(report.is_sound(), "{:?}", report.problems);
        assert_eq!((report.publications, report.public_leaves), (18, 18), "one leaf for each document");
        world.end().await;
    });
}

/// Proves: O05.
#[test]
fn nobody_publishes_over_the_advisory_of_another_case() {
    on_both_engines(async |world| {
        let (case, _, id) = world.published().await;
        let other = world.report("cpython", {
            let mut draft = good_report();
            draft.tested_versions[0].version = "3.13.1".to_owned();
            draft
        });
        let other = other.await.case;
        let verdict = json!({ "outcome": "vulnerability", "clause": "remote-data", "reasoning": "So." });
        world.does(Who::OtherCoordinator, other, "triage", verdict).await;
        world.does(Who::OtherCoordinator, other, "accept", json!({})).await;
        let mut theirs = advisory();
        theirs["id"] = json!(id);
        let draft = json!({ "record": theirs });
        let taken = world.try_step(Who::OtherCoordinator, other, "draft-advisory", draft.clone()).await;
        assert!(
            matches!(&taken, Err(UseCaseError::Invalid { field, .. }) if field == "record.id"),
            "{taken:?}"
        );

        let mut own = advisory();
        own["id"] = json!("x_another-id");
        let draft = json!({ "record": own, "change": "Another id." });
        let moved = world.try_step(Who::Coordinator, case, "draft-advisory", draft).await;
        assert!(
            matches!(&moved, Err(UseCaseError::Invalid { field, .. }) if field == "record.id"),
            "{moved:?}"
        );
        for id in ["x_../../etc/passwd", "x_a/b", "x_a b", "x_<script>", "x_\n", "", &"x_".repeat(50)] {
            let mut draft = advisory();
            draft["id"] = json!(id);
            let draft = json!({ "record": draft });
            let refused = world.try_step(Who::OtherCoordinator, other, "draft-advisory", draft).await;
            assert!(matches!(refused, Err(UseCaseError::Invalid { .. })), "{id:?}: {refused:?}");
        }
        world.end().await;
    });
}

#[test]
fn a_duplicate_names_a_case_that_whoever_judges_may_read() {
    on_both_engines(async |world| {
        let first = world.report("jupyterlab", good_report()).await.case;
        let foreign = world.report("cpython", good_report()).await.case;
        let second = world.report("jupyterlab", good_report()).await.case;
        let verdict = |of: String| {
            json!({
                "outcome": "duplicate",
                "clause": "untrusted-notebook",
                "reasoning": "The same.",
                "duplicate-of": of,
            })
        };
        let unknown = CaseId::from_bytes([1; 16]).to_string();
        for of in [foreign.to_string(), unknown] {
            let refused = world.try_step(Who::Coordinator, second, "triage", verdict(of.clone())).await;
            assert!(
                matches!(&refused, Err(UseCaseError::Invalid { field, .. }) if field == "duplicate-of"),
                "{of}: {refused:?}"
            );
        }
        world.does(Who::Coordinator, second, "triage", verdict(first.to_string())).await;
        world.end().await;
    });
}
