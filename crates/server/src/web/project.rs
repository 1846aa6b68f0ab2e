//! A project's public page: policy in plain words, threat model, versions with their status today, advisories.

use bastide_desk::project::{Line, LineStatus};
use bastide_model::{party::Slug, time::Instant};
use bastide_pages::{
    Shell,
    desk::{Project, VersionRow},
    part::{Badge, Link, Moment, Tone},
};
use bastide_usecases::{ProjectFacts, PublicAdvisory};

use super::{advisories, policy, words};

/// The page of a project at `now`.
pub(super) fn page(
    shell: Shell,
    facts: &ProjectFacts,
    published: &[PublicAdvisory],
    imported: &[PublicAdvisory],
    now: Instant,
) -> Project {
    let name = &facts.record.name;
    let model = &facts.threat_model;
    let inherited: Vec<&str> = model.lineage.iter().skip(1).map(Slug::as_str).collect();
    let inherits = match inherited.as_slice() {
        [] => String::new(),
        ancestors => format!("It builds on the threat model of {}.", ancestors.join(", then ")),
    };
    let mut machine_links = vec![
        Link::new("security.txt", format!("/projects/{name}/security.txt")),
        Link::new("The policy as JSON", format!("/projects/{name}/policy.json")),
        Link::new("Feed of advisories", format!("/projects/{name}/feed.atom")),
        Link::new("Where to ask questions that are no reports", "/security#questions"),
    ];
    let repositories = facts.record.supports.iter().flat_map(|supports| supports.repositories.iter());
    machine_links.extend(repositories.map(|address| Link::new("Source", address.as_str())));
    let contact = &facts.policy.contact;
    Project {
        shell,
        title: facts.record.title.as_str().into(),
        summary: words::sentence(&policy::promise(&facts.policy)).into(),
        report: format!("/projects/{name}/report").into(),
        mail: policy::mail(&facts.policy),
        policy: policy::summary(name, &facts.policy),
        inherits: inherits.into(),
        clauses: policy::clauses(model),
        versions: versions(facts, now),
        advisories: [
            advisories::rows(published, std::slice::from_ref(&facts.record)),
            advisories::imported(imported, std::slice::from_ref(&facts.record)),
        ]
        .concat(),
        machine_links,
        community: contact
            .policy
            .iter()
            .map(|address| Link::new("The project's security page", address.as_str()))
            .collect(),
    }
}

/// The lines that have begun, newest first.
fn versions(facts: &ProjectFacts, now: Instant) -> Vec<VersionRow> {
    let lines = facts.product().map_or(&[][..], |product| product.lines.as_slice());
    let mut rows: Vec<VersionRow> = lines.iter().filter_map(|line| version(line, now)).collect();
    rows.reverse();
    rows
}

fn version(line: &Line, now: Instant) -> Option<VersionRow> {
    let status = line.status(now)?;
    let (words, tone, meaning) = match status {
        LineStatus::Feature => (
            "in development",
            Tone::Neutral,
            "Reports welcome as ordinary bugs; no CVE number before a release.",
        ),
        LineStatus::Prerelease => (
            "pre-release",
            Tone::Neutral,
            "Reports welcome as ordinary bugs; no CVE number before a release.",
        ),
        LineStatus::Bugfix => ("bug fixes and security fixes", Tone::Good, "Reports accepted, CVE possible."),
        LineStatus::Security => ("security fixes only", Tone::Progress, "Reports accepted, CVE possible."),
        LineStatus::EndOfLife => ("end of life", Tone::Quiet, "Not looked after any more; please update."),
    };
    let until = line.phases().find(|(phase, from)| *phase > status && is_later(*from, now));
    Some(VersionRow {
        version: line.name.as_str().into(),
        status: Badge::new(words, tone),
        until: until.and_then(|(_, day)| format!("{day}T00:00:00Z").parse().ok()).map(Moment::day_of),
        meaning: meaning.into(),
    })
}

fn is_later(day: impl std::fmt::Display, now: Instant) -> bool {
    // Days written year first compare as texts.
    day.to_string() > now.date()
}
