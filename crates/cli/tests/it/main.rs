//! The binary as people use it: what they type, what they see, which code it ends with.

mod admin;
mod advisory;
mod bastide;
mod help;
mod ledger;
mod policy;
mod report;
