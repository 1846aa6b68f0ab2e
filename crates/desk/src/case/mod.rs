//! The life of one case, from a private report to a published advisory and its close.
//!
//! A case is the fold of its events: [`evolve`] applies one event to the state, [`decide`] answers a command with new
//! events or with a [`Refusal`] that cites its rule. Both are pure: the present instant, fresh ids and facts from
//! outside (policy, lint verdict, CVE eligibility, who could coordinate) come in with the command.
//!
//! An event's header is plain and folds; its [`Content`] (the report's text, messages, reasons, drafts, numbers) is
//! embargoed, sealed under the case's key and never needed to fold. So a case stays readable as a history after its
//! contents were erased.
//!
//! Rooms: [`Command`] and [`Event`] are the two vocabularies; `state` holds what folding knows; `decide` has one file
//! per stage of the process; `deadline`, `lifecycle` and `task` answer what is due, where the case stands and what
//! the next person should do.

mod command;
mod content;
mod deadline;
mod decide;
mod event;
mod evolve;
mod lifecycle;
mod refusal;
mod state;
mod task;
mod terms;

pub use command::{Actor, Cited, Command, Intake, PublicFact, Reproduction, Seat};
pub use content::{Content, ReportContent};
pub use deadline::{Deadline, DeadlineKind};
pub use decide::{Recorded, decide};
pub use event::{Channel, ClosingReason, Event, Notice};
pub use evolve::{evolve, fold};
pub use lifecycle::Lifecycle;
pub use refusal::{Refusal, RefusalKind};
pub use state::{
    AdvisoryPart, Case, Dates, Embargo, Member, Party, ProjectPart, Proposal, ReporterPart, Vulnerability,
};
pub use task::{Task, next_task, tasks};
pub use terms::Terms;

#[cfg(test)]
mod tests;
