//! The store on both engines: every scenario runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the finding")]
#![allow(clippy::print_stdout, reason = "figures of a run")]

mod appending;
mod damage;
mod desk;
mod erasing;
mod killing;
mod model;
mod opening;
mod projections;
mod proving;
mod rotating;
mod sealing;
mod transferring;
mod upgrading;
mod writing;
