//! Appending: what is acknowledged is stored once, as it was given, or refused without a trace.

use bastide_model::digest::Sha256Digest;
use bastide_store::{Append, Appended, Body, Idempotency, StoreError, Stream};

use crate::desk::{case, now, on_both_engines, report, stored, team_permit};

fn with_key(append: Append, key: &str, request: &str) -> Append {
    let request = Sha256Digest::of(request.as_bytes());
    let response = b"your receipt".to_vec();
    Append {
        idempotency: Some(Idempotency {
            scope: "reports".to_owned(),
            key: key.to_owned(),
            request,
            response,
        }),
        ..append
    }
}

#[test]
fn what_was_appended_is_read_back_after_reopening() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        assert_eq!(stored(store.append(report(1, 0, "the first")).await.unwrap()), [0]);
        assert_eq!(stored(store.append(report(1, 1, "the second")).await.unwrap()), [1]);
        store.close().await;
        let store = desk.open().await;
        let events = store.stream(&Stream::case(case(1))).await.unwrap();
        assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
        let Body::Sealed(body) = &events[1].body else { panic!("a sealed body") };
        assert_eq!(body.open(&team_permit(1)).unwrap(), b"the second");
        assert!(body.open(&team_permit(2)).is_err());
        let report = store.verify().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.events, report.bodies, report.case_leaves), (2, 2, 2));
        store.close().await;
    });
}

#[test]
fn a_retry_gets_the_first_answer_and_stores_nothing() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let first = store.append(with_key(report(1, 0, "once"), "key-1", "same")).await.unwrap();
        stored(first);
        let again = store.append(with_key(report(1, 0, "once"), "key-1", "same")).await.unwrap();
        assert_eq!(again, Appended::Replayed(b"your receipt".to_vec()));
        let request = Sha256Digest::of(b"same");
        let replayed = store.replayed("reports", "key-1", &request).await.unwrap();
        assert_eq!(replayed.unwrap(), b"your receipt");
        assert_eq!(store.replayed("others", "key-1", &request).await.unwrap(), None);
        assert_eq!(store.stream(&Stream::case(case(1))).await.unwrap().len(), 1);
        let other = store.append(with_key(report(1, 1, "twice"), "key-1", "different")).await.unwrap_err();
        assert!(matches!(other, StoreError::IdempotencyMismatch { .. }), "{other}");
        assert_eq!(store.prune_answers(now()).await.unwrap(), 0);
        store.close().await;
    });
}

#[test]
fn a_stream_that_has_grown_is_a_conflict_and_stores_nothing() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "first")).await.unwrap());
        let late = store.append(report(1, 0, "also first")).await.unwrap_err();
        let stream = Stream::case(case(1));
        assert_eq!(late, StoreError::Conflict { stream: stream.clone(), expected: 0, found: 1 });
        assert_eq!(store.stream(&stream).await.unwrap().len(), 1);
        assert_eq!(stored(store.append(report(2, 0, "elsewhere")).await.unwrap()), [1]);
        assert!(store.verify().await.unwrap().is_sound());
        store.close().await;
    });
}
