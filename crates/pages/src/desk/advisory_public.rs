//! What everybody sees: an advisory, the list of all, and whom we thank.

use askama::Template;

use crate::{
    Href, SafeHtml, Shell, Text,
    part::{AdvisoryRow, Badge, Command, EmptyState, Field, Link, Moment},
};

/// The page of a published advisory.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/advisory_public.html")]
pub struct AdvisoryPublic {
    /// The frame.
    pub shell: Shell,
    /// Its own id.
    pub id: Text,
    /// Other names of it: CVE, GHSA.
    pub aliases: Vec<Text>,
    /// Its title.
    pub title: Text,
    /// The project's page.
    pub project: Link,
    /// What it means for a user, in one sentence.
    pub impact: Text,
    /// Severity with score in words.
    pub severity: Badge,
    /// The CVSS vector. May be empty.
    pub vector: Text,
    /// When it was published.
    pub published: Moment,
    /// When it was last revised.
    pub revised: Option<Moment>,
    /// Why it was withdrawn, when it was.
    pub withdrawn: Option<Text>,
    /// What is affected and what mends it.
    pub affected: Vec<AffectedRow>,
    /// Commands that tell whether one is affected.
    pub am_i_affected: Vec<Command>,
    /// Commands that mend it.
    pub mend: Vec<Command>,
    /// What to do when one cannot update. May be empty.
    pub workaround: Text,
    /// The description, from the sanitiser.
    pub details: SafeHtml,
    /// What happened when.
    pub timeline: Vec<TimelineMoment>,
    /// Whom we thank.
    pub credits: Vec<CreditRow>,
    /// Weakness classes.
    pub weaknesses: Vec<Link>,
    /// Further reading.
    pub references: Vec<Link>,
    /// The documents to download.
    pub formats: Vec<FormatLink>,
    /// Earlier versions of this advisory.
    pub versions: Vec<Link>,
    /// The ledger's proof of publication.
    pub proof: Option<Href>,
}

/// An affected package.
#[derive(Debug, Clone)]
pub struct AffectedRow {
    /// Its name as people type it.
    pub package: Text,
    /// Where it comes from: `PyPI`, `npm`.
    pub ecosystem: Text,
    /// Affected versions in words: `from 4.0.0, before 4.2.5`.
    pub affected: Text,
    /// The first versions with the fix. May be empty.
    pub fixed: Text,
}

/// A moment of an advisory's history.
#[derive(Debug, Clone)]
pub struct TimelineMoment {
    /// When.
    pub at: Moment,
    /// What.
    pub what: Text,
}

/// Somebody thanked.
#[derive(Debug, Clone)]
pub struct CreditRow {
    /// The name.
    pub name: Text,
    /// For what: `found and reported it`.
    pub role: Text,
}

/// The advisory in one format.
#[derive(Debug, Clone)]
pub struct FormatLink {
    /// The format's name.
    pub name: Text,
    /// Where it is.
    pub href: Href,
    /// For whom, in a few words: `scanners and package managers`.
    pub audience: Text,
}

/// All published advisories.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/advisory_list.html")]
pub struct AdvisoryList {
    /// The frame.
    pub shell: Shell,
    /// The page's heading.
    pub heading: Text,
    /// What is listed, in a sentence.
    pub summary: Text,
    /// The Atom feed.
    pub feed: Href,
    /// Where the filter form goes (GET).
    pub filter_action: Href,
    /// The filter's fields. May be empty.
    pub filters: Vec<Field>,
    /// The advisories, newest first.
    pub rows: Vec<AdvisoryRow>,
    /// What is said when there is none.
    pub empty: EmptyState,
}

/// Whom the desk thanks, with their consent (J07).
#[derive(Debug, Clone, Template)]
#[template(path = "desk/acknowledgements.html")]
pub struct Acknowledgements {
    /// The frame.
    pub shell: Shell,
    /// The people, newest thanks first.
    pub people: Vec<AcknowledgedPerson>,
}

/// Somebody whom the desk thanks.
#[derive(Debug, Clone)]
pub struct AcknowledgedPerson {
    /// The name they chose.
    pub name: Text,
    /// For what, in a few words.
    pub role: Text,
    /// The advisories.
    pub advisories: Vec<Link>,
    /// When the latest of them was published.
    pub latest: Moment,
}
