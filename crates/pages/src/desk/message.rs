//! A page that says what happened, why, and what to do next: after an action, and for every error.

use askama::Template;

use crate::{
    Shell, Text,
    part::{FindingNote, Link, RuleReference},
};

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// A rule does not allow it.
    Refused,
    /// There is nothing here, or nothing that the reader may see.
    Absent,
    /// Something broke on our side.
    Broken,
}

impl Outcome {
    fn class(self) -> &'static str {
        match self {
            Self::Done => "good",
            Self::Refused => "warning",
            Self::Absent => "neutral",
            Self::Broken => "danger",
        }
    }
}

/// A message as a page.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/message.html")]
pub struct Message {
    /// The frame.
    pub shell: Shell,
    /// How it went.
    pub outcome: Outcome,
    /// What happened, as a heading.
    pub heading: Text,
    /// What happened, in a sentence or two.
    pub what: Text,
    /// Why. May be empty.
    pub why: Text,
    /// The rule behind it.
    pub rule: Option<RuleReference>,
    /// Single findings, when there are several.
    pub findings: Vec<FindingNote>,
    /// What to do next.
    pub remedies: Vec<Text>,
    /// Where to go next.
    pub next: Vec<Link>,
    /// What to name when asking for help. May be empty.
    pub reference: Text,
}

impl Message {
    /// The one page for what does not exist and for what the reader may not see: the two must look the same.
    pub fn absent(shell: Shell) -> Self {
        Self {
            shell,
            outcome: Outcome::Absent,
            heading: "There is nothing here".into(),
            what: "This address leads to nothing that you can see.".into(),
            why: "Either it does not exist, or it is not open to you, or your session or link has ended. \
                  This desk does not say which, to protect what is private."
                .into(),
            rule: None,
            findings: Vec::new(),
            remedies: vec![
                "Check the address for a missing character.".into(),
                "If you take part in a case, sign in and try again.".into(),
                "If you sent a report, use the secret link of your receipt.".into(),
            ],
            next: vec![Link::new("Go to the front page", "/"), Link::new("Sign in", "/sign-in")],
            reference: Text::default(),
        }
    }
}
