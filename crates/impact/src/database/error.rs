//! Why a snapshot gives no answer.

/// What a caller can do about a [`DatabaseError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// It could not be read from where it lies; trying again may help.
    Io,
    /// It is no snapshot of advisories.
    NotASnapshot,
    /// It was made by another version of this program.
    OtherVersion,
    /// Bytes of it changed since it was made, or are missing.
    Damaged,
    /// It would hold more than the layout can: split the sources.
    TooLarge,
}

/// A snapshot that cannot be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the advisory database {what}: {reason}; {remedy}", what = self.what(), remedy = self.remedy())]
pub struct DatabaseError {
    /// What kind of trouble it is.
    pub kind: ErrorKind,
    /// What was seen.
    pub reason: String,
}

impl DatabaseError {
    pub(crate) fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }

    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, reason)
    }

    fn what(&self) -> &'static str {
        match self.kind {
            ErrorKind::Io => "cannot be read",
            ErrorKind::NotASnapshot => "is no database of bastide",
            ErrorKind::OtherVersion => "was made by another version of bastide",
            ErrorKind::Damaged => "is damaged",
            ErrorKind::TooLarge => "would be too large",
        }
    }

    fn remedy(&self) -> &'static str {
        match self.kind {
            ErrorKind::Io => "look at its place and its permissions",
            ErrorKind::TooLarge => "give fewer sources to `bastide sync`",
            ErrorKind::NotASnapshot | ErrorKind::OtherVersion | ErrorKind::Damaged => {
                "make it anew with `bastide sync`"
            }
        }
    }
}
