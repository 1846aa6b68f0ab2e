//! OSV 1.7.5 (<https://ossf.github.io/osv-schema/>), the format that tools match on.
//!
//! OSV carries the whole record: what it has no field for stands under `database_specific.bastide`, never at the top level,
//! where strict readers (osv-scanner's protobuf) refuse unknown fields. CWE ids stand in `database_specific.cwe_ids`, as in
//! the records of GitHub and the PSF.

mod reader;
mod registry;
mod renderer;
#[cfg(test)]
mod tests;

pub(crate) use reader::is_uri;
pub use reader::read;
#[cfg(test)]
pub(crate) use reader::read_value;
pub use registry::is_ecosystem;
pub use renderer::render;

use crate::{
    Advisory, Carried, Field,
    record::{Affected, Consent},
};

/// The version of the schema that [`render`] writes.
pub const SCHEMA_VERSION: &str = "1.7.5";

/// Our own key under `database_specific`.
const OURS: &str = "bastide";

/// What OSV carries of each field of the record.
pub const FIELDS: &[Field] = &[
    Field::new("id", Carried::Yes),
    Field::new("version", Carried::Yes),
    Field::new("published", Carried::Yes),
    Field::new("modified", Carried::Yes),
    Field::new("withdrawn", Carried::Yes),
    Field::new("withdrawal_reason", Carried::Yes),
    Field::new("revisions", Carried::Yes),
    Field::new("aliases", Carried::Yes),
    Field::new("related", Carried::Yes),
    Field::new("upstream", Carried::Yes),
    Field::new("title", Carried::Yes),
    Field::new("summary", Carried::Yes),
    Field::new("details", Carried::Yes),
    Field::new("workaround", Carried::Yes),
    Field::new(
        "affected",
        Carried::Partly("severities of single packages only where the record has none of its own"),
    ),
    Field::new("severities", Carried::Yes),
    Field::new("cwe_ids", Carried::Yes),
    Field::new("references", Carried::Yes),
    Field::new("credits", Carried::Partly("only those whose bearers agreed to be named")),
    Field::new("timeline", Carried::Yes),
    Field::new("database_specific", Carried::Yes),
    Field::new("unknown", Carried::Yes),
];

/// The record reduced to what OSV carries of it.
pub fn carried(advisory: &Advisory) -> Advisory {
    let mut kept = advisory.clone();
    kept.credits.retain(|credit| credit.consent == Consent::Given);
    if !kept.severities.is_empty() {
        for affected in &mut kept.affected {
            affected.severities.clear();
        }
    }
    kept
}

/// The severities of one package, by the schema's rule: none where the record has its own.
fn package_severities<'record>(
    advisory: &Advisory,
    affected: &'record Affected,
) -> &'record [crate::record::Assessment] {
    if advisory.severities.is_empty() { &affected.severities } else { &[] }
}
