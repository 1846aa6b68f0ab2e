//! The one error of this crate: which archive, which member, why.

/// What a caller can do about an [`ArchiveError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// It could not be read from where it lies; trying again may help.
    Io,
    /// It is no archive, or a broken one: fetch it again.
    Broken,
    /// Two readers could see two different archives in it: do not trust it.
    Ambiguous,
    /// It asks for more than the limits allow.
    TooLarge,
    /// It uses what is not read here: encryption, an unusual compression.
    Unsupported,
    /// There is no such member.
    Absent,
}

/// An archive, or a member of one, that is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{archive}: {place}{reason}", place = if self.member.is_empty() { String::new() } else { format!("member `{}`: ", self.member) })]
pub struct ArchiveError {
    /// What kind of trouble it is.
    pub kind: ErrorKind,
    /// The archive's name as the caller gave it.
    pub archive: String,
    /// The member, printable and cut to 200 characters; empty for the whole archive.
    pub member: String,
    /// What is wrong, in one sentence.
    pub reason: String,
}

/// A name of a member for an error: without control characters, cut.
pub(crate) fn shown(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(200).collect()
}
