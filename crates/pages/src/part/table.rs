//! Rows and blocks that several pages show.

use askama::Template;

use crate::{
    Href, Text,
    part::{Badge, Link, Moment, RuleReference},
};

/// An advisory in a list.
#[derive(Debug, Clone)]
pub struct AdvisoryRow {
    /// Its own id.
    pub id: Text,
    /// Its CVE number, when it has one that may be told.
    pub cve: Option<Text>,
    /// Its title.
    pub title: Text,
    /// Its page.
    pub href: Href,
    /// The project's title.
    pub project: Text,
    /// Its severity in a word.
    pub severity: Badge,
    /// When it was published.
    pub published: Moment,
    /// `revised` or `withdrawn`, when it is.
    pub state: Option<Badge>,
}

/// A clause of a threat model.
#[derive(Debug, Clone)]
pub struct ClauseRow {
    /// The clause's id; the row can be linked to as `#clause-ID`.
    pub id: Text,
    /// What it says.
    pub text: Text,
    /// Its ruling in words: `not a vulnerability`, `vulnerability`, `belongs upstream`, `ordinary bug`.
    pub ruling: Badge,
    /// Where it comes from: this project, a parent, a document.
    pub origin: Text,
}

impl ClauseRow {
    pub(crate) fn anchor(&self) -> String {
        format!("clause-{}", self.id.for_id())
    }
}

/// One sentence of a disclosure policy in plain words.
#[derive(Debug, Clone)]
pub struct PolicyPoint {
    /// What it is about: `First answer`.
    pub topic: Text,
    /// What holds: `A person answers within 3 days.`
    pub text: Text,
    /// The rule behind it.
    pub rule: Option<RuleReference>,
}

/// A disclosure policy in plain words.
#[derive(Debug, Clone, Template)]
#[template(path = "part/policy.html")]
pub struct PolicySummary {
    /// What it says, point by point.
    pub points: Vec<PolicyPoint>,
    /// Which version of it this is: number and hash, in words.
    pub version: Text,
    /// Where it can be had for machines and in full.
    pub links: Vec<Link>,
}

impl askama::filters::HtmlSafe for PolicySummary {}

/// How to report by mail.
#[derive(Debug, Clone, Template)]
#[template(path = "part/mail_route.html")]
pub struct MailRoute {
    /// The address.
    pub address: Text,
    /// The key to encrypt with, when there is one (J02).
    pub key: Option<Link>,
}

impl askama::filters::HtmlSafe for MailRoute {}

/// A command to copy.
#[derive(Debug, Clone)]
pub struct Command {
    /// What it is for: `With pip`.
    pub label: Text,
    /// The command itself.
    pub command: Text,
}

/// What a page says when it has nothing to list: why, and what one could do.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<div class="empty"><p><strong>{{ what }}</strong></p><p>{{ why }}</p>{% if !next.is_empty() %}<ul class="links">{% for link in next %}<li>{{ link }}</li>{% endfor %}</ul>{% endif %}</div>"#,
    ext = "html"
)]
pub struct EmptyState {
    /// What is not there.
    pub what: Text,
    /// Why, or when there will be something.
    pub why: Text,
    /// Where to go instead.
    pub next: Vec<Link>,
}

impl askama::filters::HtmlSafe for EmptyState {}
