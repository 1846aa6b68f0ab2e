//! Asking somebody to confirm that it is they, with what they filled in kept on the page.

use bastide_pages::{
    Shell,
    account::{Confirm, KeptForm},
    part::Link,
};
use bastide_usecases::{Confirmation, SignedIn};

use super::confirm_form;
use crate::{kept::Kept, web::forms::Forms};

/// The page for a step that `who` met without a fresh confirmation.
pub(in crate::web) fn page(
    shell: Shell,
    who: Option<&SignedIn>,
    confirmation: Confirmation,
    kept: Option<&Kept>,
    back: &str,
) -> Confirm {
    let has_passkey = who.is_some_and(SignedIn::has_passkey);
    let by_sign_in = confirmation == Confirmation::SignIn;
    let what = match (kept, by_sign_in) {
        (Some(kept), _) if !kept.post => "This page asks for a fresh confirmation.",
        (_, true) => "Nothing was changed. This step asks for a sign-in of the last 15 minutes.",
        (_, false) => "Nothing was changed. This step asks for a passkey, used in the last 15 minutes.",
    };
    let again = "Come back to this page and press the button below.";
    let (steps, beside): (Vec<&str>, Vec<Link>) = match (by_sign_in, has_passkey) {
        (true, _) => (
            vec!["Sign in again, beside this page.", again],
            vec![Link::new("Sign in again", "/sign-in?next=/account")],
        ),
        (false, true) => (
            vec![
                "Passkeys need script: switch it on for this desk's address, reload, and press the button above.",
                "Or sign in with your passkey in another tab of this browser; then send this again.",
            ],
            vec![Link::new("Sign in with a passkey", "/sign-in?next=/account")],
        ),
        (false, false) => (
            vec![
                "You have no passkey yet. Make one, beside this page; it takes a minute.",
                "Where that page says that your session is too old for it, ask your administrator for a new sign-in link and open it in this browser.",
                again,
            ],
            vec![Link::new("Make a passkey", "/account/passkeys")],
        ),
    };
    let kept_form = kept.map(|kept| KeptForm {
        post: kept.post,
        action: kept.action.as_str().into(),
        fields: kept
            .fields
            .iter()
            .map(|(name, value)| (name.as_str().into(), value.as_str().into()))
            .collect(),
        submit: if kept.post { "Send it again" } else { "Go on" }.into(),
    });
    let mut steps: Vec<bastide_pages::Text> = steps.into_iter().map(Into::into).collect();
    if kept.is_none() {
        steps.push("Then go back to the form in your browser and send it again.".into());
    }
    Confirm {
        shell,
        heading: "Please confirm that it is you".into(),
        what: what.into(),
        why: "It cannot be undone by others, so a session that was left open, or stolen, must not be enough."
            .into(),
        passkey: has_passkey.then(|| confirm_form(&Forms::fresh())),
        steps,
        beside,
        kept: kept_form,
        next: vec![Link::new("Leave it and go back", back)],
    }
}
