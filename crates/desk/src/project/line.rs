//! A line of releases and its status at a date.

use bastide_model::time::Instant;
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A line of releases, such as 3.12, with the day on which each phase begins. A phase ends where the next begins; a
/// phase without a date did not take place or is not planned yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Line {
    /// The first numbers of its versions: `3.12`, or `4` where a whole major version is one line.
    pub name: String,
    /// Development begins on the main branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<Date>,
    /// Alphas are over, betas and candidates come out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prerelease: Option<Date>,
    /// The first stable release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bugfix: Option<Date>,
    /// From now on security fixes only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<Date>,
    /// From now on nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_life: Option<Date>,
}

/// The status of a line at a date, in the words of the Python developer's guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineStatus {
    /// In development.
    Feature,
    /// In betas and candidates.
    Prerelease,
    /// Open for bug fixes and security fixes.
    Bugfix,
    /// Open for security fixes.
    Security,
    /// Closed.
    EndOfLife,
}

impl LineStatus {
    /// Whether the line gets CVE numbers (P10, P11).
    pub const fn gets_cve_numbers(self) -> bool {
        matches!(self, Self::Bugfix | Self::Security)
    }

    /// The status as people write it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::Prerelease => "prerelease",
            Self::Bugfix => "bugfix",
            Self::Security => "security",
            Self::EndOfLife => "end of life",
        }
    }
}

impl Line {
    /// The phases that have a date, in the order in which they follow each other.
    pub fn phases(&self) -> impl Iterator<Item = (LineStatus, Date)> {
        [
            (LineStatus::Feature, self.feature),
            (LineStatus::Prerelease, self.prerelease),
            (LineStatus::Bugfix, self.bugfix),
            (LineStatus::Security, self.security),
            (LineStatus::EndOfLife, self.end_of_life),
        ]
        .into_iter()
        .filter_map(|(status, from)| Some((status, from?)))
    }

    /// The status on the day (in UTC) of this instant; nothing before the line began.
    pub fn status(&self, at: Instant) -> Option<LineStatus> {
        let day = at.timestamp().to_zoned(TimeZone::UTC).date();
        self.phases().filter(|(_, from)| *from <= day).last().map(|(status, _)| status)
    }

    /// Whether a version belongs to the line: `3.1` holds `3.1` and `3.1.2rc1`, not `3.12`.
    pub fn holds(&self, version: &str) -> bool {
        let version = bare(version);
        version
            .strip_prefix(self.name.as_str())
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
    }
}

/// A version without the `v` of a tag.
pub(super) fn bare(version: &str) -> &str {
    let version = version.trim();
    version.strip_prefix(['v', 'V']).unwrap_or(version)
}
