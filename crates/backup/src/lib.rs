//! Backups as files: encrypted to age recipients, written whole or not at all, kept for a while, read back.
//!
//! A newcomer starts at [`Writing`] and [`open`]. A backup is one age file of lines, `bastide-INSTANT.backup`, and beside
//! it a small note in plain ([`Note`]): when it was made, how long it is, its digest, where the logs stood. The machine
//! that writes backups holds public keys only and cannot read them.
//!
//! Invariant: a file of this name is whole; what is being written has another name, and a crash leaves at most that.
//! Invariant: no error holds a part of what is in a backup.

mod error;
mod key;
mod note;
mod reading;
mod writing;

pub use error::BackupError;
pub use key::{Identities, Recipients};
pub use note::{Kept, LogMark, Note, kept, prune};
pub use reading::{Lines, open};
pub use writing::Writing;
