//! The pages of somebody's own account, and asking them to confirm: use-case values in, pages out.

pub(super) mod confirm;
pub(super) mod handlers;
pub(super) mod overview;
pub(super) mod passkeys;
pub(super) mod sessions;
pub(super) mod tokens;

use bastide_pages::part::{ActionForm, Field, PasskeyForm, PasskeyUse};

use super::forms::Forms;

/// The form that signs in by a passkey; `next` is a path of this desk.
pub(super) fn sign_in_form(next: &str, forms: &Forms) -> PasskeyForm {
    PasskeyForm {
        purpose: PasskeyUse::SignIn,
        ask: "/sign-in/passkey/ask".into(),
        action: "/sign-in/passkey".into(),
        tokens: forms.tokens(),
        fields: vec![Field::hidden("next", next)],
        submit: "Sign in with a passkey".into(),
        otherwise: "Sign in by a one-time link below.".into(),
    }
}

/// The form that confirms by a passkey.
pub(super) fn confirm_form(forms: &Forms) -> PasskeyForm {
    PasskeyForm {
        purpose: PasskeyUse::Confirm,
        ask: "/account/confirm/ask".into(),
        action: "/account/confirm".into(),
        tokens: forms.tokens(),
        fields: Vec::new(),
        submit: "Confirm with a passkey".into(),
        otherwise: "Switch script on for this desk's address and reload the page.".into(),
    }
}

/// A form of one button.
pub(super) fn button(
    id: String,
    title: &str,
    action: String,
    forms: &Forms,
    fields: Vec<Field>,
) -> ActionForm {
    ActionForm {
        id: id.into(),
        title: title.into(),
        why: "".into(),
        rule: None,
        action: action.into(),
        tokens: forms.tokens(),
        fields,
        submit: title.into(),
        disabled: None,
        grave: false,
        open: false,
    }
}
