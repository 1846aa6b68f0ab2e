//! Jupyter's process from report to close, through the use cases.

use bastide_authz::Actor;
use bastide_desk::case::{ClosingReason, Lifecycle, Notice};
use bastide_model::time::Span;
use bastide_store::Log;
use bastide_usecases::{DocumentKind, OpenedContent, RequestKey, Secret, UseCaseError};
use serde_json::json;

use crate::world::{Who, World, advisory, good_report, on_both_engines, submission};

/// Proves: J03, J04, J06, J08, J09, J10, J11, J12, J13, J15, J17, J18, J19, J20, J21, J22, J24, J25, J26, J27, J28,
/// J29, J30, J31, J23.
#[test]
fn a_report_goes_through_the_whole_process() {
    on_both_engines(async |world| {
        let report = world.report("jupyterlab", good_report()).await;
        let case = report.case;
        assert_eq!(report.lifecycle, Lifecycle::Received);
        assert_eq!(report.answer_due, Some(report.received + Span::days(3)));
        assert_eq!(report.disclosure_due, Some(report.received + Span::days(90)));
        world.days_pass(1);
        judged_and_staffed(&world, case).await;
        fixed_and_dated(&world, case).await;
        published_and_closed(&world, case, &report.link).await;
        world.sound().await;
        proved(&world, case).await;
        world.end().await;
    });
}

async fn judged_and_staffed(world: &World, case: bastide_model::id::CaseId) {
    world.does(Who::Coordinator, case, "acknowledge", json!({ "text": "Thank you, we look." })).await;
    let unknown = world
        .try_step(
            Who::Coordinator,
            case,
            "triage",
            json!({ "outcome": "vulnerability", "clause": "no-such-clause", "reasoning": "So." }),
        )
        .await
        .unwrap_err();
    assert!(unknown.to_string().contains("untrusted-notebook"), "the remedy names the clauses: {unknown}");
    let against = json!({ "outcome": "vulnerability", "clause": "hub-shared-domain", "reasoning": "So." });
    assert_eq!(world.refused(Who::Coordinator, case, "triage", against).await, "P03");
    let verdict = json!({ "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": "So." });
    world.does(Who::Coordinator, case, "triage", verdict).await;
    world.does(Who::Coordinator, case, "accept", json!({})).await;

    for who in [Who::Developer, Who::SecondDeveloper] {
        let invitation = json!({ "person": world.id(who).to_string(), "seat": "developer" });
        world.does(Who::Coordinator, case, "invite", invitation).await;
        let before = world.desk.case_view(&world.actor(who).await, case).await;
        assert!(matches!(before, Err(UseCaseError::NotFound)), "consent comes before content");
        world.does(who, case, "answer-invitation", json!({ "accept": true })).await;
        let view = world.view(who, case).await;
        assert!(view.report.is_some(), "after consent the content is open");
        assert!(view.entries.iter().all(|entry| !matches!(entry.content, OpenedContent::Closed(_))));
    }
}

async fn fixed_and_dated(world: &World, case: bastide_model::id::CaseId) {
    let early = json!({
        "release": (world.now() + Span::days(2)).to_string(),
        "announcement": (world.now() + Span::days(9)).to_string(),
    });
    assert_eq!(world.refused(Who::Coordinator, case, "propose-dates", early).await, "J21");
    world.fix_agreed(case).await;
    assert_eq!(world.view(Who::Developer, case).await.cve_numbers.len(), 1);
    let told = json!({ "notice": "cve-number", "text": "It is CVE-2026-12345." });
    world.does(Who::Coordinator, case, "notify", told).await;
    world.dated(case).await;
    let telling =
        json!({ "text": "CVE-2026-12345 is fixed in JupyterLab 4.2.5: opening a document runs a script." });
    let told = world.try_step(Who::Coordinator, case, "post-notice", telling).await;
    assert!(
        matches!(told, Err(UseCaseError::Leaks { .. })),
        "the post carries dates and no details: {told:?}"
    );
    let dates = json!({ "text": "A security release follows on 3 March, its announcement on 10 March." });
    world.does(Who::Coordinator, case, "post-notice", dates).await;
    let told = json!({ "notice": "dates", "text": "The dates are set." });
    world.does(Who::Coordinator, case, "notify", told).await;
    let test = json!({ "note": "All tests pass here." });
    assert_eq!(world.refused(Who::Developer, case, "fix-test", test.clone()).await, "J31");
    world.does(Who::SecondDeveloper, case, "fix-test", test).await;

    world.does(Who::Coordinator, case, "draft-advisory", json!({ "record": advisory() })).await;
    world.does(Who::Coordinator, case, "submit-for-review", json!({})).await;
    let view = world.view(Who::Coordinator, case).await;
    let digest = json!({ "digest": view.case.advisory.digest.unwrap() });
    assert_eq!(world.refused(Who::Coordinator, case, "approve", digest.clone()).await, "J09");
    world.does(Who::Developer, case, "approve", digest).await;

    world.days_pass(2);
    world.does(Who::Developer, case, "fix-merge", json!({ "reference": "pull request 7" })).await;
    let telling =
        json!({ "version": "4.2.5", "notes": "4.2.5\n\nFixes a vulnerability in opening documents." });
    let told = world.try_step(Who::Developer, case, "fix-release", telling).await;
    assert!(matches!(told, Err(UseCaseError::Leaks { .. })), "the release says nothing of it yet: {told:?}");
    let quiet = json!({ "version": "4.2.5", "notes": "4.2.5\n\nFaster start." });
    world.does(Who::Developer, case, "fix-release", quiet).await;
    assert_eq!(world.view(Who::Developer, case).await.lifecycle(), Lifecycle::ReleasedQuiet);
    assert_eq!(world.refused(Who::Coordinator, case, "publish", json!({})).await, "J28");
    assert_eq!(world.desk.tick().await.unwrap(), 0, "the clock does nothing before the date");
    assert!(world.desk.public_advisories(None, 10).await.unwrap().is_empty());
}

async fn published_and_closed(world: &World, case: bastide_model::id::CaseId, link: &str) {
    world.days_pass(7);
    assert_eq!(world.desk.tick().await.unwrap(), 1);
    let advisories = world.desk.public_advisories(None, 10).await.unwrap();
    let [published] = advisories.as_slice() else { panic!("one advisory is out: {}", advisories.len()) };
    let id = &published.record.id;
    assert_eq!(published.project.as_str(), "jupyterlab");
    for kind in DocumentKind::ALL {
        let document = world.desk.published(id, None, kind).await;
        let document = document.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!(document.version, 1);
        let text = String::from_utf8(document.bytes).unwrap();
        assert!(text.contains("CVE-2026-12345") && text.contains("4.2.5"), "{kind:?}");
    }
    assert!(world.desk.feed(None).await.unwrap().contains(id.as_str()));
    assert_eq!(world.desk.store().verify().await.unwrap().public_leaves, 6, "one leaf for each document");

    assert_eq!(world.refused(Who::Coordinator, case, "close", json!({})).await, "J29");
    world.does(Who::Coordinator, case, "cve-published", json!({})).await;
    let told = json!({ "notice": "releases", "text": "It is out. Thank you." });
    world.does(Who::Coordinator, case, "notify", told).await;
    let own = world.desk.own_report(&Secret::given(link)).await.unwrap();
    assert!(own.view.case.reporter.told.contains_key(&Notice::Releases));
    let texts = |content: &OpenedContent| match content {
        OpenedContent::Open(_, content) => serde_json::to_string(content).unwrap(),
        _ => String::new(),
    };
    assert!(own.view.entries.iter().any(|entry| texts(&entry.content).contains("It is out. Thank you.")));
    world.does(Who::Coordinator, case, "close", json!({})).await;
    let own = world.desk.own_report(&Secret::given(link)).await.unwrap();
    assert_eq!(own.view.case.closed.map(|(_, reason)| reason), Some(ClosingReason::Published));
    assert_eq!(own.view.case.breaches, 0);
    assert!(own.stages.iter().all(|stage| stage.reached.is_some()), "{:?}", own.stages);
}

async fn proved(world: &World, case: bastide_model::id::CaseId) {
    let store = world.desk.store();
    let bundle = serde_json::to_vec(&store.prove(case, None).await.unwrap()).unwrap();
    let proved = bastide_ledger::verify(&bundle, &[store.verifier_key(Log::Case)]).unwrap();
    assert_eq!(proved.events.len(), world.view(Who::Coordinator, case).await.entries.len());
}

#[test]
fn a_retried_report_gets_the_same_link_and_another_report_not_the_same_key() {
    on_both_engines(async |world| {
        let key: RequestKey = "a-client-chose-this-at-random".parse().unwrap();
        let nobody = Actor::anonymous();
        let send = async |draft| {
            world.desk.submit_report(&nobody, submission("jupyterlab", draft), Some(&key)).await
        };
        let first = send(good_report()).await.unwrap();
        world.days_pass(1);
        let again = send(good_report()).await.unwrap();
        assert_eq!((first.case, &first.link), (again.case, &again.link));
        assert_eq!(first.received, again.received);
        let mut other = good_report();
        other.title.push('!');
        // Two strangers who choose the same key do not meet.
        let stranger = send(other.clone()).await.unwrap();
        assert_ne!((stranger.case, &stranger.link), (first.case, &first.link));
        // Somebody whom we know has chosen the key for one request.
        let known = world.actor(Who::Stranger).await;
        let send_as =
            async |draft| world.desk.submit_report(&known, submission("jupyterlab", draft), Some(&key)).await;
        let theirs = send_as(good_report()).await.unwrap();
        assert_ne!(theirs.case, first.case);
        assert!(matches!(send_as(other).await, Err(UseCaseError::KeyReused)));
        let filter = bastide_usecases::InboxFilter::default();
        let inbox = world.desk.inbox(&world.actor(Who::Coordinator).await, &filter).await.unwrap().rows;
        assert_eq!(inbox.len(), 3);

        let coordinator = world.actor(Who::Coordinator).await;
        let step = crate::world::step("acknowledge", json!({ "text": "Thank you." }));
        let done = world.desk.act(&coordinator, first.case, &step, Some(&key)).await.unwrap();
        assert_eq!(world.desk.act(&coordinator, first.case, &step, Some(&key)).await.unwrap(), done);
        let without_key = world.desk.act(&coordinator, first.case, &step, None).await;
        assert!(matches!(without_key, Err(UseCaseError::Refused(_))), "the answer is given once");
        let other = crate::world::step("acknowledge", json!({ "text": "Thanks." }));
        let reused = world.desk.act(&coordinator, first.case, &other, Some(&key)).await;
        assert!(matches!(reused, Err(UseCaseError::KeyReused)));
        world.end().await;
    });
}

#[test]
fn steps_at_the_same_moment_are_all_stored_or_refused_by_the_process() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let (one, two) = (world.actor(Who::Developer).await, world.actor(Who::SecondDeveloper).await);
        let message =
            |text: String| crate::world::step("message", json!({ "tier": "team-only", "text": text }));
        for round in 0..5 {
            let (first, second) = (message(format!("first {round}")), message(format!("second {round}")));
            let (first, second) = tokio::join!(
                world.desk.act(&one, case, &first, None),
                world.desk.act(&two, case, &second, None)
            );
            first.unwrap();
            second.unwrap();
        }
        let sent = world.view(Who::Developer, case).await.entries.into_iter();
        let sent = sent.filter(|entry| entry.event.name() == "message-sent").count();
        assert_eq!(sent, 1 + 10, "the acknowledgement and ten messages");
        let (one, two) = (world.actor(Who::Coordinator).await, world.actor(Who::SecondCoordinator).await);
        let add = crate::world::step("add-project", json!({ "project": "notebook" }));
        world.does(Who::SecondCoordinator, case, "take", json!({})).await;
        let (first, second) =
            tokio::join!(world.desk.act(&one, case, &add, None), world.desk.act(&two, case, &add, None));
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|done| **done).count(), 1);
        world.sound().await;
        world.end().await;
    });
}
