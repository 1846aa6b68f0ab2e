//! The form of a rule about reports, and what it sees.

use std::fmt;

use bastide_model::{
    finding::{Confidence, Finding, Place, Status},
    rule::Rule,
    time::Instant,
};

use super::{
    draft::ReportDraft,
    judge::Linter,
    read::{Kind, read},
    text::TextIndex,
};
use crate::{
    policy::Disposition,
    project::{Eligibility, Product},
    threat::Suggestion,
};

/// A rule about reports: the registry's entry, what a finding leads to where the policy is silent, and the check.
#[derive(Debug, Clone, Copy)]
pub struct ReportRule {
    /// Id, reason, sources, remedy, examples.
    pub rule: Rule,
    /// What a finding leads to where the policy says nothing.
    pub disposition: Disposition,
    /// When the rule applies.
    pub stage: Stage,
    /// The check.
    pub check: fn(&Subject<'_>) -> Vec<Noted>,
}

/// When a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// To the first report only.
    Report,
    /// To the first report and to every later message.
    EveryMessage,
}

/// What a check sees.
#[derive(Debug)]
pub struct Subject<'s> {
    /// The report or message.
    pub draft: &'s ReportDraft,
    /// Its body, line by line.
    pub text: &'s TextIndex<'s>,
    /// The policy, and what else is known.
    pub linter: &'s Linter,
    /// The product that the report is about, where the project is known.
    pub product: Option<&'s Product>,
    /// Whether a CVE number could be asked for, where the product is known.
    pub eligibility: Option<&'s Eligibility>,
    /// The clauses that suggest themselves.
    pub suggestions: &'s [Suggestion],
    /// The instant of the check.
    pub at: Instant,
}

/// What a check noted. The rule's id, severity and remedy are added by the linter. Its `Debug` form leaves out the
/// excerpt.
#[derive(Clone)]
pub struct Noted {
    /// Failed, or could not be checked.
    pub status: Status,
    /// Where.
    pub place: Place,
    /// What is the matter, in one sentence.
    pub message: String,
    /// A short excerpt, or nothing.
    pub excerpt: String,
    /// How sure the check is.
    pub confidence: Confidence,
}

impl fmt::Debug for Noted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Noted({:?} at {:?} ***)", self.status, self.place)
    }
}

impl Noted {
    /// The rule is broken in this field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self {
            status: Status::Fail,
            place: Place::field(field),
            message: message.into(),
            excerpt: String::new(),
            confidence: Confidence::High,
        }
    }

    /// The rule is broken on this line of the body.
    pub fn line(line: u32, message: impl Into<String>) -> Self {
        let place = Place { line: Some(line), ..Place::field("body") };
        Self { place, ..Self::field("body", message) }
    }

    /// The rule could not be checked.
    pub fn unknown(field: &str, message: impl Into<String>) -> Self {
        Self { status: Status::Unknown, ..Self::field(field, message) }
    }

    /// With an excerpt, cut to 80 characters and without control characters.
    #[must_use]
    pub fn quoting(mut self, excerpt: &str) -> Self {
        self.excerpt = excerpt.chars().filter(|character| !character.is_control()).take(80).collect();
        self
    }

    /// Less sure than a fact.
    #[must_use]
    pub fn with_confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }
}

/// Runs one rule on its example: a mail where it begins with `From: `, a text otherwise, judged by a built-in project.
pub(super) fn run_example(project: &str, id: &str, example: &str) -> Vec<Finding> {
    let kind = if example.starts_with("From: ") { Kind::Mail } else { Kind::Text };
    let (Some(linter), Ok(draft)) = (Linter::for_builtin(project), read(example.as_bytes(), kind)) else {
        return Vec::new();
    };
    // The examples' versions have their status on this day: 2025-06-01T00:00:00Z.
    let day = Instant::from_micros(1_748_736_000_000_000);
    let report = linter.lint(&draft, day);
    report.findings.into_iter().map(|judged| judged.finding).filter(|finding| finding.rule == id).collect()
}

/// Whether an answer is there: some text that is more than blanks.
pub(super) fn is_given(answer: Option<&String>) -> bool {
    answer.is_some_and(|text| !text.trim().is_empty())
}
