//! Every page with realistic values, in plain and in hostile ink.
//!
//! All text of a sample goes through [`t`] and all addresses through [`h`], so that one switch turns every string of
//! every page into something that tries to break out of its place. A test reads these files and fails on a text that
//! does not go through them.

pub(crate) mod account;
mod administration;
mod advisories;
mod cases;
mod ink;
mod public;
mod reporting;

use bastide_model::time::Instant;
use bastide_pages::{
    NavigationLink, Notice, Page, Shell, SignedIn,
    part::{Badge, Countdown, Field, FormTokens, Link, Moment, RuleReference, Tone},
};

pub(crate) use ink::{Ink, MARK, h, markup, t, with_ink};

/// A page's name (of its snapshot, its file in the gallery) and its HTML.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) html: String,
}

/// Every page, some in several states, written in this ink.
pub(crate) fn all(ink: Ink) -> Vec<Sample> {
    with_ink(ink, || {
        [
            public::samples(),
            reporting::samples(),
            cases::samples(),
            advisories::samples(),
            account::samples(),
            administration::samples(),
        ]
        .concat()
        .into_iter()
        .map(|(name, html)| Sample { name, html })
        .collect()
    })
}

/// One sample before it is listed.
pub(crate) type Named = (&'static str, String);

pub(crate) fn page(name: &'static str, page: &impl Page) -> Named {
    (name, page.render().expect("a sample renders"))
}

/// The moment at which all samples are looked at.
pub(crate) fn now() -> Instant {
    instant("2024-11-22T14:05:00Z")
}

pub(crate) fn instant(text: &str) -> Instant {
    text.parse().expect("a sample's instant is written right")
}

pub(crate) fn moment(text: &str) -> Moment {
    Moment::of(instant(text))
}

pub(crate) fn due(text: &str) -> Countdown {
    Countdown::between(now(), instant(text))
}

pub(crate) fn badge(words: &str, tone: Tone) -> Badge {
    Badge::new(t(words), tone)
}

pub(crate) fn link(label: &str, href: &str) -> Link {
    Link::new(t(label), h(href))
}

pub(crate) fn rule(id: &str, summary: &str) -> RuleReference {
    RuleReference { id: t(id), summary: t(summary), href: Some(h("/rules/J04")) }
}

pub(crate) fn tokens() -> FormTokens {
    FormTokens { idempotency_key: t("key-1") }
}

pub(crate) fn line(name: &str, label: &str, value: &str) -> Field {
    Field::line(t(name), t(label), t(value))
}

/// The frame as a stranger sees it.
pub(crate) fn public_shell() -> Shell {
    Shell {
        site_name: t("Scientific Python vulnerability desk"),
        person: None,
        navigation: vec![
            NavigationLink { label: t("Projects"), href: h("/"), current: true },
            NavigationLink { label: t("Advisories"), href: h("/advisories"), current: false },
            NavigationLink { label: t("Thanks"), href: h("/thanks"), current: false },
            NavigationLink { label: t("Ledger"), href: h("/ledger"), current: false },
            NavigationLink { label: t("Sign in"), href: h("/sign-in"), current: false },
        ],
        notices: Vec::new(),
        footer: vec![
            link("security.txt", "/.well-known/security.txt"),
            link("API", "/api/openapi.json"),
            link("Verify the ledger", "/ledger"),
        ],
    }
}

/// The frame as a coordinator sees it.
pub(crate) fn team_shell() -> Shell {
    Shell {
        person: Some(SignedIn {
            name: t("coordinator-a"),
            role: t("coordinator of Jupyter"),
            sign_out: h("/sign-out"),
            tokens: tokens(),
        }),
        navigation: vec![
            NavigationLink { label: t("Inbox"), href: h("/inbox"), current: true },
            NavigationLink { label: t("Advisories"), href: h("/advisories"), current: false },
            NavigationLink { label: t("Projects"), href: h("/"), current: false },
            NavigationLink { label: t("Ledger"), href: h("/ledger"), current: false },
        ],
        notices: vec![Notice {
            tone: Tone::Good,
            text: t("The receipt was sent to the reporter."),
            link: Some(link("See the message", "#message-1")),
        }],
        ..public_shell()
    }
}
