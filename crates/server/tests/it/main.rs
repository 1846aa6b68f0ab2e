//! The server through its own service, in process: requests in, answers out, on a real store.

#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "figures of a run")]

mod administration;
mod api;
mod bodies;
mod browser;
mod casework;
mod chromium;
mod described;
mod forgery;
mod kill;
mod limits;
mod mailbox;
mod matrix;
mod network;
mod operations;
mod osv_service;
mod outside_sign_in;
mod played;
mod private_case;
mod programme;
mod published;
mod reporter_account;
mod reporting;
mod signing_in;
mod site;
mod two_worlds;
mod web;

/// Whether the long form of a test is asked for: every cell, ten thousand sequences, a minute's flood.
fn exhaustive() -> bool {
    #[allow(clippy::disallowed_methods, reason = "how much is tested is for whoever runs the tests to say")]
    let asked = std::env::var("BASTIDE_EXHAUSTIVE");
    asked.is_ok_and(|value| value == "1")
}
