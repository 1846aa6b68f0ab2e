//! The ledger's laws over whole logs.

mod laws;
mod proofs;
