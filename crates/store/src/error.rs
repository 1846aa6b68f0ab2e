//! What can go wrong between the desk and its database.

use crate::{append::Stream, table::claim::ClaimKind};

/// Why the store did not do what it was asked to. Kinds by what the caller can do about them; no kind holds
/// embargoed text or the values of a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The stream has grown since it was read: read it again and decide anew.
    #[error("{stream} holds {found} events, not {expected}: it has changed since it was read")]
    Conflict {
        /// Which stream.
        stream: Stream,
        /// How many events the caller had seen.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The idempotency key was used for another request: take a new key.
    #[error("the idempotency key was used in `{scope}` for a different request; use a new key")]
    IdempotencyMismatch {
        /// The scope of the key.
        scope: String,
    },
    /// Too much is waiting to be written: try again in a moment. Nothing was stored.
    #[error("the desk is busy: too many changes are waiting to be written; try again in a moment")]
    Busy,
    /// What was given cannot be stored as it is. Nothing was stored.
    #[error("{what} cannot be stored: {reason}")]
    Refused {
        /// Which part of the input.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is already something of this name, and it is not the same.
    #[error("{what} exists already")]
    Exists {
        /// What.
        what: String,
    },
    /// The name belongs to another case.
    #[error("this {} belongs to another case", kind.as_str())]
    Claimed {
        /// What kind of name.
        kind: ClaimKind,
    },
    /// There is nothing of this name to change.
    #[error("there is no {what}")]
    Absent {
        /// What.
        what: String,
    },
    /// A credential that works once was used, revoked or has expired.
    #[error("this credential was already used, was revoked or has expired")]
    Spent,
    /// The contents of the case were erased; nothing can be added to them.
    #[error("the contents of {case} were erased")]
    Erased {
        /// The case's id.
        case: String,
    },
    /// The database was written by a newer program.
    #[error(
        "the database at {place} has schema {found}, this program knows {known}: start a newer bastide, or restore \
         a backup from before the update"
    )]
    Newer {
        /// Where the database is.
        place: String,
        /// Its schema version.
        found: i64,
        /// The newest schema version that this program knows.
        known: i64,
    },
    /// The database belongs to another program.
    #[error("{place} is not a bastide database: {reason}; name another place")]
    Foreign {
        /// Where it is.
        place: String,
        /// How that shows.
        reason: String,
    },
    /// Another process has the data directory.
    #[error("{place} is in use by another bastide; stop it, or name another data directory")]
    Locked {
        /// The lock file.
        place: String,
    },
    /// The database would not keep what it acknowledges, or has a known fault.
    #[error("{setting} is {found}: {remedy}")]
    Unsafe {
        /// Which version or setting.
        setting: String,
        /// Its value.
        found: String,
        /// What to change.
        remedy: String,
    },
    /// A key file is missing, unreadable or of another database.
    #[error("key file {place}: {reason}; {remedy}")]
    Key {
        /// The file.
        place: String,
        /// What is wrong.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// A stored record is damaged or was altered.
    #[error("{what} at {place} is damaged or was altered; {remedy}")]
    Corrupt {
        /// Which kind of record.
        what: String,
        /// Which one.
        place: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The database did not answer, or not as expected. After a write this means **unknown**: it may have been
    /// stored; ask again with the same idempotency key.
    #[error("the database is unavailable: {reason}")]
    Unavailable {
        /// What the database said.
        reason: String,
    },
}

/// What to do about a damaged record.
pub(crate) const RESTORE: &str =
    "run `bastide ledger verify` for the whole extent and restore the newest backup that verifies";

impl StoreError {
    pub(crate) fn corrupt(what: impl Into<String>, place: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into(), place: place.into(), remedy: RESTORE }
    }

    pub(crate) fn refused(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), reason: reason.into() }
    }

    /// Whether the outcome of a write is unknown and the same request should be sent again.
    pub fn is_unknown_outcome(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                    Self::corrupt("a stored row", "an unknown place")
                }
                other => Self::Unavailable { reason: other.to_string() },
            };
        };
        // The message names tables and columns, never values (PostgreSQL puts those into the detail, left out here).
        let message = database.message().to_owned();
        if database.is_unique_violation() {
            return Self::Exists { what: message };
        }
        if database.is_foreign_key_violation() || database.is_check_violation() {
            return Self::Refused { what: "a row".to_owned(), reason: message };
        }
        // SQLite's primary codes for a damaged file and for a file that is no database.
        let primary = database.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
        match primary {
            Some(11 | 26) if database.code().is_some_and(|code| code.len() < 5) => {
                Self::corrupt("the database file", message)
            }
            _ => Self::Unavailable { reason: message },
        }
    }
}
