//! A database as lines of text, the same from both engines: what a backup holds, and how a desk moves from one engine to
//! the other.
//!
//! The first line says what it is, which schema the rows have, and where both logs stand; then each table with its
//! columns, its rows in the order of their key, and the digest of these rows; the last line says that nothing is
//! missing. Everything is read in one snapshot, while the desk goes on writing. Rows are as they are stored: sealed
//! contents stay sealed, and no key is needed to copy them.

mod compare;
mod dump;
mod load;
mod table;

use serde::{Deserialize, Serialize};

pub use dump::{Dump, dump};
pub use load::{Loader, emptiness};

/// The word that the first line begins with.
pub(crate) const FORMAT: &str = "bastide-transfer-1";

/// Where a log stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// The log's name.
    pub log: String,
    /// How many leaves it has.
    pub size: u64,
    /// Its root hash, in hexadecimal.
    pub root: String,
}

/// What the rows of a table come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDigest {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// The SHA-256 of its rows as lines, in hexadecimal.
    pub sha256: String,
}

/// What a whole database comes to: two desks that hold the same have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The schema that the rows have.
    pub schema: i64,
    /// Where the logs stand.
    pub logs: Vec<LogHead>,
    /// The tables.
    pub tables: Vec<TableDigest>,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beginning {
    format: String,
    schema: i64,
    logs: Vec<LogHead>,
}

/// The beginning of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableBeginning {
    table: String,
    columns: Vec<(String, table::Kind)>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    end: String,
    tables: u64,
}
