//! What a reporter sees right after sending: the secret link, once, and what happens next.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{Countdown, FindingNote, Moment, RuleReference},
};

/// The receipt of a report.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/receipt.html")]
pub struct Receipt {
    /// The frame.
    pub shell: Shell,
    /// The project's title.
    pub project: Text,
    /// The report's reference, to name it by; opens nothing.
    pub reference: Text,
    /// When it was received.
    pub received: Moment,
    /// The whole secret address of the status page; shown here and never again.
    pub status_link: Href,
    /// Why the report waits for a person before anything else, when it is held.
    pub held: Option<Text>,
    /// What the lint noted; none of it stopped the report.
    pub findings: Vec<FindingNote>,
    /// What happens next, in order.
    pub next: Vec<Expectation>,
}

/// Something that will happen, and by when.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// What: `A person acknowledges your report.`
    pub what: Text,
    /// By when, where that is known.
    pub by: Option<Countdown>,
    /// The rule that promises it.
    pub rule: Option<RuleReference>,
}
