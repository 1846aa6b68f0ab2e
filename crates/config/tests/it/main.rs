//! What a configuration may say, what is said about mistakes, and what is never printed.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod loading;
mod secrets;
mod table;
