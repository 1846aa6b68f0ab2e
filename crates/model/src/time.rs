//! Instants, durations and the one clock.
//!
//! An instant is stored as a 64-bit count of microseconds since 1970-01-01T00:00:00Z: text timestamps sort wrongly
//! on SQLite and break deadlines. Days are 24 hours here ("3 days" is read strictly, in calendar days of 24 h).

use std::{fmt, str::FromStr};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A point in time, in microseconds since the Unix epoch. Written as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A signed length of time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// This many days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }
    /// This many hours.
    pub const fn hours(hours: i64) -> Self {
        Self::seconds(hours.saturating_mul(3600))
    }
    /// This many minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }
    /// This many seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }
    /// The length in microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }
    /// Whole days of 24 hours in this span, rounded towards zero.
    pub const fn whole_days(self) -> i64 {
        self.0 / (24 * 3600 * 1_000_000)
    }
}

impl fmt::Display for Span {
    /// The two largest units that are not zero: `3 days 4 hours`, `12 minutes`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.unsigned_abs() / 1_000_000;
        let parts = [
            (seconds / 86_400, "day"),
            (seconds / 3600 % 24, "hour"),
            (seconds / 60 % 60, "minute"),
            (seconds % 60, "second"),
        ];
        let mut written = 0;
        for (count, unit) in parts.into_iter().skip_while(|(count, _)| *count == 0) {
            if written == 2 {
                break;
            }
            if count > 0 {
                let space = if written > 0 { " " } else { "" };
                let plural = if count == 1 { "" } else { "s" };
                write!(out, "{space}{count} {unit}{plural}")?;
            }
            written += 1;
        }
        if written == 0 { write!(out, "0 seconds") } else { Ok(()) }
    }
}

impl Instant {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);

    /// The instant this many microseconds after the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch, as stored.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The same instant as jiff knows it; clamped to jiff's range (years -9999 to 9999).
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// The calendar date in UTC, `2024-11-22`.
    pub fn date(self) -> String {
        self.timestamp().to_zoned(TimeZone::UTC).date().to_string()
    }

    /// `2024-11-22 14:05 UTC`: the form that pages and messages show.
    pub fn for_people(self) -> String {
        self.timestamp().to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// The time from `earlier` to this instant; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Span> for Instant {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl std::ops::Sub<Span> for Instant {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), out)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A text that names no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{input}` is not an instant; write it with its zone, as 2026-03-01T15:00:00Z or 2026-03-01T15:00+01:00"
)]
pub struct InstantError {
    /// The text as given, cut to 64 characters.
    pub input: String,
}

impl FromStr for Instant {
    type Err = InstantError;

    /// Reads RFC 3339. A text without an offset is refused: an embargo that ends "at 9" ends at 24 different
    /// instants (VINCE #140).
    fn from_str(text: &str) -> Result<Self, InstantError> {
        let timestamp: Timestamp =
            text.parse().map_err(|_| InstantError { input: text.chars().take(64).collect() })?;
        Ok(Self(timestamp.as_microsecond()))
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The one clock. The system's implementation lives at the doors; tests and the demo bring a simulated one.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Instant;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_needs_a_zone() {
        assert!("2026-03-01T15:00:00".parse::<Instant>().is_err());
        let utc: Instant = "2026-03-01T15:00:00Z".parse().unwrap();
        let offset: Instant = "2026-03-01T16:00:00+01:00".parse().unwrap();
        assert_eq!(utc, offset);
        assert_eq!(utc.to_string(), "2026-03-01T15:00:00Z");
    }

    #[test]
    fn a_span_reads_as_people_say_it() {
        assert_eq!((Span::days(3) + 4).to_string(), "3 days 4 hours");
        assert_eq!(Span::minutes(1).to_string(), "1 minute");
        assert_eq!(Span::ZERO.to_string(), "0 seconds");
        assert_eq!(Span::days(90).to_string(), "90 days");
    }

    impl std::ops::Add<i64> for Span {
        type Output = Self;
        fn add(self, hours: i64) -> Self {
            Self(self.0 + Self::hours(hours).0)
        }
    }
}
