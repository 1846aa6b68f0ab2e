//! Documents of real tools and hostile ones, through the public interface.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it counted"
)]

mod audit;
mod hostile;
mod readers;
mod tools;
mod triage;
