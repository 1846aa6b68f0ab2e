//! Versions and affected ranges, read and ordered the way their ecosystem does it.
//!
//! A version of a PyPI package is read by PEP 440, one of an npm package by `SemVer` 2.0; any other is an opaque text
//! that can be compared for equality only. Where the order is unknown, the answer is [`Verdict::Unknown`], never a
//! guess: a tool that says "not affected" because it could not compare is worse than one that asks.
//!
//! Ranges follow OSV: events `introduced`, `fixed`, `last_affected` and `limit`, sorted, read as intervals.

use std::{cmp::Ordering, fmt, str::FromStr};

use crate::package::Ecosystem;

mod sort_key;

/// The longest version that is read, in bytes. Real ones stay below 60.
pub const MAX_VERSION_BYTES: usize = 256;

/// A version of a package, as written, with what its ecosystem makes of it.
#[derive(Clone)]
pub struct Version {
    text: String,
    scheme: Scheme,
}

#[derive(Clone)]
enum Scheme {
    Pep440(uv_pep440::Version),
    SemVer(semver::Version),
    Opaque,
}

/// A text that is no version of its ecosystem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a version of an {ecosystem} package: {reason}; {remedy}")]
pub struct VersionError {
    /// The text as given, cut to 64 characters.
    pub input: String,
    /// The ecosystem by whose rules it was read.
    pub ecosystem: String,
    /// What is wrong with it.
    pub reason: String,
    /// How to write it instead.
    pub remedy: &'static str,
}

impl VersionError {
    fn new(input: &str, ecosystem: &Ecosystem, reason: impl Into<String>) -> Self {
        let remedy = match ecosystem {
            Ecosystem::PyPi => "write it by PEP 440, as 4.2.5, 4.3.0rc1 or 1.0.post1",
            Ecosystem::Npm => "write it by SemVer, as 4.2.5 or 4.3.0-rc.1",
            Ecosystem::Other(_) => "write it in 1 to 256 bytes",
        };
        let input = input.chars().take(64).collect();
        Self { input, ecosystem: ecosystem.osv_name().to_owned(), reason: reason.into(), remedy }
    }
}

impl Version {
    /// Reads a version by the rules of its ecosystem.
    pub fn parse(ecosystem: &Ecosystem, text: &str) -> Result<Self, VersionError> {
        let refuse = |reason: String| VersionError::new(text, ecosystem, reason);
        if text.is_empty() || text.len() > MAX_VERSION_BYTES {
            return Err(refuse(format!("it has {} bytes", text.len())));
        }
        let scheme = match ecosystem {
            Ecosystem::PyPi => Scheme::Pep440(
                uv_pep440::Version::from_str(text.trim())
                    .map_err(|error| refuse(one_line(&error.to_string())))?,
            ),
            Ecosystem::Npm => {
                Scheme::SemVer(semver::Version::parse(text).map_err(|error| refuse(error.to_string()))?)
            }
            Ecosystem::Other(_) => Scheme::Opaque,
        };
        Ok(Self { text: text.to_owned(), scheme })
    }

    /// The version as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The version as its ecosystem writes it: `1.0rc1` for `1.0-RC.1`; an opaque version as it is.
    pub fn normalised(&self) -> String {
        match &self.scheme {
            Scheme::Pep440(version) => version.to_string(),
            Scheme::SemVer(version) => version.to_string(),
            Scheme::Opaque => self.text.clone(),
        }
    }

    /// Whether it comes before a release: PEP 440 alpha, beta, candidate or development release, `SemVer` prerelease.
    /// Nothing is known of an opaque version.
    pub fn is_prerelease(&self) -> Option<bool> {
        match &self.scheme {
            Scheme::Pep440(version) => Some(version.any_prerelease()),
            Scheme::SemVer(version) => Some(!version.pre.is_empty()),
            Scheme::Opaque => None,
        }
    }

    /// The order of two versions of one ecosystem, or nothing where it is unknown.
    ///
    /// `SemVer` build metadata has no precedence (`SemVer` 10); PEP 440 local versions have (PEP 440, "Local version
    /// identifiers"); trailing zeros mean nothing to PEP 440.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (&self.scheme, &other.scheme) {
            (Scheme::Pep440(left), Scheme::Pep440(right)) => Some(left.cmp(right)),
            (Scheme::SemVer(left), Scheme::SemVer(right)) => Some(left.cmp_precedence(right)),
            (Scheme::Opaque, Scheme::Opaque) if self.text == other.text => Some(Ordering::Equal),
            _ => None,
        }
    }
}

impl Version {
    /// A version of a PyPI package that was read before.
    pub(crate) fn of_pep440(version: uv_pep440::Version) -> Self {
        Self { text: version.to_string(), scheme: Scheme::Pep440(version) }
    }

    /// What PEP 440 makes of it; nothing of a version of another ecosystem.
    pub(crate) fn pep440(&self) -> Option<&uv_pep440::Version> {
        match &self.scheme {
            Scheme::Pep440(version) => Some(version),
            Scheme::SemVer(_) | Scheme::Opaque => None,
        }
    }
}

/// The parser's messages have several lines; an error here is one sentence.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl PartialEq for Version {
    /// Equal as versions: `1.0` and `1.0.0` of PyPI are one version.
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.compare(other)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Whether a version is affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is affected.
    Yes,
    /// It is not affected.
    No,
    /// It cannot be told: the order of these versions is unknown.
    Unknown,
}

impl Verdict {
    /// Affected if any part says so; unknown if none does and any part does not know.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::No, |whole, part| match (whole, part) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::No, Self::No) => Self::No,
        })
    }
}

/// Where an affected range ends.
#[derive(Debug, Clone, PartialEq)]
pub enum RangeEnd {
    /// Nothing fixes it yet: every later version is affected.
    Open,
    /// The first version that is not affected any more.
    Fixed(Version),
    /// The last version that is affected.
    LastAffected(Version),
    /// The first version that the range says nothing about (OSV `limit`).
    Limit(Version),
}

/// One interval of affected versions.
#[derive(Debug, Clone, PartialEq)]
pub struct AffectedRange {
    /// The first affected version; nothing means from the very first one (OSV's `0`).
    pub introduced: Option<Version>,
    /// Where it ends.
    pub end: RangeEnd,
}

/// One event of an OSV range, before it is read as a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeEvent<'text> {
    /// `introduced`; `0` stands before every version.
    Introduced(&'text str),
    /// `fixed`.
    Fixed(&'text str),
    /// `last_affected`.
    LastAffected(&'text str),
    /// `limit`.
    Limit(&'text str),
}

impl AffectedRange {
    /// The intervals that an OSV range's events mean, by OSV's "Evaluation": events are sorted, each `introduced` opens
    /// an interval, the next `fixed`, `last_affected` or `limit` closes it. Events whose order is unknown are taken in
    /// the order in which they are written.
    pub fn of_events(ecosystem: &Ecosystem, events: &[RangeEvent<'_>]) -> Result<Vec<Self>, VersionError> {
        let mut read =
            events.iter().map(|event| ReadEvent::new(ecosystem, event)).collect::<Result<Vec<_>, _>>()?;
        if !matches!(ecosystem, Ecosystem::Other(_)) {
            read.sort_by(ReadEvent::order);
        }
        let mut ranges = Vec::new();
        let mut open: Option<Option<Version>> = None;
        for event in read {
            match event {
                // A second `introduced` inside an open interval says nothing new.
                ReadEvent::Introduced(version) => open = open.or(Some(version)),
                ReadEvent::End(end) => {
                    if let Some(introduced) = open.take() {
                        ranges.push(Self { introduced, end });
                    }
                }
            }
        }
        if let Some(introduced) = open {
            ranges.push(Self { introduced, end: RangeEnd::Open });
        }
        Ok(ranges)
    }

    /// Whether the range holds this version.
    pub fn contains(&self, version: &Version) -> Verdict {
        let after_start = match &self.introduced {
            None => Some(true),
            Some(introduced) => version.compare(introduced).map(Ordering::is_ge),
        };
        let before_end = match &self.end {
            RangeEnd::Open => Some(true),
            RangeEnd::Fixed(end) | RangeEnd::Limit(end) => version.compare(end).map(Ordering::is_lt),
            RangeEnd::LastAffected(end) => version.compare(end).map(Ordering::is_le),
        };
        // An opaque version that is one of the ends is known to be in or out whatever lies between.
        let is_introduced = self.introduced.as_ref() == Some(version);
        let is_last = matches!(&self.end, RangeEnd::LastAffected(end) if end == version);
        match (after_start, before_end) {
            (Some(true), Some(true)) => Verdict::Yes,
            (Some(false), _) | (_, Some(false)) => Verdict::No,
            _ if is_introduced || is_last => Verdict::Yes,
            _ => Verdict::Unknown,
        }
    }
}

impl fmt::Display for AffectedRange {
    /// As people write it: `>= 4.0.0, < 4.2.5`; `all versions`; `<= 1.2`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.introduced.as_ref().map(|version| format!(">= {version}"));
        let end = match &self.end {
            RangeEnd::Open => None,
            RangeEnd::Fixed(version) | RangeEnd::Limit(version) => Some(format!("< {version}")),
            RangeEnd::LastAffected(version) => Some(format!("<= {version}")),
        };
        match (start, end) {
            (None, None) => out.write_str("all versions"),
            (Some(start), Some(end)) => write!(out, "{start}, {end}"),
            (Some(one), None) | (None, Some(one)) => out.write_str(&one),
        }
    }
}

enum ReadEvent {
    Introduced(Option<Version>),
    End(RangeEnd),
}

impl ReadEvent {
    fn new(ecosystem: &Ecosystem, event: &RangeEvent<'_>) -> Result<Self, VersionError> {
        let read = |text: &str| Version::parse(ecosystem, text);
        Ok(match event {
            RangeEvent::Introduced("0") => Self::Introduced(None),
            RangeEvent::Introduced(text) => Self::Introduced(Some(read(text)?)),
            RangeEvent::Fixed(text) => Self::End(RangeEnd::Fixed(read(text)?)),
            RangeEvent::LastAffected(text) => Self::End(RangeEnd::LastAffected(read(text)?)),
            RangeEvent::Limit("*") => Self::End(RangeEnd::Open),
            RangeEvent::Limit(text) => Self::End(RangeEnd::Limit(read(text)?)),
        })
    }

    /// The version at which the event happens; nothing is before all, `Err` is after all.
    fn position(&self) -> Result<Option<&Version>, ()> {
        match self {
            Self::Introduced(version) => Ok(version.as_ref()),
            Self::End(RangeEnd::Open) => Err(()),
            Self::End(RangeEnd::Fixed(end) | RangeEnd::LastAffected(end) | RangeEnd::Limit(end)) => {
                Ok(Some(end))
            }
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        let (left, right) = match (self.position(), other.position()) {
            (Ok(left), Ok(right)) => (left, right),
            (left, right) => return left.is_err().cmp(&right.is_err()),
        };
        match (left, right) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => left.compare(right).unwrap_or(Ordering::Equal),
        }
        // At one version, `fixed` closes the earlier interval before `introduced` opens the next; `last_affected`
        // closes the interval that `introduced` at the same version opens.
        .then_with(|| self.rank().cmp(&other.rank()))
    }

    fn rank(&self) -> u8 {
        match self {
            Self::End(RangeEnd::Fixed(_) | RangeEnd::Limit(_)) => 0,
            Self::Introduced(_) => 1,
            Self::End(RangeEnd::LastAffected(_) | RangeEnd::Open) => 2,
        }
    }
}

#[cfg(test)]
mod tests;
