//! The board: cases in columns by where they stand, and which step leads from one column to the next.

use bastide_desk::case::Lifecycle;
use bastide_model::id::CaseId;
use bastide_pages::{
    Shell,
    desk::{Board, BoardCard, BoardColumn, InboxBulk},
    part::{ActionForm, Countdown, EmptyState, Link},
};

use bastide_usecases::CaseView;

use super::{
    inbox::{self, Listing, filter},
    step_form::StepForms,
    words,
};

/// How many cases the board shows, the most urgent first.
pub(super) const MOST: u32 = 300;

/// A column of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name in addresses.
    pub(super) id: &'static str,
    name: &'static str,
    meaning: &'static str,
    stages: &'static [Lifecycle],
    /// The steps that lead into it, in the order of the process.
    steps: &'static [&'static str],
}

/// The columns, in the order of a case's life. Every stage stands in one of them.
pub(super) const COLUMNS: [Column; 7] = [
    Column {
        id: "new",
        name: "New",
        meaning: "Nobody has answered the reporter yet.",
        stages: &[Lifecycle::Submitted, Lifecycle::Held, Lifecycle::Received],
        steps: &["release-hold"],
    },
    Column {
        id: "judging",
        name: "To be judged",
        meaning: "The reporter has an answer; is it a vulnerability?",
        stages: &[Lifecycle::Acknowledged, Lifecycle::Triaging],
        steps: &["release-hold", "acknowledge"],
    },
    Column {
        id: "mending",
        name: "Being mended",
        meaning: "Accepted; a fix is made in private.",
        stages: &[Lifecycle::AcceptedEmbargoed],
        steps: &["triage", "accept"],
    },
    Column {
        id: "agreed",
        name: "Fix agreed",
        meaning: "Dates come next.",
        stages: &[Lifecycle::FixAgreed],
        steps: &["replicate", "fix-start", "fix-agree"],
    },
    Column {
        id: "scheduled",
        name: "Dated",
        meaning: "Release and announcement have their dates.",
        stages: &[Lifecycle::Scheduled, Lifecycle::ReleasedQuiet],
        steps: &["propose-dates", "confirm-dates"],
    },
    Column {
        id: "published",
        name: "Published",
        meaning: "The advisory is out.",
        stages: &[Lifecycle::Published, Lifecycle::Withdrawn],
        steps: &["approve", "publish"],
    },
    Column {
        id: "done",
        name: "Done",
        meaning: "Judged to be none of ours, or closed.",
        stages: &[Lifecycle::Invalid, Lifecycle::Closed],
        steps: &["close", "triage"],
    },
];

impl Column {
    /// The column with this name.
    pub(super) fn find(id: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|column| column.id == id)
    }

    fn holds(&self, lifecycle: &str) -> bool {
        self.stages.iter().any(|stage| stage.as_str() == lifecycle)
    }
}

/// The board.
pub(super) fn page(shell: Shell, listing: &Listing<'_>) -> Board {
    let rows = &listing.page.rows;
    let query = filter::query(listing.filter, true);
    let count = words::counted(u32::try_from(rows.len()).unwrap_or(u32::MAX), "case");
    let summary = if listing.page.more {
        format!("The {count} that are due first; there are more. Choose a project to see the rest.")
    } else {
        format!("{count} in {} columns, the next deadline first in each.", COLUMNS.len())
    };
    let empty = rows.is_empty().then(|| EmptyState {
        what: "No case fits.".into(),
        why: "Reports to the projects that you coordinate, and cases that you take part in, appear here."
            .into(),
        next: vec![Link::new("The whole board", "/board"), Link::new("Inbox", "/inbox")],
    });
    Board {
        shell,
        summary: summary.into(),
        filters: inbox::fields(listing),
        columns: COLUMNS.iter().map(|column| self::column(column, listing)).collect(),
        empty,
        views: vec![
            Link::new("The same as a list", filter::address("/inbox", &query)),
            Link::new("My cases", "/board?owner=me"),
            Link::new("Closed cases", "/board?state=closed"),
        ],
    }
}

fn column(column: &Column, listing: &Listing<'_>) -> BoardColumn {
    let rows = listing.page.rows.iter().filter(|row| column.holds(&row.lifecycle));
    BoardColumn {
        id: column.id.into(),
        name: column.name.into(),
        meaning: column.meaning.into(),
        cards: rows
            .map(|row| BoardCard {
                title: inbox::title(row).into(),
                href: inbox::href(row).into(),
                reference: row.reference.as_str().into(),
                project: inbox::project(row, listing.projects).into(),
                unread: row.unread,
                lifecycle: words::lifecycle(&row.lifecycle),
                severity: words::severity(row.severity.as_deref()),
                deadline: row.next_due.map(|due| Countdown::between(listing.now, due)),
                owner: inbox::owner(row, listing.directory).map(Into::into),
                moves: if row.title.is_some() { moves(row.case, column) } else { Vec::new() },
            })
            .collect(),
    }
}

fn moves(case: CaseId, from: &Column) -> Vec<Link> {
    let others = COLUMNS.iter().filter(|column| column.id != from.id);
    others.map(|column| Link::new(column.name, format!("/cases/{case}/move/{}", column.id))).collect()
}

/// The page of one move: the form of the next step towards the column, or why there is none and what is missing.
pub(super) fn move_page(shell: Shell, forms: &StepForms<'_>, to: &Column) -> InboxBulk {
    let view = forms.view;
    let at = COLUMNS.iter().find(|column| column.stages.contains(&view.lifecycle()));
    let place =
        |column: Option<&Column>| COLUMNS.iter().position(|known| Some(known.id) == column.map(|c| c.id));
    let backwards = to.id != "done" && place(at) >= place(Some(to));
    let offered = |name: &str| view.offers.iter().find(|offer| offer.kind.name == name);
    // What lies between is done first: the steps of every column on the way, in order.
    let way = COLUMNS
        .iter()
        .filter(|column| place(Some(column)) > place(at) && place(Some(column)) <= place(Some(to)))
        .filter(|column| to.id != "done" || column.id == "done")
        .flat_map(|column| column.steps.iter().copied());
    let way: Vec<&str> = if backwards { Vec::new() } else { way.collect() };
    let possible = way.iter().find_map(|name| offered(name).filter(|offer| offer.not_now.is_none()));
    let lead = match (backwards, possible) {
        (true, _) => format!(
            "A case does not go back to “{}”: what has happened stays in its history. Its own page shows what can be \
             done now.",
            to.name
        ),
        (false, Some(offer)) if to.steps.contains(&offer.kind.name) => {
            format!("This step leads to “{}”.", to.name)
        }
        (false, Some(_)) => {
            format!("The case is not there yet: this step comes first on the way to “{}”.", to.name)
        }
        (false, None) => {
            let refusal = way.iter().find_map(|name| offered(name)?.not_now.as_ref());
            refusal.map_or_else(
                || nobodys_step(view, to),
                |refusal| format!("Not now: {}. {}", refusal.what.trim_end_matches('.'), refusal.remedy),
            )
        }
    };
    let form = possible.map(|offer| ActionForm { open: true, ..forms.form(offer) });
    InboxBulk {
        shell,
        rows: Vec::new(),
        heading: format!("Move to “{}”", to.name).into(),
        lead: lead.into(),
        form,
        next: vec![
            Link::new("The case", format!("/cases/{}", view.case.id)),
            Link::new("Back to the board", "/board"),
        ],
    }
}

/// Why none of the viewer's steps leads to a column, and whose turn it is.
fn nobodys_step(view: &CaseView, to: &Column) -> String {
    let next = view.tasks.first().map_or_else(
        || "Nothing is open in the case.".to_owned(),
        |task| {
            let (what, who) = (task.what.trim_end_matches('.'), words::role(task.role));
            format!("Next comes “{what}”, which is for the {who}.")
        },
    );
    format!("No step of yours leads to “{}” now. {next}", to.name)
}

#[cfg(test)]
mod tests {
    use bastide_usecases::step::StepKind;

    use super::*;
    use crate::web::inbox::filter::STAGES;

    #[test]
    fn every_stage_stands_in_one_column_and_every_step_of_a_column_exists() {
        for stage in STAGES {
            let columns = COLUMNS.iter().filter(|column| column.stages.contains(&stage)).count();
            assert_eq!(columns, 1, "{stage:?}");
        }
        for step in COLUMNS.iter().flat_map(|column| column.steps) {
            assert!(StepKind::find(step).is_some(), "{step}");
        }
    }
}
