//! Pages that say what happened, why, and what to do next: for refusals and failures.

use bastide_model::finding::Finding;
use bastide_pages::{
    Shell,
    desk::{Message, Outcome},
    part::{FindingNote, Link},
};
use bastide_usecases::UseCaseError;

use super::{finding, words};

/// The page of a sign-in link that works no more.
pub(super) fn spent_link(shell: Shell) -> Message {
    Message {
        shell,
        outcome: Outcome::Refused,
        heading: "This link works no more".into(),
        what: "Nobody was signed in.".into(),
        why: "A sign-in link works once and within a day. This one was used already, is too old, or was not copied whole."
            .into(),
        rule: None,
        findings: Vec::new(),
        remedies: vec![
            "If you are signed in in this browser already, just go on.".into(),
            "Otherwise sign in by your passkey, or ask your administrator for a new link.".into(),
        ],
        next: vec![Link::new("Sign in", "/sign-in"), Link::new("Go to the front page", "/")],
        reference: "".into(),
    }
}

/// The page of a use case's error. What may not be known looks like what does not exist.
pub(super) fn of_error(shell: Shell, error: &UseCaseError, back: &str) -> Message {
    let back_link = vec![Link::new("Back", back), Link::new("Go to the front page", "/")];
    let page = |outcome, heading: &str, what: &str, why: &str, remedies: &[&str]| Message {
        shell: shell.clone(),
        outcome,
        heading: heading.into(),
        what: what.into(),
        why: why.into(),
        rule: None,
        findings: Vec::new(),
        remedies: remedies.iter().map(|remedy| (*remedy).into()).collect(),
        next: back_link.clone(),
        reference: "".into(),
    };
    match error {
        UseCaseError::NotFound => Message::absent(shell),
        UseCaseError::NotSignedIn => Message {
            next: vec![Link::new("Sign in", "/sign-in"), Link::new("Go to the front page", "/")],
            ..page(
                Outcome::Refused,
                "Please sign in",
                "This page is for people who are signed in.",
                "Your session may have ended.",
                &[
                    "Sign in and try again.",
                    "If your sign-in link does not work any more, ask your administrator for a new one.",
                ],
            )
        },
        // A page of its own asks to confirm (`account::confirm`); this is what is left of it where none can be made.
        UseCaseError::StepUp => page(
            Outcome::Refused,
            "Please confirm that it is you",
            "Nothing was changed. This step asks for a fresh confirmation.",
            "It cannot be undone by others, so a session that was left open must not be enough.",
            &["Confirm on your account page.", "Then repeat the step."],
        ),
        UseCaseError::OutOfReach => Message {
            next: vec![
                Link::new("Your account", "/account"),
                Link::new("Sign in by a link or passkey", "/sign-in"),
            ],
            ..page(
                Outcome::Refused,
                "This token was not made for this",
                "Nothing was changed. The token, or the session that was made from it, does not reach this far.",
                "A token does only what it was made for, so that little is lost with it.",
                &[
                    "Sign in by a link or a passkey.",
                    "For a program, make a token with a wider scope on your account page.",
                ],
            )
        },
        UseCaseError::EnrolFirst => Message {
            next: vec![
                Link::new("Make a passkey", "/account/passkeys"),
                Link::new("Go to the front page", "/"),
            ],
            ..page(
                Outcome::Refused,
                "Please make a passkey first",
                "Your role asks for a passkey, and your account has none.",
                "A link or token can be stolen or given to a false page; a passkey cannot. Until you have one, only \
                 your account page is open to you.",
                &["Make a passkey; it takes a minute.", "Then come back to this page."],
            )
        },
        UseCaseError::PurposeNeeded { .. } => page(
            Outcome::Refused,
            "Say first why you read this case",
            "Auditors read cases for a stated purpose, which is written down.",
            "The case's team sees who read it and why.",
            &["Open the case's page and state your purpose there."],
        ),
        UseCaseError::Refused(refusal) => Message {
            rule: words::rule(&refusal.rule),
            ..page(
                Outcome::Refused,
                "This is not possible now",
                &format!("{}.", words::capitalised(&refusal.what)),
                "Nothing was changed.",
                &[&refusal.remedy],
            )
        },
        UseCaseError::Invalid { field, reason, remedy } => page(
            Outcome::Refused,
            "Something does not fit",
            &format!("{field}: {reason}."),
            "Nothing was changed.",
            &[remedy],
        ),
        UseCaseError::Blocked { findings } => Message {
            findings: findings.iter().map(|found| finding::of_report(found, None)).collect(),
            ..page(
                Outcome::Refused,
                "The report was not sent",
                "The project's policy does not take it as it is.",
                "Nothing was stored.",
                &["Mend what is listed and send it again."],
            )
        },
        UseCaseError::Leaks { findings } => Message {
            findings: findings.iter().map(|found| finding::of_report(found, None)).collect(),
            ..page(
                Outcome::Refused,
                "This text would say too much",
                "It would give the vulnerability away before the announcement.",
                "Nothing was stored and nothing was sent.",
                &["Change what is listed and try again."],
            )
        },
        UseCaseError::Rules { .. } => Message {
            findings: at_fields(error).unwrap_or_default(),
            ..page(
                Outcome::Refused,
                "The rules have mistakes",
                "A policy, threat model or list of versions does not read.",
                "Nothing was changed.",
                &["Mend what is listed and send it again."],
            )
        },
        UseCaseError::KeyReused => page(
            Outcome::Refused,
            "This form was sent already",
            "The same form came twice with different content. Only the first was carried out.",
            "Each form works once, so that a double click does nothing twice.",
            &["Open the page again and fill in the form anew."],
        ),
        UseCaseError::Busy => page(
            Outcome::Broken,
            "The desk is busy",
            "Nothing was stored.",
            "Many people work at the same time.",
            &["Go back and send the form again: it is done once, however often you send it."],
        ),
        UseCaseError::Store(_) | UseCaseError::Corrupt(_) => page(
            Outcome::Broken,
            "Something broke on our side",
            "The desk could not finish this. Whether it was stored is not certain.",
            "The reason stands in the desk's own log, without anything of your report.",
            &[
                "Go back and send the form again: it is done once, however often you send it.",
                "If it happens again, tell the programme's administrator.",
            ],
        ),
    }
}

/// The page for whoever has to wait.
pub(super) fn of_waiting(shell: Shell, words: &crate::limits::WaitingWords, back: &str) -> Message {
    Message {
        shell,
        outcome: Outcome::Refused,
        heading: words.heading.into(),
        what: words.what.as_str().into(),
        why: words.why.into(),
        rule: None,
        findings: Vec::new(),
        remedies: words.remedies.iter().map(|remedy| remedy.as_str().into()).collect(),
        next: vec![Link::new("Back", back), Link::new("Go to the front page", "/")],
        reference: "".into(),
    }
}

/// The findings that an error means for the fields of a form; nothing when it is not about the form.
pub(super) fn at_fields(error: &UseCaseError) -> Option<Vec<FindingNote>> {
    match error {
        UseCaseError::Refused(refusal) => Some(vec![finding::at_field(
            &refusal.rule,
            "",
            &format!("{}.", words::capitalised(&refusal.what)),
            &refusal.remedy,
        )]),
        UseCaseError::Invalid { field, reason, remedy } => {
            Some(vec![finding::at_field("", field, &format!("{}.", words::capitalised(reason)), remedy)])
        }
        UseCaseError::Rules { problems } => Some(problems.iter().map(finding::of_rules).collect()),
        UseCaseError::Leaks { findings } | UseCaseError::Blocked { findings } => {
            let note = |found: &Finding| finding::at_field(&found.rule, "", &found.message, &found.remedy);
            Some(findings.iter().map(note).collect())
        }
        _ => None,
    }
}
