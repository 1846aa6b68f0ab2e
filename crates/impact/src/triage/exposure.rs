//! What an advisory says of one package, as sets of versions.

use bastide_advisory::{
    Advisory,
    record::{Affected, EventKind, RangeKind},
};
use bastide_model::{
    package::{Ecosystem, Package},
    specifier::{Operator, Specifiers, VersionSet},
    version::{AffectedRange, RangeEnd, RangeEvent, Version},
};

use super::State;

/// Why an advisory says nothing that could be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExposureError {
    /// It is about other packages.
    #[error("{id} does not speak of {package}; name a package that it speaks of: {others}")]
    OtherPackage {
        /// The advisory's id.
        id: String,
        /// The package asked about.
        package: String,
        /// Packages that it does speak of, or "none".
        others: String,
    },
    /// A version in it cannot be read.
    #[error("{id} cannot be compared with what dependents ask for: {reason}")]
    Unreadable {
        /// The advisory's id.
        id: String,
        /// Which version, and what is wrong with it.
        reason: String,
    },
}

/// What an advisory says of one package.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The advisory's id, or the range that was given in its place.
    pub id: String,
    /// The package.
    pub package: Package,
    /// The intervals of affected versions, for people.
    pub ranges: Vec<String>,
    /// The versions that the advisory names as fixed, ascending.
    pub fixed: Vec<Version>,
    pub(super) affected: VersionSet,
    pub(super) mended: VersionSet,
}

impl Exposure {
    /// What this advisory says of this package of PyPI.
    pub fn of_advisory(advisory: &Advisory, package: &Package) -> Result<Self, ExposureError> {
        let entries: Vec<&Affected> = advisory
            .affected
            .iter()
            .filter(|affected| affected.package.as_ref().is_some_and(|named| named.package() == *package))
            .collect();
        if entries.is_empty() || *package.ecosystem() != Ecosystem::PyPi {
            let mut others: Vec<String> =
                packages(advisory).iter().map(|package| package.name().to_owned()).take(10).collect();
            if others.is_empty() {
                others.push("none of PyPI".to_owned());
            }
            return Err(ExposureError::OtherPackage {
                id: advisory.id.clone(),
                package: package.name().to_owned(),
                others: others.join(", "),
            });
        }
        let mut ranges = Vec::new();
        for range in
            entries.iter().flat_map(|entry| &entry.ranges).filter(|range| range.kind != RangeKind::Git)
        {
            let events: Vec<RangeEvent<'_>> = range
                .events
                .iter()
                .map(|event| match event.kind {
                    EventKind::Introduced => RangeEvent::Introduced(&event.version),
                    EventKind::Fixed => RangeEvent::Fixed(&event.version),
                    EventKind::LastAffected => RangeEvent::LastAffected(&event.version),
                    EventKind::Limit => RangeEvent::Limit(&event.version),
                })
                .collect();
            // A SEMVER range of a PyPI package is read by PEP 440 too, as osv.dev does.
            let read = AffectedRange::of_events(&Ecosystem::PyPi, &events);
            ranges.extend(read.map_err(|error| ExposureError::Unreadable {
                id: advisory.id.clone(),
                reason: error.to_string(),
            })?);
        }
        // A listed version that is none by PEP 440 is asked for by nobody who writes by PEP 440.
        let listed = entries
            .iter()
            .flat_map(|entry| &entry.versions)
            .filter_map(|text| Version::parse(&Ecosystem::PyPi, text).ok());
        Ok(Self::new(advisory.id.clone(), package.clone(), &ranges, listed))
    }

    /// What an advisory would say that affects these versions of a package of PyPI. The fix is where a clause `<` ends them;
    /// after `<=`, `==` and `~=` it is the next version, whatever its number.
    pub fn of_specifiers(package: &Package, specifiers: &Specifiers) -> Self {
        let mut fixed = Vec::new();
        let mut mended = VersionSet::empty();
        for clause in specifiers.clauses() {
            let Some(version) = clause.version() else { continue };
            if clause.operator() == Operator::Less {
                mended = mended.union(&VersionSet::of_versions([&version]).upward());
                fixed.push(version);
            } else if clause.is_cap() {
                let only = Specifiers::parse(&clause.to_string()).unwrap_or_default().set();
                mended = mended.union(&only.upward().intersection(&only.complement()));
            }
        }
        let affected = specifiers.set();
        let mended = mended.intersection(&affected.complement());
        fixed.retain(|version| mended.contains(version));
        let shown = if specifiers.is_any() { "all versions".to_owned() } else { specifiers.to_string() };
        Self { id: shown.clone(), package: package.clone(), ranges: vec![shown], fixed, affected, mended }
    }

    fn new(
        id: String,
        package: Package,
        ranges: &[AffectedRange],
        listed: impl Iterator<Item = Version>,
    ) -> Self {
        let mut affected = VersionSet::empty();
        let mut after_fix = VersionSet::empty();
        let mut fixed: Vec<Version> = Vec::new();
        for range in ranges {
            let Some(set) = VersionSet::of_range(range) else { continue };
            match &range.end {
                RangeEnd::Fixed(version) => {
                    after_fix = after_fix.union(&VersionSet::of_versions([version]).upward());
                    if !fixed.contains(version) {
                        fixed.push(version.clone());
                    }
                }
                RangeEnd::LastAffected(_) => {
                    after_fix = after_fix.union(&set.upward().intersection(&set.complement()));
                }
                RangeEnd::Open | RangeEnd::Limit(_) => {}
            }
            affected = affected.union(&set);
        }
        let outside: Vec<Version> = listed.filter(|version| !affected.contains(version)).collect();
        let affected = affected.union(&VersionSet::of_versions(&outside));
        fixed.sort_by(|one, other| one.compare(other).unwrap_or(std::cmp::Ordering::Equal));
        let mut shown: Vec<String> = ranges.iter().map(ToString::to_string).collect();
        shown.dedup();
        if shown.is_empty() {
            shown = outside.iter().map(ToString::to_string).collect();
        }
        let mended = after_fix.intersection(&affected.complement());
        fixed.retain(|version| mended.contains(version));
        Self { id, package, ranges: shown, fixed, affected, mended }
    }

    /// Whether nothing fixes it yet.
    pub fn is_unfixed(&self) -> bool {
        self.mended.is_empty()
    }

    /// The state of whoever wants these versions.
    pub(super) fn judge(&self, wanted: &VersionSet) -> State {
        if !wanted.intersects(&self.affected) {
            State::Safe
        } else if wanted.intersects(&self.mended) {
            State::ReLock
        } else if wanted.intersection(&self.affected).upward().intersects(&self.mended) {
            State::Blocked
        } else {
            State::NoFix
        }
    }
}

/// The packages of PyPI that an advisory speaks of, by name, each once.
pub fn packages(advisory: &Advisory) -> Vec<Package> {
    let mut packages: Vec<Package> = advisory
        .affected
        .iter()
        .filter_map(|affected| affected.package.as_ref())
        .map(bastide_advisory::record::AffectedPackage::package)
        .filter(|package| *package.ecosystem() == Ecosystem::PyPi)
        .collect();
    packages.sort();
    packages.dedup();
    packages
}
