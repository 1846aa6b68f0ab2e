//! The inbox: cases ordered by what is due next.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{Badge, Countdown, EmptyState, Field, Link, Moment},
};

/// The inbox of a coordinator.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/inbox.html")]
pub struct Inbox {
    /// The frame.
    pub shell: Shell,
    /// The page's heading: `Inbox`, `Inbox of jupyter`.
    pub heading: Text,
    /// How many there are and how many are late, in a sentence.
    pub summary: Text,
    /// Where the filter form goes (GET).
    pub filter_action: Href,
    /// The filter's fields: search, project, state, owner.
    pub filters: Vec<Field>,
    /// The cases, most urgent first.
    pub rows: Vec<InboxRow>,
    /// What is said when there is none.
    pub empty: EmptyState,
    /// Links to the pages around this one.
    pub pager: Option<Pager>,
}

/// A case in the inbox.
#[derive(Debug, Clone)]
pub struct InboxRow {
    /// The case's reference.
    pub reference: Text,
    /// Its page.
    pub href: Href,
    /// Its title.
    pub title: Text,
    /// Whether something in it is new to the reader.
    pub unread: bool,
    /// The project's title.
    pub project: Text,
    /// Where it is in its life.
    pub lifecycle: Badge,
    /// Its severity, after triage; `not rated` before.
    pub severity: Badge,
    /// When it was received.
    pub received: Moment,
    /// How old it is, in words.
    pub age: Text,
    /// The next deadline's name. May be empty.
    pub deadline_name: Text,
    /// The next deadline.
    pub deadline: Option<Countdown>,
    /// Who carries it; `None` when nobody does yet.
    pub owner: Option<Text>,
    /// What is to be done next.
    pub next_task: Text,
}

/// Links to the pages of a long list.
#[derive(Debug, Clone)]
pub struct Pager {
    /// Where we are: `1 to 50 of 312`.
    pub position: Text,
    /// The page before.
    pub previous: Option<Link>,
    /// The page after.
    pub next: Option<Link>,
}
