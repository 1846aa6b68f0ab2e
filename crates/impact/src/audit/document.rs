//! Errors of documents that people write for an audit: waivers, VEX.

/// A document that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}{}: {reason}; {remedy}", line.map_or(String::new(), |line| format!(":{line}")))]
pub struct DocumentError {
    /// The document's name as given.
    pub document: String,
    /// The line, from 1, where one is at fault.
    pub line: Option<u32>,
    /// What is wrong.
    pub reason: String,
    /// How to write it instead.
    pub remedy: &'static str,
}
