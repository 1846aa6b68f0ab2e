//! The binary as people use it: what they type, what they see, which code it ends with.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the finding")]
#![allow(clippy::print_stdout, reason = "figures of a run")]

mod admin;
mod advisory;
mod audit;
mod backup;
mod bastide;
mod canaries;
mod demo;
mod help;
mod impact;
mod ledger;
mod lost_answers;
mod osv_clients;
mod policy;
mod report;
mod running;
mod serve;
mod sync;
