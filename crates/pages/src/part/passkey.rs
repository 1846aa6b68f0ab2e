//! A button that asks for a passkey. The one thing on these pages that needs script; without it the form says so.

use askama::Template;

use crate::{
    Href, Text,
    part::{Field, FormTokens, field::FieldInForm},
};

/// What a passkey is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyUse {
    /// To sign in.
    SignIn,
    /// To be made.
    Enrol,
    /// To confirm that it is still the same person.
    Confirm,
}

impl PasskeyUse {
    /// The stable id of the button, without its first part.
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Enrol => "enrol",
            Self::Confirm => "confirm",
        }
    }
}

/// A form with one button that asks for a passkey; the button's id is `passkey-sign-in`, `passkey-enrol` or
/// `passkey-confirm`.
#[derive(Debug, Clone, Template)]
#[template(path = "part/passkey_form.html")]
pub struct PasskeyForm {
    /// What the passkey is asked for.
    pub purpose: PasskeyUse,
    /// Where the script asks what to sign.
    pub ask: Href,
    /// Where the answer goes.
    pub action: Href,
    /// Its tokens.
    pub tokens: FormTokens,
    /// What else it asks or carries.
    pub fields: Vec<Field>,
    /// The words on the button.
    pub submit: Text,
    /// What to do without script or without a passkey.
    pub otherwise: Text,
}

impl askama::filters::HtmlSafe for PasskeyForm {}

impl PasskeyForm {
    fn placed<'a>(&self, field: &'a Field) -> FieldInForm<'a> {
        field.within(match self.purpose {
            PasskeyUse::SignIn => "with-passkey",
            PasskeyUse::Enrol => "new-passkey",
            PasskeyUse::Confirm => "confirm-passkey",
        })
    }
}
