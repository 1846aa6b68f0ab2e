//! The board: cases in columns by where they stand.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{Badge, Countdown, EmptyState, Field, Link},
};

/// The board of a coordinator.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/board.html")]
pub struct Board {
    /// The frame.
    pub shell: Shell,
    /// How many cases it shows, and whether there are more.
    pub summary: Text,
    /// The filter's fields.
    pub filters: Vec<Field>,
    /// The columns, in the order of a case's life.
    pub columns: Vec<BoardColumn>,
    /// What is said when there is no case at all.
    pub empty: Option<EmptyState>,
    /// Other views.
    pub views: Vec<Link>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct BoardColumn {
    /// Its id, unique on the page.
    pub id: Text,
    /// Its name: `To be judged`.
    pub name: Text,
    /// What stands there, in a sentence.
    pub meaning: Text,
    /// The cases, next deadline first.
    pub cards: Vec<BoardCard>,
}

/// A case on the board.
#[derive(Debug, Clone)]
pub struct BoardCard {
    /// Its title.
    pub title: Text,
    /// Its page.
    pub href: Href,
    /// Its reference.
    pub reference: Text,
    /// Its project's title.
    pub project: Text,
    /// Whether something in it is new to the reader.
    pub unread: bool,
    /// Where exactly it stands.
    pub lifecycle: Badge,
    /// Its severity.
    pub severity: Badge,
    /// The next deadline.
    pub deadline: Option<Countdown>,
    /// Who carries it.
    pub owner: Option<Text>,
    /// Where it could go; each link leads to the form of the step, or to what is missing. Empty when it is not open to
    /// the reader.
    pub moves: Vec<Link>,
}
