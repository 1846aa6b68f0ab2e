//! A reporter's own page: stages, what comes next, messages both ways.

use askama::Template;

use crate::{
    Shell, Text,
    desk::ReportPart,
    part::{ActionForm, Countdown, Link, Moment, RuleReference, Stages, Tier},
};

/// The status page behind a reporter's secret link.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/reporter_status.html")]
pub struct ReporterStatus {
    /// The frame.
    pub shell: Shell,
    /// The report's reference.
    pub reference: Text,
    /// The title that the reporter gave.
    pub title: Text,
    /// The project's title.
    pub project: Text,
    /// The stages, passed and to come.
    pub stages: Stages,
    /// What comes next.
    pub next: NextStep,
    /// Proposals of an embargo to answer.
    pub proposals: Vec<EmbargoProposal>,
    /// The CVE number, once it was told (J22).
    pub cve: Option<CveTold>,
    /// The dates, once they are set.
    pub dates: Vec<DateRow>,
    /// What the reporter sent, part by part.
    pub report: Vec<ReportPart>,
    /// Messages both ways, oldest first.
    pub messages: Vec<MessageView>,
    /// The form to write; `None` when the case is closed.
    pub reply: Option<ActionForm>,
    /// How the reporter will be thanked.
    pub credit: CreditView,
    /// What the reporter can do besides: withdraw, appeal.
    pub actions: Vec<ActionForm>,
    /// The advisory and other documents once public, the ledger proof.
    pub documents: Vec<Link>,
}

/// What comes next in a process.
#[derive(Debug, Clone)]
pub struct NextStep {
    /// What: `The team checks whether it can repeat what you saw.`
    pub what: Text,
    /// What that means for the reader.
    pub explanation: Text,
    /// By when.
    pub by: Option<Countdown>,
    /// The rule that promises it.
    pub rule: Option<RuleReference>,
    /// The page where the reader does it, when it is theirs and needs one of its own.
    pub link: Option<Link>,
}

/// A proposal to keep something private until an instant.
#[derive(Debug, Clone)]
pub struct EmbargoProposal {
    /// What is proposed, in a sentence.
    pub text: Text,
    /// Who proposed it.
    pub proposer: Text,
    /// Until when it would be private.
    pub end: Moment,
    /// By when an answer is needed; no answer counts as no.
    pub answer_by: Countdown,
    /// Accept, decline, propose another end.
    pub answers: Vec<ActionForm>,
}

/// A CVE number that the reader was told.
#[derive(Debug, Clone)]
pub struct CveTold {
    /// The number.
    pub number: Text,
    /// What may be said about it now (J23).
    pub may_say: Text,
}

/// A date with its meaning.
#[derive(Debug, Clone)]
pub struct DateRow {
    /// What happens then: `Release of the fix`.
    pub label: Text,
    /// When.
    pub at: Moment,
    /// What it means for the reader. May be empty.
    pub meaning: Text,
}

/// A message as one reader sees it.
#[derive(Debug, Clone)]
pub struct MessageView {
    /// Who wrote: a name or role.
    pub author: Text,
    /// Whether the reader wrote it.
    pub own: bool,
    /// When.
    pub at: Moment,
    /// What, as plain text; line breaks are kept.
    pub text: Text,
    /// Whom it is for.
    pub tier: Tier,
}

/// How somebody will be thanked (J07).
#[derive(Debug, Clone)]
pub struct CreditView {
    /// The sentence as the advisory will have it, or that nobody will be named.
    pub preview: Text,
    /// The form that changes it, while that is possible.
    pub form: Option<ActionForm>,
}
