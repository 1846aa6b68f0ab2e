//! Which project a report is for.

use std::sync::Arc;

use bastide_pages::{
    Shell,
    desk::ReportPicker,
    part::{Control, Field, Link, TextKind},
};
use bastide_usecases::ProjectFacts;

use super::{
    home, policy,
    report_form::{Lane, UNSURE, readers},
};

/// The picker, with the projects that fit what was searched for.
pub(super) fn page(
    shell: Shell,
    projects: &[Arc<ProjectFacts>],
    unsure: Option<&ProjectFacts>,
    searched: &str,
) -> ReportPicker {
    let wanted = searched.trim().to_lowercase();
    let fits = |facts: &&Arc<ProjectFacts>| {
        let packages = facts.product().into_iter().flat_map(|product| product.packages.iter());
        wanted.is_empty()
            || facts.record.title.to_lowercase().contains(&wanted)
            || facts.record.name.as_str().contains(&wanted)
            || packages.map(|package| package.name().to_lowercase()).any(|name| name.contains(&wanted))
    };
    let search = Control::Line { value: searched.into(), kind: TextKind::Search };
    let first = projects.first().map(|facts| &facts.policy);
    let shares_mail =
        projects.windows(2).all(|pair| pair[0].policy.contact.mail == pair[1].policy.contact.mail);
    ReportPicker {
        shell,
        action: "/report".into(),
        search: Field::new("q", "Search", search).because("A project's name, or the name of a package."),
        searched: !wanted.is_empty(),
        projects: projects.iter().filter(fits).map(|facts| home::card(facts)).collect(),
        of: format!("{} projects take part.", projects.len()).into(),
        unsure: unsure.map(|_| UNSURE.into()),
        unsure_readers: unsure.map(|facts| readers(facts, Lane::Unsure)).unwrap_or_default().into(),
        unsure_mail: projects.iter().find_map(|facts| facts.policy.contact.fallback.as_deref()).map(
            |address| {
                if address.contains("://") {
                    Link::new("Or ask here", address)
                } else {
                    Link::new(format!("Or write to {address}"), format!("mailto:{address}"))
                }
            },
        ),
        mail: first.filter(|_| shares_mail).and_then(policy::mail),
        questions: Link::new("Where to ask questions about security", "/security#questions"),
    }
}
