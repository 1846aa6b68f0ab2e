//! Sets of PyPI versions as intervals in PEP 440's order: what specifiers let in, what an advisory affects.
//!
//! A set is about every version that could be written, not about those that were released, so `>=1.5.2` meets "affected
//! before 1.5.3" although no list of releases is at hand.

use std::{fmt, ops::Bound, str::FromStr as _};

use uv_pep440::{VersionSpecifier, canonicalize_version_ranges};
use version_ranges::Ranges;

use super::Form;
use crate::version::{AffectedRange, RangeEnd, Version};

/// A set of PyPI versions.
#[derive(Clone, PartialEq, Eq)]
pub struct VersionSet(Ranges<uv_pep440::Version>);

impl VersionSet {
    /// No version.
    pub fn empty() -> Self {
        Self(Ranges::empty())
    }

    /// Every version.
    pub fn full() -> Self {
        Self(Ranges::full())
    }

    pub(super) fn of_clause(form: &Form) -> Self {
        match form {
            Form::Compared(clause) => Self::canonical(Ranges::from(clause.clone())),
            Form::Arbitrary(text) => {
                Self(uv_pep440::Version::from_str(text).map_or_else(|_| Ranges::empty(), Ranges::singleton))
            }
        }
    }

    /// Bounds that no version can have (between `1.0+anything` and `1.0.post0.dev0`) become the next one that can, so that
    /// what holds no version is empty.
    fn canonical(ranges: Ranges<uv_pep440::Version>) -> Self {
        Self(canonicalize_version_ranges(&ranges).unwrap_or(ranges))
    }

    /// What a range of an advisory holds; nothing when it is one of another ecosystem. Builds of the last affected version
    /// (`1.5+local`) are in, because no specifier tells them apart from it.
    pub fn of_range(range: &AffectedRange) -> Option<Self> {
        let after = match &range.introduced {
            None => Ranges::full(),
            Some(first) => Ranges::higher_than(first.pep440()?.clone()),
        };
        let before = match &range.end {
            RangeEnd::Open => Ranges::full(),
            RangeEnd::Fixed(end) | RangeEnd::Limit(end) => Ranges::strictly_lower_than(end.pep440()?.clone()),
            RangeEnd::LastAffected(end) => match end.pep440()? {
                end if end.is_local() => Ranges::lower_than(end.clone()),
                end => Ranges::from(VersionSpecifier::less_than_equal_version(end.clone())),
            },
        };
        Some(Self::canonical(after.intersection(&before)))
    }

    /// These versions alone, with their builds (`1.5+local`); those of another ecosystem are left out.
    pub fn of_versions<'version>(versions: impl IntoIterator<Item = &'version Version>) -> Self {
        let single = |version: &'version Version| {
            let version = version.pep440()?.clone();
            Some(Self::canonical(Ranges::from(VersionSpecifier::equals_version(version))).0)
        };
        // Two by two, so that thousands of versions are not merged into one long list again and again.
        let mut sets: Vec<Ranges<uv_pep440::Version>> = versions.into_iter().filter_map(single).collect();
        while sets.len() > 1 {
            sets = sets
                .chunks(2)
                .map(|pair| pair.iter().skip(1).fold(pair[0].clone(), |one, other| one.union(other)))
                .collect();
        }
        Self(sets.pop().unwrap_or_else(Ranges::empty))
    }

    /// Whether it holds this version. A version of another ecosystem is in no set.
    pub fn contains(&self, version: &Version) -> bool {
        version.pep440().is_some_and(|version| self.0.contains(version))
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0))
    }

    /// What it does not hold.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self(self.0.complement())
    }

    /// Its versions and everything above the lowest of them.
    #[must_use]
    pub fn upward(&self) -> Self {
        let lowest = self.0.bounding_range().map(|(lowest, _)| lowest.cloned());
        Self(
            lowest.map_or_else(Ranges::empty, |lowest| Ranges::from_range_bounds((lowest, Bound::Unbounded))),
        )
    }

    /// Whether both hold some version.
    pub fn intersects(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }

    /// Whether it holds no version.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether each of its versions comes before this one; true of the empty set, false of a version of another ecosystem.
    pub fn is_below(&self, version: &Version) -> bool {
        version.pep440().is_some_and(|version| self.0.is_disjoint(&Ranges::higher_than(version.clone())))
    }
}

impl fmt::Debug for VersionSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}
