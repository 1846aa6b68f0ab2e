//! The inbox: cases by what is due next; how it is filtered, and what can be done with several cases at once.

pub(super) mod bulk;
pub(crate) mod filter;

use bastide_model::{
    id::PersonId,
    time::{Instant, Span},
};
use bastide_pages::{
    Shell,
    desk::{Inbox, InboxRow, Pager, RowAction, SavedFilter},
    part::{ActionForm, Choice, Control, Countdown, EmptyState, Field, Link, Moment, TextKind},
};
use bastide_usecases::{InboxFilter, InboxPage, OwnerFilter, PersonRecord, ProjectRecord, SEARCHED};

use super::{forms::Forms, words};
use filter::address;

/// What the page is made from.
pub(super) struct Listing<'a> {
    /// The cases.
    pub(super) page: &'a InboxPage,
    /// How they were chosen.
    pub(super) filter: &'a InboxFilter,
    /// The viewer's own filters: name and query.
    pub(super) saved: &'a [(String, String)],
    /// Every project of the programme.
    pub(super) projects: &'a [ProjectRecord],
    /// Everybody whom the viewer may choose.
    pub(super) directory: &'a [(PersonId, PersonRecord)],
    /// Who looks.
    pub(super) viewer: Option<PersonId>,
    /// The present.
    pub(super) now: Instant,
}

/// The inbox.
pub(super) fn page(shell: Shell, listing: &Listing<'_>) -> Inbox {
    let filter = listing.filter;
    let forms = Forms::fresh();
    let query = filter::query(filter, false);
    let rows = &listing.page.rows;
    Inbox {
        shell,
        heading: "Inbox".into(),
        summary: summary(listing).into(),
        views: views(),
        saved: listing
            .saved
            .iter()
            .map(|(name, saved)| SavedFilter {
                link: Link::new(name.as_str(), address("/inbox", saved)),
                current: *saved == query && !query.is_empty(),
                remove: "/inbox/filters/remove".into(),
                tokens: forms.tokens(),
            })
            .collect(),
        filter_action: "/inbox".into(),
        filters: fields(listing),
        searched: if listing.page.cut_short {
            format!(
                "Your words were looked for in the {SEARCHED} most urgent cases of this choice: titles lie under seal \
                 and are opened one by one. Choose a project or a state to look further."
            )
        } else {
            String::new()
        }
        .into(),
        save: (!query.is_empty()).then(|| save(&query, filter, &forms)),
        bulk_action: "/inbox/bulk".into(),
        bulk: bulk::CHOICES.iter().map(|(value, label)| Choice::new(value, label, "")).collect(),
        rows: rows.iter().map(|line| row(line, listing)).collect(),
        empty: empty(filter, &query),
        pager: pager(rows.len(), listing.page.more, filter),
    }
}

fn summary(listing: &Listing<'_>) -> String {
    let rows = &listing.page.rows;
    let late = rows.iter().filter(|row| row.next_due.is_some_and(|due| due < listing.now)).count();
    let kind = if listing.filter.closed { "closed" } else { "open" };
    let kind = if listing.filter.snoozed { "put aside" } else { kind };
    let more = if listing.page.more { ", and there are more on the next page" } else { "" };
    match (rows.len(), late) {
        (0, _) => format!("No {kind} case here."),
        (1, 0) => format!("1 {kind} case; nothing is late."),
        (1, _) => format!("1 {kind} case; it is late."),
        (count, 0) => format!("{count} {kind} cases; nothing is late{more}."),
        (count, late) => format!("{count} {kind} cases; {late} of them late{more}."),
    }
}

fn views() -> Vec<Link> {
    vec![
        Link::new("All open", "/inbox"),
        Link::new("Mine", "/inbox?owner=me"),
        Link::new("Unassigned", "/inbox?owner=nobody"),
        Link::new("Late", "/inbox?overdue=yes"),
        Link::new("Unread", "/inbox?unread=yes"),
        Link::new("Put aside", "/inbox?snoozed=yes"),
        Link::new("Closed", "/inbox?state=closed"),
        Link::new("Board", "/board"),
    ]
}

/// The fields of the filter as it stands.
pub(super) fn fields(listing: &Listing<'_>) -> Vec<Field> {
    let filter = listing.filter;
    let chosen = filter.project.as_ref().map_or("", |project| project.as_str());
    let mut projects = vec![Choice::new("", "All projects", chosen)];
    projects.extend(
        listing.projects.iter().map(|project| Choice::new(project.name.as_str(), &project.title, chosen)),
    );
    let state = if filter.closed { "closed" } else { filter.stages.first().map_or("", String::as_str) };
    let mut states = vec![Choice::new("", "All open", state)];
    for stage in filter::STAGES {
        let label = words::capitalised(words::lifecycle(stage.as_str()).words.as_str());
        states.push(Choice::new(stage.as_str(), &label, state));
    }
    let owner = match filter.owner {
        OwnerFilter::Any => String::new(),
        OwnerFilter::Mine => "me".to_owned(),
        OwnerFilter::Nobody => "nobody".to_owned(),
        OwnerFilter::Person(person) => person.to_string(),
    };
    let mut owners = vec![
        Choice::new("", "Anybody", &owner),
        Choice::new("me", "Me", &owner),
        Choice::new("nobody", "Nobody yet", &owner),
    ];
    let others = listing.directory.iter().filter(|(person, _)| Some(*person) != listing.viewer);
    owners.extend(others.map(|(person, record)| Choice::new(&person.to_string(), &record.name, &owner)));
    let severity = match &filter.severity {
        None => "",
        Some(None) => "unrated",
        Some(Some(severity)) => severity,
    };
    let mut severities =
        vec![Choice::new("", "Any", severity), Choice::new("unrated", "Not rated yet", severity)];
    severities
        .extend(filter::SEVERITIES.iter().map(|word| Choice::new(word, &words::capitalised(word), severity)));
    let only =
        |name: &'static str, label: &'static str, ticked| Field::new(name, label, Control::Check { ticked });
    let shown = per_page(filter).to_string();
    let rows = filter::ROWS.map(|rows| Choice::new(&rows.to_string(), &rows.to_string(), &shown));
    vec![
        Field::new(
            "q",
            "Title or reference",
            Control::Line { value: filter.words.as_str().into(), kind: TextKind::Search },
        ),
        Field::new("project", "Project", Control::Select(projects)),
        Field::new("state", "State", Control::Select(states)),
        Field::new("owner", "Owner", Control::Select(owners)),
        Field::new("severity", "Severity", Control::Select(severities)),
        only("overdue", "Late only", filter.overdue),
        only("unread", "Unread only", filter.unread),
        only("snoozed", "What I put aside", filter.snoozed),
        Field::new("rows", "Cases on a page", Control::Select(rows.to_vec())),
    ]
}

/// How many cases a page shows with this filter.
pub(super) fn per_page(filter: &InboxFilter) -> u32 {
    if filter.limit == 0 { filter::ROWS[0] } else { filter.limit }
}

fn save(query: &str, filter: &InboxFilter, forms: &Forms) -> ActionForm {
    let note = if filter.words.is_empty() {
        "It stands above the list from then on. Its address can be handed on; everybody sees with it what they may see."
    } else {
        "It stands above the list from then on. The words that you search for are not kept: they might say what a case \
         is about."
    };
    let fields = vec![Field::line("name", "Its name", "").required(), Field::hidden("query", query)];
    ActionForm {
        submit: "Save".into(),
        ..ActionForm::new("save-filter", "Save this filter", "/inbox/filters", forms.tokens())
            .because(note)
            .asking(fields)
    }
}

fn empty(filter: &InboxFilter, query: &str) -> EmptyState {
    let (what, why) = if !filter.words.is_empty() {
        (
            "No case holds these words.",
            "They are looked for in the titles that are open to you, in references and in the names of projects.",
        )
    } else if filter.snoozed {
        (
            "You put nothing aside.",
            "What you put aside until a day stands here till then, and then in the inbox again.",
        )
    } else if filter.unread {
        ("Nothing is new to you.", "A case stands here when something happened in it since you last read it.")
    } else if filter.overdue {
        ("Nothing is late.", "A case stands here when a deadline of it has passed.")
    } else if query.is_empty() {
        (
            "No open case.",
            "Reports to the projects that you coordinate, and cases that you take part in, appear here.",
        )
    } else {
        ("No case fits this filter.", "There may be others under another filter.")
    };
    EmptyState {
        what: what.into(),
        why: why.into(),
        next: vec![Link::new("All open cases", "/inbox"), Link::new("Closed cases", "/inbox?state=closed")],
    }
}

fn row(line: &bastide_usecases::InboxRow, listing: &Listing<'_>) -> InboxRow {
    InboxRow {
        case: line.case.to_string().into(),
        reference: line.reference.as_str().into(),
        href: href(line).into(),
        title: title(line).into(),
        unread: line.unread,
        snoozed: line.snoozed.filter(|until| *until > listing.now).map(Moment::of),
        project: project(line, listing.projects).into(),
        lifecycle: words::lifecycle(&line.lifecycle),
        severity: words::severity(line.severity.as_deref()),
        received: Moment::day_of(line.received_at),
        age: age(listing.now, line.received_at).into(),
        deadline_name: "".into(),
        deadline: line.next_due.map(|due| Countdown::between(listing.now, due)),
        owner: owner(line, listing.directory).map(Into::into),
        next_task: line.next_task.as_deref().unwrap_or("Nothing to do now").into(),
        menu: if line.title.is_some() { menu(line) } else { Vec::new() },
    }
}

/// The page of a case, or the one that asks for consent first.
pub(super) fn href(line: &bastide_usecases::InboxRow) -> String {
    if line.title.is_some() {
        format!("/cases/{}", line.case)
    } else {
        format!("/cases/{}/invitation", line.case)
    }
}

/// The title, or that it is not open.
pub(super) fn title(line: &bastide_usecases::InboxRow) -> &str {
    match line.title.as_deref() {
        // A link without words cannot be followed.
        Some(title) if title.trim().is_empty() => "(no title)",
        Some(title) => title,
        None => "A case whose content is not open to you",
    }
}

/// The title of a case's project.
pub(super) fn project<'a>(line: &'a bastide_usecases::InboxRow, projects: &'a [ProjectRecord]) -> &'a str {
    let found = projects.iter().find(|project| project.name == line.project);
    found.map_or(line.project.as_str(), |project| project.title.as_str())
}

/// The name of a case's owner.
pub(super) fn owner<'a>(
    line: &bastide_usecases::InboxRow,
    directory: &'a [(PersonId, PersonRecord)],
) -> Option<&'a str> {
    let owner = line.owner?;
    let record = directory.iter().find(|(person, _)| *person == owner);
    Some(record.map_or("somebody else", |(_, record)| record.name.as_str()))
}

/// What can be done from a row; each opens a form.
fn menu(line: &bastide_usecases::InboxRow) -> Vec<RowAction> {
    let case = line.case;
    let step = |key: &'static str, label: &str, query: &str, form: &str| RowAction {
        key,
        link: Link::new(label, format!("/cases/{case}?{query}#action-{form}")),
    };
    let bulk = |key: &'static str, label: &str, what: &str| RowAction {
        key,
        link: Link::new(label, format!("/inbox/bulk?do={what}&case={case}")),
    };
    vec![
        step("1", "Accept", "step=accept", "accept"),
        step("2", "Duplicate", "step=triage&outcome=duplicate", "triage"),
        step("3", "Decline", "step=triage&outcome=declined", "triage"),
        bulk("h", "Put aside", "snooze"),
        bulk("a", "Assign", "assign"),
    ]
}

fn age(now: Instant, received: Instant) -> String {
    let age = now.since(received);
    if age < Span::hours(1) { "less than an hour".to_owned() } else { age.to_string() }
}

fn pager(rows: usize, more: bool, filter: &InboxFilter) -> Option<Pager> {
    if filter.offset == 0 && !more {
        return None;
    }
    let at = |offset: u32| {
        let query = filter::query(filter, true);
        let from = if query.is_empty() { format!("from={offset}") } else { format!("{query}&from={offset}") };
        address("/inbox", &from)
    };
    let page = per_page(filter);
    let shown = u32::try_from(rows).unwrap_or(page);
    Some(Pager {
        position: format!("{} to {}", filter.offset + 1, filter.offset + shown).into(),
        previous: (filter.offset > 0)
            .then(|| Link::new("More urgent", at(filter.offset.saturating_sub(page)))),
        next: more.then(|| Link::new("Less urgent", at(filter.offset + page))),
    })
}
