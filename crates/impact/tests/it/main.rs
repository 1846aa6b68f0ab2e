//! Documents of real tools and hostile ones, and everything that `PyPA` and the PSF had published, through the public interface.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it counted"
)]

mod audit;
mod hostile;
mod packaging_suite;
mod readers;
mod real_records;
mod tools;
mod triage;
