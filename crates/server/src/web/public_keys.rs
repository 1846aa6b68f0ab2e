//! The page of the public keys.

use bastide_pages::{
    Shell,
    desk::{LogKeys, PublicKeyRow, PublicKeys},
    part::{Link, Moment},
};
use bastide_store::{Log, LogKey};

/// The page. How much the log of cases holds is nobody's business, so its keys are told with instants only.
pub(super) fn page<'a>(shell: Shell, keys: impl Fn(Log) -> &'a [LogKey]) -> PublicKeys {
    let row = |log: Log, key: &LogKey| PublicKeyRow {
        key: key.key.to_string().into(),
        since: Moment::of(key.since),
        until: key.until.map(Moment::of),
        sizes: match (log, key.last_size) {
            (Log::Case, _) => "".into(),
            (Log::Public, Some(last)) => format!("{} to {last}", key.first_size).into(),
            (Log::Public, None) => format!("{} and more", key.first_size).into(),
        },
    };
    let rows = |log: Log| keys(log).iter().rev().map(|key| row(log, key)).collect();
    PublicKeys {
        shell,
        logs: vec![
            LogKeys {
                title: "The public log".into(),
                signs: "Every published document is a leaf of it. Its checkpoints are signed with this key.".into(),
                keys: rows(Log::Public),
            },
            LogKeys {
                title: "The log of cases".into(),
                signs: "The history of every case stands in it, as digests that tell nothing. The proof that a case's \
                        page offers to those who take part is checked with this key."
                    .into(),
                keys: rows(Log::Case),
            },
        ],
        links: vec![
            Link::new("These keys for programs", "/api/v1/keys"),
            Link::new("The public log, its checkpoint and how to check it", "/ledger"),
        ],
    }
}
