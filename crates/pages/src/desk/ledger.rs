//! The public page of the ledger: its checkpoint, and how to check it without trusting us.

use askama::Template;

use crate::{
    Shell, Text,
    part::{Command, Link, Moment},
};

/// The ledger's page.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/ledger.html")]
pub struct Ledger {
    /// The frame.
    pub shell: Shell,
    /// What this log holds, in a sentence.
    pub summary: Text,
    /// The log's origin line.
    pub origin: Text,
    /// How many entries it holds.
    pub size: Text,
    /// Its root hash.
    pub root: Text,
    /// When the page was made; a checkpoint itself has no time.
    pub read: Moment,
    /// The checkpoint as a signed note.
    pub checkpoint: Text,
    /// The verifier key.
    pub key: Text,
    /// Commands that verify it offline, in order.
    pub verification: Vec<Command>,
    /// Proofs and checkpoints to download.
    pub downloads: Vec<Link>,
}
