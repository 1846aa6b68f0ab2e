//! The account page.

use bastide_model::party::Identity;
use bastide_pages::{
    Shell,
    account::{AccountEvent, Overview, StoredFact},
    part::{ActionForm, Link, Moment},
};
use bastide_usecases::{Account, Confirmation, proposal::RecoveryAhead, shown_identity};

use crate::web::{forms::Forms, words::counted};

/// What happened, in words; events of other parts by their name.
fn event(kind: &str) -> String {
    let words = match kind {
        "person-added" => "You were added to this desk.",
        "grant-given" => "You were given a role.",
        "grant-taken-on" => "You took a role on.",
        "grant-declined" => "You declined a role.",
        "person-edited" => "An administrator changed your name or addresses.",
        "address-added" => "You added a mail address.",
        "grant-ended" => "A role of yours ended, and your sessions with it.",
        "new-browser" => "You signed in from a browser that was not known.",
        "passkey-enrolled" => "You made a passkey.",
        "passkey-removed" => "You removed a passkey.",
        "passkey-copied" => "A passkey was shut, because there may be a copy of it.",
        "sessions-ended" => "You ended your other sessions.",
        "token-issued" => "A token was made in your name.",
        "token-revoked" => "You revoked a token.",
        "sign-in-link-issued" => "A one-time sign-in link was made for you.",
        "identity-linked" => "An account elsewhere was linked to you.",
        "identity-unlinked" => "An account elsewhere was taken away.",
        "recovery-requested" => "New passkeys were asked for in your name.",
        "recovery-agreed" => "Two administrators agreed that you begin with new passkeys.",
        "recovery-stopped" => "The request for new passkeys was stopped.",
        "passkeys-replaced" => "Your old passkeys were removed, because you lost them.",
        other => return format!("{}.", other.replace('-', " ")),
    };
    words.to_owned()
}

fn number(count: usize, noun: &str) -> String {
    counted(u32::try_from(count).unwrap_or(u32::MAX), noun)
}

/// The page.
pub(in crate::web) fn page(shell: Shell, account: &Account) -> Overview {
    let mut warnings = Vec::new();
    if account.must_enrol {
        warnings.push(
            "Your role asks for a passkey. Until you make one, only these pages are open to you.".into(),
        );
    }
    if account.passkeys.len() == 1 {
        warnings.push(
            "You have one passkey. Make another on a second device, so that losing the first does not lock you out."
                .into(),
        );
    }
    if account.sessions.iter().any(|session| session.new_device && !session.this) {
        warnings.push(
            "There is a session from a browser that was not known when it began. Look whether it is yours."
                .into(),
        );
    }
    let addresses: Vec<&str> = account
        .record
        .identities
        .iter()
        .filter_map(|identity| match identity {
            Identity::Mail { address } => Some(address.as_str()),
            Identity::Forge { .. } | Identity::Outside { .. } => None,
        })
        .collect();
    if addresses.is_empty() {
        warnings.push(
            "No mail address is known of you. Nobody can tell you when something is due or happens to your account, and \
             administrators cannot help you when you lose your passkeys. Add one below."
                .into(),
        );
    }
    if let Some(reason) = account.no_passkeys {
        warnings.push(format!("This desk can have no passkeys: {reason}.").into());
    }
    let stop = account.recovery.map(|ahead| {
        let text = match ahead {
            RecoveryAhead::Proposed => {
                "An administrator proposed to replace your passkeys, because you lost them. Another one has to agree, and then \
                 a wait begins. If you did not ask for it, stop it now."
                    .to_owned()
            }
            RecoveryAhead::Agreed(due) => format!(
                "Two administrators agreed that you lost your passkeys. At {} your passkeys and sessions end, and a link to make \
                 new ones goes to your first mail address. If you did not ask for it, stop it now.",
                due.for_people()
            ),
        };
        warnings.push(text.into());
        let tokens = Forms::fresh().tokens();
        ActionForm::new("stop-recovery", "Stop it: I did not lose my passkeys", "/account/recovery/stop", tokens)
            .because("Your passkeys go on working, and all administrators hear that you stopped it.")
            .unfolded()
    });
    let passkeys = match account.passkeys.len() {
        0 => "none yet".to_owned(),
        count => number(count, "passkey"),
    };
    let confirmed = match (account.confirmation, account.confirmed) {
        (_, true) => " You confirmed in the last 15 minutes.",
        (Confirmation::Passkey, false) => "",
        (Confirmation::SignIn, false) => {
            " At this desk a sign-in of the last 15 minutes counts as confirmation, as a passkey does."
        }
    };
    let tokens = match account.tokens.len() {
        0 => "none".to_owned(),
        count => number(count, "token"),
    };
    Overview {
        shell,
        name: account.record.name.as_str().into(),
        warnings,
        stop,
        passkeys: format!("{passkeys}.{confirmed}").into(),
        sessions: format!("{} open.", number(account.sessions.len(), "session")).into(),
        outside: match account
            .record
            .identities
            .iter()
            .filter(|one| matches!(one, Identity::Outside { .. }))
            .count()
        {
            0 => "none linked.".into(),
            count => format!("{} linked.", number(count, "account")).into(),
        },
        tokens: format!("{tokens}.").into(),
        address: if addresses.is_empty() {
            "none yet.".to_owned()
        } else {
            format!("{}.", addresses.join(", "))
        }
        .into(),
        events: account
            .events
            .iter()
            .map(|found| AccountEvent { what: event(&found.kind).into(), at: Moment::of(found.at) })
            .collect(),
        stored: stored(account),
        links: vec![
            Link::new("Take it home, or erase it", "/account/data"),
            Link::new("Everything as one document (JSON)", "/account/data/everything.json"),
        ],
    }
}

fn stored(account: &Account) -> Vec<StoredFact> {
    let fact = |topic: &str, text: String| StoredFact { topic: topic.into(), text: text.into() };
    let identities: Vec<String> = account.record.identities.iter().map(shown_identity).collect();
    let identities = if identities.is_empty() { "none".to_owned() } else { identities.join(", ") };
    vec![
        fact("Name", format!("{}, as others see you.", account.record.name)),
        fact("Addresses and handles", format!("{identities}. Mail to you holds a link and nothing of a case.")),
        fact(
            "Cases",
            format!(
                "You take part in {}. What you wrote there belongs to the case's history.",
                number(account.cases, "case")
            ),
        ),
        fact(
            "Passkeys",
            format!(
                "{}: the public half of each, its name, when it was made and last used. The secret half never leaves \
                 your device.",
                number(account.passkeys.len(), "passkey")
            ),
        ),
        fact(
            "Sessions",
            format!(
                "{} open: the kind of browser in words, when it signed in and was last seen. No network address.",
                number(account.sessions.len(), "session")
            ),
        ),
        fact(
            "Known browsers",
            "The fingerprint of a random cookie of each browser that you signed in from, so that another is noticed."
                .to_owned(),
        ),
        fact(
            "Ledger",
            format!(
                "{} about your account. The ledger cannot be changed; it holds your id, not your name.",
                number(account.event_count, "event")
            ),
        ),
    ]
}
