//! What was measured, as a table.

use std::process::ExitCode;

/// One line: what, how much, and what it was to be.
#[derive(Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure with its unit.
    pub(crate) figure: String,
    /// What it was to be.
    pub(crate) aim: &'static str,
    /// Whether it is; none where nothing was promised.
    pub(crate) holds: Option<bool>,
}

/// Prints the table; the exit code says whether every aim was met.
#[allow(clippy::print_stdout, reason = "the table is what the program is for")]
pub(crate) fn print(rows: &[Row]) -> ExitCode {
    println!("{:<58}  {:<40}  {:<34}  holds", "what", "measured", "aim");
    for row in rows {
        let holds = row.holds.map_or("-", |holds| if holds { "yes" } else { "NO" });
        println!("{:<58}  {:<40}  {:<34}  {holds}", row.what, row.figure, row.aim);
    }
    if rows.iter().any(|row| row.holds == Some(false)) { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

/// Says why nothing was measured.
#[allow(clippy::print_stderr, reason = "errors go to standard error")]
pub(crate) fn failed(error: &str) -> ExitCode {
    eprintln!("not measured: {error}");
    ExitCode::from(3)
}

/// Says what is going on.
#[allow(clippy::print_stderr, reason = "progress goes to standard error")]
pub(crate) fn doing(what: &str) {
    eprintln!("{what} ...");
}
