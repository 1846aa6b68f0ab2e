//! The ledger's laws over whole logs.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the finding")]

mod laws;
mod proofs;
