//! Somebody's sessions: where they are signed in.

use askama::Template;

use crate::{
    Shell, Text,
    part::{ActionForm, Badge, Link, Moment},
};

/// The page of somebody's sessions.
#[derive(Debug, Clone, Template)]
#[template(path = "account/sessions.html")]
pub struct Sessions {
    /// The frame.
    pub shell: Shell,
    /// What was just done. May be empty.
    pub done: Text,
    /// When sessions end by themselves.
    pub ends: Text,
    /// The sessions, the last seen first.
    pub rows: Vec<SessionRow>,
    /// Ending all others, when there are some.
    pub end_others: Option<ActionForm>,
    /// Where to go next.
    pub next: Vec<Link>,
}

/// A session in the list.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The browser in words.
    pub device: Text,
    /// `this one`, `new browser`.
    pub badges: Vec<Badge>,
    /// How it began, in words.
    pub way: Text,
    /// When it began.
    pub since: Moment,
    /// When it was seen last.
    pub last_seen: Moment,
    /// Ending it; the one that asks signs out instead.
    pub end: Option<ActionForm>,
}
