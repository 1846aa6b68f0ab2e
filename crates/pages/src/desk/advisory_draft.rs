//! The draft of an advisory: editing, checks, previews, versions, approval.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{ActionForm, Badge, Field, FindingNote, Link, Moment},
};

/// The page of a draft advisory.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/advisory_draft.html")]
pub struct AdvisoryDraft {
    /// The frame.
    pub shell: Shell,
    /// The advisory's title, or that it has none yet.
    pub title: Text,
    /// The case it belongs to.
    pub case: Link,
    /// Where it stands: `draft`, `approved`.
    pub state: Badge,
    /// What is to be done next with it, in a sentence.
    pub next: Text,
    /// The form that edits the record; `None` when it is frozen or the reader may not.
    pub edit: Option<ActionForm>,
    /// What the checks say about the record.
    pub findings: Vec<FindingNote>,
    /// The record in each format.
    pub previews: Vec<Preview>,
    /// Its versions, newest first.
    pub versions: Vec<VersionEntry>,
    /// Where the form goes that compares two versions (GET).
    pub compare_action: Href,
    /// Its fields; none while there are fewer than two versions.
    pub compare: Vec<Field>,
    /// The difference between two versions, when asked for.
    pub difference: Option<Difference>,
    /// How many approvals are needed and by whom, in a sentence.
    pub approval_rule: Text,
    /// Approvals given.
    pub approvals: Vec<Approval>,
    /// Approve, publish, withdraw.
    pub actions: Vec<ActionForm>,
}

/// The record in one format, as it would be published.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The format's name: `OSV 1.7`.
    pub name: Text,
    /// Whether it is valid, and by which judge.
    pub validity: Badge,
    /// What the format cannot carry, or why it cannot be made. May be empty.
    pub note: Text,
    /// The document itself. May be empty when it cannot be made.
    pub text: Text,
    /// Where it can be downloaded.
    pub download: Option<Href>,
    /// Whether it is shown unfolded.
    pub open: bool,
}

/// A version of the record.
#[derive(Debug, Clone)]
pub struct VersionEntry {
    /// Its number: `3`.
    pub number: Text,
    /// When it was saved.
    pub at: Moment,
    /// Who wrote it.
    pub author: Text,
    /// Its digest.
    pub digest: Text,
    /// `approved`, `published`, when it is.
    pub state: Option<Badge>,
    /// Links: look at it, compare with the one before.
    pub links: Vec<Link>,
}

/// The difference between two versions.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Which two: `Version 2 to version 3`.
    pub title: Text,
    /// Its lines.
    pub lines: Vec<DifferenceLine>,
}

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineChange {
    /// It is in both.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// A line of a difference.
#[derive(Debug, Clone)]
pub struct DifferenceLine {
    /// What happened to it.
    pub change: LineChange,
    /// The line.
    pub text: Text,
}

/// An approval that was given.
#[derive(Debug, Clone)]
pub struct Approval {
    /// By whom.
    pub person: Text,
    /// As what.
    pub role: Text,
    /// When.
    pub at: Moment,
    /// Of which version.
    pub version: Text,
}
