//! The page of somebody's passkeys.

use bastide_model::party::Identity;
use bastide_pages::{
    Shell,
    account::{PasskeyRow, Passkeys},
    part::{ActionForm, Control, Field, Link, Moment, PasskeyForm, PasskeyUse},
};
use bastide_usecases::{Account, Confirmation, PasskeyLine};

use super::confirm_form;
use crate::web::forms::Forms;

/// The page; `done` is the word of what was just done, `error` what went wrong.
pub(in crate::web) fn page(
    shell: Shell,
    account: &Account,
    administers: bool,
    done: &str,
    error: Option<&str>,
) -> Passkeys {
    let forms = Forms::fresh();
    let possible = account.no_passkeys.is_none();
    let needs_confirmation = possible && !account.may_enrol && !account.passkeys.is_empty();
    let closed = match (account.no_passkeys, account.may_enrol) {
        (Some(_), _) => "Nobody can make one here now; you sign in by links.",
        (None, true) => "",
        (None, false) if needs_confirmation => "",
        (None, false) if account.confirmation == Confirmation::SignIn => {
            "Sign in again first: a passkey is made within 15 minutes of signing in."
        }
        (None, false) => {
            "A first passkey is made within 15 minutes of signing in by a one-time link, so that nobody makes one in a \
             session that you left open. Ask your administrator for a new link, open it in this browser, and come back."
        }
    };
    let notice = match account.no_passkeys {
        Some(reason) => format!(
            "This desk can have no passkeys: {reason}. Its operator mends that with `bastide serve --public-url \
             https://HOST`."
        ),
        None if account.must_enrol => {
            "Your role asks for a passkey. Until you have one, only your account is open to you.".to_owned()
        }
        None => String::new(),
    };
    let next = if account.must_enrol {
        vec![Link::new("Your account", "/account")]
    } else {
        let administration = administers.then(|| Link::new("Administration", "/admin"));
        administration
            .into_iter()
            .chain([Link::new("Your inbox", "/inbox"), Link::new("Your account", "/account")])
            .collect()
    };
    let reached = account.record.identities.iter().any(|identity| matches!(identity, Identity::Mail { .. }));
    let next: Vec<Link> = (!reached && !account.must_enrol)
        .then(|| Link::new("Add your mail address, which the desk does not know yet", "/account/address"))
        .into_iter()
        .chain(next)
        .collect();
    Passkeys {
        shell,
        done: match done {
            "enrolled" => "Your passkey works. You can sign in and confirm with it from now on.",
            "renamed" => "The passkey has its new name.",
            "removed" => "The passkey was removed. Remove it from your device's list, too.",
            _ => "",
        }
        .into(),
        error: error.unwrap_or_default().into(),
        notice: notice.into(),
        rows: account.passkeys.iter().map(|line| row(line, account, &forms)).collect(),
        enrol: (possible && account.may_enrol).then(|| enrol(&forms)),
        confirm: needs_confirmation.then(|| confirm_form(&forms)),
        closed: closed.into(),
        next,
    }
}

fn enrol(forms: &Forms) -> PasskeyForm {
    PasskeyForm {
        purpose: PasskeyUse::Enrol,
        ask: "/account/passkeys/ask".into(),
        action: "/account/passkeys".into(),
        tokens: forms.tokens(),
        fields: vec![
            Field::line("name", "Name of the passkey", "")
                .because("So that you know it again in the list: “laptop”, “security key in the drawer”."),
        ],
        submit: "Make a passkey on this device".into(),
        otherwise: "Switch script on for this desk's address and reload the page.".into(),
    }
}

fn row(line: &PasskeyLine, account: &Account, forms: &Forms) -> PasskeyRow {
    let short = line.id.to_string().chars().filter(char::is_ascii_hexdigit).take(12).collect::<String>();
    let address = format!("/account/passkeys/{}", line.id);
    let name = Field::line("name", "New name", line.name.as_str()).required();
    let action = format!("{address}/rename");
    let rename = ActionForm {
        submit: "Rename it".into(),
        ..ActionForm::new(format!("rename-{short}"), "Rename", action, forms.tokens()).asking(vec![name])
    };
    let last = account.passkeys.len() == 1;
    let fields = if last {
        let label = "Yes, remove my last passkey";
        vec![Field::new("last", label, Control::Check { ticked: false }).required()]
    } else {
        Vec::new()
    };
    let why = if last {
        "It is your last one. Without a passkey you sign in by a link from an administrator only, you cannot take steps \
         that ask to confirm, and a role that asks for one leaves you with your account page."
    } else {
        "It no longer signs you in. What it was used for stays as it is. This asks you to confirm."
    };
    let action = format!("{address}/remove");
    let remove = ActionForm {
        submit: "Remove it".into(),
        ..ActionForm::new(format!("remove-{short}"), "Remove", action, forms.tokens())
            .because(why)
            .asking(fields)
            .grave()
    };
    PasskeyRow {
        name: line.name.as_str().into(),
        created: Moment::of(line.created),
        last_used: line.last_used.map(Moment::of),
        actions: vec![rename, remove],
    }
}
