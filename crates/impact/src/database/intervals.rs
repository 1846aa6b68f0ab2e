//! What a record says of one package, as sorted intervals of sort keys.
//!
//! Ranges and listed versions become one union: a listed version is an interval of one point, points inside a range vanish,
//! overlapping intervals are one. What cannot be read or has no order is told apart: then "not in an interval" is not "not
//! affected".

use std::{cmp::Ordering, collections::HashSet};

use bastide_advisory::record::{Affected, EventKind, Range, RangeKind};
use bastide_model::{
    package::Ecosystem,
    version::{AffectedRange, RangeEnd, RangeEvent, Version},
};

use super::{
    DatabaseError,
    layout::{Cursor, put_bytes, put_number},
};

/// What a record says of one package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Affects {
    /// Sorted, without overlap.
    pub(crate) intervals: Vec<Interval>,
    /// Something of it could not be read or compared.
    pub(crate) unclear: bool,
    /// The versions that fix it, as written, ascending within one `affected` of the record, each once.
    pub(crate) fixed: Vec<String>,
    /// The listed versions as written, each once.
    pub(crate) versions: Vec<String>,
}

/// An interval of sort keys; of a version without order, the point is its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interval {
    /// The first version in it; nothing is before all.
    low: Option<Vec<u8>>,
    high: High,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum High {
    /// No end.
    Open,
    /// Ends before this one.
    Before(Vec<u8>),
    /// Ends with this one.
    Through(Vec<u8>),
}

const HAS_LOW: u8 = 1;
const BEFORE: u8 = 2;
const THROUGH: u8 = 4;
/// One key for both ends.
const POINT: u8 = 8;

/// By what a version is found in an index: its sort key, or its text where it has none.
pub(crate) fn key(version: &Version) -> Vec<u8> {
    version.sort_key().unwrap_or_else(|| version.as_str().as_bytes().to_vec())
}

impl Affects {
    /// What one `affected` of a record says; `ecosystem` reads its versions.
    pub(crate) fn of(affected: &Affected, ecosystem: &Ecosystem) -> Self {
        let mut all = Self::default();
        let mut fixed: Vec<Version> = Vec::new();
        for range in affected.ranges.iter().filter(|range| range.kind != RangeKind::Git) {
            all.take_range(range, ecosystem);
            for event in range.events.iter().filter(|event| event.kind == EventKind::Fixed) {
                fixed.extend(Version::parse(ecosystem, &event.version));
            }
        }
        fixed.sort_by_cached_key(key);
        fixed.dedup();
        all.fixed = fixed.iter().map(|version| version.as_str().to_owned()).collect();
        let mut listed = HashSet::new();
        for text in affected.versions.iter().filter(|text| listed.insert(text.as_str())) {
            all.versions.push(text.clone());
            // A listed version that its ecosystem cannot parse is found as text (`FuzzyVersion`).
            all.intervals.extend(Version::parse(ecosystem, text).map(|version| Interval::point(&version)));
        }
        let nothing_to_compare =
            affected.versions.is_empty() && affected.ranges.iter().all(|range| range.kind == RangeKind::Git);
        all.unclear |= nothing_to_compare;
        all.tidy();
        all
    }

    /// A second `affected` of the same record for the same package.
    pub(crate) fn join(&mut self, other: Self) {
        self.intervals.extend(other.intervals);
        self.unclear |= other.unclear;
        for (mine, others) in [(&mut self.fixed, other.fixed), (&mut self.versions, other.versions)] {
            let known: HashSet<String> = mine.iter().cloned().collect();
            mine.extend(others.into_iter().filter(|text| !known.contains(text)));
        }
        self.tidy();
    }

    fn take_range(&mut self, range: &Range, ecosystem: &Ecosystem) {
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
        // As osv.dev does, an event that cannot be parsed is left out; that the rest is not all is remembered.
        let readable: Vec<RangeEvent<'_>> = events
            .iter()
            .copied()
            .filter(|event| AffectedRange::of_events(ecosystem, &[*event]).is_ok())
            .collect();
        self.unclear |= readable.len() != events.len();
        let Ok(ranges) = AffectedRange::of_events(ecosystem, &readable) else {
            self.unclear = true;
            return;
        };
        // As osv.dev has it, the last affected version is affected even where no event opens the interval that it closes.
        for event in range.events.iter().filter(|event| event.kind == EventKind::LastAffected) {
            self.intervals
                .extend(Version::parse(ecosystem, &event.version).map(|last| Interval::point(&last)));
        }
        let ordered = !matches!(ecosystem, Ecosystem::Other(_));
        for range in ranges {
            if ordered || (range.introduced.is_none() && range.end == RangeEnd::Open) {
                self.intervals.push(Interval::of(&range));
            } else {
                // Without an order only the named ends are known to be in it.
                self.unclear = true;
                self.intervals.extend(range.introduced.iter().map(Interval::point));
            }
        }
    }

    /// Sorts the intervals and makes overlapping ones one.
    fn tidy(&mut self) {
        self.intervals.retain(|interval| !interval.is_empty());
        self.intervals.sort_by(|one, other| one.low.cmp(&other.low));
        let mut union: Vec<Interval> = Vec::with_capacity(self.intervals.len());
        for next in self.intervals.drain(..) {
            match union.last_mut() {
                Some(last) if last.reaches(next.low.as_ref()) => {
                    if next.high.order(&last.high).is_gt() {
                        last.high = next.high;
                    }
                }
                _ => union.push(next),
            }
        }
        self.intervals = union;
    }

    pub(crate) fn write_intervals(&self, out: &mut Vec<u8>) {
        put_number(out, self.intervals.len() as u64);
        for interval in &self.intervals {
            interval.write(out);
        }
    }
}

impl Interval {
    /// One version.
    fn point(version: &Version) -> Self {
        let point = key(version);
        Self { low: Some(point.clone()), high: High::Through(point) }
    }

    fn of(range: &AffectedRange) -> Self {
        let high = match &range.end {
            RangeEnd::Open => High::Open,
            RangeEnd::Fixed(version) | RangeEnd::Limit(version) => High::Before(key(version)),
            RangeEnd::LastAffected(version) => High::Through(key(version)),
        };
        Self { low: range.introduced.as_ref().map(key), high }
    }

    /// Whether no version can be in it.
    fn is_empty(&self) -> bool {
        match (&self.low, &self.high) {
            (Some(low), High::Before(high)) => low >= high,
            (Some(low), High::Through(high)) => low > high,
            _ => false,
        }
    }

    /// Whether an interval that begins at `low`, and not before this one, overlaps it or begins where it ends.
    fn reaches(&self, low: Option<&Vec<u8>>) -> bool {
        match (&self.high, low) {
            (High::Open, _) | (_, None) => true,
            (High::Before(high) | High::Through(high), Some(low)) => low <= high,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        if let (Some(low), High::Through(high)) = (&self.low, &self.high)
            && low == high
        {
            out.push(POINT);
            put_bytes(out, low);
            return;
        }
        let low_flag = if self.low.is_some() { HAS_LOW } else { 0 };
        let (high_flag, high) = match &self.high {
            High::Open => (0, None),
            High::Before(high) => (BEFORE, Some(high)),
            High::Through(high) => (THROUGH, Some(high)),
        };
        out.push(low_flag | high_flag);
        for key in self.low.iter().chain(high) {
            put_bytes(out, key);
        }
    }
}

impl High {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Open, Self::Open) => Ordering::Equal,
            (Self::Open, _) => Ordering::Greater,
            (_, Self::Open) => Ordering::Less,
            (Self::Before(one) | Self::Through(one), Self::Before(other_key) | Self::Through(other_key)) => {
                one.cmp(other_key).then_with(|| self.is_through().cmp(&other.is_through()))
            }
        }
    }

    fn is_through(&self) -> bool {
        matches!(self, Self::Through(_))
    }
}

/// Reads the intervals of an entry and says whether one holds the key; the cursor stands behind them afterwards.
pub(crate) fn contains(cursor: &mut Cursor<'_>, key: Option<&[u8]>) -> Result<bool, DatabaseError> {
    let count = cursor.count()?;
    let mut found = false;
    for _ in 0..count {
        let flags = cursor.u8()?;
        if flags == POINT {
            let point = cursor.bytes()?;
            found |= key == Some(point);
            continue;
        }
        let low = if flags & HAS_LOW == 0 { None } else { Some(cursor.bytes()?) };
        let high = if flags & (BEFORE | THROUGH) == 0 { None } else { Some(cursor.bytes()?) };
        if let Some(key) = key {
            let after = low.is_none_or(|low| key >= low);
            let before = high.is_none_or(|high| if flags & BEFORE == 0 { key <= high } else { key < high });
            found |= after && before;
        }
    }
    Ok(found)
}
