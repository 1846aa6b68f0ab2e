//! Severity: CVSS vectors, checked and scored.
//!
//! A severity is the vector that people wrote plus the score that its version's specification gives: CVSS v3.0 and v3.1
//! base scores, v4.0 scores with threat and environmental metrics where they are given, and v2.0 for old records. A score
//! is kept in tenths, so that 9.8 is exactly 98 and two machines agree. The arithmetic is the `cvss` crate's; it is held
//! against FIRST's published examples and against figures of an independent implementation (`cvss_scores.txt`).

use std::{fmt, str::FromStr};

use cvss::Cvss;
use serde::{Deserialize, Serialize};

use crate::finding::Level;

/// The longest vector that is read, in bytes: all 32 metrics of v4.0 take 210.
pub const MAX_VECTOR_BYTES: usize = 400;

/// Metrics that a v3 vector must name, in the order in which FIRST prints them.
const BASE_METRICS_V3: [&str; 8] = ["AV", "AC", "PR", "UI", "S", "C", "I", "A"];

/// All metrics of v4.0 in the one order that its specification allows (section 7, "Vector String").
const METRICS_V4: [&str; 32] = [
    "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA", "E", "CR", "IR", "AR", "MAV", "MAC",
    "MAT", "MPR", "MUI", "MVC", "MVI", "MVA", "MSC", "MSI", "MSA", "S", "AU", "R", "V", "RE", "U",
];

/// A version of the Common Vulnerability Scoring System.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CvssVersion {
    /// CVSS v2.0 (no prefix in the vector).
    V2,
    /// CVSS v3.0.
    V30,
    /// CVSS v3.1.
    V31,
    /// CVSS v4.0.
    V4,
}

impl CvssVersion {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub const fn number(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V4 => "4.0",
        }
    }
}

/// The qualitative rating of a score (CVSS v3.1 section 5, v4.0 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rating {
    /// 0.0.
    None,
    /// 0.1 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl Rating {
    /// The rating of a score in tenths; CVSS v2.0 has no such scale of its own and is rated on the later one.
    pub const fn of_tenths(tenths: u8) -> Self {
        match tenths {
            0 => Self::None,
            1..=39 => Self::Low,
            40..=69 => Self::Medium,
            70..=89 => Self::High,
            _ => Self::Critical,
        }
    }

    /// `None`, `Low`, `Medium`, `High` or `Critical`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

impl From<Rating> for Level {
    fn from(rating: Rating) -> Self {
        match rating {
            Rating::None => Self::Info,
            Rating::Low => Self::Low,
            Rating::Medium => Self::Medium,
            Rating::High => Self::High,
            Rating::Critical => Self::Critical,
        }
    }
}

impl fmt::Display for Rating {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A CVSS vector with its score. Serialised as the vector.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Severity {
    vector: String,
    version: CvssVersion,
    tenths: u8,
}

/// A text that is no CVSS vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{input}` is not a CVSS vector: {reason}; copy it from a calculator, as \
     CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L or CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"
)]
pub struct SeverityError {
    /// The text as given, cut to 120 characters.
    pub input: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Severity {
    /// The vector as it was written.
    pub fn vector(&self) -> &str {
        &self.vector
    }

    /// The CVSS version that scored it.
    pub const fn version(&self) -> CvssVersion {
        self.version
    }

    /// The score in tenths, 0 to 100: the base score for v2 and v3, the score of all given metrics for v4.
    pub const fn tenths(&self) -> u8 {
        self.tenths
    }

    /// The score as people and schemas write it, 0.0 to 10.0.
    pub fn score(&self) -> f64 {
        f64::from(self.tenths) / 10.0
    }

    /// The rating of the score.
    pub const fn rating(&self) -> Rating {
        Rating::of_tenths(self.tenths)
    }

    /// The metrics in the order of the vector: (`AV`, `N`), ...
    pub fn metrics(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vector.split('/').filter_map(|metric| metric.split_once(':')).filter(|(name, _)| *name != "CVSS")
    }
}

impl FromStr for Severity {
    type Err = SeverityError;

    fn from_str(text: &str) -> Result<Self, SeverityError> {
        let refuse = |reason: String| SeverityError { input: text.chars().take(120).collect(), reason };
        if text.len() > MAX_VECTOR_BYTES {
            return Err(refuse(format!("it has {} bytes, more than {MAX_VECTOR_BYTES}", text.len())));
        }
        let read: Cvss = if text.starts_with("CVSS:") {
            text.parse().map_err(|error: cvss::Error| refuse(error.to_string()))?
        } else {
            Cvss::CvssV20(text.parse().map_err(|error: cvss::Error| refuse(error.to_string()))?)
        };
        let names: Vec<&str> =
            text.split('/').filter_map(|metric| metric.split_once(':')).map(|(name, _)| name).collect();
        let version = match read {
            Cvss::CvssV20(_) => CvssVersion::V2,
            Cvss::CvssV30(_) => CvssVersion::V30,
            Cvss::CvssV31(_) => CvssVersion::V31,
            Cvss::CvssV40(_) => CvssVersion::V4,
            _ => return Err(refuse("its CVSS version is unknown here".to_owned())),
        };
        match version {
            CvssVersion::V30 | CvssVersion::V31 => {
                if let Some(missing) = BASE_METRICS_V3.iter().find(|metric| !names.contains(metric)) {
                    return Err(refuse(format!("the base metric {missing} is missing")));
                }
            }
            CvssVersion::V4 => {
                let places: Vec<_> = names
                    .iter()
                    .filter_map(|name| METRICS_V4.iter().position(|known| known == name))
                    .collect();
                if !places.is_sorted() {
                    return Err(refuse("its metrics are not in the order of CVSS v4.0".to_owned()));
                }
            }
            CvssVersion::V2 => {}
        }
        let tenths = tenths(read.score()).ok_or_else(|| refuse("it has no score".to_owned()))?;
        Ok(Self { vector: text.to_owned(), version, tenths })
    }
}

/// A score from 0.0 to 10.0 in tenths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn tenths(score: f64) -> Option<u8> {
    (0.0..=10.0).contains(&score).then(|| (score * 10.0).round() as u8)
}

impl fmt::Display for Severity {
    /// The vector.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.vector)
    }
}

impl fmt::Debug for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({:.1})", self.vector, self.score())
    }
}

impl Serialize for Severity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// FIRST's "Common Vulnerability Scoring System: Examples" for v3.0/v3.1 and v4.0, and the rating of `Log4Shell` in the NVD.
    const PUBLISHED: [(&str, &str, u8, Rating); 26] = [
        ("CVE-2013-1937", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61, Rating::Medium),
        ("CVE-2013-0375", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64, Rating::Medium),
        ("CVE-2014-3566", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31, Rating::Low),
        ("CVE-2012-1516", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 99, Rating::Critical),
        ("CVE-2009-0783", "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 42, Rating::Medium),
        ("CVE-2012-0384", "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 88, Rating::High),
        ("CVE-2015-1098", "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 78, Rating::High),
        ("CVE-2014-0160", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75, Rating::High),
        ("CVE-2014-6271", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98, Rating::Critical),
        ("CVE-2008-1447", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 68, Rating::Medium),
        ("CVE-2014-2005", "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 68, Rating::Medium),
        ("CVE-2010-0467", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 58, Rating::Medium),
        ("CVE-2013-6014", "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 93, Rating::Critical),
        ("CVE-2014-9253", "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N", 54, Rating::Medium),
        ("CVE-2014-2019", "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", 46, Rating::Medium),
        ("CVE-2014-0224", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", 74, Rating::High),
        ("CVE-2012-5376", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 96, Rating::Critical),
        ("CVE-2021-44228", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100, Rating::Critical),
        (
            "CVE-2022-41741",
            "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            73,
            Rating::High,
        ),
        (
            "CVE-2020-3549",
            "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            77,
            Rating::High,
        ),
        (
            "CVE-2020-3549",
            "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U",
            52,
            Rating::Medium,
        ),
        (
            "CVE-2023-3089",
            "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N",
            83,
            Rating::High,
        ),
        (
            "CVE-2014-0160",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
            87,
            Rating::High,
        ),
        (
            "CVE-2021-44228",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
            100,
            Rating::Critical,
        ),
        (
            "CVE-2013-6014",
            "CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:H",
            64,
            Rating::Medium,
        ),
        (
            "CVE-2023-30560",
            "CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:H/SA:N",
            83,
            Rating::High,
        ),
    ];

    #[test]
    fn published_examples_have_their_published_scores() {
        for (name, vector, tenths, rating) in PUBLISHED {
            let severity: Severity = vector.parse().unwrap();
            assert_eq!((severity.tenths(), severity.rating()), (tenths, rating), "{name} {vector}");
        }
    }

    #[test]
    fn scores_agree_with_an_independent_implementation() {
        let figures = include_str!("cvss_scores.txt");
        let rows = figures.lines().filter(|line| !line.starts_with('#'));
        let mut count = 0;
        for row in rows {
            let (vector, score) = row.split_once(' ').unwrap();
            assert_eq!(format!("{:.1}", vector.parse::<Severity>().unwrap().score()), score, "{vector}");
            count += 1;
        }
        assert_eq!(count, 400);
    }

    #[test]
    fn a_broken_vector_is_refused_with_the_reason() {
        for (vector, reason) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L", "base metric A is missing"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L/A:L", "duplicate"),
            ("CVSS:3.1/AV:Q/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L", "AV"),
            ("CVSS:5.0/AV:N", "unsupported CVSS version"),
            ("CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", "order"),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N", "missing"),
            ("9.8", "invalid"),
            ("", "invalid"),
        ] {
            let error = vector.parse::<Severity>().unwrap_err();
            assert!(error.reason.to_lowercase().contains(&reason.to_lowercase()), "{vector}: {error}");
        }
        assert!("A".repeat(1000).parse::<Severity>().unwrap_err().to_string().len() < 500);
    }

    #[test]
    fn an_old_vector_is_scored_by_its_own_version() {
        let severity: Severity = "AV:N/AC:L/Au:N/C:N/I:N/A:C".parse().unwrap();
        assert_eq!((severity.version(), severity.tenths()), (CvssVersion::V2, 78));
    }

    proptest! {
        #[test]
        fn any_text_is_scored_or_refused(text in "(CVSS:[34]\\.[01]/)?[A-Za-z:/]{0,60}") {
            if let Ok(severity) = text.parse::<Severity>() {
                prop_assert!(severity.tenths() <= 100);
            }
        }
    }
}
