//! CSAF 2.0, profile `csaf_security_advisory` (OASIS, <https://docs.oasis-open.org/csaf/csaf/v2.0/>).
//!
//! The product tree holds a branch per affected entry: ecosystem, package, then one leaf per range (its name a `vers:`
//! text), per affected version and per fixed version, each with a package URL. CSAF demands a title, an initial release
//! date and a revision history; [`carried`] shows what they are where the record has none.
//!
//! The `csaf` crates were weighed as a base: csaf-rs 0.6 brings date, spelling and second CVSS libraries for a document
//! that is a page of JSON here, so the types are our own and an independent validator is the judge (`testkit::judge`).

mod carriage;
mod product_tree;
mod reader;
mod renderer;
#[cfg(test)]
mod tests;
mod vers;

use bastide_model::severity::CvssVersion;
pub use carriage::carried;
pub(crate) use product_tree::{canonical_purl, entry_name};
pub use reader::read;
pub(crate) use renderer::cvss;
pub use renderer::render;
use serde::{Deserialize, Serialize};

use crate::{Carried, Field, record::Assessment};

/// Who issues a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// What they are to the affected products.
    pub category: PublisherCategory,
    /// Their name.
    pub name: String,
    /// An absolute address that is theirs, such as `https://jupyter.org`.
    pub namespace: String,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_details: Option<String>,
    /// The address of the directory in which the documents are published, with `/` at the end; a document then names its
    /// own address there.
    #[serde(default, skip_serializing)]
    pub directory: Option<String>,
}

/// What a publisher is to the affected products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublisherCategory {
    /// Makes them.
    Vendor,
    /// Coordinates for those who make them.
    Coordinator,
    /// Found the vulnerability.
    Discoverer,
    /// Uses them.
    User,
    /// Anything else.
    Other,
}

/// What CSAF 2.0 carries of each field of the record.
pub const FIELDS: &[Field] = &[
    Field::new("id", Carried::Yes),
    Field::new("version", Carried::Yes),
    Field::new("published", Carried::Partly("where there is none, the instant of this version")),
    Field::new("modified", Carried::Yes),
    Field::new("withdrawn", Carried::Yes),
    Field::new("withdrawal_reason", Carried::Partly("only beside the instant of withdrawal")),
    Field::new("revisions", Carried::Partly("versions without a known history are said to be so")),
    Field::new("aliases", Carried::Partly("each once")),
    Field::new("related", Carried::No("CSAF 2.0 has no field for it")),
    Field::new("upstream", Carried::No("CSAF 2.0 has no field for it")),
    Field::new("title", Carried::Partly("a record without one gets the derived title")),
    Field::new("summary", Carried::Partly("not an empty one")),
    Field::new("details", Carried::Partly("a record without any gets its headline")),
    Field::new("workaround", Carried::Partly("not an empty one")),
    Field::new(
        "affected",
        Carried::Partly(
            "packages with canonical package URLs, ranges (a limit is said as an end), versions; \
         no severities of single packages and nothing ecosystem- or database-specific",
        ),
    ),
    Field::new("severities", Carried::Partly("one vector per CVSS version; v4.0 as a note; no other scale")),
    Field::new("cwe_ids", Carried::Partly("the first that the CWE list names")),
    Field::new("references", Carried::Partly("without fields that were not known")),
    Field::new(
        "credits",
        Carried::Partly("only those whose bearers agreed, with contacts that are addresses"),
    ),
    Field::new("timeline", Carried::Partly("line breaks become spaces")),
    Field::new("database_specific", Carried::No("it belongs to the home database")),
    Field::new(
        "unknown",
        Carried::Partly("the fields of `document` that were not known, not those elsewhere"),
    ),
];

/// The product family of entries that name no package.
const REPOSITORIES: &str = "Source repository";
/// Marks the address in a product's generic URIs as the repository of its commits.
const REPO_NAMESPACE: &str = "https://ossf.github.io/osv-schema/#affectedrangesrepo-field";
/// Titles of notes that carry what CSAF has no field for.
const NOTE_SUMMARY: &str = "Summary";
const NOTE_DETAILS: &str = "Details";
const NOTE_TIMELINE: &str = "Timeline";
const NOTE_WITHDRAWN: &str = "Withdrawn";
const NOTE_CVSS4: &str = "CVSS v4.0";
/// The key in the record's unknown fields for those of a CSAF document.
const UNKNOWN_KEY: &str = "csaf_document";

/// The assessments that CSAF carries: one vector per CVSS version, those with scores before v4.0.
fn carried_assessments(all: &[Assessment]) -> Vec<Assessment> {
    let mut kept: Vec<Assessment> = Vec::new();
    for version in [CvssVersion::V2, CvssVersion::V30, CvssVersion::V31, CvssVersion::V4] {
        let of_version = |assessment: &&Assessment| matches!(assessment, Assessment::Cvss { vector } if vector.version() == version);
        kept.extend(all.iter().find(of_version).cloned());
    }
    kept
}

/// The name of a document's file, by CSAF 2.0, section 5.1: the id in lower case, everything but letters, digits, `+` and
/// `-` as `_`.
pub fn file_name(advisory: &crate::Advisory) -> String {
    let mut name = String::with_capacity(advisory.id.len() + 5);
    for character in advisory.id.to_lowercase().chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '+' | '-') {
            name.push(character);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name + ".json"
}

/// One line: line breaks and runs of spaces become a space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that is there and says something.
fn filled(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.is_empty())
}
