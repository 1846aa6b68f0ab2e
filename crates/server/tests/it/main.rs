//! The server through its own service, in process: requests in, answers out, on a real store.

#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "figures of a run")]

mod administration;
mod api;
mod browser;
mod casework;
mod chromium;
mod kill;
mod operations;
mod played;
mod private_case;
mod programme;
mod published;
mod reporter_account;
mod reporting;
mod signing_in;
mod site;
mod web;
