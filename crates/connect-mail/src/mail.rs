//! What is sent.

use bastide_model::time::Instant;

/// A mail that is ready to go, to one address.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Stable over retries; becomes the Message-ID, so letters, digits, dots and dashes only.
    pub id: String,
    /// When it is sent.
    pub at: Instant,
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML, for programs that show it.
    pub html: Option<String>,
    /// How to get no more of these.
    pub unsubscribe: Option<Unsubscribe>,
}

/// The address that ends a subscription: by one click of the mail program (RFC 8058), or by a person in a browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// The address; it holds the secret that allows it.
    pub address: String,
}

impl Mail {
    /// A mail of plain text that nobody subscribed to.
    pub fn plain(
        id: impl Into<String>,
        at: Instant,
        to: impl Into<String>,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            at,
            to: to.into(),
            subject: subject.into(),
            text: text.into(),
            html: None,
            unsubscribe: None,
        }
    }
}

impl std::fmt::Debug for Mail {
    /// Without recipient and content, which may hold a secret link.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Unsubscribe {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Unsubscribe(***)")
    }
}
