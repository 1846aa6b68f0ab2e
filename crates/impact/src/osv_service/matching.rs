//! Which records answer what was asked, by osv.dev's rules.

use bastide_model::{package::Ecosystem, version::Version};

use super::{ServiceError, answer::Budget, request::Asked};
use crate::database::{FuzzyVersion, GIT, PackageEntries, Snapshot, version_key};

/// How a version is compared.
enum Compared {
    /// Not at all: every record of the package is meant.
    Any,
    /// By the order of its ecosystem.
    Key(Vec<u8>),
    /// As a text: its ecosystem cannot parse it, or has no order that is known here.
    Text(Vec<u8>, FuzzyVersion),
}

impl Compared {
    fn new(ecosystem: &str, version: Option<&str>) -> Self {
        let Some(version) = version else { return Self::Any };
        let base = Ecosystem::from_osv(ecosystem.split(':').next().unwrap_or_default());
        let parsed = Version::parse(&base, version);
        match (&base, parsed) {
            (Ecosystem::PyPi | Ecosystem::Npm, Ok(version)) => Self::Key(version_key(&version)),
            _ => Self::Text(version.as_bytes().to_vec(), FuzzyVersion::new(version)),
        }
    }
}

/// The numbers of the records that answer, in the order of ids.
pub(super) fn records(
    snapshot: &Snapshot,
    asked: &Asked,
    budget: &mut Budget,
) -> Result<Vec<u32>, ServiceError> {
    let mut found = Vec::new();
    let ecosystems = match &asked.ecosystem {
        Some(ecosystem) => std::slice::from_ref(ecosystem),
        None => snapshot.ecosystems()?,
    };
    for ecosystem in ecosystems {
        let Some(entries) = snapshot.named(ecosystem, &asked.name)? else { continue };
        let compared = Compared::new(ecosystem, asked.version.as_deref());
        search(snapshot, &entries, &compared, ecosystem == GIT, budget, &mut found)?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Adds the records whose entry matches.
fn search(
    snapshot: &Snapshot,
    entries: &PackageEntries<'_>,
    compared: &Compared,
    is_git: bool,
    budget: &mut Budget,
    found: &mut Vec<u32>,
) -> Result<(), ServiceError> {
    let key = match compared {
        Compared::Any => None,
        Compared::Key(key) | Compared::Text(key, _) => Some(key.as_slice()),
    };
    for entry in entries.ask(key) {
        let entry = entry?;
        let matches = match compared {
            Compared::Any => true,
            Compared::Key(_) => entry.hit,
            Compared::Text(_, fuzzy) => {
                let (_, versions) = snapshot.details(entry.details)?;
                budget.compare(versions.len());
                (entry.hit && !is_git) || versions.iter().any(|listed| fuzzy.equals(listed))
            }
        };
        if matches {
            found.push(entry.record);
        }
    }
    Ok(())
}
