//! What can be wrong with a history or with a proof of it.

/// What failed, where. One kind per thing that the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// A value cannot be written canonically; change the value.
    #[error("{place} cannot be written canonically: {reason}")]
    Uncanonical {
        /// The place inside the value, as a JSON pointer (empty: the value itself).
        place: String,
        /// What is not allowed there.
        reason: &'static str,
    },
    /// A document is not of the form that it should have; get an undamaged copy.
    #[error("{what} is damaged at {place}: {reason}")]
    Malformed {
        /// Which kind of document.
        what: &'static str,
        /// The place in it.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// A checkpoint bears no signature by a known key: it is not this log's, or it was altered.
    #[error("the checkpoint of `{origin}` is not signed by a known key: {reason}")]
    Unsigned {
        /// The log that it claims to be of.
        origin: String,
        /// Which signature is missing or wrong.
        reason: String,
    },
    /// A record or proof does not belong to the tree that was signed: it was altered.
    #[error("{record}: {reason}")]
    Unproven {
        /// Which record.
        record: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// The storage of the log lacks a hash.
    #[error("the log's storage has no hash at index {index}")]
    MissingHash {
        /// The index in storage order.
        index: u64,
    },
}

impl LedgerError {
    pub(crate) fn malformed(what: &'static str, place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Malformed { what, place: place.into(), reason: reason.into() }
    }
}
