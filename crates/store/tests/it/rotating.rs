//! New keys in place of old ones: nothing is lost, old proofs hold, the old key is of no more use, a kill anywhere is
//! finished by the next try.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use bastide_ledger::{Checkpoint, SigningKey, tree, verify};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, ChangeId},
    time::Span,
};
use bastide_store::{
    AccountChange, AccountLink, Append, Change, ClaimKind, Config, Idempotency, KeySource, Location, Log,
    NewOutbox, OutboxChannel, Proposal, ProposalState, SignInName, Store, StoreError, Stream, StreamBatch,
    rotate,
};
use serde_json::json;

use crate::{
    desk::{case, event, now, on_both_engines, person, report, stored},
    proving::publication,
};

const PLACE: &str = "BASTIDE_ROTATION_TEST_PLACE";
/// Enough for several transactions of a rotation.
const CASES: u32 = 600;

fn numbered(number: u32) -> CaseId {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    CaseId::from_bytes(bytes)
}

/// One of everything that is sealed, hashed or checked under the sealing key.
async fn fill(store: &Store) {
    let mut append = Append::at(now());
    for number in 0..CASES {
        let body =
            bastide_authz::Embargoed::new(numbered(number), bastide_authz::Tier::TeamOnly, b"said".to_vec());
        append.batches.push(StreamBatch {
            stream: Stream::case(numbered(number)),
            expected: 0,
            events: vec![event("message-sent", Some(body))],
        });
    }
    for number in 1..=250 {
        append
            .changes
            .push(Change::PutPerson { id: person(number), document: json!({ "name": "somebody" }) });
    }
    let names = [
        SignInName::Mail("Reporter-A@example.org".to_owned()),
        SignInName::Outside { issuer: "https://id.example.org".to_owned(), subject: "7".to_owned() },
    ];
    for (name, number) in names.into_iter().zip(1..) {
        append.changes.push(Change::Account(AccountChange::AddName { name, person: person(number) }));
    }
    append.changes.push(Change::Account(AccountChange::AddLink(link("link-a"))));
    append.changes.push(claim(numbered(1)));
    append.changes.push(Change::PutProposal(Box::new(Proposal {
        id: ChangeId::from_bytes([3; 16]),
        kind: "edit-project".to_owned(),
        object: "jupyter".to_owned(),
        proposer: person(1),
        created: now(),
        expires: now() + Span::days(7),
        state: ProposalState::Waiting,
        decided_by: None,
        decided_at: None,
        content: b"what is proposed".to_vec(),
    })));
    append.changes.push(Change::AddPublication(Box::new(publication(1, "text"))));
    append.changes.push(Change::AddSnapshot { kind: "policy".to_owned(), bytes: b"rules".to_vec() });
    append.outbox.push(NewOutbox {
        stream: Stream::case(numbered(1)),
        sequence: 1,
        case: None,
        channel: OutboxChannel::Mail,
        audience: "approvers".to_owned(),
        template: "waiting".to_owned(),
        parameters: Some(b"a secret link".to_vec()),
        not_before: now(),
        once: false,
    });
    append.idempotency = Some(Idempotency {
        scope: "person".to_owned(),
        key: "key".to_owned(),
        request: Sha256Digest::of(b"request"),
        response: b"the answer".to_vec(),
    });
    stored(store.append(append).await.unwrap());
    stored(store.append(report(1, 0, "said")).await.unwrap());
    store.checkpoint(Log::Case).await.unwrap();
    store.checkpoint(Log::Public).await.unwrap();
}

fn link(id: &str) -> AccountLink {
    AccountLink {
        id: id.to_owned(),
        address: "reporter-b@example.org".to_owned(),
        digest: None,
        created: now(),
        expires: now() + Span::days(1),
        used: None,
    }
}

fn claim(case: CaseId) -> Change {
    Change::Claim { case, kind: ClaimKind::CveNumber, name: "CVE-2026-1".to_owned() }
}

async fn try_claim(store: &Store, case: CaseId) -> Result<(), StoreError> {
    store.append(Append { changes: vec![claim(case)], ..Append::at(now()) }).await.map(|_| ())
}

/// That everything which [`fill`] wrote is there and can be used.
async fn check(store: &Store) {
    let checked = store.verify().await.unwrap();
    assert!(checked.is_sound(), "{checked:?}");
    assert!(checked.bodies > u64::from(CASES) && checked.publications == 1 && checked.snapshots == 1);
    let mail = SignInName::Mail("reporter-a@example.org".to_owned());
    assert_eq!(store.person_named(&mail).await.unwrap(), Some(person(1)));
    let outside =
        SignInName::Outside { issuer: "https://id.example.org".to_owned(), subject: "7".to_owned() };
    assert_eq!(store.person_named(&outside).await.unwrap(), Some(person(2)));
    let taken = AccountChange::AddName { name: mail, person: person(3) };
    let taken = store.append(Append { changes: vec![Change::Account(taken)], ..Append::at(now()) }).await;
    assert!(matches!(taken, Err(StoreError::Exists { .. })), "a name is still somebody's: {taken:?}");
    let (own, all) = store.account_links_since("reporter-b@example.org", now()).await.unwrap();
    assert_eq!((own.len(), all), (1, 1));
    assert_eq!(store.account_link("link-a").await.unwrap().unwrap().address, "reporter-b@example.org");
    try_claim(store, numbered(1)).await.unwrap();
    let other = try_claim(store, numbered(2)).await;
    assert!(matches!(other, Err(StoreError::Claimed { .. })), "a claimed name is still claimed: {other:?}");
    let proposal = store.proposal(ChangeId::from_bytes([3; 16])).await.unwrap().unwrap();
    assert_eq!(proposal.content, b"what is proposed");
    let request = Sha256Digest::of(b"request");
    let answer = store.replayed("person", "key", &request).await.unwrap();
    assert_eq!(answer.as_deref(), Some(&b"the answer"[..]));
}

fn key_file(config: &Config, name: &str) -> String {
    let KeySource::Directory(directory) = &config.keys;
    fs::read_to_string(directory.join(name)).unwrap()
}

#[test]
fn everything_opens_under_the_new_sealing_key_and_nothing_under_the_old_one() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        fill(&store).await;
        let first = store.sealing_key_id().to_owned();
        store.close().await;
        let old_text = key_file(&desk.config, "sealing-key");
        let kept = desk.directory.path().join("old-key");
        let done = rotate::sealing_key(&desk.config, Some(&kept), now()).await.unwrap();
        assert_eq!(
            (done.old.as_str(), done.cases, done.resumed),
            (first.as_str(), u64::from(CASES) + 1, false)
        );
        assert!(done.rows > 250, "{done:?}");
        println!("{} keys of cases and {} rows were put under the new key", done.cases, done.rows);
        assert_eq!(
            fs::read_to_string(&kept).unwrap(),
            old_text,
            "the old key is kept where it was asked for"
        );
        let new_text = key_file(&desk.config, "sealing-key");
        assert!(new_text != old_text && new_text.lines().count() == 1, "one key is in the file, the new one");

        let store = desk.open().await;
        assert_eq!((store.sealing_key_id(), store.leaving_key_id()), (done.new.as_str(), None));
        check(&store).await;
        let noted = store.stream(&Stream::new(bastide_store::StreamKind::Programme, "keys")).await.unwrap();
        let kinds: Vec<&str> = noted.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["sealing-key-rotation-began", "sealing-key-rotated"]);
        assert!(noted.iter().all(|event| !event.header.to_string().contains("base64")));
        let messages =
            store.claim_outbox(OutboxChannel::Mail, now(), now() + Span::minutes(5), 10).await.unwrap();
        assert_eq!(messages[0].parameters.as_deref(), Some(&b"a secret link"[..]));
        stored(store.append(report(1, 1, "goes on")).await.unwrap());
        store.close().await;

        let KeySource::Directory(keys) = &desk.config.keys;
        fs::write(keys.join("sealing-key"), &old_text).unwrap();
        let refused = desk.try_open().await;
        assert!(matches!(refused, Err(StoreError::Key { .. })), "the old key opens nothing: {refused:?}");
        fs::write(keys.join("sealing-key"), &new_text).unwrap();

        let again = rotate::sealing_key(&desk.config, None, now()).await.unwrap();
        assert_eq!((again.old, again.resumed), (done.new, false));
        let store = desk.open().await;
        check(&store).await;
        store.close().await;
    });
}

#[test]
fn a_desk_that_runs_keeps_its_keys() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let (before, log) = (key_file(&desk.config, "sealing-key"), key_file(&desk.config, "case-log.key"));
        let busy = rotate::sealing_key(&desk.config, None, now()).await;
        assert!(matches!(busy, Err(StoreError::Locked { .. })), "{busy:?}");
        let busy = rotate::log_key(&desk.config, Log::Case, now()).await;
        assert!(matches!(busy, Err(StoreError::Locked { .. })), "{busy:?}");
        assert_eq!(key_file(&desk.config, "sealing-key"), before);
        assert_eq!(key_file(&desk.config, "case-log.key"), log);
        stored(store.append(report(1, 0, "goes on")).await.unwrap());
        store.close().await;
    });
}

#[test]
fn the_old_key_is_not_written_over_something_else() {
    on_both_engines(async |desk| {
        desk.open().await.close().await;
        let kept = desk.directory.path().join("old-key");
        fs::write(&kept, "something else").unwrap();
        let before = key_file(&desk.config, "sealing-key");
        let refused = rotate::sealing_key(&desk.config, Some(&kept), now()).await;
        assert!(matches!(refused, Err(StoreError::Key { .. })), "{refused:?}");
        assert_eq!(key_file(&desk.config, "sealing-key"), before, "nothing has begun");
        assert_eq!(fs::read_to_string(&kept).unwrap(), "something else");
    });
}

/// Not a test by itself: the process that is killed while it rotates.
#[test]
fn child_that_rotates_until_it_is_killed() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let place = place.into_string().unwrap();
    let (directory, url) = place.split_once('|').unwrap();
    let location = match url {
        "" => Location::Sqlite { directory: Path::new(directory).join("data") },
        url => Location::Postgres { url: url.to_owned() },
    };
    let keys = KeySource::Directory(Path::new(directory).join("keys"));
    let config = Config { location, keys, origin: "desk.example.org".to_owned() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        rotate::sealing_key(&config, None, now()).await.unwrap();
    });
}

#[test]
fn a_rotation_that_is_killed_anywhere_loses_nothing_and_is_finished_by_the_next_try() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        fill(&store).await;
        store.close().await;
        let (mut middle, mut rotations) = (0, 0);
        let url = match &desk.config.location {
            Location::Sqlite { .. } => String::new(),
            Location::Postgres { url } => url.clone(),
        };
        for round in 0..5_u32 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "rotating::child_that_rotates_until_it_is_killed", "--nocapture"])
                .env(PLACE, format!("{}|{url}", desk.directory.path().display()))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // It has begun when two keys are in the file.
            for _ in 0..100_000 {
                if key_file(&desk.config, "sealing-key").lines().count() > 1
                    || child.try_wait().unwrap().is_some()
                {
                    break;
                }
                std::thread::sleep(Duration::from_micros(100));
            }
            std::thread::sleep(Duration::from_millis(u64::from(round * 17)));
            child.kill().unwrap();
            child.wait().unwrap();
            let store = desk.open().await;
            middle += u32::from(store.leaving_key_id().is_some());
            check(&store).await;
            store.close().await;
            let two = key_file(&desk.config, "sealing-key").lines().count() == 2;
            let done = rotate::sealing_key(&desk.config, None, now()).await.unwrap();
            assert_eq!(done.resumed, two, "what was begun is finished, not begun anew");
            rotations += 1;
            assert_eq!(key_file(&desk.config, "sealing-key").lines().count(), 1);
            let store = desk.open().await;
            check(&store).await;
            store.close().await;
        }
        assert!(middle > 0, "no kill came in the middle");
        println!("{rotations} rotations were killed, {middle} of them in the middle, and finished");
    });
}

/// Proves: O02.
#[test]
fn a_log_has_a_new_key_and_what_the_old_one_signed_still_holds() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        for round in 0..3 {
            stored(store.append(report(1, round, "said")).await.unwrap());
        }
        let mut publish = Append::at(now());
        publish.changes.push(Change::AddPublication(Box::new(publication(1, "text"))));
        store.append(publish).await.unwrap();
        let old_proof = serde_json::to_vec(&store.prove(case(1), None).await.unwrap()).unwrap();
        let old_note = store.checkpoint(Log::Case).await.unwrap();
        let old_public = store.checkpoint(Log::Public).await.unwrap();
        store.close().await;
        let stolen = SigningKey::parse(&key_file(&desk.config, "case-log.key")).unwrap();

        let later = now() + Span::days(10);
        for log in Log::ALL {
            let done = rotate::log_key(&desk.config, log, later).await.unwrap();
            assert!(done.old != done.new && !done.resumed, "{done:?}");
            assert_eq!(done.old.origin(), done.new.origin(), "the log is the same");
            assert_eq!(key_file(&desk.config, &format!("{}.key", log.name())).lines().count(), 1);
        }
        let store = desk.open().await;
        let checked = store.verify().await.unwrap();
        assert!(checked.is_sound(), "{checked:?}");
        let known = store.log_keys(Log::Case);
        assert_eq!(known.len(), 2);
        assert_eq!((known[0].since, known[0].until, known[1].until), (now(), Some(later), None));
        assert_eq!(known[0].last_size, Some(known[1].first_size));
        assert_eq!(known[1].key, store.verifier_key(Log::Case));
        assert_eq!(known[0].key, *stolen.verifier_key());

        verify(&old_proof, &[known[0].key.clone()]).expect("an old proof holds with the old key");
        assert!(verify(&old_proof, &[known[1].key.clone()]).is_err());
        stored(store.append(report(1, 3, "later")).await.unwrap());
        let new_proof = serde_json::to_vec(&store.prove(case(1), None).await.unwrap()).unwrap();
        verify(&new_proof, &[known[1].key.clone()]).expect("a new proof holds with the new key");
        assert!(verify(&new_proof, &[known[0].key.clone()]).is_err());
        let all: Vec<_> = known.iter().map(|known| known.key.clone()).collect();
        let continued = store.prove_consistency(Log::Case, &old_note).await.unwrap();
        continued.check(&all).expect("the new key's checkpoint continues the old key's");
        let public_keys: Vec<_> = store.log_keys(Log::Public).iter().map(|known| known.key.clone()).collect();
        let now_public = store.checkpoint(Log::Public).await.unwrap();
        assert_ne!(now_public, old_public, "the same head, signed anew");
        Checkpoint::open(&now_public, &public_keys[1..]).expect("signed by the new key");

        let size = known[1].first_size + 5;
        let forged = Checkpoint::sign(size, tree::leaf_hash(b"x"), &stolen);
        let refused = store.prove_consistency(Log::Case, &forged).await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "the old key signs nothing new: {refused:?}"
        );
        store.close().await;
    });
}

#[test]
fn the_rotation_of_a_logs_key_is_finished_wherever_it_stopped() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "said")).await.unwrap());
        store.checkpoint(Log::Case).await.unwrap();
        store.close().await;
        let KeySource::Directory(keys) = &desk.config.keys;
        let file = keys.join("case-log.key");
        let old = fs::read_to_string(&file).unwrap();
        let prepared = SigningKey::from_seed("desk.example.org/case-log", &[9; 32]).unwrap();
        // Stopped before the transaction: the new key is in the file, and nobody knows it.
        fs::write(&file, format!("{old}{}\n", prepared.secret_text())).unwrap();
        let store = desk.open().await;
        assert_eq!(
            store.verifier_key(Log::Case).to_string(),
            SigningKey::parse(&old).unwrap().verifier_key().to_string()
        );
        store.close().await;
        let done = rotate::log_key(&desk.config, Log::Case, now()).await.unwrap();
        assert_eq!((done.resumed, &done.new), (true, prepared.verifier_key()));
        // Stopped after the transaction: the old key is still in the file.
        let new = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{old}{new}")).unwrap();
        let done = rotate::log_key(&desk.config, Log::Case, now()).await.unwrap();
        assert_eq!((done.resumed, &done.new), (true, prepared.verifier_key()));
        assert_eq!(fs::read_to_string(&file).unwrap(), new);
        let store = desk.open().await;
        assert_eq!(store.log_keys(Log::Case).len(), 2, "one rotation, however often it was begun");
        assert!(store.verify().await.unwrap().is_sound());
        store.close().await;
    });
}
