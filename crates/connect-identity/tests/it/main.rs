//! The providers against houses that answer right, wrong, too much or not at all.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod foreign;
mod github;
mod house;
mod oidc;
