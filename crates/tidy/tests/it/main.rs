//! The house rules as tests. A newcomer who breaks one reads in the failure what to do.
//!
//! `workspace` reads the tree and cargo's view of it; each other module holds one kind of rule. The rules themselves
//! are explained in ARCHITECTURE.md (floors) and CONTRIBUTING.md (style).
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod acceptance;
mod configuration;
mod edges;
mod files;
mod manifests;
mod papers;
mod purity;
mod rules;
mod words;
mod workspace;
