//! An advisory that matches a version of a package, and what one asks to find it.

use bastide_model::{
    package::Package,
    time::Instant,
    version::{Verdict, Version},
};

/// An advisory that speaks of a version of a package.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The advisory's id: `PYSEC-2024-48`.
    pub id: String,
    /// Its other names, as the record writes them, with those that other records give it (alias group).
    pub aliases: Vec<String>,
    /// One line about it; empty where the record has none.
    pub summary: String,
    /// When the record was last changed.
    pub modified: Instant,
    /// The highest CVSS base score of the record, 0.0 to 10.0, where it gives one that can be read.
    pub score: Option<f32>,
    /// Whether the version is affected: yes or unknown (a match is never "no").
    pub verdict: Verdict,
    /// The versions that fix it for this package, ascending, each once; none means that nothing fixes it yet.
    pub fixed: Vec<Version>,
}

/// What an audit asks. The database answers it; tests answer it from a list.
pub trait Advisories {
    /// Why no answer can be given: a database that cannot be read.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Every advisory, not withdrawn, that affects this version of this package, or may (verdict unknown), by id.
    fn matches(&self, package: &Package, version: &Version) -> Result<Vec<Match>, Self::Error>;
}
