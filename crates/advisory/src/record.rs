//! The record: what an advisory says, whatever it is written in.
//!
//! The shape follows OSV where OSV has a field, because that is what tools match on, and adds what people need besides: a
//! title, a workaround, a timeline, the consent of those who are thanked, and the number of the version. Texts of versions,
//! ranges and packages are kept as they were written; [`Affected::affects`] reads them by their ecosystem.
//!
//! Invariant: a published version is immutable. [`crate::publish`], [`crate::revise`] and [`crate::withdraw`] make new ones.

mod affected;
mod people;

pub use affected::{Affected, AffectedPackage, Event, EventKind, Range, RangeKind};
use bastide_model::{severity::Severity, time::Instant};
pub use people::{Consent, Credit, CreditType, Reference, ReferenceType, TimelineEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Fields that a reader does not know, or that belong to a database: kept as they are.
pub type Extra = Map<String, Value>;

/// One version of an advisory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its id in its home database: `PYSEC-2024-1`, `PSF-2024-1`, `GHSA-…`, or `x_…` for a private one.
    pub id: String,
    /// The number of this version: 0 while it is a draft, 1 for the first published one.
    #[serde(default)]
    pub version: u32,
    /// When its first version was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Instant>,
    /// When this version was made.
    pub modified: Instant,
    /// When it was withdrawn; a withdrawn advisory stays readable for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Instant>,
    /// Why it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal_reason: Option<String>,
    /// What each published version changed, oldest first; empty where the history is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
    /// Other ids of the same vulnerability, CVE ids among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Ids of vulnerabilities that have to do with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
    /// Ids of vulnerabilities upstream that it comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<String>,
    /// A headline; where there is none, [`crate::derived_title`] makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The impact in one sentence of plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The whole story in `CommonMark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// What to do until the fix is installed, in `CommonMark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workaround: Option<String>,
    /// What is affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<Affected>,
    /// How bad it is, by one or more scales.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Assessment>,
    /// The kinds of weakness, as `CWE-79`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwe_ids: Vec<String>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Who is thanked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<Credit>,
    /// What happened when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<TimelineEvent>,
    /// What the home database adds.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub database_specific: Extra,
    /// What a reader did not know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub unknown: Extra,
}

/// What one published version changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The version's number, from 1.
    pub version: u32,
    /// When it was published.
    pub at: Instant,
    /// What changed, in one sentence.
    pub summary: String,
}

/// How bad a vulnerability is, by one scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scale", rename_all = "kebab-case")]
pub enum Assessment {
    /// A CVSS vector.
    Cvss {
        /// The vector with its score.
        vector: Severity,
    },
    /// A scale of a distribution, kept as written (OSV `Ubuntu`).
    Other {
        /// The scale's name in OSV.
        name: String,
        /// The value on it.
        score: String,
    },
}

/// Where an advisory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Not published yet.
    Draft,
    /// Published and valid.
    Published,
    /// Published and taken back.
    Withdrawn,
}

impl Advisory {
    /// An empty draft.
    pub fn draft(id: impl Into<String>, now: Instant) -> Self {
        Self {
            id: id.into(),
            version: 0,
            published: None,
            modified: now,
            withdrawn: None,
            withdrawal_reason: None,
            revisions: Vec::new(),
            aliases: Vec::new(),
            related: Vec::new(),
            upstream: Vec::new(),
            title: None,
            summary: None,
            details: None,
            workaround: None,
            affected: Vec::new(),
            severities: Vec::new(),
            cwe_ids: Vec::new(),
            references: Vec::new(),
            credits: Vec::new(),
            timeline: Vec::new(),
            database_specific: Map::new(),
            unknown: Map::new(),
        }
    }

    /// Where it stands, from its version and withdrawal.
    pub fn state(&self) -> State {
        match (self.version, self.withdrawn) {
            (_, Some(_)) => State::Withdrawn,
            (0, None) => State::Draft,
            (_, None) => State::Published,
        }
    }

    /// All its ids, its own first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Its CVE ids, each once.
    pub fn cve_ids(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for id in self.ids().filter(|id| is_cve_id(id)) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    /// The worst of its CVSS scores, of the newest CVSS version that it has.
    pub fn severity(&self) -> Option<&Severity> {
        self.cvss().max_by_key(|severity| (severity.version(), severity.tenths()))
    }

    /// Its CVSS vectors.
    pub fn cvss(&self) -> impl Iterator<Item = &Severity> {
        self.severities.iter().filter_map(|assessment| match assessment {
            Assessment::Cvss { vector } => Some(vector),
            Assessment::Other { .. } => None,
        })
    }

    /// Its headline: its own, or one derived from the rest by [`crate::derived_title`].
    pub fn headline(&self) -> String {
        self.title.clone().unwrap_or_else(|| crate::derived_title(self))
    }

    /// The credits that may be shown: those whose bearers agreed.
    pub fn shown_credits(&self) -> impl Iterator<Item = &Credit> {
        self.credits.iter().filter(|credit| credit.consent == Consent::Given)
    }
}

/// Whether a text is a CVE id: `CVE-`, a year of four digits, a number of four to nineteen.
pub fn is_cve_id(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(year, number)| {
        year.len() == 4 && (4..=19).contains(&number.len()) && digits(year) && digits(number)
    })
}
