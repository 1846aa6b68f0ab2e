//! Documents of real tools and hostile ones, through the public interface.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod audit;
mod hostile;
mod readers;
mod triage;
