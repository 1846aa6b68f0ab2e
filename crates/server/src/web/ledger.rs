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
    /// The desk's address.
    pub(super) public_url: &'a str,
}

/// The page of the public log. A checkpoint is origin, size and root hash, each on a line of its own.
pub(super) fn page(shell: Shell, head: &LogHead<'_>, now: Instant) -> Ledger {
    let mut lines = head.checkpoint.lines();
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let (origin, size, root) = (next(), next(), next());
    let url = head.public_url;
    Ledger {
        shell,
        summary: "Every published advisory stands in this log, for ever and in order. Whoever keeps an old checkpoint \
                  can prove that nothing was changed or taken out since."
            .into(),
        origin: origin.into(),
        size: size.into(),
        root: root.into(),
        signed: Moment::of(now),
        checkpoint: head.checkpoint.into(),
        key: head.key.into(),
        verification: vec![
            Command {
                label: "Fetch the checkpoint".into(),
                command: format!("curl -O {url}/ledger/public/checkpoint").into(),
            },
            Command {
                label: "Check a proof that you were given, offline".into(),
                command: format!("bastide ledger verify --proof proof.json --key '{}'", head.case_key).into(),
            },
        ],
        downloads: vec![Link::new("The checkpoint", "/ledger/public/checkpoint")],
    }
}
