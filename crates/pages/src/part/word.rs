//! The small words of a page: links, badges, tiers, references to rules.

use std::fmt;

use askama::Template;

use crate::{Href, Text};

/// A link with its words.
#[derive(Debug, Clone, Template)]
#[template(source = r#"<a href="{{ href }}">{{ label }}</a>"#, ext = "html")]
pub struct Link {
    /// What people read; says where it leads.
    pub label: Text,
    /// Where it goes.
    pub href: Href,
}

impl askama::filters::HtmlSafe for Link {}

impl Link {
    /// A link with these words to this address.
    pub fn new(label: impl Into<Text>, href: impl Into<Href>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// How something is meant. Colour follows it, but the words beside it must say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing to feel about it.
    #[default]
    Neutral,
    /// Under way.
    Progress,
    /// Done, met, agreed.
    Good,
    /// Needs attention soon.
    Warning,
    /// Late, refused, severe.
    Danger,
    /// Over, or not yet begun.
    Quiet,
}

impl Tone {
    /// The tone's name in the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Progress => "progress",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Danger => "danger",
            Self::Quiet => "quiet",
        }
    }
}

/// A state in a word or two, with a tone.
#[derive(Debug, Clone, Template)]
#[template(source = r#"<span class="badge {{ tone.class() }}">{{ words }}</span>"#, ext = "html")]
pub struct Badge {
    /// The state as people say it: `acknowledged`, `security fixes only`.
    pub words: Text,
    /// How it is meant.
    pub tone: Tone,
}

impl askama::filters::HtmlSafe for Badge {}

impl Badge {
    /// A badge with these words and this tone.
    pub fn new(words: impl Into<Text>, tone: Tone) -> Self {
        Self { words: words.into(), tone }
    }
}

/// A rule, clause or document section that something rests on.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<span class="rule">{% if let Some(href) = href %}<a href="{{ href }}">{{ id }}</a>{% else %}{{ id }}{% endif %}{% if !summary.is_empty() %}: {{ summary }}{% endif %}</span>"#,
    ext = "html"
)]
pub struct RuleReference {
    /// The stable id: `J04`, `REP-P22`, `free-execution`.
    pub id: Text,
    /// What it says in a few words. May be empty.
    pub summary: Text,
    /// Its page, if there is one.
    pub href: Option<Href>,
}

impl askama::filters::HtmlSafe for RuleReference {}

impl RuleReference {
    /// A reference without a page.
    pub fn new(id: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self { id: id.into(), summary: summary.into(), href: None }
    }
}

/// Whom something is for. Shown by colour and by word (J16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Coordinators and developers of the case.
    TeamOnly,
    /// The team and the reporter.
    TeamAndReporter,
    /// Everybody who takes part in the case.
    Participants,
    /// Everybody.
    Public,
}

impl fmt::Display for Tier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, explanation, words) = (self.class(), self.explanation(), self.words());
        write!(out, r#"<span class="tier {class}" title="{explanation}">{words}</span>"#)
    }
}

/// Nothing but our own constant words is in it.
impl askama::filters::HtmlSafe for Tier {}

impl Tier {
    /// The tier in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::TeamOnly => "Team only",
            Self::TeamAndReporter => "Team and reporter",
            Self::Participants => "Participants",
            Self::Public => "Public",
        }
    }

    /// Who can read it, as a sentence.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::TeamOnly => "Coordinators and developers of this case can read this.",
            Self::TeamAndReporter => "Coordinators, developers and the reporter can read this.",
            Self::Participants => {
                "Everybody who takes part in this case and agreed to the embargo can read this."
            }
            Self::Public => "Everybody can read this.",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::TeamOnly => "team-only",
            Self::TeamAndReporter => "team-and-reporter",
            Self::Participants => "participants",
            Self::Public => "public",
        }
    }
}
