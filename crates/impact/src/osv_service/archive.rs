//! Dumps: an ecosystem's records as `all.zip`, and `modified_id.csv`, as osv.dev's bucket has them.
//!
//! osv-scanner's offline mode and osv-detector read `PyPI/all.zip`; mirrors read `modified_id.csv` to see what changed. Both hold
//! withdrawn records.

use std::collections::BTreeMap;

use bastide_model::time::Instant;

use super::{Layers, ServiceError};
use crate::database::{Snapshot, protobuf_time};

/// The records of an ecosystem of all layers, by id; a record published here stands in place of a feed's.
fn records<'snapshot>(
    layers: Layers<'snapshot>,
    ecosystem: &str,
) -> Result<BTreeMap<String, (Instant, &'snapshot Snapshot, u32)>, ServiceError> {
    let mut all = BTreeMap::new();
    for snapshot in layers.each() {
        for record in snapshot.records() {
            let record = record?;
            if record.ecosystems.iter().any(|known| known == ecosystem) {
                all.entry(record.id).or_insert((record.modified, snapshot, record.number));
            }
        }
    }
    Ok(all)
}

/// Each record of an ecosystem as a file of its dump: name and document, by id.
pub fn dump(
    layers: Layers<'_>,
    ecosystem: &str,
) -> Result<impl Iterator<Item = Result<(String, String), ServiceError>>, ServiceError> {
    let records = records(layers, ecosystem)?;
    Ok(records
        .into_iter()
        .map(|(id, (_, snapshot, number))| Ok((format!("{id}.json"), snapshot.document(number)?))))
}

/// The lines `INSTANT,ID` of an ecosystem's records, last modified first.
pub fn modified_ids(layers: Layers<'_>, ecosystem: &str) -> Result<String, ServiceError> {
    let mut rows: Vec<(Instant, String)> =
        records(layers, ecosystem)?.into_iter().map(|(id, (modified, ..))| (modified, id)).collect();
    rows.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    let lines = rows.iter().map(|(modified, id)| format!("{},{id}\n", protobuf_time(*modified)));
    Ok(lines.collect())
}
