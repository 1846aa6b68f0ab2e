//! The page of somebody's sessions.

use bastide_model::time::Span;
use bastide_pages::{
    Shell,
    account::{SessionRow, Sessions},
    part::{ActionForm, Badge, Link, Moment, Tone},
};
use bastide_usecases::{Account, SignInPolicy, SignInWay};

use crate::web::forms::Forms;

/// How a session began, in words that follow "Signed in".
fn way(way: SignInWay) -> &'static str {
    match way {
        SignInWay::Link => "by a one-time link",
        SignInWay::Passkey => "by a passkey",
        SignInWay::Token => "by a token",
        SignInWay::Vouched => "by another site that knows you",
    }
}

fn minutes(span: Span) -> i64 {
    span.as_micros() / Span::minutes(1).as_micros()
}

/// The page.
pub(in crate::web) fn page(shell: Shell, account: &Account, policy: &SignInPolicy, done: &str) -> Sessions {
    let forms = Forms::fresh();
    let hours = minutes(policy.lasts) / 60;
    let ends = match policy.idle {
        Some(idle) => format!(
            "A session ends after {hours} hours; with a role that reads what is not public, also after {} minutes \
             without a request.",
            minutes(idle)
        ),
        None => format!("A session ends after {hours} hours."),
    };
    let rows = account.sessions.iter().map(|session| {
        let mut badges = Vec::new();
        if session.this {
            badges.push(Badge::new("this one", Tone::Good));
        }
        if session.new_device {
            badges.push(Badge::new("new browser", Tone::Warning));
        }
        let short: String = session.digest.to_string().chars().rev().take(12).collect();
        let address = format!("/account/sessions/{}/end", session.digest);
        let end = (!session.this)
            .then(|| ActionForm::new(format!("end-{short}"), "End this session", address, forms.tokens()));
        SessionRow {
            device: session.device.as_str().into(),
            badges,
            way: way(session.way).into(),
            since: Moment::of(session.since),
            last_seen: Moment::of(session.last_seen),
            end,
        }
    });
    let rows = rows.collect();
    let others = account.sessions.iter().any(|session| !session.this);
    let end_others = others.then(|| {
        let action = "/account/sessions/end-others";
        ActionForm::new("end-others", "End all other sessions", action, forms.tokens())
            .because(
                "Every other browser is signed out at once, and each is told as new when it signs in again.",
            )
            .unfolded()
    });
    Sessions {
        shell,
        done: match done {
            "ended" => "The session has ended.",
            "others" => "All other sessions have ended.",
            _ => "",
        }
        .into(),
        ends: ends.into(),
        rows,
        end_others,
        next: vec![Link::new("Your account", "/account")],
    }
}
