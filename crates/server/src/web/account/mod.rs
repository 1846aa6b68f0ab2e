//! The pages of somebody's own account, and asking them to confirm: use-case values in, pages out.

pub(super) mod address;
pub(super) mod confirm;
pub(super) mod data;
pub(super) mod handlers;
pub(super) mod outside;
pub(super) mod overview;
pub(super) mod passkeys;
pub(super) mod sessions;
pub(super) mod subscriptions;
pub(super) mod tokens;

use bastide_authz::Action;
use bastide_pages::part::{Field, PasskeyForm, PasskeyUse};

use super::forms::Forms;
use crate::{guard::Guard, routes::Routes};

/// Adds the pages of one's own account and signing in by a passkey.
pub(super) fn add(routes: &mut Routes) {
    let everybody = Guard::Public(Action::ReadPublic);
    routes.post("/sign-in/passkey/ask", everybody, handlers::ask_to_sign_in);
    routes.post("/sign-in/passkey", everybody, handlers::sign_in_by_passkey);
    // Signing in through somebody else.
    routes.post("/sign-in/with/{provider}", everybody, outside::begin);
    routes.get("/sign-in/return/{provider}", everybody, outside::back);
    routes.post("/sign-in/account/{provider}", everybody, outside::make_account);
    let mine = Guard::Account(Action::OwnAccount);
    routes.get("/account", mine, handlers::show);
    routes.get("/account/confirm", mine, handlers::confirmation);
    routes.post("/account/confirm/ask", mine, handlers::ask_to_confirm);
    routes.post("/account/confirm", mine, handlers::confirm);
    routes.get("/account/passkeys", mine, handlers::passkey_list);
    routes.post("/account/passkeys/ask", mine, handlers::ask_to_enrol);
    routes.post("/account/passkeys", mine, handlers::enrol);
    routes.post("/account/passkeys/{id}/rename", mine, handlers::rename);
    routes.post("/account/passkeys/{id}/remove", mine, handlers::remove);
    routes.post("/account/recovery/stop", mine, handlers::stop_recovery);
    routes.get("/account/sessions", mine, handlers::session_list);
    routes.post("/account/sessions/end-others", mine, handlers::end_others);
    routes.post("/account/sessions/{id}/end", mine, handlers::end_session);
    routes.get("/account/address", mine, address::form);
    routes.post("/account/address", mine, address::ask);
    // The link comes out of a mail, with which browsers send no session; its button does.
    routes.get("/account/address/{secret}", everybody, address::link);
    routes.post("/account/address/{secret}", mine, address::add);
    routes.get("/account/tokens", mine, handlers::token_list);
    routes.post("/account/tokens", mine, handlers::make_token);
    routes.post("/account/tokens/{id}/revoke", mine, handlers::revoke_token);
    routes.get("/account/outside", mine, outside::linked);
    routes.post("/account/outside/{provider}/link", mine, outside::link);
    routes.post("/account/outside/unlink", mine, outside::unlink);
    let own = Guard::Own(Action::OwnAccount);
    routes.get("/account/subscriptions", own, subscriptions::list);
    routes.post("/account/subscriptions", own, subscriptions::make);
    routes.get("/account/subscriptions/{subscription}", own, subscriptions::show);
    routes.post("/account/subscriptions/{subscription}/packages", own, subscriptions::refresh);
    routes.post("/account/subscriptions/{subscription}/end", own, subscriptions::end);
    routes.get("/unsubscribe/{secrets}", everybody, subscriptions::ask_to_unsubscribe);
    routes.post("/unsubscribe/{secrets}", everybody, subscriptions::unsubscribe);
    routes.get("/account/data", mine, data::show);
    routes.get("/account/data/everything.json", mine, data::everything);
    routes.post("/account/data/erase", Guard::Own(Action::ErasePerson), data::erase);
}

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
