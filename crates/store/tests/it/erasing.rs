//! Erasing a case's contents: gone for good, while its history folds and proves as before.

use std::fs;

use bastide_authz::{Embargoed, Tier};
use bastide_ledger::{BodyState, verify_bundle};
use bastide_store::{Append, Body, Change, Log, StoreError, Stream};

use crate::{
    desk::{case, now, on_both_engines, on_sqlite, person, report, secret, stored, team_permit},
    projections::summary,
};

#[test]
fn after_erasure_a_case_still_folds_and_the_ledger_still_verifies() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "to be forgotten")).await.unwrap());
        stored(store.append(report(2, 0, "to be kept")).await.unwrap());
        let object =
            Change::PutObject { object: "poc.py".to_owned(), version: 1, bytes: secret(1, "print(1)") };
        let summary = Change::PutCaseSummary(Box::new(summary(1, Some(5))));
        store.append(Append { changes: vec![object, summary], ..Append::at(now()) }).await.unwrap();
        let before = store.stream(&Stream::case(case(1))).await.unwrap();

        let index = store.erase_case_bodies(case(1), now(), Some(person(9))).await.unwrap();
        assert_eq!(store.erase_case_bodies(case(1), now(), None).await.unwrap(), index, "once is enough");
        let none = store.erase_case_bodies(case(7), now(), None).await.unwrap_err();
        assert!(matches!(none, StoreError::Absent { .. }), "{none}");

        let after = store.stream(&Stream::case(case(1))).await.unwrap();
        assert!(matches!(after[0].body, Body::Erased));
        assert_eq!((&after[0].header, after[0].log_index), (&before[0].header, before[0].log_index));
        assert!(store.object(case(1), "poc.py", None).await.unwrap().is_none());
        assert!(store.case_summary(case(1)).await.unwrap().unwrap().title.is_none());
        let kept = store.stream(&Stream::case(case(2))).await.unwrap();
        assert!(matches!(&kept[0].body, Body::Sealed(body) if body.open(&team_permit(2)).is_ok()));

        let checked = store.verify().await.unwrap();
        assert!(checked.is_sound(), "{checked:?}");
        assert_eq!((checked.events, checked.bodies, checked.erased), (3, 1, 1));
        let bundle = store.prove(case(1), Some(&team_permit(1))).await.unwrap();
        let proved = verify_bundle(&bundle, &[store.verifier_key(Log::Case)]).unwrap();
        assert_eq!(proved.events[0].body, BodyState::Committed);

        let more = store.append(report(1, 1, "again")).await.unwrap_err();
        assert!(matches!(more, StoreError::Erased { .. }), "{more}");
        let mut plain = report(1, 1, "");
        plain.batches[0].events[0].body = None;
        stored(store.append(plain).await.unwrap());
        store.close().await;
    });
}

/// The wrapped key stood in the database; after erasure its bytes stand in no file of it, the log included.
#[test]
fn after_erasure_the_wrapped_key_and_the_sealed_bytes_are_in_no_file() {
    on_sqlite(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "to be forgotten")).await.unwrap());
        let files = || -> Vec<u8> {
            let directory = desk.file().parent().unwrap().to_owned();
            let entries = fs::read_dir(directory).unwrap();
            entries.flat_map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
        };
        let (wrapped, sealed) = stored_secrets(&desk).await;
        let contains =
            |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).any(|window| window == needle);
        let before = files();
        assert!(contains(&before, &wrapped) && contains(&before, &sealed));
        store.erase_case_bodies(case(1), now(), None).await.unwrap();
        let after = files();
        assert!(!contains(&after, &wrapped), "the wrapped key is still there");
        assert!(!contains(&after, &sealed), "the sealed body is still there");
        store.close().await;
    });
}

/// The first case's wrapped key and first sealed body, read past the store.
async fn stored_secrets(desk: &crate::desk::Desk) -> (Vec<u8>, Vec<u8>) {
    use sqlx::{Connection as _, Row as _};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(desk.file()).read_only(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let key = sqlx::query("SELECT wrapped FROM case_key").fetch_one(&mut connection).await.unwrap().get(0);
    let body = sqlx::query("SELECT sealed FROM event_body").fetch_one(&mut connection).await.unwrap().get(0);
    connection.close().await.unwrap();
    (key, body)
}

#[test]
fn a_missing_body_that_nobody_erased_is_damage() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "hidden away")).await.unwrap());
        crate::desk::raw(&desk.config, "DELETE FROM event_body").await.unwrap();
        let error = store.stream(&Stream::case(case(1))).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        let checked = store.verify().await.unwrap();
        assert!(!checked.is_sound());
        assert!(checked.problems[0].message.contains(&case(1).to_string()), "{checked:?}");
        let title = Embargoed::new(case(1), Tier::TeamOnly, "still works".to_owned());
        assert_eq!(format!("{title:?}"), "***");
        store.close().await;
    });
}
