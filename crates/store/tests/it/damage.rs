//! Bits flipped in the raw file: a changed record never goes unnoticed.

use std::{fs, path::Path};

use bastide_authz::{Grant, Role, Scope};
use bastide_model::digest::Sha256Digest;
use bastide_store::{
    Append, Body, CaseParty, Change, Credential, CredentialKind, Holder, Location, Log, NewOutbox,
    OutboxChannel, Store, StoreError, Stream, StreamKind,
};
use serde_json::json;

use crate::{
    desk::{Desk, Numbers, case, now, on_sqlite, person, report, stored, team_permit},
    projections::summary,
    proving::publication,
};

const CASES: u8 = 12;
const FLIPS: u64 = 300;

/// Everything that the ledger vouches for, as pages would show it.
async fn shown(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut shown = Vec::new();
    let streams = (0..CASES).map(|number| (number, Stream::case(case(number))));
    for (number, stream) in streams.chain([(0, Stream::new(StreamKind::Programme, "erasures"))]) {
        for event in store.stream(&stream).await? {
            let body = match &event.body {
                Body::None => "none".to_owned(),
                Body::Erased => "erased".to_owned(),
                Body::Sealed(body) => format!("{:?}", body.open(&team_permit(number)).unwrap()),
            };
            let (sequence, kind, header) = (event.sequence, event.kind, event.header);
            let (at, actor, log_index) = (event.at, event.actor, event.log_index);
            shown.push(format!("{stream} {sequence} {kind} {header} {at} {actor:?} {log_index} {body}"));
        }
        if let Some(object) = store.object(case(number), "poc.py", None).await? {
            shown.push(format!("{:?}", object.open(&team_permit(number))));
        }
    }
    shown.push(format!("{:?} {:?}", store.persons().await?, store.projects().await?));
    shown.push(format!("{:?}", store.grants_in(&Scope::Programme).await?));
    shown.push(format!("{:?}", store.credentials_of(Holder::Person(person(1))).await?));
    shown.push(format!("{:?} {:?}", store.case_summary(case(1)).await?, store.case_parties(case(1)).await?));
    shown.push(format!("{:?}", store.outbox_of(case(1)).await?));
    for document in store.publications_of("DESK-2026-1").await? {
        shown.push(format!("{document:?}"));
    }
    for log in Log::ALL {
        shown.push(format!("{:?}", store.newest_checkpoint(log).await?));
    }
    Ok(shown)
}

async fn fill(store: &Store) {
    for round in 0..3 {
        for number in 0..CASES {
            let mut append = report(number, round, &format!("what was said in round {round}"));
            if round == 0 {
                let bytes = crate::desk::secret(number, "print(1)");
                append.changes = vec![Change::PutObject { object: "poc.py".to_owned(), version: 1, bytes }];
            }
            stored(store.append(append).await.unwrap());
        }
        store.checkpoint(Log::Case).await.unwrap();
    }
    let grant =
        Grant { role: Role::Observer, scope: Scope::Programme, from: now(), until: None, confirmed: false };
    let credential = Credential {
        digest: Sha256Digest::of(b"a secret"),
        kind: CredentialKind::Session,
        holder: Holder::Person(person(1)),
        scopes: "read".to_owned(),
        created: now(),
        expires: Some(now()),
        revoked: Some(now()),
    };
    let party = CaseParty { person: person(1), role: Role::Observer, consented: false };
    let changes = vec![
        Change::AddPublication(Box::new(publication(1, "published"))),
        Change::AddSnapshot { kind: "policy".to_owned(), bytes: b"acknowledge = 3".to_vec() },
        Change::PutPerson { id: person(1), document: json!({"name": "maintainer-a"}) },
        Change::PutProject { name: "scipy".parse().unwrap(), title: "SciPy".to_owned(), document: json!({}) },
        Change::PutGrant { person: person(1), grant },
        Change::AddCredential(credential),
        Change::PutCaseSummary(Box::new(summary(1, Some(3)))),
        Change::SetCaseParties { case: case(1), parties: vec![party] },
    ];
    let message = NewOutbox {
        stream: Stream::case(case(1)),
        sequence: 1,
        case: Some(case(1)),
        channel: OutboxChannel::Mail,
        audience: "coordinators".to_owned(),
        template: "new-report".to_owned(),
        parameters: None,
        not_before: now(),
        once: false,
    };
    store.append(Append { changes, outbox: vec![message], ..Append::at(now()) }).await.unwrap();
    store.checkpoint(Log::Public).await.unwrap();
    store.erase_case_bodies(case(3), now(), None).await.unwrap();
}

#[test]
fn a_changed_record_never_goes_unnoticed_when_bits_flip_in_the_file() {
    on_sqlite(async |desk| {
        let store = desk.open().await;
        fill(&store).await;
        let good = shown(&store).await.unwrap();
        assert!(store.verify().await.unwrap().is_sound());
        store.close().await;
        let bytes = fs::read(desk.file()).unwrap();
        let copy = tempfile::tempdir().unwrap();
        let mut config = desk.config.clone();
        config.location = Location::Sqlite { directory: copy.path().to_owned() };
        let copied = Desk { directory: copy, config };
        let file = copied.directory.path().join("bastide.db");
        let mut numbers = Numbers(2026);
        let (mut refused, mut reported, mut harmless) = (0, 0, 0);
        for _ in 0..FLIPS {
            // Free space is zeros, and most of a small database; flips there change no record.
            let bit = loop {
                let bit = numbers.below(bytes.len() as u64 * 8);
                if bytes[usize::try_from(bit / 8).unwrap()] != 0 {
                    break bit;
                }
            };
            write_flipped(&file, &bytes, bit);
            let store = match copied.try_open().await {
                Ok(store) => store,
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                    continue;
                }
            };
            match store.verify().await {
                Err(_) => reported += 1,
                Ok(report) if !report.is_sound() => reported += 1,
                Ok(_) => {
                    assert_eq!(shown(&store).await.unwrap(), good, "bit {bit} changed a record unnoticed");
                    harmless += 1;
                }
            }
            store.close().await;
        }
        println!(
            "{FLIPS} flips: {refused} refused at start, {reported} reported, {harmless} changed no record"
        );
        assert!(refused + reported > FLIPS / 2);
    });
}

fn write_flipped(file: &Path, bytes: &[u8], bit: u64) {
    for suffix in ["-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        drop(fs::remove_file(path));
    }
    let mut flipped = bytes.to_vec();
    flipped[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
    fs::write(file, flipped).unwrap();
}

/// Each protected column of each kind of record edited past the triggers: every edit is noticed.
#[test]
fn an_edit_of_any_stored_record_is_noticed() {
    crate::desk::on_both_engines(async |desk| {
        let store = desk.open().await;
        fill(&store).await;
        let sqlite = matches!(desk.config.location, Location::Sqlite { .. });
        // The triggers stand in the way of this hand, as they should; it takes them away first.
        let tables = ["event", "log_leaf", "log_hash", "checkpoint", "publication", "snapshot", "erasure"];
        for table in tables {
            if sqlite {
                for verb in ["update", "delete"] {
                    crate::desk::raw(&desk.config, &format!("DROP TRIGGER {table}_refuses_{verb}"))
                        .await
                        .unwrap();
                }
            } else {
                let statement = format!("ALTER TABLE {table} DISABLE TRIGGER ALL");
                crate::desk::raw(&desk.config, &statement).await.unwrap();
            }
        }
        // The first byte becomes another one, whatever it was.
        let bytes = |column: &str| {
            if sqlite {
                let other = format!("CASE WHEN substr({column}, 1, 1) = X'00' THEN X'01' ELSE X'00' END");
                format!("{column} = CAST(({other}) || substr({column}, 2) AS BLOB)")
            } else {
                let zero = format!("substr({column}, 1, 1) = '\\x00'::bytea");
                let other = format!("CASE WHEN {zero} THEN '\\x01'::bytea ELSE '\\x00'::bytea END");
                format!("{column} = ({other}) || substr({column}, 2)")
            }
        };
        let edits = [
            ("event", "kind = kind || 'x'".to_owned(), "log_index = 5"),
            ("event", "at = at + 1".to_owned(), "log_index = 5"),
            ("event", "actor = NULL".to_owned(), "log_index = 5"),
            ("event", "header = '{}'".to_owned(), "log_index = 5"),
            ("event", "body_tier = 'public'".to_owned(), "log_index = 5"),
            ("event", bytes("body_commitment"), "log_index = 5"),
            ("event", bytes("salt"), "log_index = 5"),
            ("event_body", bytes("sealed"), "log_index = 5"),
            ("case_key", bytes("wrapped"), "1 = 1"),
            ("sealed_object", bytes("sealed"), "1 = 1"),
            ("sealed_object", "tier = 'public'".to_owned(), "1 = 1"),
            ("log_leaf", bytes("leaf"), "log = 'case-log' AND position = 7"),
            ("log_leaf", bytes("leaf"), "log = 'public-log' AND position = 0"),
            ("log_hash", bytes("hash"), "log = 'case-log' AND position = 9"),
            ("log_head", "size = size - 1".to_owned(), "log = 'case-log'"),
            ("log_head", bytes("root"), "log = 'case-log'"),
            ("checkpoint", "note = replace(note, 'case-log', 'Case-log')".to_owned(), "log = 'case-log'"),
            ("publication", bytes("bytes"), "1 = 1"),
            ("publication", "kind = 'csaf'".to_owned(), "1 = 1"),
            ("publication", "title = 'x'".to_owned(), "1 = 1"),
            ("snapshot", "kind = 'x'".to_owned(), "1 = 1"),
            ("person", "document = '{}'".to_owned(), "1 = 1"),
            ("project", "title = 'x'".to_owned(), "1 = 1"),
            ("role_grant", "confirmed = 1".to_owned(), "1 = 1"),
            ("role_grant", "role = 'coordinator'".to_owned(), "1 = 1"),
            ("credential", "revoked = NULL".to_owned(), "1 = 1"),
            ("credential", "scopes = 'write'".to_owned(), "1 = 1"),
            ("case_summary", "next_due = NULL".to_owned(), "1 = 1"),
            ("case_summary", "title = NULL".to_owned(), "1 = 1"),
            ("case_party", "consented = 1".to_owned(), "1 = 1"),
            ("outbox", "audience = 'everybody'".to_owned(), "1 = 1"),
        ];
        for (table, edit, rows) in edits {
            let keep = format!("CREATE TABLE kept AS SELECT * FROM {table}");
            crate::desk::raw(&desk.config, &keep).await.unwrap();
            crate::desk::raw(&desk.config, &format!("UPDATE {table} SET {edit} WHERE {rows}")).await.unwrap();
            let report = store.verify().await.unwrap();
            assert!(!report.is_sound(), "unnoticed: {table} {edit}");
            let back = format!(
                "{} DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept",
                if sqlite { "PRAGMA foreign_keys = OFF;" } else { "SET session_replication_role = replica;" }
            );
            crate::desk::raw(&desk.config, &back).await.unwrap();
            let report = store.verify().await.unwrap();
            assert!(report.is_sound(), "{table} {edit}: {report:?}");
        }
        for (table, rows) in [
            ("event_body", "log_index = 5"),
            ("log_hash", "position = 9"),
            ("log_leaf", "position = 7"),
            ("event", "log_index = 20"),
            ("event", "log_index = 36"),
            ("erasure", "1 = 1"),
        ] {
            let off =
                if sqlite { "PRAGMA foreign_keys = OFF;" } else { "SET session_replication_role = replica;" };
            let keep = format!("CREATE TABLE kept AS SELECT * FROM {table}");
            crate::desk::raw(&desk.config, &keep).await.unwrap();
            crate::desk::raw(&desk.config, &format!("{off} DELETE FROM {table} WHERE {rows}")).await.unwrap();
            assert!(!store.verify().await.unwrap().is_sound(), "unnoticed: {table} without {rows}");
            let back =
                format!("{off} DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept");
            crate::desk::raw(&desk.config, &back).await.unwrap();
        }
        assert!(store.verify().await.unwrap().is_sound());
        store.close().await;
    });
}

#[test]
fn a_store_is_checked_while_it_grows_without_a_false_alarm() {
    crate::desk::on_both_engines(async |desk| {
        let store = desk.open().await;
        let growing = store.clone();
        let writer = tokio::spawn(async move {
            for round in 0..40 {
                for number in 0..CASES {
                    stored(growing.append(report(number, round, "meanwhile")).await.unwrap());
                }
                growing.checkpoint(Log::Case).await.unwrap();
            }
            growing.erase_case_bodies(case(1), now(), None).await.unwrap();
        });
        let mut checks = 0;
        while !writer.is_finished() || checks == 0 {
            let checked = store.verify().await.unwrap();
            assert!(checked.is_sound(), "{checked:?}");
            checks += 1;
        }
        writer.await.unwrap();
        let checked = store.verify().await.unwrap();
        assert!(checked.is_sound() && checked.checkpoints == 40, "{checked:?}");
        println!("{checks} checks while the store grew to {} events", checked.events);
        store.close().await;
    });
}
