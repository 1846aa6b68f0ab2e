//! Published advisories: new versions, withdrawal, and whose id is whose.

use bastide_model::id::CaseId;
use bastide_usecases::{DocumentKind, UseCaseError};
use serde_json::json;

use crate::world::{Who, World, advisory, good_report, on_both_engines, on_sqlite};

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
        // What is closed is handled by nobody; so no two cases can be each other's duplicates.
        let third = world.report("jupyterlab", good_report()).await.case;
        for case in [third, first] {
            let refused = world.try_step(Who::Coordinator, case, "triage", verdict(second.to_string())).await;
            assert!(
                matches!(&refused, Err(UseCaseError::Invalid { field, remedy, .. })
                    if field == "duplicate-of" && remedy.contains(&first.to_string())),
                "{refused:?}"
            );
        }
        world.end().await;
    });
}

async fn refused_field(world: &World, case: CaseId, name: &str, fields: serde_json::Value) -> String {
    match world.try_step(Who::Coordinator, case, name, fields).await {
        Err(UseCaseError::Invalid { field, .. }) => field,
        other => panic!("{name} was to be refused: {other:?}"),
    }
}

fn unnumbered(id: &str) -> serde_json::Value {
    let mut record = advisory();
    record["aliases"] = json!([]);
    record["id"] = json!(id);
    json!({ "record": record })
}

/// Proves: O05.
#[test]
fn an_advisory_id_belongs_to_the_case_that_drafted_it_first_and_a_case_keeps_its_id() {
    on_both_engines(async |world| {
        let (first, _) = world.accepted().await;
        let (second, _) = world.accepted().await;
        let mut plain = advisory();
        plain["aliases"] = json!([]);
        world.does(Who::Coordinator, first, "draft-advisory", json!({ "record": plain.clone() })).await;
        // The desk's own id gives way to the home database's once; from then on the id stays.
        world.does(Who::Coordinator, first, "draft-advisory", unnumbered("x_home-1")).await;
        let moved = refused_field(&world, first, "draft-advisory", unnumbered("x_home-2")).await;
        assert_eq!(moved, "record.id");
        world.does(Who::Coordinator, first, "draft-advisory", json!({ "record": plain })).await;

        let short: String = first.to_string().chars().rev().take(8).collect();
        let ids = ["x_home-1", "x_HOME-1", &format!("x_bastide-2026-{short}")];
        for id in ids {
            let taken = refused_field(&world, second, "draft-advisory", unnumbered(id)).await;
            assert_eq!(taken, "record.id", "{id}");
        }
        world.sound().await;
        world.end().await;
    });
}

/// Proves: J19.
#[test]
fn a_cve_number_belongs_to_one_case_and_a_draft_names_its_case_s_numbers() {
    on_both_engines(async |world| {
        let (first, _) = world.accepted().await;
        let (second, _) = world.accepted().await;
        let draft = json!({ "record": advisory() });
        let early = refused_field(&world, first, "draft-advisory", draft.clone()).await;
        assert_eq!(early, "record.aliases", "nobody has this number yet");
        world.fix_agreed(first).await;
        let without = refused_field(&world, first, "draft-advisory", unnumbered("x_own")).await;
        assert_eq!(without, "record.aliases", "the case's number is left out");
        world.does(Who::Coordinator, first, "draft-advisory", draft).await;

        let seen = json!({ "result": "confirmed", "note": "It runs." });
        world.does(Who::Developer, second, "replicate", seen).await;
        world.does(Who::Developer, second, "cve-request", json!({})).await;
        let number = json!({ "number": "CVE-2026-12345" });
        assert_eq!(refused_field(&world, second, "cve-reserve", number).await, "number");
        world.does(Who::Coordinator, second, "cve-reserve", json!({ "number": "CVE-2026-12346" })).await;
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn a_draft_that_some_format_cannot_carry_is_refused_when_it_is_written() {
    on_sqlite(async |world| {
        let (case, _) = world.accepted().await;
        let mut record = advisory();
        record["aliases"] = json!([]);
        record["affected"] = json!([]);
        assert_eq!(
            refused_field(&world, case, "draft-advisory", json!({ "record": record })).await,
            "record"
        );
        world.end().await;
    });
}
