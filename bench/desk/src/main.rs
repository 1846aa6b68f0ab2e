//! How fast the desk is on this machine.
//!
//! `bench/desk/run` builds the release binary and this program and runs both. A desk on SQLite is made in a directory on
//! a real disk, `bastide serve` is started on it as people start it, and everything is asked over loopback connections:
//! nothing is called in process but the making of people and projects. The server and this client share the machine, so
//! the figures are what is left for both.

#![allow(clippy::disallowed_methods, reason = "to read the time is what this program is for")]

mod load;
mod place;
mod report;
mod scenes;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

/// Measures the desk on the machine at hand, and prints a table with the aim beside each figure.
#[derive(Debug, Parser)]
struct Arguments {
    /// The release binary to measure.
    #[arg(long, value_name = "FILE", default_value = "target/release/bastide")]
    binary: PathBuf,
    /// Where the desk's data are made and removed again. Name a directory on a real disk: promises are about its fsync.
    #[arg(long, value_name = "DIR", default_value = ".")]
    at: PathBuf,
    /// Arguments for `bastide serve`, such as `--config FILE`.
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    serve: Vec<String>,
    /// How many reports are sent; also how many cases the inbox and the start are measured with.
    #[arg(long, default_value_t = 10_000)]
    cases: u64,
    /// How many messages the large case has.
    #[arg(long, default_value_t = 9_000)]
    messages: u64,
    /// How many people take part in the large case.
    #[arg(long, default_value_t = 200)]
    participants: u64,
    /// How many pages are asked for in each measurement of a small page; large ones take a hundredth of it.
    #[arg(long, default_value_t = 50_000)]
    pages: u64,
    /// How many connections ask at once.
    #[arg(long, default_value_t = 32)]
    connections: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    match scenes::play(&Arguments::parse()).await {
        Ok(rows) => report::print(&rows),
        Err(error) => report::failed(&error),
    }
}
