//! What the lint says, as a page shows it.

use askama::Template;

use crate::{Text, part::RuleReference};

/// What a finding does to the thing it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It cannot be sent like this.
    Block,
    /// It is accepted, and a person looks at it before anything else happens.
    Hold,
    /// It is accepted; this would make it better.
    Warn,
    /// Noted for the coordinator.
    Record,
}

impl Disposition {
    /// What it means for whoever wrote it, in a word or two.
    pub fn words(self) -> &'static str {
        match self {
            Self::Block => "Must be mended",
            Self::Hold => "Will be held",
            Self::Warn => "Please look",
            Self::Record => "Noted",
        }
    }

    /// Its tone, as the stylesheet names it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Block => "danger",
            Self::Hold | Self::Warn => "warning",
            Self::Record => "neutral",
        }
    }
}

/// One finding: what is the matter, by which rule, what to do.
#[derive(Debug, Clone, Template)]
#[template(path = "part/finding.html")]
pub struct FindingNote {
    /// The rule that found it.
    pub rule: RuleReference,
    /// What it does.
    pub disposition: Disposition,
    /// One sentence that says what is the matter.
    pub message: Text,
    /// What to do about it.
    pub remedy: Text,
    /// Where, in words: `line 12`, `attachment poc.py`. May be empty.
    pub place: Text,
    /// The `name` of the form field it belongs to, when there is one.
    pub field: Option<Text>,
}

impl askama::filters::HtmlSafe for FindingNote {}
