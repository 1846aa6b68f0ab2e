//! The pages of somebody's own account.

use bastide_pages::{
    account::{
        AccountEvent, Confirm, KeptForm, Overview, PasskeyRow, Passkeys, SessionRow, Sessions, StoredFact,
        TokenMade, TokenRow, Tokens,
    },
    part::{Command, Field, PasskeyForm, PasskeyUse, Tone},
};

use super::{Named, badge, h, line, link, moment, page, t, team_shell, tokens};
use crate::samples::reporting::action;

/// A passkey's button.
pub(crate) fn passkey(purpose: PasskeyUse) -> PasskeyForm {
    PasskeyForm {
        purpose,
        ask: h("/account/passkeys/ask"),
        action: h("/account/passkeys"),
        tokens: tokens(),
        fields: vec![line("name", "Name of the passkey", "laptop"), Field::hidden(t("next"), t("/inbox"))],
        submit: t("Use a passkey"),
        otherwise: t("Sign in by a one-time link below."),
    }
}

fn passkeys() -> Passkeys {
    Passkeys {
        shell: team_shell(),
        done: t("Your passkey works."),
        error: t("Your device did not check that it is you. Try again and give its PIN."),
        notice: t("Your role asks for a passkey."),
        rows: vec![PasskeyRow {
            name: t("laptop"),
            created: moment("2024-11-01T09:00:00Z"),
            last_used: Some(moment("2024-11-22T09:00:00Z")),
            actions: vec![
                action("rename-1", "Rename", "", vec![line("name", "New name", "laptop")], "Rename it"),
                action("remove-1", "Remove", "It is your last one.", Vec::new(), "Remove it"),
            ],
        }],
        enrol: Some(passkey(PasskeyUse::Enrol)),
        confirm: None,
        closed: t(""),
        next: vec![link("Your inbox", "/inbox")],
    }
}

pub(crate) fn samples() -> Vec<Named> {
    let overview = Overview {
        shell: team_shell(),
        name: t("coordinator-a"),
        warnings: vec![t("You have one passkey. Make another on a second device.")],
        stop: Some(action("stop-recovery", "Stop it: I did not lose my passkeys", "", Vec::new(), "Stop it")),
        passkeys: t("1 passkey. You confirmed in the last 15 minutes."),
        sessions: t("2 sessions open."),
        outside: t("1 account linked."),
        tokens: t("none."),
        address: t("coordinator-a@example.org."),
        events: vec![AccountEvent { what: t("You made a passkey."), at: moment("2024-11-01T09:00:00Z") }],
        stored: vec![StoredFact { topic: t("Name"), text: t("coordinator-a, as others see you.") }],
        links: vec![link("Download all of it", "/account/data.json")],
    };
    let quiet = Overview {
        warnings: Vec::new(),
        stop: None,
        events: Vec::new(),
        links: Vec::new(),
        ..overview.clone()
    };
    let first = Passkeys {
        done: t(""),
        error: t(""),
        rows: Vec::new(),
        enrol: None,
        confirm: Some(passkey(PasskeyUse::Confirm)),
        closed: t("A first passkey is made within 15 minutes of signing in by a one-time link."),
        ..passkeys()
    };
    let sessions = Sessions {
        shell: team_shell(),
        done: t("The session has ended."),
        ends: t("A session ends after 12 hours."),
        rows: vec![SessionRow {
            device: t("Firefox on Linux"),
            badges: vec![badge("new browser", Tone::Warning)],
            way: t("by a passkey"),
            since: moment("2024-11-22T09:00:00Z"),
            last_seen: moment("2024-11-22T14:00:00Z"),
            end: Some(action("end-1", "End this session", "", Vec::new(), "End it")),
        }],
        end_others: Some(action("end-others", "End all other sessions", "At once.", Vec::new(), "End them")),
        next: vec![link("Your account", "/account")],
    };
    let scopes = Field::area(t("scope"), t("What it may be used for"), t("read"));
    let token_list = Tokens {
        shell: team_shell(),
        done: t("The token no longer works."),
        rows: vec![TokenRow {
            name: t("continuous integration"),
            scopes: vec![badge("read", Tone::Neutral)],
            created: moment("2024-11-01T09:00:00Z"),
            expires: Some(moment("2025-02-01T09:00:00Z")),
            last_used: None,
            revoke: action("revoke-1", "Revoke it", "", Vec::new(), "Revoke it"),
        }],
        make: action("make-token", "Make the token", "This asks you to confirm.", vec![scopes], "Make it"),
        next: vec![link("Your account", "/account")],
    };
    let no_tokens = Tokens { done: t(""), rows: Vec::new(), ..token_list.clone() };
    let made = TokenMade {
        shell: team_shell(),
        name: t("continuous integration"),
        token: t("dG9rZW4tb2YtYS1zYW1wbGUtdG9rZW4tb2YtYS1zYW1wbGU"),
        expires: moment("2025-02-01T09:00:00Z"),
        commands: vec![Command { label: t("For the command line"), command: t("bastide login URL") }],
        next: vec![link("Your tokens", "/account/tokens")],
    };
    let confirm = Confirm {
        shell: team_shell(),
        heading: t("Please confirm that it is you"),
        what: t("Nothing was changed. This step asks for a passkey."),
        why: t("It cannot be undone by others."),
        passkey: Some(passkey(PasskeyUse::Confirm)),
        steps: vec![t("Passkeys need script."), t("Come back to this page.")],
        beside: vec![link("Sign in with a passkey", "/sign-in")],
        kept: Some(KeptForm {
            post: true,
            action: h("/cases/case-1/steps/approve"),
            fields: vec![(t("idempotency-key"), t("key-1")), (t("digest"), t("0f1e"))],
            submit: t("Send it again"),
        }),
        next: vec![link("Leave it and go back", "/cases/case-1")],
    };
    let bare = Confirm { passkey: None, kept: None, ..confirm.clone() };
    vec![
        page("account", &overview),
        page("account-quiet", &quiet),
        page("account-passkeys", &passkeys()),
        page("account-passkeys-first", &first),
        page("account-sessions", &sessions),
        page("account-tokens", &token_list),
        page("account-tokens-none", &no_tokens),
        page("account-token-made", &made),
        page("account-confirm", &confirm),
        page("account-confirm-bare", &bare),
    ]
}
