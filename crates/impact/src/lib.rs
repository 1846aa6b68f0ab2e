//! Am I affected, who else is, and who must act: pure functions over advisories, inventories and a dependency graph.
//!
//! [`matching`] holds the words that the others share: what it means that an advisory matches a version. [`requirement`]
//! reads what somebody asks for (PEP 508), [`marker`] under which condition. [`inputs`] reads what an environment holds into
//! an [`inventory`]; [`audit`] compares it with advisories, [`subscription`] says what an advisory means for somebody who gave
//! one. [`graph`] holds who depends on whom, [`triage`] says who of them must act when an advisory comes out, [`picture`] draws it.
//! [`database`] is a
//! snapshot of advisories that answers which of them match; [`osv_service`] answers the same over osv.dev's API, and
//! [`digestible`] says of each record whether the clients of that API can read it.
//!
//! Invariant: no I/O. Databases and graphs are bytes that a caller reads and writes; documents are bytes with a name.
//! Invariant: what cannot be read or compared is an answer of its own ("unknown"), never "not affected".

pub mod audit;
pub mod database;
pub mod digestible;
pub mod graph;
pub mod inputs;
pub mod inventory;
pub mod marker;
pub mod matching;
pub mod osv_service;
pub mod picture;
pub mod requirement;
pub mod subscription;
pub mod triage;
