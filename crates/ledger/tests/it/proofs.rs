//! Proof documents: what they look like, and that no edit of one goes unseen.

use bastide_ledger::{
    BodyCommitment, BodyState, Bundle, BundleEvent, CanonicalJson, CaseLeaf, Checkpoint, ConsistencyProof,
    Entry, RevealedBody, Salt, SigningKey,
    proof::{self, BUNDLE_FORMAT, Base64, VERSION},
    tree::{self, Stored},
    verify, verify_bundle,
};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use serde_json::json;

fn key() -> SigningKey {
    SigningKey::from_seed("desk.example.org/case-log", &[7; 32]).unwrap()
}

/// A case of `count` events in a log where other cases' events stand between them.
fn bundle(count: u8) -> Bundle {
    let case = CaseId::from_bytes([1; 16]);
    let mut log = Stored::default();
    let mut events = Vec::new();
    for number in 1..=count {
        let sequence = u64::from(number);
        let body_salt = Salt([100 + number; 32]);
        let entry = Entry {
            stream_kind: "case".to_owned(),
            stream_id: case.to_string(),
            sequence,
            kind: if sequence == 1 { "report-received" } else { "message-sent" }.to_owned(),
            at: Instant::from_micros(1_700_000_000_000_000 + i64::from(number)),
            actor: (sequence > 1).then(|| PersonId::from_bytes([2; 16])),
            header: CanonicalJson::of(&json!({"words": sequence})).unwrap(),
            body: (sequence == 2).then(|| BodyCommitment {
                case,
                tier: "team-only".to_owned(),
                commitment: body_salt.commit(b"the secret"),
            }),
        };
        let salt = Salt([number; 32]);
        let leaf = CaseLeaf::of(&salt, &entry.canonical_bytes());
        let index = 2 * (sequence - 1) + 1;
        for (position, bytes) in [(index - 1, b"another case's".as_slice()), (index, &leaf.0)] {
            let hashes = tree::append(position, bytes, &log).unwrap();
            log.0.extend(hashes);
        }
        events.push(BundleEvent {
            index,
            salt: Base64(salt.0.to_vec()),
            entry: String::from_utf8(entry.canonical_bytes()).unwrap(),
            proof: Vec::new(),
            body: entry.body.map(|_| RevealedBody {
                salt: Base64(body_salt.0.to_vec()),
                plaintext: Base64(b"the secret".to_vec()),
            }),
        });
    }
    let size = 2 * u64::from(count);
    for event in &mut events {
        event.proof = proof::encode(&tree::prove_inclusion(size, event.index, &log).unwrap());
    }
    Bundle {
        format: BUNDLE_FORMAT.to_owned(),
        version: VERSION,
        case: case.to_string(),
        checkpoint: Checkpoint::sign(size, tree::root(size, &log).unwrap(), &key()),
        events,
    }
}

#[test]
fn a_bundle_proves_its_case_and_shows_what_was_laid_open() {
    let text = serde_json::to_string_pretty(&bundle(3)).unwrap();
    let report = verify(text.as_bytes(), &[key().verifier_key().clone()]).unwrap();
    assert_eq!(report.checkpoint.size, 6);
    let bodies: Vec<BodyState> = report.events.iter().map(|event| event.body).collect();
    assert_eq!(bodies, [BodyState::None, BodyState::Revealed, BodyState::None]);
    insta::assert_snapshot!(text);
}

#[test]
fn a_bundle_without_the_body_still_verifies() {
    let mut erased = bundle(3);
    erased.events[1].body = None;
    let report = verify_bundle(&erased, &[key().verifier_key().clone()]).unwrap();
    assert_eq!(report.events[1].body, BodyState::Committed);
}

/// Exhaustive over a small log: entries, salts, proofs and bodies, bit by bit.
#[test]
fn every_single_bit_edit_of_every_record_is_detected() {
    let keys = [key().verifier_key().clone()];
    let good = bundle(4);
    verify_bundle(&good, &keys).unwrap();
    let mut edits = 0;
    let mut check = |edited: &Bundle, what: &str| {
        assert!(verify_bundle(edited, &keys).is_err(), "undetected: {what}");
        edits += 1;
    };
    for number in 0..good.events.len() {
        for bit in 0..good.events[number].entry.len() * 8 {
            let mut bytes = good.events[number].entry.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            // Bytes that are no UTF-8 cannot stand in a JSON document at all.
            if let Ok(entry) = String::from_utf8(bytes) {
                let mut edited = good.clone();
                edited.events[number].entry = entry;
                check(&edited, "entry");
            }
        }
        for bit in 0..32 * 8 {
            let mut edited = good.clone();
            edited.events[number].salt.0[bit / 8] ^= 1 << (bit % 8);
            check(&edited, "salt");
            for hash in 0..good.events[number].proof.len() {
                let mut edited = good.clone();
                edited.events[number].proof[hash].0[bit / 8] ^= 1 << (bit % 8);
                check(&edited, "proof");
            }
        }
        for bit in 0..64 {
            let mut edited = good.clone();
            edited.events[number].index ^= 1 << bit;
            check(&edited, "index");
        }
    }
    for bit in 0..10 * 8 {
        let mut edited = good.clone();
        edited.events[1].body.as_mut().unwrap().plaintext.0[bit / 8] ^= 1 << (bit % 8);
        check(&edited, "body");
    }
    assert!(edits > 8_000, "{edits}");
}

#[test]
fn leaving_out_doubling_or_swapping_events_is_detected() {
    let keys = [key().verifier_key().clone()];
    let good = bundle(4);
    let mut left_out = good.clone();
    left_out.events.remove(1);
    let mut doubled = good.clone();
    doubled.events.insert(1, good.events[1].clone());
    let mut swapped = good.clone();
    swapped.events.swap(1, 2);
    let mut renamed = good.clone();
    renamed.case = CaseId::from_bytes([3; 16]).to_string();
    let mut newer = good.clone();
    newer.version = 2;
    for edited in [left_out, doubled, swapped, renamed, newer] {
        let error = verify_bundle(&edited, &keys).unwrap_err();
        assert!(!error.to_string().is_empty());
    }
    assert!(verify(b"{}", &keys).is_err());
    assert!(verify(&[b'['; 1000], &keys).is_err());
}

#[test]
fn a_rewritten_history_is_not_consistent_even_when_signed_with_the_real_key() {
    let keys = [key().verifier_key().clone()];
    let grow = |count: u64, first: &[u8]| {
        let mut log = Stored::default();
        for number in 0..count {
            let leaf = if number == 0 { first.to_vec() } else { number.to_be_bytes().to_vec() };
            let hashes = tree::append(number, &leaf, &log).unwrap();
            log.0.extend(hashes);
        }
        log
    };
    let (honest, rewritten) = (grow(20, b"first"), grow(20, b"other"));
    let note = |log: &Stored, size| Checkpoint::sign(size, tree::root(size, log).unwrap(), &key());
    let proof = |log: &Stored| tree::prove_consistency(20, 13, log).unwrap();
    let good = ConsistencyProof::new(note(&honest, 13), note(&honest, 20), &proof(&honest));
    assert_eq!(good.check(&keys).unwrap().1.size, 20);
    let forged = ConsistencyProof::new(note(&honest, 13), note(&rewritten, 20), &proof(&rewritten));
    let error = forged.check(&keys).unwrap_err();
    insta::assert_snapshot!(error, @"tree of 20 leaves after 13: history before the older checkpoint was rewritten");
}
