//! The front page: which projects, how to report, what was published.

use std::sync::Arc;

use bastide_pages::{
    Shell,
    desk::{Home, ProjectCard},
    part::Link,
};
use bastide_usecases::{ProjectFacts, ProjectRecord, PublicAdvisory};

use super::{advisories, policy};

/// How many advisories the front page shows.
pub(super) const LATEST: u32 = 5;

/// The front page.
pub(super) fn page(
    shell: Shell,
    programme: &str,
    projects: &[Arc<ProjectFacts>],
    latest: &[PublicAdvisory],
    adds: bool,
) -> Home {
    let records: Vec<ProjectRecord> = projects.iter().map(|facts| facts.record.clone()).collect();
    let first = projects.first().map(|facts| &facts.policy);
    // An address stands here only where it is every project's.
    let shares_mail =
        projects.windows(2).all(|pair| pair[0].policy.contact.mail == pair[1].policy.contact.mail);
    Home {
        add: adds.then(|| Link::new("Take a project in", "/admin/onboarding")),
        shell,
        programme: programme.into(),
        summary:
            "Report a vulnerability in private. A person answers, the people who can fix it are brought in, \
                  and everybody is told on one date."
                .into(),
        projects: projects.iter().map(|facts| card(facts)).collect(),
        unsure: first.map(|_| Link::new("Report it without choosing a project", "/report/unsure")),
        mail: first.filter(|_| shares_mail).and_then(policy::mail),
        latest: advisories::rows(latest, &records),
        all_advisories: "/advisories".into(),
        feed: "/feed.atom".into(),
        community: first
            .and_then(|policy| policy.contact.policy.as_deref())
            .map(|address| Link::new("How these projects handle security", address))
            .into_iter()
            .collect(),
    }
}

pub(super) fn card(facts: &ProjectFacts) -> ProjectCard {
    let name = &facts.record.name;
    let packages: Vec<String> = facts
        .product()
        .into_iter()
        .flat_map(|product| product.packages.iter())
        .map(|package| format!("{} on {}", package.name(), package.ecosystem().osv_name()))
        .collect();
    ProjectCard {
        title: facts.record.title.as_str().into(),
        href: format!("/projects/{name}").into(),
        summary: packages.join(", ").into(),
        report: format!("/projects/{name}/report").into(),
        promise: policy::promise(&facts.policy).into(),
    }
}
