//! The clock's rounds.

use bastide_connect_mail::fake::Mailbox;
use bastide_model::time::Span;
use serde_json::json;

use crate::world::{Who, advisory, good_report, on_both_engines, on_sqlite};

/// Proves: J04, J06.
#[test]
fn a_year_of_rounds_records_each_miss_once_and_escalates_every_day() {
    on_sqlite(async |world| {
        let (published, ..) = world.published().await;
        let mut judged = Vec::new();
        for _ in 0..8 {
            judged.push(world.report("jupyterlab", good_report()).await.case);
        }
        let left = [world.report("jupyterlab", good_report()).await.case];
        let mut changed = 0;
        for day in 1..=365 {
            world.days_pass(1);
            if let Some(case) = judged.get(day) {
                let verdict = json!({ "outcome": "noise", "reasoning": "A questionnaire." });
                world.does(Who::Coordinator, *case, "triage", verdict).await;
            }
            changed += world.desk.tick().await.unwrap();
            assert_eq!(world.desk.tick().await.unwrap(), 0, "a second round on the same day finds nothing");
        }
        let out = world.view(Who::Coordinator, published).await;
        assert!(out.entries.iter().all(|entry| entry.event.name() != "escalated"));
        for case in &left {
            let view = world.view(Who::Coordinator, *case).await;
            let count = |name: &str| view.entries.iter().filter(|entry| entry.event.name() == name).count();
            assert_eq!(count("reminded"), 3, "14, 7 and 1 days before");
            assert_eq!(view.case.breaches, 2, "the answer and the disclosure");
            assert!(view.case.advisory.published.is_none(), "nothing unapproved is ever published");
            assert_eq!(count("escalated"), 365 - 90 + 1, "every day from the deadline on");
        }
        println!("10 cases, 365 days: {changed} changes");
        world.sound().await;
        world.end().await;
    });
}

/// Proves: J06.
#[test]
fn at_the_deadline_an_approved_draft_goes_out_without_dates_or_number() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let mut record = advisory();
        record["aliases"] = json!([]);
        world.drafted_and_approved(case, record).await;
        world.clock.pass(Span::minutes(90 * 24 * 60 - 1));
        world.desk.tick().await.unwrap();
        assert!(world.desk.public_advisories(None, 10).await.unwrap().is_empty());
        world.clock.pass(Span::minutes(1));
        assert_eq!(world.desk.tick().await.unwrap(), 1);
        assert_eq!(world.desk.public_advisories(None, 10).await.unwrap().len(), 1);
        world.end().await;
    });
}

#[test]
fn a_case_that_cannot_be_read_does_not_stop_the_clock_for_others() {
    on_sqlite(async |world| {
        let broken = world.report("jupyterlab", good_report()).await.case;
        let sound = world.report("jupyterlab", good_report()).await.case;
        // An event that no case understands, written past the desk.
        let stream = bastide_store::Stream::case(broken);
        let expected = world.desk.store().stream(&stream).await.unwrap().len() as u64;
        let mut append = bastide_store::Append::at(world.now());
        append.batches.push(bastide_store::StreamBatch {
            stream,
            expected,
            events: vec![bastide_store::NewEvent {
                kind: "nonsense".to_owned(),
                at: world.now(),
                actor: None,
                header: json!({ "event": "nonsense" }),
                body: None,
            }],
        });
        world.desk.store().append(append).await.unwrap();
        world.days_pass(4);
        assert_eq!(world.desk.tick().await.unwrap(), 1);
        let view = world.view(Who::Coordinator, sound).await;
        assert!(!view.case.members.is_empty(), "the sound case was given to somebody");
        let error = world.desk.case_view(&world.actor(Who::Coordinator).await, broken).await.unwrap_err();
        assert!(error.to_string().contains("nonsense"), "{error}");

        let delivery = world.desk.deliver(&Mailbox::default()).await.unwrap();
        assert_eq!(delivery.failed, 1, "the broken case's message waits: {delivery:?}");
        assert!(delivery.sent >= 2, "the others are sent: {delivery:?}");
        world.end().await;
    });
}

/// Proves: P28.
#[test]
fn a_report_that_is_passed_on_stands_in_the_other_project_s_inbox_and_goes_to_its_coordinator() {
    on_both_engines(async |world| {
        let case = world.report("jupyterlab", good_report()).await.case;
        let filter = bastide_usecases::InboxFilter::default();
        let other = world.actor(Who::OtherCoordinator).await;
        assert!(world.desk.inbox(&other, &filter).await.unwrap().rows.is_empty());
        let verdict = json!({
            "outcome": "other-project",
            "clause": "untrusted-notebook",
            "reasoning": "It is the interpreter's.",
            "destination": "cpython",
        });
        let mut done = world.try_step(Who::Coordinator, case, "triage", verdict.clone()).await;
        if done.is_err() {
            let mut plain = verdict;
            plain.as_object_mut().unwrap().remove("clause");
            done = world.try_step(Who::Coordinator, case, "triage", plain).await;
        }
        done.unwrap();
        let rows = world.desk.inbox(&other, &filter).await.unwrap().rows;
        assert_eq!(rows.iter().map(|row| row.case).collect::<Vec<_>>(), [case]);
        world.days_pass(8);
        world.desk.tick().await.unwrap();
        let view = world.view(Who::OtherCoordinator, case).await;
        assert!(view.case.holds(world.id(Who::OtherCoordinator), bastide_authz::Role::Coordinator));
        world.end().await;
    });
}
