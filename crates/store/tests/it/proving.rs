//! Proofs from a real store, checked by code that has no store.

use bastide_ledger::{BodyState, Checkpoint, tiles::TilePath, verify};
use bastide_model::digest::Sha256Digest;
use bastide_store::{Append, Change, Log, Publication, StoreError};

use crate::desk::{case, now, on_both_engines, report, stored, team_permit};

pub(crate) fn publication(version: u32, text: &str) -> Publication {
    Publication {
        advisory: "DESK-2026-1".to_owned(),
        version,
        kind: "osv".to_owned(),
        project: "jupyter".parse().unwrap(),
        published_at: now(),
        withdrawn_at: None,
        title: "A published title".to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

#[test]
fn a_case_is_proved_to_whoever_holds_the_verifier_key_and_nothing_else() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        for round in 0..5 {
            for number in 1..4 {
                stored(store.append(report(number, round, "said")).await.unwrap());
            }
        }
        let keys = [store.verifier_key(Log::Case)];
        let sealed = serde_json::to_vec(&store.prove(case(2), None).await.unwrap()).unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("plaintext"));
        let proved = verify(&sealed, &keys).unwrap();
        assert_eq!(proved.events.len(), 5);
        assert_eq!(proved.checkpoint.size, 15);
        assert!(proved.events.iter().all(|event| event.body == BodyState::Committed));
        let open = serde_json::to_vec(&store.prove(case(2), Some(&team_permit(2))).await.unwrap()).unwrap();
        assert!(verify(&open, &keys).unwrap().events.iter().all(|event| event.body == BodyState::Revealed));
        let wrong_permit = store.prove(case(2), Some(&team_permit(1))).await.unwrap();
        assert!(wrong_permit.events.iter().all(|event| event.body.is_none()));
        assert!(verify(&sealed, &[store.verifier_key(Log::Public)]).is_err());
        assert!(matches!(store.prove(case(9), None).await, Err(StoreError::Absent { .. })));
        store.close().await;
    });
}

#[test]
fn checkpoints_continue_one_another_and_tiles_hold_what_they_signed() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "first")).await.unwrap());
        let old = store.checkpoint(Log::Case).await.unwrap();
        assert_eq!(store.checkpoint(Log::Case).await.unwrap(), old, "the same head is signed once");
        for round in 1..30 {
            stored(store.append(report(1, round, "more")).await.unwrap());
        }
        let proof = store.prove_consistency(Log::Case, &old).await.unwrap();
        let keys = [store.verifier_key(Log::Case)];
        let (from, to) = proof.check(&keys).unwrap();
        assert_eq!((from.size, to.size), (1, 30));
        let newest = store.newest_checkpoint(Log::Case).await.unwrap().unwrap();
        assert_eq!(Checkpoint::open(&newest, &keys).unwrap(), to);

        let tile = async |path: &str| {
            let path: TilePath = path.parse().unwrap();
            store.tile(Log::Case, &path).await.unwrap()
        };
        assert_eq!(tile("tile/0/000.p/30").await.unwrap().len(), 30 * 32);
        assert_eq!(tile("tile/entries/000.p/30").await.unwrap().len(), 30 * 66);
        assert_eq!(tile("tile/0/000.p/31").await, None);
        assert_eq!(tile("tile/0/001.p/1").await, None);
        store.close().await;
    });
}

#[test]
fn a_published_document_is_proved_byte_for_byte_and_never_replaced() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let publish = async |version, text| {
            let changes = vec![Change::AddPublication(Box::new(publication(version, text)))];
            store.append(Append { changes, ..Append::at(now()) }).await
        };
        publish(1, "first").await.unwrap();
        publish(2, "second").await.unwrap();
        let replaced = publish(2, "third").await.unwrap_err();
        assert!(matches!(replaced, StoreError::Exists { .. }), "{replaced}");
        assert_eq!(store.publication("DESK-2026-1", None, "osv").await.unwrap().unwrap().bytes, b"second");
        assert_eq!(store.publication("DESK-2026-1", Some(1), "osv").await.unwrap().unwrap().bytes, b"first");
        assert_eq!(store.publications_of("DESK-2026-1").await.unwrap().len(), 2);
        let latest =
            store.latest_publications("osv", Some(&"jupyter".parse().unwrap()), 10, 0).await.unwrap();
        assert_eq!(latest, [publication(2, "second")]);
        assert!(
            store
                .latest_publications("osv", Some(&"scipy".parse().unwrap()), 10, 0)
                .await
                .unwrap()
                .is_empty()
        );

        let proof = store.prove_publication("DESK-2026-1", 1, "osv").await.unwrap().unwrap();
        let keys = [store.verifier_key(Log::Public)];
        proof.check(b"first", &keys).unwrap();
        assert!(proof.check(b"fIrst", &keys).is_err());
        assert!(store.prove_publication("DESK-2026-1", 3, "osv").await.unwrap().is_none());

        let snapshot =
            |bytes: &[u8]| Change::AddSnapshot { kind: "policy".to_owned(), bytes: bytes.to_vec() };
        let changes = vec![snapshot(b"acknowledge = 3"), snapshot(b"acknowledge = 3")];
        store.append(Append { changes, ..Append::at(now()) }).await.unwrap();
        let frozen = store.snapshot(&Sha256Digest::of(b"acknowledge = 3")).await.unwrap().unwrap();
        assert_eq!(
            (frozen.kind.as_str(), frozen.bytes.as_slice()),
            ("policy", b"acknowledge = 3".as_slice())
        );
        let checked = store.verify().await.unwrap();
        assert!(checked.is_sound(), "{checked:?}");
        assert_eq!((checked.publications, checked.public_leaves, checked.snapshots), (2, 2, 1));
        store.close().await;
    });
}
