//! Mail into a directory, and to a mail server that we did not write.
#![allow(clippy::unwrap_used, reason = "in a test, a value that is not there is a failure")]

mod relay;
mod spool;
