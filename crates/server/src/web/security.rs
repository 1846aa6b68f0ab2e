//! The programme's security page (J02, J33).

use std::sync::Arc;

use bastide_pages::{
    Shell, Text,
    desk::Security,
    part::{Link, MailRoute},
};
use bastide_usecases::{ProjectFacts, ProjectRecord, PublicAdvisory};

use super::{advisories, policy};

/// The page.
pub(super) fn page(
    shell: Shell,
    programme: &str,
    projects: &[Arc<ProjectFacts>],
    latest: &[PublicAdvisory],
) -> Security {
    let records: Vec<ProjectRecord> = projects.iter().map(|facts| facts.record.clone()).collect();
    let each = |what: &str, part: &str| -> Vec<Link> {
        let link = |record: &ProjectRecord| {
            Link::new(format!("{what} of {}", record.title), format!("/projects/{}{part}", record.name))
        };
        records.iter().map(link).collect()
    };
    let documents = vec![
        (
            "For users".into(),
            [
                vec![Link::new("Advisories", "/advisories"), Link::new("Feed of advisories", "/feed.atom")],
                each("Supported versions", "#versions"),
            ]
            .concat(),
        ),
        (
            "For who found something".into(),
            [
                vec![
                    Link::new("Report a vulnerability", "/report"),
                    Link::new("Follow your report", "/status"),
                    Link::new("Whom we thank", "/acknowledgements"),
                ],
                each("Threat model", "#threat-model"),
            ]
            .concat(),
        ),
        ("For maintainers".into(), each("Disclosure policy", "#policy")),
        (
            "For packagers and machines".into(),
            [
                vec![
                    Link::new("All advisories as OSV", "/api/v1/advisories"),
                    Link::new("security.txt", "/.well-known/security.txt"),
                    Link::new("The public log", "/ledger"),
                ],
                each("Feed", "/feed.atom"),
            ]
            .concat(),
        ),
    ];
    Security {
        shell,
        programme: programme.into(),
        report: "/report".into(),
        mail: mail(projects),
        advisories: advisories::rows(latest, &records),
        all_advisories: "/advisories".into(),
        documents,
        questions: projects
            .iter()
            .filter_map(|facts| {
                let address = facts.policy.contact.policy.as_deref()?;
                Some(Link::new(facts.record.title.as_str(), address))
            })
            .collect(),
    }
}

/// The ways by mail, each once with the projects that share it.
fn mail(projects: &[Arc<ProjectFacts>]) -> Vec<(Text, MailRoute)> {
    let mut routes: Vec<(Vec<&str>, MailRoute)> = Vec::new();
    for facts in projects {
        let Some(route) = policy::mail(&facts.policy) else { continue };
        let title = facts.record.title.as_str();
        match routes.iter_mut().find(|(_, known)| known.address == route.address) {
            Some((titles, _)) => titles.push(title),
            None => routes.push((vec![title], route)),
        }
    }
    let said = |titles: Vec<&str>| format!("By mail for {}", titles.join(", ")).into();
    routes.into_iter().map(|(titles, route)| (said(titles), route)).collect()
}
