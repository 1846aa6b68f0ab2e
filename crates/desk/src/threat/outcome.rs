//! What triage may decide about a report.

use serde::{Deserialize, Serialize};

use super::clause::Ruling;

/// The decision of a triage. The reasons, texts and addresses that belong to it are listed by [`Outcome::needs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A vulnerability: the case goes on (P29).
    Vulnerability,
    /// A bug: a public issue with cleaned text (P12, P14, P29, S06).
    PublicIssue,
    /// A dependency's or platform's flaw: passed on with the reporter's consent (P09, P16).
    Upstream,
    /// A report about another project: a person hands it over (P28).
    OtherProject,
    /// Nobody knows yet: a person routes it (P28).
    Unsure,
    /// Not a vulnerability: closed, and the reporter is told why (J14).
    Declined,
    /// No potential vulnerability at all: discarded; whether it gets a reply is the policy's word (P26, J04).
    Noise,
    /// Already known: linked to the case that has it.
    Duplicate,
}

/// What a decision must bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// The id of a clause of the case's threat model.
    Clause,
    /// The text of the public issue, cleaned by a person.
    CleanedText,
    /// The reporter's consent to pass the report on.
    ReporterConsent,
    /// The project or address that the report goes to.
    Destination,
    /// The case that the report duplicates.
    OriginalCase,
    /// A notice to the reporter, in the same step (J14).
    Notice,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: &'static [Self] = &[
        Self::Vulnerability,
        Self::PublicIssue,
        Self::Upstream,
        Self::OtherProject,
        Self::Unsure,
        Self::Declined,
        Self::Noise,
        Self::Duplicate,
    ];

    /// What the decision must bring along.
    pub const fn needs(self) -> &'static [Needs] {
        match self {
            Self::Vulnerability => &[Needs::Clause],
            Self::PublicIssue => &[Needs::Clause, Needs::CleanedText, Needs::Notice],
            Self::Upstream => &[Needs::Clause, Needs::ReporterConsent, Needs::Destination, Needs::Notice],
            Self::OtherProject => &[Needs::Destination, Needs::Notice],
            Self::Unsure | Self::Noise => &[],
            Self::Declined => &[Needs::Clause, Needs::Notice],
            Self::Duplicate => &[Needs::OriginalCase, Needs::Notice],
        }
    }

    /// Whether the outcome ends the work on the report at this desk.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Vulnerability | Self::Unsure)
    }

    /// Whether a decision with this outcome may cite a clause with this ruling. A decision against the clause it
    /// cites would be a decision without one.
    pub const fn may_cite(self, ruling: Ruling) -> bool {
        matches!(
            (self, ruling),
            (Self::Vulnerability, Ruling::Vulnerability)
                | (Self::PublicIssue, Ruling::Bug)
                | (Self::Upstream, Ruling::Upstream)
                | (Self::Declined, Ruling::OutOfScope | Ruling::Bug)
        )
    }

    /// The outcome that a ruling leads to, unless people decide otherwise.
    pub const fn usual(ruling: Ruling) -> Self {
        match ruling {
            Ruling::Vulnerability => Self::Vulnerability,
            Ruling::Bug => Self::PublicIssue,
            Ruling::Upstream => Self::Upstream,
            Ruling::OutOfScope => Self::Declined,
        }
    }

    /// The outcome as people read it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Vulnerability => "a vulnerability",
            Self::PublicIssue => "a bug for a public issue",
            Self::Upstream => "passed on upstream",
            Self::OtherProject => "handed to another project",
            Self::Unsure => "to be routed by a person",
            Self::Declined => "not a vulnerability",
            Self::Noise => "no report of a vulnerability",
            Self::Duplicate => "already known",
        }
    }
}
