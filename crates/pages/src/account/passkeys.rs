//! Somebody's passkeys: the list, and making one more.

use askama::Template;

use crate::{
    Shell, Text,
    part::{ActionForm, Link, Moment, PasskeyForm},
};

/// The page of somebody's passkeys.
#[derive(Debug, Clone, Template)]
#[template(path = "account/passkeys.html")]
pub struct Passkeys {
    /// The frame.
    pub shell: Shell,
    /// What was just done. May be empty.
    pub done: Text,
    /// What went wrong and what to do. May be empty.
    pub error: Text,
    /// What to know first: that one is needed, that there can be none here. May be empty.
    pub notice: Text,
    /// The passkeys, the oldest first.
    pub rows: Vec<PasskeyRow>,
    /// Making one, for whoever may now.
    pub enrol: Option<PasskeyForm>,
    /// Confirming first, for whoever must.
    pub confirm: Option<PasskeyForm>,
    /// Why no passkey can be made now and what to do. May be empty.
    pub closed: Text,
    /// Where to go next.
    pub next: Vec<Link>,
}

/// A passkey in the list.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// Its name.
    pub name: Text,
    /// When it was made.
    pub created: Moment,
    /// When it was used last.
    pub last_used: Option<Moment>,
    /// What can be done with it: another name, removal.
    pub actions: Vec<ActionForm>,
}
