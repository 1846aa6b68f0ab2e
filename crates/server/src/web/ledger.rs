//! The public log's page: its checkpoint, and how to check it without trusting the desk.

use bastide_model::time::Instant;
use bastide_pages::{
    Shell,
    desk::Ledger,
    part::{Command, Link, Moment},
};

/// What the page shows of a log.
pub(super) struct LogHead<'a> {
    /// The newest checkpoint, a signed note.
    pub(super) checkpoint: &'a str,
    /// The log's verifier key.
    pub(super) key: &'a str,
    /// The key that verifies the proofs of cases, which stand in the other log.
    pub(super) case_key: &'a str,
}

/// The page of the public log. A checkpoint is origin, size and root hash, each on a line of its own.
pub(super) fn page(shell: Shell, head: &LogHead<'_>, now: Instant) -> Ledger {
    let mut lines = head.checkpoint.lines();
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let (origin, size, root) = (next(), next(), next());
    Ledger {
        shell,
        summary: "Every published advisory stands in this log, for ever and in order. Whoever keeps an old checkpoint \
                  can prove that nothing was changed or taken out since."
            .into(),
        origin: origin.into(),
        size: size.into(),
        root: root.into(),
        read: Moment::of(now),
        checkpoint: head.checkpoint.into(),
        key: head.key.into(),
        verification: vec![Command {
            label: "Check the proof of a case that you take part in; its page offers it for download".into(),
            command: format!("bastide ledger verify --proof proof.json --key '{}'", head.case_key).into(),
        }],
        downloads: vec![
            Link::new("The checkpoint of this log", "/ledger/public/checkpoint"),
            Link::new("All keys, also those before", "/keys"),
            Link::new("The key of this log", "/ledger/public/key"),
            Link::new("The key of the log of cases", "/ledger/case/key"),
        ],
    }
}
