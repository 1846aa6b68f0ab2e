//! The resolved policy: a plain value, frozen into each case, serialisable to JSON.
//!
//! Numbers are whole days, hours or counts as their names say; the methods give them as [`Span`]s, and every one is
//! counted from the instant that its doc names.

use std::collections::BTreeMap;

use bastide_model::{digest::Sha256Digest, finding::Level, party::Slug, time::Span};
use serde::{Deserialize, Serialize};

/// How a project handles reports. All inheritance is flattened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    /// The version of the file format; 1.
    pub schema: u32,
    /// The policy's name; a project refers to it.
    pub name: Slug,
    /// The name that people read.
    pub title: String,
    /// The version of the policy's content, raised by its authors with every change.
    pub version: u32,
    /// The name of the threat model that reports are judged by.
    pub threat_model: Slug,
    /// This policy and those it inherits, nearest first.
    pub lineage: Vec<Slug>,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// Who gets an answer.
    pub replies: Replies,
    /// When and by whom an advisory is published.
    pub publication: Publication,
    /// The bounds of an embargo.
    pub embargo: Embargo,
    /// The limits of a report and what breaking a rule leads to.
    pub lint: LintLimits,
    /// How to reach the people who handle reports.
    pub contact: Contact,
    /// For each field: which policy set it, and the text it was taken from.
    pub sources: BTreeMap<String, SourceNote>,
}

/// How long things may take. Days are 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Deadlines {
    /// A person answers the reporter within this many days of receipt (J04).
    pub acknowledge_days: u32,
    /// The vulnerability is disclosed this many days after receipt, patch or not (J06).
    pub disclosure_days: u32,
    /// Days between the release of a fix and its announcement (J24); a shorter notice needs a reason.
    pub notice_days: u32,
    /// A case that has no coordinator is assigned to one after this many days.
    pub auto_assign_idle_days: u32,
    /// Reminders go out this many days before the disclosure date, largest first.
    pub reminder_days: Vec<u32>,
    /// A case waiting for a silent reporter may be closed after this many days.
    pub reporter_silent_days: u32,
}

/// Who gets an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Replies {
    /// Whether noise (spam, questionnaires) gets a reply: yes in J04 (all reports), no in P26.
    pub to_noise: bool,
}

/// When and by whom an advisory is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Publication {
    /// What opens the way to publication.
    pub trigger: PublishTrigger,
    /// The lowest severity whose fix is developed in private; below it the fix may be made in public.
    pub private_fix_from: Level,
    /// Who assigns CVE numbers.
    pub cve_authority: CveAuthority,
    /// The letters before an advisory's own number: `GHSA`, `PSF`, `BSA`.
    pub advisory_prefix: String,
}

/// What opens the way to publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublishTrigger {
    /// The date that coordinator and developer announced (J28).
    AnnouncementDate,
    /// A public pull request with the fix was merged (P29).
    FixMerged,
}

/// Who assigns CVE numbers for a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CveAuthority {
    /// GitHub, asked through a draft advisory (J19).
    Github,
    /// The Python Software Foundation's CNA (P29).
    Psf,
    /// Nobody yet: a person asks an authority by hand.
    None,
}

/// The bounds of an embargo, in days from the instant it is proposed or received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Embargo {
    /// What is proposed when the reporter proposes nothing.
    pub default_days: u32,
    /// The shortest embargo the project agrees to.
    pub minimum_days: u32,
    /// The longest embargo the project agrees to; never above 365 (VP-04-001, VP-05-002).
    pub maximum_days: u32,
    /// An embargo longer than this needs a written justification.
    pub justification_above_days: u32,
    /// Whether observed attacks end the embargo.
    pub ends_when_attacked: bool,
    /// An invited participant answers within this many days; silence declines.
    pub invitation_days: u32,
    /// No invitation may ask for an answer sooner than this.
    pub invitation_floor_hours: u32,
    /// A proposal of an embargo is decided within this many days (VP-06-004: at most 14).
    pub proposal_days: u32,
}

/// The limits of a report and what breaking a rule leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LintLimits {
    /// Words of prose in a report or message, outside of code and `<details>` (P17).
    pub words: u32,
    /// Headings (P17).
    pub headings: u32,
    /// Tables (P17).
    pub tables: u32,
    /// Lines of code outside `<details>` (P25).
    pub open_code_lines: u32,
    /// Bytes of one attachment.
    pub attachment_bytes: u32,
    /// Attachments of one report.
    pub attachments: u32,
    /// Bytes of the report with its attachments.
    pub report_bytes: u32,
    /// What breaking a rule leads to, where it differs from the rule's own disposition.
    pub dispositions: BTreeMap<String, Disposition>,
}

/// What breaking a lint rule leads to. Ordered from mild to strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// Noted for the team; the reporter need not do anything.
    Record,
    /// Shown to the reporter, who may send the report all the same.
    Warn,
    /// Accepted into quarantine; the reporter is told what is missing.
    Hold,
    /// Refused; the reporter is told what to change.
    Block,
}

/// How to reach the people who handle reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Contact {
    /// Mail addresses that take reports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mail: Vec<String>,
    /// The page of a form or ticket system that takes reports, preferred over mail where both are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// The address of an encryption key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The page that states this policy in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The page that thanks reporters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledgments: Option<String>,
    /// The mailing list that notices go to (J25); may be the reporting address itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notices: Option<String>,
    /// Where a report goes that is about another project, or about nobody knows what (P28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// Languages that the team reads, as language tags.
    pub languages: Vec<String>,
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SourceNote {
    /// The policy that set the field.
    pub policy: Slug,
    /// The document it was taken from, or why it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Policy {
    /// The SHA-256 of the policy's canonical form, which names it for ever.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.canonical_json().as_bytes())
    }

    /// The resolved policy as JSON without spaces, keys sorted: equal policies are equal texts whatever their files
    /// looked like. Every number is whole, so no two writers differ.
    ///
    /// # Panics
    ///
    /// Never: a policy has text keys only, which is all that JSON asks for.
    pub fn canonical_json(&self) -> String {
        let value = serde_json::to_value(self).expect("a policy has text keys only");
        sorted(value).to_string()
    }

    /// A person answers within this time of receipt (J04).
    pub fn acknowledge(&self) -> Span {
        days(self.deadlines.acknowledge_days)
    }

    /// Disclosure is due this long after receipt (J06).
    pub fn disclosure(&self) -> Span {
        days(self.deadlines.disclosure_days)
    }

    /// The usual time between release and announcement (J24).
    pub fn notice(&self) -> Span {
        days(self.deadlines.notice_days)
    }

    /// A case without coordinator is assigned after this time of idleness.
    pub fn auto_assign(&self) -> Span {
        days(self.deadlines.auto_assign_idle_days)
    }

    /// How long before the disclosure date reminders go out, earliest reminder first.
    pub fn reminders(&self) -> Vec<Span> {
        self.deadlines.reminder_days.iter().copied().map(days).collect()
    }

    /// A case that waits for its reporter may be closed after this time.
    pub fn reporter_silence(&self) -> Span {
        days(self.deadlines.reporter_silent_days)
    }

    /// Whether a fix of this severity is made in private.
    pub fn fixes_in_private(&self, severity: Level) -> bool {
        severity >= self.publication.private_fix_from
    }

    /// What breaking the rule leads to, given what the rule itself would have.
    pub fn disposition(&self, rule: &str, own: Disposition) -> Disposition {
        self.lint.dispositions.get(rule).copied().unwrap_or(own)
    }

    /// Whether this policy is `name` or inherits it.
    pub fn descends_from(&self, name: &str) -> bool {
        self.lineage.iter().any(|ancestor| ancestor.as_str() == name)
    }
}

impl Embargo {
    /// The embargo proposed when nobody proposes one.
    pub fn default_length(&self) -> Span {
        days(self.default_days)
    }

    /// The time an invited participant has to answer: what was asked for, never less than the floor.
    pub fn invitation(&self, asked: Option<Span>) -> Span {
        let floor = Span::hours(i64::from(self.invitation_floor_hours));
        asked.unwrap_or(days(self.invitation_days)).max(floor)
    }

    /// The time within which a proposal is decided.
    pub fn proposal(&self) -> Span {
        days(self.proposal_days)
    }

    /// Judges the length of a proposed embargo.
    pub fn judge(&self, length: Span) -> EmbargoLength {
        if length > days(self.maximum_days) {
            EmbargoLength::TooLong
        } else if length < days(self.minimum_days) {
            EmbargoLength::TooShort
        } else if length > days(self.justification_above_days) {
            EmbargoLength::NeedsJustification
        } else {
            EmbargoLength::Fine
        }
    }
}

/// What a policy says about the length of an embargo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmbargoLength {
    /// Within the bounds.
    Fine,
    /// Allowed with a written justification.
    NeedsJustification,
    /// Below the minimum.
    TooShort,
    /// Above the maximum: refused.
    TooLong,
}

fn days(count: u32) -> Span {
    Span::days(i64::from(count))
}

/// The same JSON with the keys of every object in order.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let ordered: BTreeMap<String, Value> =
                fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
