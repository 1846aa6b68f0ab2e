//! What a format carries of the record: the rows of each format's table.

use serde::Serialize;

/// How much of a record's field a format carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "carried", content = "how", rename_all = "kebab-case")]
pub enum Carried {
    /// All of it: what is read back equals the record.
    Yes,
    /// A part of it, in the way that is said.
    Partly(&'static str),
    /// None of it, for the reason that is said.
    No(&'static str),
}

/// One row of a format's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The record's field, one of [`FIELD_NAMES`].
    pub name: &'static str,
    /// How much of it the format carries.
    pub carried: Carried,
}

impl Field {
    /// A row.
    pub const fn new(name: &'static str, carried: Carried) -> Self {
        Self { name, carried }
    }
}

/// The record's fields, in its order; every format's table names each of them once.
pub const FIELD_NAMES: [&str; 22] = [
    "id",
    "version",
    "published",
    "modified",
    "withdrawn",
    "revisions",
    "aliases",
    "related",
    "upstream",
    "title",
    "summary",
    "details",
    "workaround",
    "affected",
    "severities",
    "cwe_ids",
    "references",
    "credits",
    "timeline",
    "database_specific",
    "unknown",
    "withdrawal_reason",
];
