//! Public advisories: rows of lists, the list itself, and whom the desk thanks (J07).

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use bastide_advisory::{Advisory, record::Credit};
use bastide_model::time::Instant;
use bastide_pages::{
    Shell,
    desk::{AcknowledgedPerson, AcknowledgedYear, Acknowledgements, AdvisoryList},
    part::{AdvisoryRow, Badge, Choice, Control, EmptyState, Field, Link, Moment, Tone},
};
use bastide_usecases::{ProjectRecord, PublicAdvisory};

use super::words;

/// A line for each imported advisory.
pub(super) fn imported(advisories: &[PublicAdvisory], projects: &[ProjectRecord]) -> Vec<AdvisoryRow> {
    let mut rows = rows(advisories, projects);
    for row in &mut rows {
        row.state.get_or_insert(Badge::new("imported, published elsewhere", Tone::Quiet));
    }
    rows
}

/// A line for each advisory.
pub(super) fn rows(advisories: &[PublicAdvisory], projects: &[ProjectRecord]) -> Vec<AdvisoryRow> {
    advisories.iter().map(|advisory| row(advisory, projects)).collect()
}

fn row(advisory: &PublicAdvisory, projects: &[ProjectRecord]) -> AdvisoryRow {
    let record = &advisory.record;
    let project = projects.iter().find(|project| project.name == advisory.project);
    let severity = match record.severity() {
        Some(severity) => {
            let badge = words::rating(Some(severity.rating()));
            Badge::new(format!("{}, {:.1}", badge.words, severity.score()), badge.tone)
        }
        None => words::rating(None),
    };
    let state = if record.withdrawn.is_some() {
        Some(Badge::new("withdrawn", Tone::Quiet))
    } else {
        (record.version > 1).then(|| Badge::new("revised", Tone::Neutral))
    };
    AdvisoryRow {
        id: record.id.as_str().into(),
        cve: record.cve_ids().first().map(|cve| (*cve).into()),
        title: record.headline().into(),
        href: address(record).into(),
        project: project.map_or(advisory.project.as_str(), |project| project.title.as_str()).into(),
        severity,
        published: Moment::day_of(published(record)),
        state,
    }
}

/// The page of an advisory.
pub(super) fn address(record: &Advisory) -> String {
    format!("/advisories/{}", record.id)
}

fn published(record: &Advisory) -> Instant {
    record.published.unwrap_or(record.modified)
}

/// The list of all advisories, or of one project's.
pub(super) fn list(
    shell: Shell,
    advisories: &[PublicAdvisory],
    projects: &[ProjectRecord],
    chosen: &str,
) -> AdvisoryList {
    let mut choices = vec![Choice::new("", "All projects", chosen)];
    choices.extend(projects.iter().map(|project| Choice::new(project.name.as_str(), &project.title, chosen)));
    let summary = match advisories.len() {
        0 => "Nothing has been published yet.".to_owned(),
        1 => "1 advisory.".to_owned(),
        count => format!("{count} advisories, the newest first."),
    };
    AdvisoryList {
        shell,
        heading: "Security advisories".into(),
        summary: summary.into(),
        feed: "/feed.atom".into(),
        filter_action: "/advisories".into(),
        filters: vec![Field::new("project", "Project", Control::Select(choices))],
        rows: rows(advisories, projects),
        empty: EmptyState {
            what: "No advisory has been published here.".into(),
            why: "Each one appears on its announcement date.".into(),
            next: vec![Link::new("All projects", "/")],
        },
    }
}

/// Everybody who agreed to be named, by the year of the advisory, those thanked last first.
pub(super) fn acknowledgements(
    shell: Shell,
    advisories: &[PublicAdvisory],
    projects: &[ProjectRecord],
) -> Acknowledgements {
    let mut years: BTreeMap<Reverse<String>, Vec<&PublicAdvisory>> = BTreeMap::new();
    for advisory in advisories.iter().filter(|advisory| advisory.record.withdrawn.is_none()) {
        let day = published(&advisory.record).date();
        let year = day.split('-').next().unwrap_or_default().to_owned();
        years.entry(Reverse(year)).or_default().push(advisory);
    }
    let years = years.into_iter().map(|(Reverse(year), advisories)| AcknowledgedYear {
        year: year.into(),
        people: people(&advisories, projects),
    });
    Acknowledgements { shell, years: years.filter(|year| !year.people.is_empty()).collect() }
}

fn people(advisories: &[&PublicAdvisory], projects: &[ProjectRecord]) -> Vec<AcknowledgedPerson> {
    let mut people: BTreeMap<&str, (Vec<&PublicAdvisory>, Option<&Credit>)> = BTreeMap::new();
    for advisory in advisories {
        for credit in advisory.record.shown_credits() {
            let entry = people.entry(credit.name.as_str()).or_default();
            entry.1.get_or_insert(credit);
            if !entry.0.iter().any(|known| known.record.id == advisory.record.id) {
                entry.0.push(advisory);
            }
        }
    }
    let title = |advisory: &PublicAdvisory| {
        let project = projects.iter().find(|project| project.name == advisory.project);
        project.map_or(advisory.project.to_string(), |project| project.title.clone())
    };
    let mut rows: Vec<(Instant, AcknowledgedPerson)> = people
        .into_iter()
        .map(|(name, (theirs, credit))| {
            let latest =
                theirs.iter().map(|advisory| published(&advisory.record)).max().unwrap_or(Instant::EPOCH);
            let role = credit.and_then(|credit| credit.kind).map_or("helped", |kind| kind.plain_name());
            let titles: BTreeSet<String> = theirs.iter().map(|advisory| title(advisory)).collect();
            let links = theirs.iter().map(|found| Link::new(found.record.headline(), address(&found.record)));
            let person = AcknowledgedPerson {
                name: name.into(),
                role: role.into(),
                projects: titles.into_iter().collect::<Vec<_>>().join(", ").into(),
                advisories: links.collect(),
                latest: Moment::day_of(latest),
            };
            (latest, person)
        })
        .collect();
    rows.sort_by_key(|(latest, _)| Reverse(*latest));
    rows.into_iter().map(|(_, person)| person).collect()
}
