//! The rows and blocks of a case page.

use crate::{
    Text,
    part::{ActionForm, Badge, Countdown, Link, Moment, RuleReference, Tier},
};

/// The one thing to do next, told so that somebody who is no security expert can do it (S02).
#[derive(Debug, Clone)]
pub struct NextTask {
    /// What: `Acknowledge the report`.
    pub what: Text,
    /// Why.
    pub why: Text,
    /// The rule that asks for it.
    pub rule: Option<RuleReference>,
    /// By when.
    pub by: Option<Countdown>,
    /// Who does it: `you, as coordinator`, `maintainer-a, as developer`. Empty when nobody has anything to do.
    pub who: Text,
    /// Whether it is the reader's; else the page says whom the case waits for.
    pub yours: bool,
    /// Text to copy or adapt: an answer to the reporter, a notice. May be empty.
    pub ready_text: Text,
    /// The page where it is done, when it needs one of its own.
    pub link: Option<Link>,
    /// The form that does it, when it is the reader's.
    pub form: Option<ActionForm>,
}

/// One machine's state.
#[derive(Debug, Clone)]
pub struct MachineState {
    /// What it is about: `Embargo`.
    pub name: Text,
    /// Its state in words.
    pub state: Badge,
    /// What that means.
    pub meaning: Text,
}

/// A part of the report as it came.
#[derive(Debug, Clone)]
pub struct ReportPart {
    /// What it is: `Description`, `Proof of concept`, `Attachment input.py`.
    pub label: Text,
    /// Its text, kept as it is.
    pub text: Text,
    /// Whether it is code or otherwise wants a fixed width.
    pub code: bool,
    /// Files to download, in place of a text.
    pub files: Vec<Link>,
    /// Whom it is for.
    pub tier: Tier,
}

/// What kind of entry a timeline has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Something happened.
    Event,
    /// Somebody wrote.
    Message,
    /// Somebody decided, citing a clause or rule.
    Decision,
    /// Something that was due did not happen.
    Breach,
}

impl EntryKind {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Event => "Event",
            Self::Message => "Message",
            Self::Decision => "Decision",
            Self::Breach => "Missed deadline",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Message => "said",
            Self::Decision => "decision",
            Self::Breach => "breach",
        }
    }
}

/// One entry of a timeline.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Its number in the case; the entry can be linked to as `#entry-NUMBER`.
    pub number: u64,
    /// Whether it is new to the reader.
    pub unread: bool,
    /// What kind.
    pub kind: EntryKind,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: Text,
    /// As what. May be empty.
    pub role: Text,
    /// What happened, in a sentence.
    pub what: Text,
    /// The words that were written, as plain text. May be empty.
    pub body: Text,
    /// Whom it is for.
    pub tier: Tier,
    /// The rule that it follows.
    pub rule: Option<RuleReference>,
    /// The clause that it cites.
    pub clause: Option<RuleReference>,
}

/// The ways to other parts of a timeline.
#[derive(Debug, Clone)]
pub struct TimelineNavigation {
    /// The kinds of entries that can be chosen, and whether each is.
    pub kinds: Vec<(Link, bool)>,
    /// How much is shown: `100 of 312 entries`.
    pub position: Text,
    /// The part before.
    pub older: Option<Link>,
    /// The part after.
    pub newer: Option<Link>,
    /// The first entry that is new to the reader.
    pub unread: Option<Link>,
}

/// A text to start from.
#[derive(Debug, Clone)]
pub struct ReadyText {
    /// What it is for: `Ask for the versions that were tested`.
    pub name: Text,
    /// The text.
    pub text: Text,
}

/// Somebody who takes part.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Their name.
    pub name: Text,
    /// Their roles in this case, in words.
    pub roles: Text,
    /// For whom they take part: a project, themselves.
    pub on_behalf_of: Text,
    /// Their consent to the embargo.
    pub consent: Badge,
    /// Since when they take part.
    pub since: Moment,
}

/// Whether at least two persons stand behind a case.
#[derive(Debug, Clone)]
pub struct FourEyes {
    /// In a word or two.
    pub state: Badge,
    /// Who counts, or who is missing and what to do.
    pub explanation: Text,
}

/// Something due.
#[derive(Debug, Clone)]
pub struct DeadlineRow {
    /// What.
    pub name: Text,
    /// By when.
    pub by: Countdown,
    /// `met`, `running`, `missed`.
    pub state: Badge,
    /// The rule that asks for it.
    pub rule: Option<RuleReference>,
}

/// A fix on one branch of one project.
#[derive(Debug, Clone)]
pub struct FixRow {
    /// The project.
    pub project: Text,
    /// The branch or version line.
    pub branch: Text,
    /// How far it is.
    pub state: Badge,
    /// Who tested it by hand, and when (J31); `not yet` before.
    pub tested: Text,
    /// When it was merged.
    pub merged: Option<Moment>,
    /// When and in which version it was released. May be empty.
    pub released: Text,
}

/// One weakness of the case.
#[derive(Debug, Clone)]
pub struct VulnerabilityRow {
    /// What it is, in a few words.
    pub title: Text,
    /// Its CVE number; `None` before it is reserved or when the reader may not know it.
    pub cve: Option<Text>,
    /// The state of the CVE record.
    pub cve_state: Badge,
    /// Its severity, with score and vector.
    pub severity: Badge,
    /// What it affects, in words.
    pub affected: Text,
}

/// Somebody who has read the case.
#[derive(Debug, Clone)]
pub struct ReaderRow {
    /// Their name.
    pub name: Text,
    /// As what.
    pub role: Text,
    /// When last.
    pub last: Moment,
    /// For which stated purpose. May be empty.
    pub purpose: Text,
}
