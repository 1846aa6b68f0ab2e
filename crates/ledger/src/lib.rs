//! The append-only history: canonical events, salted commitments, C2SP tiles, checkpoints and proofs.
//!
//! A desk keeps two logs with one code ([`Log`]). The **case log** holds one leaf per event: a salted commitment
//! over the event's canonical bytes ([`entry`]), so that the log says nothing about what it proves. The **public
//! log** holds one leaf per published document ([`PublicLeaf`]). Both are Merkle trees of RFC 6962 ([`tree`]),
//! served as C2SP tiles ([`tiles`]) and signed as C2SP checkpoints ([`checkpoint`]). Who takes part in a case gets
//! a proof of its history that a stranger's computer can check without us ([`proof`], [`verify`]).
//!
//! Invariant: this crate does no I/O and reads no clock and no randomness; salts and keys come from the caller.
//! Invariant: no tree arithmetic and no signature of our own; they are `tlog_tiles` and `signed_note`.

pub mod canonical;
pub mod checkpoint;
pub mod entry;
mod error;
pub mod proof;
pub mod tiles;
pub mod tree;
mod verify;

pub use canonical::CanonicalJson;
pub use checkpoint::{Checkpoint, SigningKey, VerifierKey};
pub use entry::{BodyCommitment, CaseLeaf, Entry, PublicLeaf, Salt};
pub use error::LedgerError;
pub use proof::{Bundle, BundleEvent, ConsistencyProof, PublicationProof, RevealedBody};
pub use verify::{BodyState, EventReport, Report, verify, verify_bundle};

/// Which of the desk's two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// Salted commitments to the events of cases; its parties and auditors get proofs.
    Case,
    /// Digests of published documents; for anyone.
    Public,
}

impl Log {
    /// Both logs, in the order in which a writer locks them.
    pub const ALL: [Self; 2] = [Self::Case, Self::Public];

    /// The last part of the log's origin, also its name in the store: `case-log`, `public-log`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case-log",
            Self::Public => "public-log",
        }
    }
}
