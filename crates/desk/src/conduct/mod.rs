//! The conduct of one reporter, as an aggregate of its own (P01, P30).
//!
//! "Repeated failure to respect the policy" is counted here, across cases: strikes, the rejection of future reports, a
//! ban, and the ways back. Like a case, a matter is the fold of its events: [`evolve`] applies one, [`decide`] answers a
//! command with new ones or a refusal that cites its rule. The machine underneath is
//! [`machine::conduct`](crate::machine::conduct); its [`State`] is what an arriving report is held against.
//!
//! A ban, and its end, is the word of two people; nobody decides about themselves. What people wrote stands beside the
//! event as [`Content`], with the tier that may read it, and is never needed to fold.
//!
//! [`redacted_export`] writes a matter down for the conduct team with undisclosed vulnerability information removed.

mod command;
mod decide;
mod event;
mod export;
mod state;

pub use command::{Actor, Command, Office};
pub use decide::{Recorded, decide};
pub use event::{Content, Event, Subject, Verdict};
pub use export::{Entry, EntryKind, REMOVED, redacted_export};
pub use state::{Matter, Proposal, ProposedStep, evolve, fold};

pub use crate::machine::conduct::State;

#[cfg(test)]
mod tests;
