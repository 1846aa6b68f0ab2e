//! The one finding model: what a rule says about a subject.
//!
//! Report lint, policy checks, audits, release and access rules all return findings; they are rendered in one place
//! ([`crate::output`]). A status of `Unknown` is a verdict of its own and never counts as a pass.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// What a rule says about a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's stable id, such as `REP-P22`; `bastide explain` shows its page.
    pub rule: String,
    /// What the finding is about: a file, a package, a report, a case.
    pub subject: String,
    /// What the rule decided.
    pub status: Status,
    /// How much it matters.
    pub severity: Level,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// One sentence that says what is the matter.
    pub message: String,
    /// Where and what was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub remedy: String,
}

/// What a rule decided about a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Status {
    /// The subject breaks the rule.
    Fail,
    /// The rule could not be checked; the reason stands in the message.
    Unknown,
    /// The subject breaks the rule and somebody accepted that until an instant.
    Waived {
        /// Why it was accepted.
        reason: String,
        /// Who accepted it.
        by: String,
        /// When the waiver ends.
        until: Instant,
    },
    /// The subject keeps the rule.
    Pass,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Worth mending some day.
    Low,
    /// Worth mending soon.
    Medium,
    /// Worth mending now.
    High,
    /// Drop everything.
    Critical,
}

/// How sure a rule is of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint; look before you act.
    Low,
    /// Likely.
    Medium,
    /// A fact.
    High,
}

/// Something that was seen, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where it was seen.
    pub place: Place,
    /// What was seen there: a short excerpt, never a whole document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// A place in a document. All parts are optional; lines and columns count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file's path as the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The field of a form or document, such as `answers.tested-versions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Place {
    /// A place given by its field.
    pub fn field(field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::default() }
    }

    /// A place given by its line, from 1.
    pub fn line(line: u32) -> Self {
        Self { line: Some(line), ..Self::default() }
    }
}

impl Finding {
    /// Whether this finding stands against its subject: it failed and nobody waived it.
    pub fn is_failure(&self) -> bool {
        self.status == Status::Fail
    }
}
