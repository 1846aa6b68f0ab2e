//! Tests of the model that look at it from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod output;
