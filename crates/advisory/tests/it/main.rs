//! The advisory formats before judges that we did not write: published schemas, an independent validator, real records.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it counted"
)]

mod broken;
mod csaf_judge;
mod formats_page;
mod jupyterlab;
mod real_records;
mod schemas;
mod shown;
mod states;
