//! One's own reports, for a reporter with an account.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{ActionForm, Badge, Countdown, EmptyState, Moment},
};

/// The reports of whoever is signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/report_list.html")]
pub struct ReportList {
    /// The frame.
    pub shell: Shell,
    /// How many there are and how many have unread answers, in a sentence.
    pub summary: Text,
    /// The reports, the newest first.
    pub rows: Vec<OwnReportRow>,
    /// The form that keeps the report of this browser's secret link here, when there is one.
    pub keep: Option<ActionForm>,
    /// What is said when there is none.
    pub empty: EmptyState,
}

/// A report in the list.
#[derive(Debug, Clone)]
pub struct OwnReportRow {
    /// The case's reference.
    pub reference: Text,
    /// Its page.
    pub href: Href,
    /// Its title.
    pub title: Text,
    /// The project's title.
    pub project: Text,
    /// Whether there is an answer that was not read.
    pub unread: bool,
    /// The last stage that it reached.
    pub stage: Text,
    /// Where it is in its life, or that it waits for the reporter.
    pub state: Badge,
    /// The next date, if one is known.
    pub next: Option<Countdown>,
    /// What the reporter has to do next.
    pub task: Text,
    /// When it was received.
    pub received: Moment,
}
