//! CVE Record Format 5.2 (<https://cveproject.github.io/cve-schema/>), for records with exactly one CVE id.
//!
//! A CVE record says the same things in its own words: a product per affected entry, versions with `lessThan`, CWE ids as
//! problem types, one description. What it has no field for and people need stands in the container's `x_bastide`, which
//! the schema allows.

mod carriage;
mod reader;
mod renderer;
#[cfg(test)]
mod tests;
mod versions;

pub use carriage::carried;
pub use reader::read;
pub use renderer::render;
use serde::{Deserialize, Serialize};

use crate::{Carried, Field};

/// The CVE numbering authority that assigned the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigner {
    /// Its organisation's UUID in CVE services.
    pub org_id: String,
    /// Its short name there, 2 to 32 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
}

/// What a CVE record carries of each field of the record.
pub const FIELDS: &[Field] = &[
    Field::new("id", Carried::Yes),
    Field::new("version", Carried::Yes),
    Field::new("published", Carried::Yes),
    Field::new("modified", Carried::Yes),
    Field::new("withdrawn", Carried::Yes),
    Field::new("withdrawal_reason", Carried::Yes),
    Field::new("revisions", Carried::Yes),
    Field::new("aliases", Carried::Yes),
    Field::new("related", Carried::No("a CVE record has no field for it")),
    Field::new("upstream", Carried::No("a CVE record has no field for it")),
    Field::new("title", Carried::Partly("256 characters; a record without one gets the derived title")),
    Field::new("summary", Carried::Yes),
    Field::new(
        "details",
        Carried::Partly("16384 characters; a record without any gets its summary or headline"),
    ),
    Field::new("workaround", Carried::Partly("16384 characters, not an empty one")),
    Field::new(
        "affected",
        Carried::Partly(
            "packages, one range per kind (a limit is said as an end), commits of the first repository, listed versions where \
         there is no range; no severities of single packages and nothing ecosystem- or database-specific",
        ),
    ),
    Field::new("severities", Carried::Partly("CVSS vectors, each once")),
    Field::new("cwe_ids", Carried::Partly("those of up to five digits, each once")),
    Field::new("references", Carried::Partly("each address once, without fields that were not known")),
    Field::new("credits", Carried::Partly("names and types of those whose bearers agreed, each once")),
    Field::new("timeline", Carried::Partly("each event once, not an empty one")),
    Field::new("database_specific", Carried::No("it belongs to the home database")),
    Field::new(
        "unknown",
        Carried::Partly("the fields of a CNA container that were not known, not those of other containers"),
    ),
];

/// Our own key in the CNA container.
const OURS: &str = "x_bastide";
/// The key in the record's unknown fields for those of a CNA container.
const UNKNOWN_KEY: &str = "cve_cna";
/// The schema's longest description and the longest text in another form beside it.
const MAX_PROSE: usize = 4096;
const MAX_MEDIA: usize = 16_384;
/// The schema's longest title, address and version.
const MAX_TITLE: usize = 256;
const MAX_URL: usize = 2048;
const MAX_VERSION: usize = 1024;
/// The most references in a CNA container.
const MAX_REFERENCES: usize = 512;

/// The first `limit` characters.
fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}
