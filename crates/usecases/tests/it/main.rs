//! The use cases on a real store: every story runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the finding")]
#![allow(clippy::print_stdout, reason = "figures of a run")]

mod canaries;
mod clock;
mod conduct;
mod cpython;
mod erasing;
mod exporting;
mod jupyter;
mod mailbox;
mod operating;
mod outbox;
mod proposals;
mod readings;
mod recovery;
mod revising;
mod revocation;
mod rights;
mod scipy;
mod steps;
mod telling;
mod world;
