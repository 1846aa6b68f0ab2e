//! The table of steps against the steps themselves, and what is offered to whom.

use std::{collections::BTreeSet, fmt::Write as _};

use bastide_authz::Actor;
use bastide_desk::{case::Lifecycle, lint::ReportDraft};
use bastide_model::{
    id::{CaseId, PersonId, VulnerabilityId},
    time::Span,
};
use bastide_store::{Append, Change, ClaimKind, StoreError};
use bastide_usecases::{
    Secret, UseCaseError,
    step::{Entry, StepKind},
};
use serde_json::{Map, Value, json};

use crate::world::{Who, World, advisory, good_report, on_sqlite, request_key, step, submission};

/// The names of the steps as their reader knows them: it lists them when it meets one that it does not know.
fn names_that_read() -> BTreeSet<String> {
    let error = serde_json::from_value::<bastide_usecases::step::Step>(json!({ "step": "no-such-step" }));
    let error = error.unwrap_err().to_string();
    let (_, list) = error.split_once("expected one of ").unwrap();
    list.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
}

fn value_for(entry: Entry) -> Value {
    match entry {
        Entry::Choice(words) => json!(words[0].0),
        Entry::YesNo => json!(true),
        Entry::Instant => json!("2026-04-01T00:00:00Z"),
        Entry::Person => json!(PersonId::from_bytes([1; 16]).to_string()),
        Entry::Vulnerability => json!(VulnerabilityId::from_bytes([1; 16]).to_string()),
        Entry::Project | Entry::CaseProject => json!("jupyterlab"),
        Entry::DraftDigest => json!("0".repeat(64)),
        Entry::Json => json!({ "x": 1 }),
        Entry::Line | Entry::Text | Entry::Clause => json!("some words"),
    }
}

fn filled(kind: &StepKind, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let fields = kind.fields.iter().filter(|field| wanted(field.name));
    fields
        .map(|field| {
            let value = match field.name {
                "duplicate-of" => json!(CaseId::from_bytes([1; 16]).to_string()),
                _ => value_for(field.entry),
            };
            (field.name.to_owned(), value)
        })
        .collect()
}

/// Proves: J10, S02.
#[test]
fn every_step_has_one_kind_and_every_kind_one_step() {
    let kinds: Vec<&str> = StepKind::ALL.iter().map(|kind| kind.name).collect();
    let unique: BTreeSet<String> = kinds.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(unique.len(), kinds.len());
    assert_eq!(unique, names_that_read());
    for kind in StepKind::ALL {
        assert!(kind.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", kind.name);
        assert!(kind.title.len() > 3 && kind.why.ends_with('.') && !kind.rule.is_empty(), "{}", kind.name);
        assert!(!kind.roles.is_empty(), "{} is somebody's step", kind.name);
        let read = kind.read(&filled(kind, |_| true)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.kind(), kind);
    }
}

#[test]
fn the_fields_of_the_table_are_the_fields_that_the_step_reads() {
    for kind in StepKind::ALL {
        let all = filled(kind, |_| true);
        let step = kind.read(&all).unwrap();
        // What is written again is what was read: no field is forgotten in the table, none is of another name.
        let Value::Object(mut written) = serde_json::to_value(&step).unwrap() else { panic!() };
        written.remove("step");
        let names: BTreeSet<&String> = written.keys().collect();
        assert_eq!(names, all.keys().collect(), "{}", kind.name);
        for field in kind.fields {
            let without = kind.read(&filled(kind, |name| name != field.name));
            // A form does not send an unticked box: that is a no.
            let needed = field.required && field.entry != Entry::YesNo;
            assert_eq!(without.is_err(), needed, "{} {}", kind.name, field.name);
            if let Err(error) = without {
                assert!(error.to_string().contains(field.name), "{error}");
            }
            if let Entry::Choice(words) = field.entry {
                for (word, meaning) in words {
                    let mut fields = all.clone();
                    fields[field.name] = json!(word);
                    kind.read(&fields).unwrap_or_else(|error| panic!("{error}"));
                    assert!(!meaning.is_empty());
                }
            }
        }
    }
}

#[test]
fn a_form_sends_texts_and_they_are_read_as_what_they_are() {
    let message = StepKind::find("message").unwrap();
    let form = |asks: &str| {
        let Value::Object(fields) =
            json!({ "tier": "team-only", "text": "Hello", "asks-reporter": asks, "csrf": "x" })
        else {
            panic!()
        };
        serde_json::to_value(message.read(&fields).unwrap()).unwrap()["asks-reporter"].clone()
    };
    assert_eq!(
        [form("on"), form("yes"), form(""), form("no")],
        [json!(true), json!(true), json!(false), json!(false)]
    );
    let error = StepKind::find("draft-advisory").unwrap();
    let Value::Object(fields) = json!({ "record": "{ not json" }) else { panic!() };
    assert!(error.read(&fields).unwrap_err().to_string().contains("`record` is not JSON"));
}

/// What everybody is offered: possible steps by name, others in brackets.
async fn offered(world: &World, case: CaseId, link: &str, out: &mut String) {
    let own = world.desk.own_report(&Secret::given(link)).await.unwrap();
    let lifecycle = own.view.lifecycle();
    writeln!(out, "== {}", lifecycle.as_str()).unwrap();
    let people = [
        Who::Coordinator,
        Who::SecondCoordinator,
        Who::OtherCoordinator,
        Who::Developer,
        Who::SecondDeveloper,
        Who::Operator,
        Who::Auditor,
    ];
    for who in people {
        let actor = world.actor(who).await;
        if who == Who::Auditor {
            let purpose = "A look at what is offered.";
            world.desk.state_purpose(&actor, case, purpose, &request_key()).await.unwrap();
        }
        let line = match world.desk.case_view(&actor, case).await {
            Ok(view) => line(&view.offers),
            Err(_) => "sees nothing".to_owned(),
        };
        writeln!(out, "{who:?}: {line}").unwrap();
    }
    writeln!(out, "Reporter: {}", line(&own.view.offers)).unwrap();
}

fn line(offers: &[bastide_usecases::Offer]) -> String {
    let words = offers.iter().map(|offer| match &offer.not_now {
        None => offer.kind.name.to_owned(),
        Some(refusal) => format!("({} {})", offer.kind.name, refusal.rule),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Proves: J10.
#[test]
fn each_stage_offers_each_role_its_steps() {
    on_sqlite(async |world| {
        let mut out = String::new();
        let mut poor = good_report();
        poor.attachments = Vec::new();
        let report = world.report("jupyterlab", poor).await;
        let (case, link) = (report.case, report.link);
        offered(&world, case, &link, &mut out).await;
        world.does(Who::Coordinator, case, "acknowledge", json!({ "text": "Thank you." })).await;
        offered(&world, case, &link, &mut out).await;
        let verdict =
            json!({ "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": "So." });
        world.does(Who::Coordinator, case, "triage", verdict).await;
        offered(&world, case, &link, &mut out).await;
        world.does(Who::Coordinator, case, "accept", json!({})).await;
        world.joins(Who::Developer, case, "developer").await;
        world.joins(Who::SecondDeveloper, case, "developer").await;
        world.joins(Who::Operator, case, "observer").await;
        offered(&world, case, &link, &mut out).await;
        world.fix_agreed(case).await;
        offered(&world, case, &link, &mut out).await;
        world.does(Who::SecondDeveloper, case, "fix-test", json!({ "note": "Passes." })).await;
        world.drafted_and_approved(case, advisory()).await;
        world.dated(case).await;
        offered(&world, case, &link, &mut out).await;
        world.clock.pass(Span::days(2));
        world.does(Who::Developer, case, "fix-merge", json!({ "reference": "1" })).await;
        world.does(Who::Developer, case, "fix-release", json!({ "version": "4.2.5" })).await;
        offered(&world, case, &link, &mut out).await;
        world.clock.pass(Span::days(7));
        world.desk.tick().await.unwrap();
        assert_eq!(world.view(Who::Coordinator, case).await.lifecycle(), Lifecycle::Published);
        offered(&world, case, &link, &mut out).await;
        let gone = json!({ "record": advisory(), "withdraws": true, "change": "It was no vulnerability." });
        world.approved(case, gone).await;
        world.does(Who::Coordinator, case, "publish", json!({})).await;
        offered(&world, case, &link, &mut out).await;
        world.does(Who::Coordinator, case, "notify", json!({ "notice": "releases", "text": "Out." })).await;
        world.does(Who::Coordinator, case, "close", json!({})).await;
        offered(&world, case, &link, &mut out).await;
        let report = world.report("jupyterlab", good_report()).await;
        let verdict = json!({ "outcome": "upstream", "clause": "dependency", "reasoning": "Theirs." });
        world.does(Who::Coordinator, report.case, "triage", verdict).await;
        offered(&world, report.case, &report.link, &mut out).await;

        let mut poor = good_report();
        poor.tested_versions.clear();
        let report = world.report("cpython", poor).await;
        offered(&world, report.case, &report.link, &mut out).await;
        let reached = |stage: &Lifecycle| out.contains(&format!("== {}\n", stage.as_str()));
        let missing: Vec<Lifecycle> = Lifecycle::ALL.into_iter().filter(|stage| !reached(stage)).collect();
        assert_eq!(missing, [Lifecycle::Submitted], "no case rests between being sent and being judged");
        insta::assert_snapshot!("what_each_stage_offers", out);
        world.end().await;
    });
}

/// A report over the limits is refused before it is linted or stored; a large one within them is judged.
#[test]
fn a_report_over_the_limits_is_refused_with_its_field() {
    on_sqlite(async |world| {
        let long = ReportDraft { title: "x".repeat(301), ..good_report() };
        let key = "a-key-of-twenty-two-characters".parse().unwrap();
        let sent = world
            .desk
            .submit_report(&Actor::anonymous(), submission("jupyterlab", long.clone()), Some(&key))
            .await;
        assert!(matches!(&sent, Err(UseCaseError::Invalid { field, .. }) if field == "title"), "{sent:?}");
        let name = "jupyterlab".parse().unwrap();
        let linted = world.desk.lint_report(&Actor::anonymous(), &name, &long).await;
        assert!(matches!(&linted, Err(UseCaseError::Invalid { field, .. }) if field == "title"));
        let large = ReportDraft { body: "A line of a long report.\n".repeat(4000), ..good_report() };
        world.desk.lint_report(&Actor::anonymous(), &name, &large).await.unwrap();
        let short = "short-key".parse().unwrap();
        let sent = world
            .desk
            .submit_report(&Actor::anonymous(), submission("jupyterlab", good_report()), Some(&short))
            .await;
        assert!(
            matches!(&sent, Err(UseCaseError::Invalid { field, .. }) if field == "Idempotency-Key"),
            "a key that can be guessed gives the link away: {sent:?}"
        );
        world.end().await;
    });
}

/// The rules for every message are asked of the reporter's follow-ups: what they find is said to the sender.
///
/// Proves: P17.
#[test]
fn the_lint_reads_the_reporters_later_messages() {
    on_sqlite(async |world| {
        let report = world.report("cpython", good_report()).await;
        let reporter = world.reporter(&report.link).await;
        let say = |text: &str| step("message", json!({ "tier": "team-and-reporter", "text": text }));
        let plain = world.desk.act(&reporter, report.case, &say("Thank you."), None).await.unwrap();
        assert!(plain.findings.is_empty(), "{:?}", plain.findings);
        let tables = "# One\n\n## Two\n\n| a | b |\n|---|---|\n| **x** | **y** |\n\n".repeat(40);
        match world.desk.act(&reporter, report.case, &say(&tables), None).await {
            Ok(done) => assert!(!done.findings.is_empty(), "the lint did not read it"),
            Err(error) => assert!(matches!(error, UseCaseError::Blocked { .. }), "{error:?}"),
        }
        world.end().await;
    });
}

#[test]
fn a_case_that_ends_unpublished_gives_its_names_free_and_a_published_one_keeps_them() {
    on_sqlite(async |world| {
        let (case, _, id) = world.published().await;
        let first = world.report("jupyterlab", good_report()).await.case;
        let second = world.report("jupyterlab", good_report()).await.case;
        let claim = async |case: CaseId, kind: ClaimKind, name: &str| {
            let change = Change::Claim { case, kind, name: name.to_owned() };
            let append = Append { changes: vec![change], ..Append::at(world.now()) };
            world.desk.store().append(append).await.map(|_| ())
        };
        let number = "CVE-2026-99999";
        claim(first, ClaimKind::CveNumber, number).await.unwrap();
        let taken = claim(second, ClaimKind::CveNumber, number).await;
        assert!(matches!(taken, Err(StoreError::Claimed { .. })), "{taken:?}");
        let verdict = json!({ "outcome": "noise", "reasoning": "A questionnaire." });
        world.does(Who::Coordinator, first, "triage", verdict).await;
        if world.view(Who::Coordinator, first).await.case.closed.is_none() {
            world.does(Who::Coordinator, first, "close", json!({})).await;
        }
        claim(second, ClaimKind::CveNumber, number).await.expect("it is free again");
        for (kind, name) in [(ClaimKind::AdvisoryId, id.as_str()), (ClaimKind::CveNumber, "CVE-2026-12345")] {
            claim(case, kind, name).await.unwrap();
            let taken = claim(second, kind, name).await;
            assert!(matches!(taken, Err(StoreError::Claimed { .. })), "{name}: {taken:?}");
        }
        world.end().await;
    });
}
