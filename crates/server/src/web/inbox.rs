//! The inbox: cases by what is due next.

use bastide_model::{
    id::PersonId,
    time::{Instant, Span},
};
use bastide_pages::{
    Shell,
    desk::{Inbox, InboxRow, Pager},
    part::{Choice, Control, Countdown, EmptyState, Field, Link, Moment},
};
use bastide_usecases::{InboxFilter, PersonRecord, ProjectRecord};

use super::words;

/// How many cases a page shows.
pub(super) const PAGE: u32 = 50;

/// The inbox at `now`. `rows` may hold one more than a page; then there is an older page.
pub(super) fn page(
    shell: Shell,
    rows: &[bastide_usecases::InboxRow],
    filter: &InboxFilter,
    projects: &[ProjectRecord],
    directory: &[(PersonId, PersonRecord)],
    now: Instant,
) -> Inbox {
    let shown = &rows[..rows.len().min(PAGE as usize)];
    let late = shown.iter().filter(|row| row.next_due.is_some_and(|due| due < now)).count();
    let kind = if filter.closed { "closed" } else { "open" };
    let summary = match (shown.len(), late) {
        (0, _) => format!("No {kind} case."),
        (1, 0) => format!("1 {kind} case; nothing is late."),
        (1, _) => format!("1 {kind} case; it is late."),
        (count, 0) => format!("{count} {kind} cases; nothing is late."),
        (count, late) => format!("{count} {kind} cases; {late} of them late."),
    };
    let chosen = filter.project.as_ref().map_or("", |project| project.as_str());
    let mut choices = vec![Choice::new("", "All projects", chosen)];
    choices.extend(projects.iter().map(|project| Choice::new(project.name.as_str(), &project.title, chosen)));
    let state = if filter.closed { "closed" } else { "" };
    let states = vec![Choice::new("", "Open", state), Choice::new("closed", "Closed", state)];
    Inbox {
        shell,
        heading: "Inbox".into(),
        summary: summary.into(),
        filter_action: "/inbox".into(),
        filters: vec![
            Field::new("project", "Project", Control::Select(choices)),
            Field::new("state", "State", Control::Select(states)),
        ],
        rows: shown.iter().map(|line| row(line, projects, directory, now)).collect(),
        empty: EmptyState {
            what: format!("No {kind} case.").into(),
            why: "Reports to the projects that you coordinate, and cases that you take part in, appear here."
                .into(),
            next: vec![
                Link::new("All open cases", "/inbox"),
                Link::new("Closed cases", "/inbox?state=closed"),
            ],
        },
        pager: pager(rows.len(), filter),
    }
}

fn row(
    line: &bastide_usecases::InboxRow,
    projects: &[ProjectRecord],
    directory: &[(PersonId, PersonRecord)],
    now: Instant,
) -> InboxRow {
    let project = projects.iter().find(|project| project.name == line.project);
    let owner = line.owner.map(|owner| {
        let record = directory.iter().find(|(person, _)| *person == owner);
        record.map_or("somebody who left", |(_, record)| record.name.as_str()).into()
    });
    InboxRow {
        reference: line.reference.as_str().into(),
        href: if line.title.is_some() {
            format!("/cases/{}", line.case)
        } else {
            format!("/cases/{}/invitation", line.case)
        }
        .into(),
        title: line.title.as_deref().unwrap_or("A case whose content is not open to you").into(),
        unread: line.owner.is_none() && line.title.is_some(),
        project: project.map_or(line.project.as_str(), |project| project.title.as_str()).into(),
        lifecycle: words::lifecycle(&line.lifecycle),
        severity: words::severity(line.severity.as_deref()),
        received: Moment::day_of(line.received_at),
        age: age(now, line.received_at).into(),
        deadline_name: "".into(),
        deadline: line.next_due.map(|due| Countdown::between(now, due)),
        owner,
        next_task: line.next_task.as_deref().unwrap_or("Nothing to do now").into(),
    }
}

fn age(now: Instant, received: Instant) -> String {
    let age = now.since(received);
    if age < Span::hours(1) { "less than an hour".to_owned() } else { age.to_string() }
}

fn pager(rows: usize, filter: &InboxFilter) -> Option<Pager> {
    let more = rows > PAGE as usize;
    if filter.offset == 0 && !more {
        return None;
    }
    let address = |offset: u32| {
        let project = filter.project.as_ref().map_or("", |project| project.as_str());
        let state = if filter.closed { "closed" } else { "" };
        format!("/inbox?project={project}&state={state}&from={offset}")
    };
    let shown = u32::try_from(rows).unwrap_or(PAGE).min(PAGE);
    Some(Pager {
        position: format!("{} to {}", filter.offset + 1, filter.offset + shown).into(),
        previous: (filter.offset > 0)
            .then(|| Link::new("More urgent", address(filter.offset.saturating_sub(PAGE)))),
        next: more.then(|| Link::new("Less urgent", address(filter.offset + PAGE))),
    })
}
