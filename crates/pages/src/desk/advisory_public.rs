//! What everybody sees: an advisory, the list of all, and whom we thank.

use askama::Template;

use crate::{
    Href, SafeHtml, Shell, Text,
    desk::{DifferenceLine, LineChange},
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
    /// Where the question "am I affected?" goes (GET).
    pub question_action: Href,
    /// Where a script may ask it.
    pub question_check: Href,
    /// The question's fields; empty where the advisory names no package.
    pub question: Vec<Field>,
    /// The answer, once it was asked.
    pub answer: Option<AffectedAnswer>,
    /// Commands that tell which version is installed.
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
    /// The page that shows how its publication is proved.
    pub proof: Option<Href>,
    /// Where what changed from version to version is shown, when there is more than one.
    pub history: Option<Href>,
    /// Who published it, when it was imported and not published here.
    pub imported: Option<Link>,
}

/// Whether one is affected.
#[derive(Debug, Clone)]
pub struct AffectedAnswer {
    /// The answer in words: `Affected`.
    pub verdict: Badge,
    /// Which version of which package was asked about.
    pub asked: Text,
    /// What decided it.
    pub because: Vec<Text>,
    /// What to do.
    pub advice: Text,
}

/// How the publication of an advisory is proved.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/advisory_proof.html")]
pub struct AdvisoryProof {
    /// The frame.
    pub shell: Shell,
    /// Its id.
    pub id: Text,
    /// Its title.
    pub title: Text,
    /// Its page.
    pub page: Href,
    /// Which version this is about.
    pub version: Text,
    /// The documents, each with its proof.
    pub documents: Vec<FormatLink>,
    /// How to check one.
    pub verification: Vec<Command>,
    /// The public log's page.
    pub ledger: Href,
}

/// What changed from version to version of an advisory.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/advisory_history.html")]
pub struct AdvisoryHistory {
    /// The frame.
    pub shell: Shell,
    /// Its id.
    pub id: Text,
    /// Its title.
    pub title: Text,
    /// Its page.
    pub page: Href,
    /// The versions, the newest first.
    pub versions: Vec<VersionChange>,
}

/// A version of an advisory and what it changed.
#[derive(Debug, Clone)]
pub struct VersionChange {
    /// Its number in words: `Version 2`.
    pub number: Text,
    /// When it was published.
    pub at: Moment,
    /// What changed, as its authors say.
    pub summary: Text,
    /// The advisory as it was then.
    pub page: Href,
    /// What differs from the version before, line by line; empty for the first.
    pub difference: Vec<DifferenceLine>,
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
    /// Where the name leads, if its bearer wishes.
    pub page: Option<Link>,
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
    /// The SHA-256 of its bytes.
    pub digest: Text,
    /// The proof that it stands in the public log.
    pub proof: Option<Href>,
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
    /// The people by year, the newest year first.
    pub years: Vec<AcknowledgedYear>,
}

/// Whom the desk thanks for what was published in a year.
#[derive(Debug, Clone)]
pub struct AcknowledgedYear {
    /// The year.
    pub year: Text,
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
    /// In which projects.
    pub projects: Text,
    /// The advisories.
    pub advisories: Vec<Link>,
    /// When the latest of them was published.
    pub latest: Moment,
}
