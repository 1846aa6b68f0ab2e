//! What an advisory means for somebody who told which packages they use.
//!
//! [`watched`] reduces an inventory to what is kept of it; [`concern`] holds one advisory against one watched package;
//! [`outcome`] says later, when the packages are given again, what became of it.

use std::collections::BTreeMap;

use bastide_advisory::{
    Advisory,
    answer::answer,
    mend::{Command, commands},
    record::{Affected, Event, EventKind, Range},
};
use bastide_model::{
    package::{Ecosystem, Package},
    version::{Verdict, Version},
};
use serde::{Deserialize, Serialize};

use crate::inventory::{Inventory, NoVersion};

/// A package that somebody watches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Watched {
    /// The ecosystem by OSV's name: `PyPI`.
    pub ecosystem: String,
    /// The normalised name.
    pub name: String,
    /// The version as written; nothing where none is known, so that every advisory about the package is told.
    pub version: Option<String>,
    /// What it is needed for: `runtime`, `extra`, `dev`, `build`.
    pub scope: String,
    /// Who brings it in, from a root to the package itself.
    pub path: Vec<String>,
}

/// What is kept of an inventory, and what cannot be watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reduced {
    /// The packages, each version of each once, by name.
    pub watched: Vec<Watched>,
    /// Packages that no advisory could name, and what could not be read, in a sentence each.
    pub left_out: Vec<String>,
}

/// What is kept of an inventory: package, version, scope and path, and nothing else.
pub fn watched(inventory: &Inventory) -> Reduced {
    let mut found: BTreeMap<(String, String, Option<String>), Watched> = BTreeMap::new();
    let mut left_out = Vec::new();
    for component in &inventory.components {
        let Some(package) = component.advised_as() else {
            left_out.push(format!(
                "{} is no package that advisories name, and no PyPI name is known for it",
                component.package.name()
            ));
            continue;
        };
        let version = match &component.version {
            Ok(version) => Some(version.as_str().to_owned()),
            Err(NoVersion::Range(_) | NoVersion::Absent) => None,
            Err(invalid @ NoVersion::Invalid(_)) => {
                left_out.push(format!("the version of {} cannot be read: {invalid}", package.name()));
                None
            }
        };
        let watched = Watched {
            ecosystem: package.ecosystem().osv_name().to_owned(),
            name: package.name().to_owned(),
            version,
            scope: component.scope.name().to_owned(),
            path: component.path.clone(),
        };
        // Where a version stands twice, the shortest way to it is kept.
        let key = (watched.ecosystem.clone(), watched.name.clone(), watched.version.clone());
        let shorter = found.get(&key).is_none_or(|known| watched.path.len() < known.path.len());
        if shorter {
            found.insert(key, watched);
        }
    }
    left_out.extend(inventory.unread.iter().map(|unread| format!("{}: {}", unread.what, unread.reason)));
    Reduced { watched: found.into_values().collect(), left_out }
}

/// The whole of a package, whatever its version.
pub fn any_version(package: &Package) -> Watched {
    Watched {
        ecosystem: package.ecosystem().osv_name().to_owned(),
        name: package.name().to_owned(),
        version: None,
        scope: "runtime".to_owned(),
        path: vec![package.name().to_owned()],
    }
}

/// What an advisory means for a watched package: it is affected, or it cannot be told whether.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Concern {
    /// The package.
    pub watched: Watched,
    /// Whether it is known to be affected; otherwise it cannot be told.
    pub certain: bool,
    /// The versions above the watched one that mend it, ascending, as written; none means that nothing mends it yet.
    pub fixed: Vec<String>,
    /// The ranges and versions that are affected, as the record gives them for this package.
    affected: Vec<Affected>,
}

/// What an advisory means for a watched package; nothing where it does not affect it, or was withdrawn.
pub fn concern(advisory: &Advisory, watched: &Watched) -> Option<Concern> {
    if advisory.withdrawn.is_some() {
        return None;
    }
    let package = Package::new(Ecosystem::from_osv(&watched.ecosystem), &watched.name);
    let about = |entry: &&Affected| entry.package.as_ref().is_some_and(|named| named.package() == package);
    let mut affected: Vec<Affected> = advisory.affected.iter().filter(about).cloned().collect();
    if affected.is_empty() {
        return None;
    }
    let name = format!("{}:{}", watched.ecosystem, watched.name);
    let verdict =
        watched.version.as_ref().map_or(Verdict::Unknown, |version| answer(advisory, &name, version).verdict);
    if verdict == Verdict::No {
        return None;
    }
    let fixed = above(&affected, watched);
    for entry in &mut affected {
        // Only what says which versions are affected is needed again.
        entry.database_specific.clear();
        entry.ecosystem_specific.clear();
        entry.unknown.clear();
    }
    Some(Concern { watched: watched.clone(), certain: verdict == Verdict::Yes, fixed, affected })
}

/// The fixed versions above the watched one, ascending; all of them where it is not known.
fn above(affected: &[Affected], watched: &Watched) -> Vec<String> {
    let ecosystem = Ecosystem::from_osv(&watched.ecosystem);
    let own = watched.version.as_ref().and_then(|version| Version::parse(&ecosystem, version).ok());
    let named = affected.iter().flat_map(Affected::fixed_versions);
    let mut fixed: Vec<Version> = named.filter_map(|text| Version::parse(&ecosystem, text).ok()).collect();
    fixed.retain(|version| {
        own.as_ref().is_none_or(|own| version.compare(own).is_none_or(std::cmp::Ordering::is_gt))
    });
    fixed.sort_by(|left, right| left.compare(right).unwrap_or(std::cmp::Ordering::Equal));
    fixed.dedup();
    fixed.into_iter().map(|version| version.as_str().to_owned()).collect()
}

impl Concern {
    /// The same for another place where this version of the package is watched.
    #[must_use]
    pub fn of(self, watched: Watched) -> Self {
        Self { watched, ..self }
    }

    /// The lines that mend it, of each tool the smallest step from the watched version.
    pub fn commands(&self) -> Vec<Command> {
        let Some(smallest) = self.fixed.first() else { return Vec::new() };
        let package = self.affected.iter().find_map(|entry| entry.package.clone());
        let events =
            vec![Event::new(EventKind::Introduced, "0"), Event::new(EventKind::Fixed, smallest.as_str())];
        commands(&Affected { package, ranges: vec![Range::ecosystem(events)], ..Affected::default() })
    }
}

/// What became of a concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// An affected version is still there, or one of which it cannot be told.
    Still,
    /// The package is there in a version that is not affected.
    Acted,
    /// The package is not there any more.
    Gone,
}

/// What became of a concern now that these packages are watched.
pub fn outcome(concern: &Concern, now: &[Watched]) -> Outcome {
    let same = |watched: &&Watched| {
        watched.ecosystem == concern.watched.ecosystem && watched.name == concern.watched.name
    };
    let mut found = Outcome::Gone;
    let ecosystem = Ecosystem::from_osv(&concern.watched.ecosystem);
    for watched in now.iter().filter(same) {
        let version = watched.version.as_ref().and_then(|version| Version::parse(&ecosystem, version).ok());
        let verdict = version.map_or(Verdict::Unknown, |version| {
            Verdict::any(concern.affected.iter().map(|entry| entry.affects(&version)))
        });
        if verdict != Verdict::No {
            return Outcome::Still;
        }
        found = Outcome::Acted;
    }
    found
}

#[cfg(test)]
mod tests {
    use bastide_advisory::{Format, read_osv};

    use super::*;

    fn advisory(extra: &str) -> Advisory {
        let text = format!(
            r#"{{"id": "PYSEC-2024-1", "modified": "2024-01-01T00:00:00Z"{extra}, "affected": [{{
                "package": {{"ecosystem": "PyPI", "name": "Example.Package"}},
                "ranges": [{{"type": "ECOSYSTEM", "events": [
                    {{"introduced": "1.0"}}, {{"fixed": "1.4.2"}}, {{"introduced": "2.0"}}, {{"fixed": "2.1"}}]}}]}}]}}"#
        );
        read_osv(text.as_bytes(), Format::Json, "example").unwrap()
    }

    fn pinned(version: &str) -> Watched {
        let package = Package::new(Ecosystem::PyPi, "example-package");
        Watched { version: Some(version.to_owned()), ..any_version(&package) }
    }

    /// Proves: O04.
    #[test]
    fn whoever_is_affected_is_told_the_smallest_step_and_whoever_is_not_hears_nothing() {
        let advisory = advisory("");
        let told = concern(&advisory, &pinned("1.3")).unwrap();
        assert_eq!((told.certain, told.fixed.clone()), (true, vec!["1.4.2".to_owned(), "2.1".to_owned()]));
        assert_eq!(told.commands()[0].line, "python -m pip install --upgrade 'example-package>=1.4.2'");
        assert_eq!(concern(&advisory, &pinned("2.0.1")).unwrap().fixed, ["2.1"]);
        for safe in ["0.9", "1.4.2", "1.9", "2.1", "3.0"] {
            assert_eq!(concern(&advisory, &pinned(safe)), None, "{safe}");
        }
        let other = Watched { name: "other".to_owned(), ..pinned("1.3") };
        assert_eq!(concern(&advisory, &other), None);
    }

    #[test]
    fn what_cannot_be_told_is_told_as_such() {
        let advisory = advisory("");
        let any = any_version(&Package::new(Ecosystem::PyPi, "example-package"));
        let told = concern(&advisory, &any).unwrap();
        assert!(!told.certain);
        assert_eq!(told.fixed, ["1.4.2", "2.1"]);
        assert!(!concern(&advisory, &pinned("not a version")).unwrap().certain);
    }

    #[test]
    fn a_withdrawn_advisory_concerns_nobody() {
        let withdrawn = advisory(r#", "withdrawn": "2024-02-01T00:00:00Z""#);
        assert_eq!(concern(&withdrawn, &pinned("1.3")), None);
    }

    #[test]
    fn packages_given_later_say_what_became_of_it() {
        let told = concern(&advisory(""), &pinned("1.3")).unwrap();
        assert_eq!(outcome(&told, &[pinned("1.3")]), Outcome::Still);
        assert_eq!(outcome(&told, &[pinned("2.0")]), Outcome::Still, "from one affected line to another");
        assert_eq!(outcome(&told, &[pinned("1.4.2")]), Outcome::Acted);
        assert_eq!(outcome(&told, &[pinned("1.4.2"), pinned("1.3")]), Outcome::Still, "one of two");
        assert_eq!(outcome(&told, &[]), Outcome::Gone);
        let read: Concern = serde_json::from_str(&serde_json::to_string(&told).unwrap()).unwrap();
        assert_eq!(outcome(&read, &[pinned("1.4.2")]), Outcome::Acted, "as it is stored");
    }
}
