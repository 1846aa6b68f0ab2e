//! Which project a report is for: the first question of whoever found something.

use askama::Template;

use crate::{
    Href, Shell, Text,
    desk::ProjectCard,
    part::{Field, Link, MailRoute},
};

/// The picker of projects.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/report_picker.html")]
pub struct ReportPicker {
    /// The frame.
    pub shell: Shell,
    /// Where the search goes (GET).
    pub action: Href,
    /// The search's field.
    pub search: Field,
    /// Whether something was searched for.
    pub searched: bool,
    /// The projects that fit.
    pub projects: Vec<ProjectCard>,
    /// How many projects the programme has.
    pub of: Text,
    /// The form for whoever is not sure (P28), while there is a project to take it.
    pub unsure: Option<Href>,
    /// Who reads what comes that way.
    pub unsure_readers: Text,
    /// The address for whoever is not sure and writes rather, where a policy names one.
    pub unsure_mail: Option<Link>,
    /// How to report by mail, where all projects share an address.
    pub mail: Option<MailRoute>,
    /// Where questions go that are no reports (J33).
    pub questions: Link,
}
