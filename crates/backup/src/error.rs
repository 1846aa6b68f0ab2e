//! What can go wrong with a backup's file.

use std::path::Path;

/// Why a backup could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}; {remedy}")]
pub struct BackupError {
    /// Which file or key.
    pub place: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl BackupError {
    pub(crate) fn new(
        place: impl Into<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { place: place.into(), reason: reason.into(), remedy: remedy.into() }
    }

    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::new(path.display().to_string(), error.to_string(), "look at the directory and its room")
    }

    pub(crate) fn damaged(path: &Path, reason: &str) -> Self {
        Self::new(
            path.display().to_string(),
            reason,
            "take another backup; `--verify` checks one without restoring it",
        )
    }
}
