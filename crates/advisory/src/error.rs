//! The one error of this crate: which document, which field, why.

/// What a caller can do about an [`AdvisoryError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The document is larger, deeper or longer than is read: split it or raise the question.
    TooLarge,
    /// The document is no JSON or YAML.
    Syntax,
    /// A field that the format requires is missing.
    Missing,
    /// A field holds what the format does not allow.
    Invalid,
    /// The record cannot be said in this format.
    NotRenderable,
}

/// A document that could not be read, or a record that a format cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}: {place}{reason}", place = if self.field.is_empty() { String::new() } else { format!("field `{}`: ", self.field) })]
pub struct AdvisoryError {
    /// What kind of trouble it is.
    pub kind: ErrorKind,
    /// The file's name as the caller gave it, or the record's id.
    pub document: String,
    /// The field, as `affected[0].ranges[1].events[0].fixed`; empty for the whole document.
    pub field: String,
    /// What is wrong and how to mend it. Never holds more than a short value of the field.
    pub reason: String,
}
