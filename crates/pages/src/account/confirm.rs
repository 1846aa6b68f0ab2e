//! The page that asks somebody to confirm that it is they, before a step that others cannot undo. It keeps what they
//! filled in.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{Link, PasskeyForm},
};

/// The page that asks to confirm.
#[derive(Debug, Clone, Template)]
#[template(path = "account/confirm.html")]
pub struct Confirm {
    /// The frame.
    pub shell: Shell,
    /// What is asked, as a heading.
    pub heading: Text,
    /// What happened, in a sentence.
    pub what: Text,
    /// Why it is asked.
    pub why: Text,
    /// The button, for whoever has a passkey.
    pub passkey: Option<PasskeyForm>,
    /// What to do, step by step, where there is no button, or no script.
    pub steps: Vec<Text>,
    /// Where the steps lead; they open beside this page, which keeps what was filled in.
    pub beside: Vec<Link>,
    /// What was filled in, to be sent again.
    pub kept: Option<KeptForm>,
    /// Where to go instead.
    pub next: Vec<Link>,
}

/// A form that was sent too early, kept to be sent again.
#[derive(Debug, Clone)]
pub struct KeptForm {
    /// Whether it changes something; otherwise it only opens a page.
    pub post: bool,
    /// Where it goes.
    pub action: Href,
    /// Its fields.
    pub fields: Vec<(Text, Text)>,
    /// The words on its button.
    pub submit: Text,
}
