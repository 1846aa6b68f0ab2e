//! A page of administration: sections at the side, parts in the middle.

use askama::Template;

use crate::{
    Href, NavigationLink, Shell, Text,
    desk::{Difference, LineChange},
    part::{ActionForm, Badge, EmptyState, Link, Moment, Tone},
};

/// A page of administration.
#[derive(Debug, Clone, Template)]
#[template(path = "admin/sheet.html")]
pub struct Sheet {
    /// The frame.
    pub shell: Shell,
    /// The sections that the visitor may open.
    pub sections: Vec<NavigationLink>,
    /// The page's heading.
    pub heading: Text,
    /// What this page is for, in a sentence or two.
    pub lead: Text,
    /// The list that this page is an entry of.
    pub back: Option<Link>,
    /// What is wrong with the form that was sent; the fields say it again.
    pub trouble: Text,
    /// What it shows.
    pub parts: Vec<SheetPart>,
}

/// A part of the page under a heading of its own.
#[derive(Debug, Clone)]
pub struct SheetPart {
    /// Unique on the page; letters, digits and dashes.
    pub id: Text,
    /// Its heading.
    pub title: Text,
    /// What it is about. May be empty.
    pub intro: Text,
    /// What it shows.
    pub blocks: Vec<Block>,
}

/// Something that a part shows.
#[derive(Debug, Clone)]
pub enum Block {
    /// A table.
    Table(SheetTable),
    /// Names with what holds.
    Facts(Vec<Fact>),
    /// Old and new, line by line.
    Difference(Difference),
    /// Things that can be done, folded.
    Forms(Vec<ActionForm>),
    /// The one form that the part is about.
    Form(Box<ActionForm>),
    /// A button of a form that stands elsewhere on the page.
    Button {
        /// The id of the action whose form it sends.
        action: Text,
        /// What it says.
        label: Text,
    },
    /// A search form; it sends `search`.
    Search {
        /// Where it goes (GET).
        action: Href,
        /// What was searched for.
        value: Text,
    },
    /// What is done and what is left.
    Checklist(Vec<CheckItem>),
    /// A sentence that matters.
    Note(Tone, Text),
    /// Sentences, each a point of a list.
    Points(Vec<Text>),
    /// Links.
    Links(Vec<Link>),
    /// A text as it stands: a file, a secret link that is shown once.
    Verbatim(Text),
    /// Nothing to list.
    Empty(EmptyState),
}

/// A table of a sheet.
#[derive(Debug, Clone)]
pub struct SheetTable {
    /// What it lists.
    pub caption: Text,
    /// Its columns.
    pub columns: Vec<Text>,
    /// Its rows; the first cell names the row.
    pub rows: Vec<Vec<Cell>>,
}

impl SheetTable {
    /// The cells of a row, each with the heading of its column.
    fn labelled<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a str, &'a Cell)> {
        let headings = self.columns.iter().map(Text::as_str).chain(std::iter::repeat(""));
        headings.zip(row)
    }
}

/// A cell of a table, or the value of a fact.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Words.
    Text(Text),
    /// A link.
    Link(Link),
    /// A state.
    Badge(Badge),
    /// A moment.
    Moment(Moment),
    /// Words with a moment behind them.
    Until(Text, Moment),
    /// A form's button, with what it does.
    Form(Box<ActionForm>),
}

/// A name with what holds.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The name.
    pub name: Text,
    /// What holds.
    pub value: Cell,
}

/// Something that a set-up needs.
#[derive(Debug, Clone)]
pub struct CheckItem {
    /// Whether it is done.
    pub done: bool,
    /// What it is.
    pub what: Text,
    /// Why it matters, or how to do it. May be empty.
    pub why: Text,
    /// Where to do it.
    pub link: Option<Link>,
}

impl Fact {
    /// A name with words.
    pub fn text(name: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self { name: name.into(), value: Cell::Text(value.into()) }
    }

    /// A name with any value.
    pub fn new(name: impl Into<Text>, value: Cell) -> Self {
        Self { name: name.into(), value }
    }
}

impl SheetPart {
    /// A part with one block.
    pub fn new(
        id: impl Into<Text>,
        title: impl Into<Text>,
        intro: impl Into<Text>,
        blocks: Vec<Block>,
    ) -> Self {
        Self { id: id.into(), title: title.into(), intro: intro.into(), blocks }
    }

    fn anchor(&self) -> String {
        self.id.for_id()
    }
}
