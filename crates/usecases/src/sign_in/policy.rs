//! What a desk asks of people who sign in.

use bastide_model::time::Span;

/// What counts as confirming that it is still the same person, before a step that others cannot undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// A passkey, used in the last 15 minutes in the same session.
    Passkey,
    /// A sign-in of the last 15 minutes, or a passkey. For a demonstration, and for a desk that has no host name yet.
    SignIn,
}

/// What a desk asks of people who sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPolicy {
    /// What counts as confirmation.
    pub confirmation: Confirmation,
    /// Whether whoever can read embargoed data must have a passkey; until they do, they see their account only.
    pub passkey_for_embargoed: bool,
    /// After how long without a request a session ends that can read embargoed data; never early when absent.
    pub idle: Option<Span>,
    /// After how long every session ends.
    pub lasts: Span,
    /// How long a lost passkey's replacement waits after the second administrator agreed.
    pub recovery_wait: Span,
}

impl SignInPolicy {
    /// For a desk that holds real reports.
    pub fn strict() -> Self {
        Self {
            confirmation: Confirmation::Passkey,
            passkey_for_embargoed: true,
            idle: Some(Span::minutes(30)),
            lasts: Span::hours(12),
            recovery_wait: Span::hours(24),
        }
    }

    /// For a demonstration or a desk without a host name: links and tokens do.
    pub fn without_passkeys() -> Self {
        Self {
            confirmation: Confirmation::SignIn,
            passkey_for_embargoed: false,
            idle: None,
            ..Self::strict()
        }
    }
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self::strict()
    }
}
