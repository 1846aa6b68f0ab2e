//! The vulnerability desk as pure functions: values in, events or findings out.
//!
//! A newcomer starts at [`case`] (the life of one case: `decide` and `evolve`), goes down to [`machine`] (the state
//! machines that it is made of) and aside to [`policy`] (how a project handles reports), [`threat`] (what counts as
//! a vulnerability), [`lint`] (what is wrong with a report) and [`project`] (which versions and platforms are
//! supported).
//!
//! Invariant: no I/O, no async, no clock, no randomness: `now` and fresh ids are arguments.

pub mod case;
pub mod conduct;
pub mod lint;
pub mod machine;
pub mod policy;
pub mod project;
pub mod protocol;
pub mod threat;
