//! The programme's security page: how to report, what is known, documents by reader, where questions go (J02, J33).

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{AdvisoryRow, Link, MailRoute},
};

/// The programme's security page.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/security.html")]
pub struct Security {
    /// The frame.
    pub shell: Shell,
    /// The programme's name.
    pub programme: Text,
    /// The picker of projects.
    pub report: Href,
    /// The mail addresses, one route for each that differs; each with the projects that it is for.
    pub mail: Vec<(Text, MailRoute)>,
    /// The newest advisories.
    pub advisories: Vec<AdvisoryRow>,
    /// All of them.
    pub all_advisories: Href,
    /// Documents by who reads them.
    pub documents: Vec<(Text, Vec<Link>)>,
    /// Where questions go that are no reports, project by project.
    pub questions: Vec<Link>,
}
