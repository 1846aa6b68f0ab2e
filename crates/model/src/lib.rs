//! The vocabulary that every floor of bastide shares.
//!
//! A newcomer starts at [`finding::Finding`] (what a rule says about a subject), [`rule::Rule`] (a check with
//! its reason and examples), [`time::Instant`] and [`time::Clock`] (the one clock), [`id`] (random 128-bit names)
//! and [`package::Package`] with [`version`] (what an advisory talks about) and [`specifier`] (which versions somebody
//! asks for).
//!
//! Invariant: this crate reads no clock, no environment, no randomness and does no I/O; whoever needs those
//! passes the value in.

pub mod digest;
pub mod finding;
pub mod id;
pub mod output;
pub mod package;
pub mod party;
pub mod rule;
pub mod severity;
pub mod specifier;
pub mod time;
pub mod version;
