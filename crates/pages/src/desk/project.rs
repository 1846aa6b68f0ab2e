//! A project's security page: policy, threat model, supported versions, advisories.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{AdvisoryRow, Badge, ClauseRow, Link, MailRoute, Moment, PolicySummary},
};

/// A project's public page.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/project.html")]
pub struct Project {
    /// The frame.
    pub shell: Shell,
    /// The project's title.
    pub title: Text,
    /// What it is, in a sentence.
    pub summary: Text,
    /// Its report form.
    pub report: Href,
    /// How to report by mail.
    pub mail: Option<MailRoute>,
    /// Its disclosure policy in plain words.
    pub policy: PolicySummary,
    /// Where its threat model comes from besides itself (S01). May be empty.
    pub inherits: Text,
    /// Its threat model, clause by clause.
    pub clauses: Vec<ClauseRow>,
    /// Its versions and whether reports for them are accepted (P10).
    pub versions: Vec<VersionRow>,
    /// Its advisories, newest first.
    pub advisories: Vec<AdvisoryRow>,
    /// security.txt, the policy as JSON, and the like.
    pub machine_links: Vec<Link>,
    /// Documents and community places (J33).
    pub community: Vec<Link>,
}

/// A version line of a project.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// The line: `3.12`.
    pub version: Text,
    /// Its status in words: `bug fixes`, `security fixes only`, `pre-release`, `end of life`.
    pub status: Badge,
    /// Until when the status holds.
    pub until: Option<Moment>,
    /// What that means for a report: `Reports accepted, CVE possible`.
    pub meaning: Text,
}
