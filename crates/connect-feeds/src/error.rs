//! The one error of this crate: where, what, and what to do.

use std::{io, path::Path};

use bastide_impact::database::DatabaseError;

/// What a caller can do about a [`FeedError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The source, as it was named, is none that is read.
    Source,
    /// There is no snapshot yet.
    Absent,
    /// Another program is writing the snapshot.
    Busy,
    /// The new snapshot would lose what the present one has.
    Loss,
    /// It cannot be read or written.
    Failed,
}

/// Why a feed was not read, or a snapshot not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct FeedError {
    /// What kind of trouble it is.
    pub kind: ErrorKind,
    /// The file, directory or origin.
    pub place: String,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl FeedError {
    pub(crate) fn new(
        kind: ErrorKind,
        place: impl Into<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind, place: place.into(), reason: reason.into(), remedy: remedy.into() }
    }

    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => "look whether it is there",
            io::ErrorKind::PermissionDenied => "look at its permissions",
            io::ErrorKind::StorageFull => "make room on the disk",
            _ => "look at the disk, then try again",
        };
        Self::new(ErrorKind::Failed, shown(path), error.to_string(), remedy)
    }

    pub(crate) fn database(path: &Path, error: &DatabaseError) -> Self {
        Self::new(ErrorKind::Failed, shown(path), error.to_string(), "run `bastide sync` to make it anew")
    }
}

/// A path for people.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
