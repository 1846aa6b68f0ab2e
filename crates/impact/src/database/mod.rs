//! A snapshot of advisories: one flat layout of bytes, made whole and read piece by piece.
//!
//! A [`Builder`] takes records and gives bytes; a [`Snapshot`] reads them through a [`Source`] (a file of which only the needed
//! pages are read) or out of memory. [`layout`] says what stands where. From a package's name a hash leads to its entries, one
//! for each record that speaks of it: intervals of affected versions as sort keys ([`Version::sort_key`]), which compare as bytes
//! without parsing. The records themselves lie in compressed blocks and are read only when somebody wants to see them.
//!
//! Matching follows osv.dev: a listed version that is equal when both are parsed, else the events of ranges, SEMVER and ECOSYSTEM
//! alike by the package's ecosystem; GIT ranges by tag or commit only; withdrawn records are answered by id alone. Versions are
//! not enumerated into records: an interval says the same as the list of the versions in it, and says it also of versions that
//! nobody had released when the record was written.
//!
//! Invariant: damaged bytes are an error, never a panic and never another answer: each page carries a check value.
//!
//! [`Version::sort_key`]: bastide_model::version::Version::sort_key

mod aliases;
mod builder;
mod error;
mod fuzzy;
mod intervals;
pub mod layout;
mod matches;
mod package;
mod servable;
mod snapshot;
mod source;
#[cfg(test)]
mod tests;

pub use builder::{Added, Builder};
pub(crate) use builder::{COMMIT, GIT};
pub use error::{DatabaseError, ErrorKind};
pub(crate) use fuzzy::FuzzyVersion;
pub(crate) use intervals::key as version_key;
pub use package::PackageEntries;
pub use servable::servable;
pub use snapshot::{Counts, Record, Snapshot};
pub(crate) use snapshot::{protobuf_time, repository_name};
pub use source::Source;
