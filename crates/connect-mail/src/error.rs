//! Why a mail could not be handed over.

/// A reason without content: it goes to the log and to the operations page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The recipient's address is none that a mail can be sent to.
    #[error("the recipient's address cannot receive mail")]
    Address,
    /// The mail server took the mail, or the recipient, and said no for good (SMTP 5xx).
    #[error("the mail server refused it for good (SMTP {code})")]
    Refused {
        /// The answer's three digits.
        code: u16,
    },
    /// The mail server said: not now (SMTP 4xx).
    #[error("the mail server did not take it now (SMTP {code})")]
    NotNow {
        /// The answer's three digits.
        code: u16,
    },
    /// The mail server could not be reached, or the connection broke or took too long.
    #[error("the mail server cannot be reached, or the connection broke")]
    Unreachable,
    /// No connection under TLS could be made, so nothing was sent.
    #[error("no safe connection to the mail server could be made: look at its certificate and its name")]
    Unsafe,
    /// The spool directory could not be written.
    #[error("the spool directory cannot be written ({reason})")]
    Spool {
        /// The system's words.
        reason: String,
    },
    /// The mail could not be written as a document.
    #[error("the mail could not be written")]
    Document,
}

impl MailError {
    /// Whether trying again cannot help.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Address | Self::Refused { .. })
    }
}
