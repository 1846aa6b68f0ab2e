//! Disclosure policies: how a project handles reports, as one plain value.
//!
//! A policy is a TOML file. It may inherit another policy by name and then states only what differs; [`check`] reads
//! a file, fills in what it inherits and returns the resolved [`Policy`], or every problem with its line and a
//! remedy. The resolved value has a digest ([`Policy::digest`]) and is frozen into a case when its report comes in,
//! so that a later edit never moves the deadlines of a running case. Five policies are built in ([`builtin`]).
//!
//! Where to look: [`value`] is the policy itself, [`field`] the table of everything that a file may say (names,
//! ranges, meaning), [`read`] turns text into statements, [`library`] resolves inheritance, [`publish`] renders
//! security.txt and the embargo record of the Vultron protocol.
//!
//! Why per project and frozen: the documents disagree with each other on purpose (reply to all reports or discard
//! noise without a reply; publish on a date or when the fix is merged). None of that is a constant here.

pub mod field;
pub mod library;
mod nearest;
pub(crate) mod problem;
pub mod publish;
pub mod read;
pub mod value;

pub use library::{BUILTIN_NAMES, Library, builtin, builtin_text, check};
pub use nearest::nearest;
pub use problem::PolicyProblem;
pub use value::{
    Contact, CveAuthority, Deadlines, Disposition, Embargo, EmbargoLength, LintLimits, Policy, Publication,
    PublishTrigger, Replies, SourceNote,
};

#[cfg(test)]
mod tests;
