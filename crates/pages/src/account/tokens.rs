//! Somebody's tokens for programs: the list, making one, and the one page that shows a token.

use askama::Template;

use crate::{
    Shell, Text,
    part::{ActionForm, Badge, Command, Link, Moment},
};

/// The page of somebody's tokens.
#[derive(Debug, Clone, Template)]
#[template(path = "account/tokens.html")]
pub struct Tokens {
    /// The frame.
    pub shell: Shell,
    /// What was just done. May be empty.
    pub done: Text,
    /// The tokens, the oldest first.
    pub rows: Vec<TokenRow>,
    /// Making one.
    pub make: ActionForm,
    /// Where to go next.
    pub next: Vec<Link>,
}

/// A token in the list.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Its name.
    pub name: Text,
    /// What it may be used for.
    pub scopes: Vec<Badge>,
    /// When it was made.
    pub created: Moment,
    /// When it ends.
    pub expires: Option<Moment>,
    /// The day on which it was used last.
    pub last_used: Option<Moment>,
    /// Revoking it.
    pub revoke: ActionForm,
}

/// The page that shows a new token, once.
#[derive(Debug, Clone, Template)]
#[template(path = "account/token_made.html")]
pub struct TokenMade {
    /// The frame.
    pub shell: Shell,
    /// Its name.
    pub name: Text,
    /// The token.
    pub token: Text,
    /// When it ends.
    pub expires: Moment,
    /// How to use it.
    pub commands: Vec<Command>,
    /// Where to go next.
    pub next: Vec<Link>,
}
