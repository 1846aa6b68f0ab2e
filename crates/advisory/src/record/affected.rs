//! What is affected: packages, ranges, versions.

use bastide_model::{
    package::{Ecosystem, Package},
    version::{AffectedRange, RangeEvent, Verdict, Version, VersionError},
};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::{Assessment, Extra};

/// One affected package, or a repository where no package is named.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// The package; some records (PSF) name only a repository, in their ranges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<AffectedPackage>,
    /// Ranges of affected versions; a version in any of them is affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// Affected versions one by one, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// How bad it is for this package, where that differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Assessment>,
    /// What the ecosystem adds.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub ecosystem_specific: Extra,
    /// What the home database adds.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub database_specific: Extra,
    /// What a reader did not know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub unknown: Extra,
}

/// A package as a record names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AffectedPackage {
    /// The ecosystem by OSV's name, with its suffix: `PyPI`, `npm`, `Debian:12`.
    pub ecosystem: String,
    /// The name as written.
    pub name: String,
    /// The package URL as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// What a reader did not know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub unknown: Extra,
}

/// A range of affected versions, as events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// What the events name.
    pub kind: RangeKind,
    /// The repository, for commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The events as written.
    pub events: Vec<Event>,
    /// What the home database adds.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub database_specific: Extra,
    /// What a reader did not know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub unknown: Extra,
}

/// What the events of a range name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RangeKind {
    /// Commits.
    Git,
    /// Versions by `SemVer` 2.0.
    Semver,
    /// Versions by the package's ecosystem.
    Ecosystem,
}

/// One event of a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happens.
    pub kind: EventKind,
    /// At which version or commit.
    pub version: String,
    /// What a reader did not know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub unknown: Extra,
}

/// What happens at a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The vulnerability appears; `0` is before every version.
    Introduced,
    /// It is gone.
    Fixed,
    /// This is the last version that has it.
    LastAffected,
    /// The range says nothing from here on.
    Limit,
}

impl AffectedPackage {
    /// A package by its ecosystem's and its own name.
    pub fn new(ecosystem: impl Into<String>, name: impl Into<String>) -> Self {
        Self { ecosystem: ecosystem.into(), name: name.into(), purl: None, unknown: Map::new() }
    }

    /// The ecosystem that reads its versions (`Debian:12` is `Debian`).
    pub fn ecosystem(&self) -> Ecosystem {
        Ecosystem::from_osv(self.ecosystem.split(':').next().unwrap_or_default())
    }

    /// The package with its name normalised.
    pub fn package(&self) -> Package {
        Package::new(self.ecosystem(), &self.name)
    }
}

impl Event {
    /// An event.
    pub fn new(kind: EventKind, version: impl Into<String>) -> Self {
        Self { kind, version: version.into(), unknown: Map::new() }
    }

    /// The event as the vocabulary reads it.
    fn as_range_event(&self) -> RangeEvent<'_> {
        match self.kind {
            EventKind::Introduced => RangeEvent::Introduced(&self.version),
            EventKind::Fixed => RangeEvent::Fixed(&self.version),
            EventKind::LastAffected => RangeEvent::LastAffected(&self.version),
            EventKind::Limit => RangeEvent::Limit(&self.version),
        }
    }
}

impl Range {
    /// A range of versions by the package's ecosystem.
    pub fn ecosystem(events: Vec<Event>) -> Self {
        Self {
            kind: RangeKind::Ecosystem,
            repo: None,
            events,
            database_specific: Map::new(),
            unknown: Map::new(),
        }
    }

    /// The intervals that the range means.
    pub fn intervals(&self, ecosystem: &Ecosystem) -> Result<Vec<AffectedRange>, VersionError> {
        let scheme = match self.kind {
            RangeKind::Git => Ecosystem::Other("git".to_owned()),
            // SemVer is npm's scheme; a SEMVER range of another ecosystem is read by it too.
            RangeKind::Semver => Ecosystem::Npm,
            RangeKind::Ecosystem => ecosystem.clone(),
        };
        let events: Vec<_> = self.events.iter().map(Event::as_range_event).collect();
        AffectedRange::of_events(&scheme, &events)
    }
}

impl Affected {
    /// The ecosystem that reads its versions; without a package they are opaque.
    pub fn ecosystem(&self) -> Ecosystem {
        self.package.as_ref().map_or_else(|| Ecosystem::Other(String::new()), AffectedPackage::ecosystem)
    }

    /// Whether this version of the package is affected, by OSV's "Evaluation": it is listed, or it is in a range.
    /// Unknown where only commits are given, or where a version cannot be read.
    pub fn affects(&self, version: &Version) -> Verdict {
        let ecosystem = self.ecosystem();
        let listed = self.versions.iter().any(|text| {
            text == version.as_str()
                || Version::parse(&ecosystem, text).is_ok_and(|listed| listed == *version)
        });
        if listed {
            return Verdict::Yes;
        }
        let by_version = self.ranges.iter().filter(|range| range.kind != RangeKind::Git);
        let mut verdicts = by_version
            .map(|range| match range.intervals(&ecosystem) {
                Ok(intervals) => Verdict::any(intervals.iter().map(|interval| interval.contains(version))),
                Err(_) => Verdict::Unknown,
            })
            .peekable();
        if verdicts.peek().is_none() && self.versions.is_empty() {
            return Verdict::Unknown;
        }
        Verdict::any(verdicts)
    }

    /// The versions that fix it, as written, each once; commits are not versions.
    pub fn fixed_versions(&self) -> Vec<&str> {
        let mut fixed: Vec<&str> = Vec::new();
        for range in self.ranges.iter().filter(|range| range.kind != RangeKind::Git) {
            for event in range.events.iter().filter(|event| event.kind == EventKind::Fixed) {
                if !fixed.contains(&event.version.as_str()) {
                    fixed.push(&event.version);
                }
            }
        }
        fixed
    }

    /// The affected versions as people read them: intervals, or the listed versions where there are no ranges.
    pub fn affected_for_people(&self) -> Vec<String> {
        let ecosystem = self.ecosystem();
        let mut lines: Vec<String> = Vec::new();
        for range in self.ranges.iter().filter(|range| range.kind != RangeKind::Git) {
            match range.intervals(&ecosystem) {
                Ok(intervals) => lines.extend(intervals.iter().map(ToString::to_string)),
                Err(_) => lines.push("a range that cannot be read; see the OSV document".to_owned()),
            }
        }
        if lines.is_empty() && !self.versions.is_empty() {
            lines.push(self.versions.join(", "));
        }
        lines
    }
}
