//! The public front page: which projects, how to report, what was published.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{AdvisoryRow, Link, MailRoute},
};

/// The front page.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/home.html")]
pub struct Home {
    /// Where the reader takes a project in, when they may.
    pub add: Option<Link>,
    /// The frame.
    pub shell: Shell,
    /// The programme's name, the page's heading.
    pub programme: Text,
    /// What this desk is for, in a sentence or two.
    pub summary: Text,
    /// The programme's projects.
    pub projects: Vec<ProjectCard>,
    /// For projects not listed, or when the reporter is unsure (P28).
    pub unsure: Option<Link>,
    /// How to report by mail (J01, J02).
    pub mail: Option<MailRoute>,
    /// The latest advisories, newest first.
    pub latest: Vec<AdvisoryRow>,
    /// All advisories.
    pub all_advisories: Href,
    /// The Atom feed.
    pub feed: Href,
    /// Documents and community places about security (J33).
    pub community: Vec<Link>,
}

/// A project on the front page.
#[derive(Debug, Clone)]
pub struct ProjectCard {
    /// The project's title.
    pub title: Text,
    /// Its page.
    pub href: Href,
    /// What it is, in a sentence.
    pub summary: Text,
    /// Its report form.
    pub report: Href,
    /// Its promise in a few words: `first answer within 3 days, disclosure within 90 days`.
    pub promise: Text,
}
