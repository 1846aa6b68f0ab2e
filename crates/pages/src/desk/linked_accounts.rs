//! Which accounts of other houses sign in a person of this desk.

use askama::Template;

use crate::{Shell, Text, part::ActionForm};

/// The linked accounts of whoever is signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/linked_accounts.html")]
pub struct LinkedAccounts {
    /// The frame.
    pub shell: Shell,
    /// What is linked.
    pub rows: Vec<LinkedRow>,
    /// What can be linked.
    pub offers: Vec<ActionForm>,
}

/// A linked account.
#[derive(Debug, Clone)]
pub struct LinkedRow {
    /// Who vouches for it.
    pub provider: Text,
    /// How its owner recognises it.
    pub shown: Text,
    /// The provider's own unchanging name for it.
    pub number: Text,
    /// The form that takes it away.
    pub unlink: ActionForm,
}
