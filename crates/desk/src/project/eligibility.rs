//! Whether a CVE number may be asked for, decided from the versions that were found vulnerable (P10 to P12).

use bastide_model::{package::Ecosystem, time::Instant, version::Version};
use serde::{Deserialize, Serialize};

use super::{
    Product,
    line::{LineStatus, bare},
};

/// Whether a CVE number may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Eligibility {
    /// A stable version of a supported line is vulnerable.
    Eligible {
        /// The supported versions that are vulnerable, as they were given.
        versions: Vec<String>,
    },
    /// No supported version is vulnerable.
    NotEligible {
        /// Why, as people read it.
        reason: String,
        /// The acceptance id of the rule that says so.
        rule: String,
    },
    /// It cannot be told from what is known. Never a yes.
    Unknown {
        /// What is missing.
        reason: String,
    },
}

/// The status of one version at a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionStatus {
    /// An alpha, beta or candidate, or a line that has no stable release yet.
    Prerelease,
    /// The main branch, or a line in development.
    Feature,
    /// A stable release of a line that gets fixes.
    Supported,
    /// A stable release of a line that is closed.
    EndOfLife,
    /// No line is known that holds it, or the line had not begun.
    Unknown,
}

/// Names of the branch that the next feature release comes from.
const MAIN_BRANCHES: &[&str] = &["main", "master", "trunk", "head", "default"];

impl Product {
    /// The status of a version on the day of an instant.
    pub fn version_status(&self, version: &str, at: Instant) -> VersionStatus {
        if MAIN_BRANCHES.iter().any(|branch| version.trim().eq_ignore_ascii_case(branch)) {
            return VersionStatus::Feature;
        }
        let status = self.line_of(version).and_then(|line| line.status(at));
        match status {
            None => VersionStatus::Unknown,
            Some(LineStatus::EndOfLife) => VersionStatus::EndOfLife,
            Some(LineStatus::Feature) => VersionStatus::Feature,
            Some(LineStatus::Prerelease) => VersionStatus::Prerelease,
            // A candidate of a line that is stable by now is still a candidate (P12).
            Some(LineStatus::Bugfix | LineStatus::Security) => match self.is_prerelease(version) {
                Some(true) => VersionStatus::Prerelease,
                Some(false) => VersionStatus::Supported,
                None => VersionStatus::Unknown,
            },
        }
    }

    /// Whether a CVE number may be asked for, given the versions that were found vulnerable, on the day of an instant.
    pub fn cve_eligibility(&self, vulnerable: &[&str], at: Instant) -> Eligibility {
        if vulnerable.is_empty() {
            let reason = "no version was found vulnerable; test at least one and say so".to_owned();
            return Eligibility::Unknown { reason };
        }
        if self.lines.is_empty() {
            let reason = format!("the supported versions of {} are not on file", self.title);
            return Eligibility::Unknown { reason };
        }
        let having = |wanted: VersionStatus| -> Vec<String> {
            let found = vulnerable.iter().filter(|version| self.version_status(version, at) == wanted);
            found.map(|version| (*version).to_owned()).collect()
        };
        // One supported version is enough, whatever the others are.
        let supported = having(VersionStatus::Supported);
        if !supported.is_empty() {
            return Eligibility::Eligible { versions: supported };
        }
        let unknown = having(VersionStatus::Unknown);
        if !unknown.is_empty() {
            let reason = format!("no line of {} is known that holds {}", self.title, unknown.join(", "));
            return Eligibility::Unknown { reason };
        }
        let ended = having(VersionStatus::EndOfLife);
        if !ended.is_empty() {
            let reason = format!(
                "{} reached the end of life; only versions in bugfix or security status get CVE numbers",
                ended.join(", ")
            );
            return Eligibility::NotEligible { reason, rule: "P10".to_owned() };
        }
        let candidates = having(VersionStatus::Prerelease);
        let rule = if candidates.is_empty() { "P11" } else { "P12" };
        let reason = format!(
            "{} had no stable release; what exists only there is a regular public bug",
            vulnerable.join(", ")
        );
        Eligibility::NotEligible { reason, rule: rule.to_owned() }
    }

    /// Whether a version comes before a stable one, by the rules of the product's packages, PEP 440 where it has none.
    fn is_prerelease(&self, version: &str) -> Option<bool> {
        let own = self.packages.iter().map(|package| package.ecosystem().clone());
        let ecosystems: Vec<Ecosystem> = own.chain([Ecosystem::PyPi, Ecosystem::Npm]).collect();
        ecosystems.iter().find_map(|ecosystem| Version::parse(ecosystem, bare(version)).ok()?.is_prerelease())
    }
}
