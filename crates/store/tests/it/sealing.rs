//! Canaries: what is sealed stands nowhere in the database's files.

use std::fs;

use bastide_authz::{Embargoed, Tier};
use bastide_model::digest::Sha256Digest;
use bastide_store::{CaseSummary, Change, Idempotency, NewOutbox, OutboxChannel, Stream};

use crate::{
    desk::{case, now, on_sqlite, report, secret, stored},
    projections::summary,
};

#[test]
fn no_canary_stands_in_the_database_its_log_or_an_error() {
    on_sqlite(async |desk| {
        let store = desk.open().await;
        let canary = |what: &str, number: u8| format!("CANARY-{what}-{number:03}-4f1c9a");
        let mut canaries = Vec::new();
        for number in 1..=50 {
            let mut append = report(number, 0, &canary("body", number));
            let title = Embargoed::new(case(number), Tier::TeamOnly, canary("title", number));
            let line = CaseSummary { title: Some(title), ..summary(number, None) };
            append.changes = vec![
                Change::PutCaseSummary(Box::new(line)),
                Change::PutObject {
                    object: "poc.py".to_owned(),
                    version: 1,
                    bytes: secret(number, &canary("object", number)),
                },
            ];
            append.outbox = vec![NewOutbox {
                stream: Stream::case(case(number)),
                sequence: 1,
                case: Some(case(number)),
                channel: OutboxChannel::Mail,
                audience: "coordinators".to_owned(),
                template: "new-report".to_owned(),
                parameters: Some(canary("link", number).into_bytes()),
                not_before: now(),
                once: false,
            }];
            append.idempotency = Some(Idempotency {
                scope: "reports".to_owned(),
                key: format!("key-{number}"),
                request: Sha256Digest::of(b"request"),
                response: canary("answer", number).into_bytes(),
            });
            assert!(!format!("{:?}", append.batches).contains("CANARY"));
            stored(store.append(append).await.unwrap());
            canaries.extend(["body", "title", "object", "link", "answer"].map(|what| canary(what, number)));
        }
        let conflict = store.append(report(1, 0, "CANARY-error-4f1c9a")).await.unwrap_err();
        assert!(!format!("{conflict:?} {conflict}").contains("CANARY"));
        let mut searched = 0;
        for closed in [false, true] {
            if closed {
                store.close().await;
            }
            for entry in fs::read_dir(desk.file().parent().unwrap()).unwrap() {
                let bytes = fs::read(entry.unwrap().path()).unwrap();
                searched += bytes.len();
                // Every canary begins so; looking for the beginning finds them all.
                assert!(!bytes.windows(7).any(|window| window == b"CANARY-"));
            }
        }
        println!("{} canaries, {searched} bytes searched, 0 found", canaries.len());
        assert!(searched > 100_000);
        let store = desk.open().await;
        let line = store.case_summary(case(7)).await.unwrap().unwrap();
        assert_eq!(line.title.unwrap().open(&crate::desk::team_permit(7)).unwrap(), &canary("title", 7));
        store.close().await;
    });
}
