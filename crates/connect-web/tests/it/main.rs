//! The guarded client against every address that is not public, in every spelling.
#![allow(clippy::unwrap_used, reason = "tests may unwrap, their helpers too")]

mod addresses;
mod client;
