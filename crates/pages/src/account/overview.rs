//! Somebody's account at a glance: how they sign in, what happened lately, what is stored about them.

use askama::Template;

use crate::{
    Shell, Text,
    part::{ActionForm, Link, Moment},
};

/// The account page.
#[derive(Debug, Clone, Template)]
#[template(path = "account/overview.html")]
pub struct Overview {
    /// The frame.
    pub shell: Shell,
    /// The person's name.
    pub name: Text,
    /// What they should look at first. May be empty.
    pub warnings: Vec<Text>,
    /// What stops a replacement of their passkeys that waits, where one does.
    pub stop: Option<ActionForm>,
    /// Their passkeys in a sentence.
    pub passkeys: Text,
    /// Their sessions in a sentence.
    pub sessions: Text,
    /// Their linked accounts at providers in a sentence.
    pub outside: Text,
    /// Their tokens in a sentence.
    pub tokens: Text,
    /// Their mail addresses in a sentence.
    pub address: Text,
    /// What happened to the account, the newest first.
    pub events: Vec<AccountEvent>,
    /// What is stored about them.
    pub stored: Vec<StoredFact>,
    /// Where to read on or ask for it.
    pub links: Vec<Link>,
}

/// Something that happened to an account.
#[derive(Debug, Clone)]
pub struct AccountEvent {
    /// What, in words.
    pub what: Text,
    /// When.
    pub at: Moment,
}

/// Something that is stored about a person.
#[derive(Debug, Clone)]
pub struct StoredFact {
    /// What it is.
    pub topic: Text,
    /// What is stored, and why.
    pub text: Text,
}
