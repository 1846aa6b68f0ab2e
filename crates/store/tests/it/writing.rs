//! The writer: group commit, bounds, history that SQL cannot change.

use bastide_store::{Append, Change, NewEvent, StoreError, Stream, StreamBatch, StreamKind};
use serde_json::json;

use crate::desk::{case, event, now, on_both_engines, raw, report, secret, stored};

const APPENDS: u8 = 200;

#[test]
fn many_appends_share_few_commits_and_none_is_lost() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let before = store.figures().commits;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..APPENDS {
            let store = store.clone();
            tasks.spawn(
                async move { stored(store.append(report(number, 0, "all at once")).await.unwrap())[0] },
            );
        }
        let mut indexes = tasks.join_all().await;
        indexes.sort_unstable();
        assert_eq!(indexes, (0..u64::from(APPENDS)).collect::<Vec<_>>());
        let commits = store.figures().commits - before;
        println!("{APPENDS} appends in {commits} commits");
        assert!(commits < u64::from(APPENDS) / 2, "{commits} commits");
        let report = store.verify().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(report.bodies, u64::from(APPENDS));
        store.close().await;
    });
}

#[test]
fn a_refused_job_leaves_no_trace_and_disturbs_no_other_in_its_transaction() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..100_u8 {
            let store = store.clone();
            tasks.spawn(async move {
                let mut append = report(number, 0, "some of these are refused");
                if number % 3 == 0 {
                    // Fails at its end, after its events and leaves were prepared.
                    let settled = Change::OutboxSent { id: "msg-none".to_owned(), at: now() };
                    append.changes.push(settled);
                }
                (number, store.append(append).await)
            });
        }
        for (number, outcome) in tasks.join_all().await {
            match outcome {
                Err(StoreError::Absent { .. }) => assert_eq!(number % 3, 0),
                Ok(_) => assert_ne!(number % 3, 0),
                Err(other) => panic!("{other}"),
            }
            let events = store.stream(&Stream::case(case(number))).await.unwrap().len();
            assert_eq!(events, usize::from(number % 3 != 0), "case {number}");
        }
        let report = store.verify().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.events, report.case_leaves), (66, 66));
        store.close().await;
    });
}

#[test]
fn history_refuses_update_and_delete_in_sql() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "for ever")).await.unwrap());
        store.checkpoint(bastide_store::Log::Case).await.unwrap();
        let snapshot = Change::AddSnapshot { kind: "policy".to_owned(), bytes: b"acknowledge = 3".to_vec() };
        let publication = Change::AddPublication(Box::new(crate::proving::publication(1, "first")));
        let changes = vec![snapshot, publication];
        store.append(Append { changes, ..Append::at(now()) }).await.unwrap();
        store.erase_case_bodies(case(1), now(), None).await.unwrap();
        for (table, column) in [
            ("event", "kind"),
            ("log_leaf", "log"),
            ("log_hash", "log"),
            ("checkpoint", "note"),
            ("erasure", "case_id"),
            ("publication", "title"),
            ("snapshot", "kind"),
        ] {
            for statement in [format!("UPDATE {table} SET {column} = 'x'"), format!("DELETE FROM {table}")] {
                let refused = raw(&desk.config, &statement).await.unwrap_err();
                assert!(refused.contains("append-only"), "{statement}: {refused}");
            }
        }
        assert!(store.verify().await.unwrap().is_sound());
        store.close().await;
    });
}

#[test]
fn what_is_out_of_bounds_is_refused_with_its_name() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let with = |events: Vec<NewEvent>| Append {
            batches: vec![StreamBatch { stream: Stream::case(case(1)), expected: 0, events }],
            ..Append::at(now())
        };
        let refused = [
            with(vec![event("", None)]),
            with(vec![event(&"k".repeat(65), None)]),
            with(vec![event("another-case's-body", Some(secret(2, "x")))]),
            with(vec![NewEvent { header: json!({"score": 7.5}), ..event("fraction", None) }]),
            with(vec![NewEvent { header: json!({"text": "x".repeat(300_000)}), ..event("long", None) }]),
            with(vec![event("nul\0", None)]),
            with((0..10_001).map(|_| event("many", None)).collect()),
            Append {
                batches: vec![StreamBatch {
                    stream: Stream::new(StreamKind::Programme, "erasures"),
                    expected: 0,
                    events: vec![],
                }],
                ..Append::at(now())
            },
        ];
        for append in refused {
            let error = store.append(append).await.unwrap_err();
            assert!(matches!(error, StoreError::Refused { .. }), "{error}");
        }
        assert_eq!(store.verify().await.unwrap().events, 0);
        store.close().await;
        let closed = store.append(report(1, 0, "too late")).await.unwrap_err();
        assert!(closed.is_unknown_outcome(), "{closed}");
    });
}

#[test]
fn a_full_queue_answers_busy_and_stores_nothing_of_what_it_refused() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let appends: Vec<_> = (0..3000_u16)
            .map(|number| {
                let batches = vec![StreamBatch {
                    stream: Stream::new(StreamKind::Project, format!("project-{number}")),
                    expected: 0,
                    events: vec![event("flood", None)],
                }];
                Append { batches, ..Append::at(now()) }
            })
            .collect();
        let mut tasks = tokio::task::JoinSet::new();
        for append in appends {
            let store = store.clone();
            tasks.spawn(async move { store.append(append).await });
        }
        let (mut accepted, mut busy) = (0, 0);
        for outcome in tasks.join_all().await {
            match outcome {
                Ok(_) => accepted += 1,
                Err(StoreError::Busy) => busy += 1,
                Err(other) => panic!("{other}"),
            }
        }
        println!("of 3000 at once {accepted} were accepted, {busy} told to come again");
        assert!(busy > 0 && accepted >= 1024);
        let checked = store.verify().await.unwrap();
        assert!(checked.is_sound() && checked.events == accepted, "{checked:?}");
        store.close().await;
    });
}

/// Nothing is tried twice: who was in the failed transaction hears "unknown" and asks again with their key.
#[test]
fn after_a_lost_connection_the_writer_opens_a_new_one_and_no_answer_lies() {
    let Some(desk) = crate::desk::Desk::postgres() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "before")).await.unwrap());
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        raw(&desk.config, kill).await.unwrap();
        let unknown = store.append(report(1, 1, "during")).await.unwrap_err();
        assert!(unknown.is_unknown_outcome(), "{unknown}");
        stored(store.append(report(1, 1, "during")).await.unwrap());
        assert_eq!(store.figures().reopened, 1);
        let checked = store.verify().await.unwrap();
        assert!(checked.is_sound() && checked.events == 2, "{checked:?}");
        store.close().await;
    });
}
