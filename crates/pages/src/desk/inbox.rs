//! The inbox: cases ordered by what is due next.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{ActionForm, Badge, Choice, Countdown, EmptyState, Field, FormTokens, Link, Moment},
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
    /// Ways to look at it that many people want: mine, unassigned, late, new, put aside; the board.
    pub views: Vec<Link>,
    /// The reader's own filters.
    pub saved: Vec<SavedFilter>,
    /// Where the filter form goes (GET).
    pub filter_action: Href,
    /// The filter's fields: search, project, state, owner.
    pub filters: Vec<Field>,
    /// How far the search went, when it did not go through everything. May be empty.
    pub searched: Text,
    /// The form that saves the present filter.
    pub save: Option<ActionForm>,
    /// Where the choice of rows goes (GET); what it would do is shown before anything happens.
    pub bulk_action: Href,
    /// What can be done with several cases at once.
    pub bulk: Vec<Choice>,
    /// The cases, most urgent first.
    pub rows: Vec<InboxRow>,
    /// What is said when there is none.
    pub empty: EmptyState,
    /// Links to the pages around this one.
    pub pager: Option<Pager>,
}

/// A filter that the reader saved.
#[derive(Debug, Clone)]
pub struct SavedFilter {
    /// What they called it, and where it leads.
    pub link: Link,
    /// Whether it is the one that is shown.
    pub current: bool,
    /// Where the button goes that removes it.
    pub remove: Href,
    /// The tokens of that form.
    pub tokens: FormTokens,
}

/// A case in the inbox.
#[derive(Debug, Clone)]
pub struct InboxRow {
    /// The case's id, as the choice of rows sends it.
    pub case: Text,
    /// The case's reference.
    pub reference: Text,
    /// Its page.
    pub href: Href,
    /// Its title.
    pub title: Text,
    /// Whether something in it is new to the reader.
    pub unread: bool,
    /// Until when the reader put it aside.
    pub snoozed: Option<Moment>,
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
    /// What can be done with it from here; each link opens a form.
    pub menu: Vec<RowAction>,
}

/// Something that can be done with a case from its row.
#[derive(Debug, Clone)]
pub struct RowAction {
    /// The key that opens it: `1`, `h`.
    pub key: &'static str,
    /// Its words and the form's address.
    pub link: Link,
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

/// What is about to happen to some cases, or what came of it; without rows the page of one case's move on the board.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/inbox_bulk.html")]
pub struct InboxBulk {
    /// The frame.
    pub shell: Shell,
    /// The page's heading.
    pub heading: Text,
    /// What this is, in a sentence or two.
    pub lead: Text,
    /// The cases, each with what happens.
    pub rows: Vec<BulkRow>,
    /// The form that does it; none when it was done or nothing can be.
    pub form: Option<ActionForm>,
    /// Where to go instead or next.
    pub next: Vec<Link>,
}

/// One of several cases.
#[derive(Debug, Clone)]
pub struct BulkRow {
    /// The case.
    pub case: Link,
    /// Its reference.
    pub reference: Text,
    /// `will be done`, `done`, `not possible`.
    pub state: Badge,
    /// What happens or happened, or why not and what to do.
    pub what: Text,
}
