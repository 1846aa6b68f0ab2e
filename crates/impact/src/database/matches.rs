//! Which advisories match a version: what an audit asks.

use bastide_model::{
    package::Package,
    version::{Verdict, Version},
};

use super::{DatabaseError, Snapshot, intervals};
use crate::matching::{Advisories, Match};

impl Advisories for Snapshot {
    type Error = DatabaseError;

    fn matches(&self, package: &Package, version: &Version) -> Result<Vec<Match>, DatabaseError> {
        let Some(entries) = self.package(package)? else { return Ok(Vec::new()) };
        let key = intervals::key(version);
        let mut found = Vec::new();
        for entry in entries.ask(Some(&key)) {
            let entry = entry?;
            let verdict = match (entry.hit, entry.unclear) {
                (true, _) => Verdict::Yes,
                (false, true) => Verdict::Unknown,
                (false, false) => continue,
            };
            let record = self.numbered(entry.record)?;
            let (fixed, _) = self.details(entry.details)?;
            found.push(Match {
                id: record.id,
                aliases: record.aliases,
                summary: record.summary,
                modified: record.modified,
                score: record.score.map(|tenths| f32::from(tenths) / 10.0),
                verdict,
                fixed: fixed
                    .iter()
                    .filter_map(|text| Version::parse(package.ecosystem(), text).ok())
                    .collect(),
            });
        }
        Ok(found)
    }
}
