//! A threat model and its clauses, as values.

use bastide_model::{digest::Sha256Digest, party::Slug};
use serde::{Deserialize, Serialize};

use super::question::Question;

/// What counts as a vulnerability of a project, with all inheritance flattened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ThreatModel {
    /// The version of the file format; 1.
    pub schema: u32,
    /// The model's name; a policy refers to it.
    pub name: Slug,
    /// The name that people read.
    pub title: String,
    /// The version of the content, raised by its authors with every change.
    pub version: u32,
    /// This model and those it inherits, nearest first.
    pub lineage: Vec<Slug>,
    /// The clauses: inherited ones first, then the model's own, in the order of their files.
    pub clauses: Vec<Clause>,
}

/// One statement of a threat model, with its ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Clause {
    /// The stable id that decisions cite: `launch-conditions`.
    pub id: Slug,
    /// The clause in a few words.
    pub title: String,
    /// The clause in plain words, for somebody who is no security expert.
    pub text: String,
    /// What the clause says about a report that falls under it.
    pub ruling: Ruling,
    /// Answers of a report that make the clause likely to apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Trigger>,
    /// Names of modules, functions and programs that hint at it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The document that the clause restates.
    pub origin: Origin,
    /// The model that the clause was written in.
    pub model: Slug,
    /// The inherited clause that this one replaces, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Override>,
}

/// What a clause says about a report that falls under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// A vulnerability of the project.
    Vulnerability,
    /// A bug, to be handled in public.
    Bug,
    /// Somebody else's: a dependency's, or an unsupported platform's.
    Upstream,
    /// Neither a vulnerability nor a bug: documented, unrealistic, or outside of what the project defends.
    OutOfScope,
}

/// An answer that makes a clause likely to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Trigger {
    /// The question.
    pub question: Question,
    /// The answer that triggers.
    pub answer: bool,
}

/// The document that a clause restates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Origin {
    /// The document and its section.
    pub document: String,
    /// Where to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Acceptance ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// A stated departure from an inherited clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Override {
    /// The id of the inherited clause.
    pub clause: Slug,
    /// What the inherited clause ruled.
    pub ruled: Ruling,
    /// Why this model departs from it.
    pub reason: String,
}

impl Ruling {
    /// The ruling as people read it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Vulnerability => "a vulnerability",
            Self::Bug => "a bug, handled in public",
            Self::Upstream => "a matter for upstream",
            Self::OutOfScope => "out of scope",
        }
    }
}

impl ThreatModel {
    /// The clause with this id.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id.as_str() == id)
    }

    /// The SHA-256 of the model as JSON, which names this state of it for ever.
    ///
    /// # Panics
    ///
    /// Never: a threat model has text keys only, which is all that JSON asks for.
    pub fn digest(&self) -> Sha256Digest {
        let json = serde_json::to_vec(self).expect("a threat model has text keys only");
        Sha256Digest::of(&json)
    }
}
