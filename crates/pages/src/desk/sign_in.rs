//! Signing in by a passkey, a token or a one-time link.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{ActionForm, Field, FormTokens, PasskeyForm},
};

/// The sign-in page.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/sign_in.html")]
pub struct SignIn {
    /// The frame.
    pub shell: Shell,
    /// Where the form goes.
    pub action: Href,
    /// Its tokens.
    pub tokens: FormTokens,
    /// Where to go afterwards: a path of this desk, sent back as `next`.
    pub next: Text,
    /// Signing in by a passkey, where this desk can have them.
    pub passkey: Option<PasskeyForm>,
    /// Why the last attempt failed and what to do, when it did.
    pub error: Option<Text>,
    /// How long a replacement of lost passkeys waits: `24 hours`. Empty where this desk can have no passkeys.
    pub wait: Text,
    /// The forms that go on to a provider.
    pub others: Vec<ActionForm>,
}

impl SignIn {
    fn token_field(&self) -> Field {
        let _ = self;
        Field::new(
            "token",
            "Token or one-time link",
            crate::part::Control::Line { value: Text::default(), kind: crate::part::TextKind::Secret },
        )
        .because("Paste the whole line that your administrator or a mail of this desk gave you.")
        .required()
    }
}
