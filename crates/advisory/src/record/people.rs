//! Who and where: credits, references, the timeline.

use bastide_model::time::Instant;
use serde::{Deserialize, Serialize};

use super::Extra;

/// Thanks to somebody, with their consent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Credit {
    /// The name they want to be thanked by.
    pub name: String,
    /// What they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CreditType>,
    /// Where to reach them, as URLs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contact: Vec<String>,
    /// Whether they agreed to be named. Only those who did are shown.
    #[serde(default)]
    pub consent: Consent,
    /// What a reader did not know.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub unknown: Extra,
}

/// Whether a person agreed to be named (J07).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// They agreed, or a published document that was read names them already.
    Given,
    /// They were not asked, or did not answer yet.
    #[default]
    Pending,
    /// They want to stay unnamed.
    Refused,
}

/// What somebody did (OSV `credits[].type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CreditType {
    /// Found the vulnerability.
    Finder,
    /// Told the project of it.
    Reporter,
    /// Checked it.
    Analyst,
    /// Led the response.
    Coordinator,
    /// Wrote the fix.
    RemediationDeveloper,
    /// Reviewed the fix.
    RemediationReviewer,
    /// Tested the fix.
    RemediationVerifier,
    /// A tool that found it.
    Tool,
    /// Paid for the work.
    Sponsor,
    /// Anything else.
    Other,
}

impl CreditType {
    /// All of them, with OSV's name and CVE's name.
    pub const ALL: [(Self, &str, &str); 10] = [
        (Self::Finder, "FINDER", "finder"),
        (Self::Reporter, "REPORTER", "reporter"),
        (Self::Analyst, "ANALYST", "analyst"),
        (Self::Coordinator, "COORDINATOR", "coordinator"),
        (Self::RemediationDeveloper, "REMEDIATION_DEVELOPER", "remediation developer"),
        (Self::RemediationReviewer, "REMEDIATION_REVIEWER", "remediation reviewer"),
        (Self::RemediationVerifier, "REMEDIATION_VERIFIER", "remediation verifier"),
        (Self::Tool, "TOOL", "tool"),
        (Self::Sponsor, "SPONSOR", "sponsor"),
        (Self::Other, "OTHER", "other"),
    ];

    /// The name in OSV: `REMEDIATION_DEVELOPER`.
    pub fn osv_name(self) -> &'static str {
        self.row().1
    }

    /// The name in CVE records and for people: `remediation developer`.
    pub fn plain_name(self) -> &'static str {
        self.row().2
    }

    /// The type of this name, as OSV or as CVE writes it.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, osv, plain)| *osv == name || *plain == name).map(|row| row.0)
    }

    fn row(self) -> (Self, &'static str, &'static str) {
        Self::ALL.into_iter().find(|row| row.0 == self).expect("the table names every type")
    }
}

/// Where to read more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// What is to be read there.
    pub kind: ReferenceType,
    /// The address.
    pub url: String,
    /// What a reader did not know.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub unknown: Extra,
}

/// What a reference leads to (OSV `references[].type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReferenceType {
    /// An advisory.
    Advisory,
    /// An article.
    Article,
    /// A way to detect it.
    Detection,
    /// A discussion.
    Discussion,
    /// A report.
    Report,
    /// A fix.
    Fix,
    /// The change that introduced it.
    Introduced,
    /// A repository.
    Git,
    /// The package's page.
    Package,
    /// Evidence, such as a proof of concept.
    Evidence,
    /// Anything else.
    Web,
}

impl ReferenceType {
    /// All of them, with OSV's name and a name for people.
    pub const ALL: [(Self, &str, &str); 11] = [
        (Self::Advisory, "ADVISORY", "Advisory"),
        (Self::Article, "ARTICLE", "Article"),
        (Self::Detection, "DETECTION", "Detection"),
        (Self::Discussion, "DISCUSSION", "Discussion"),
        (Self::Report, "REPORT", "Report"),
        (Self::Fix, "FIX", "Fix"),
        (Self::Introduced, "INTRODUCED", "Introduced by"),
        (Self::Git, "GIT", "Repository"),
        (Self::Package, "PACKAGE", "Package"),
        (Self::Evidence, "EVIDENCE", "Evidence"),
        (Self::Web, "WEB", "Web page"),
    ];

    /// The name in OSV.
    pub fn osv_name(self) -> &'static str {
        self.row().1
    }

    /// The name that people read.
    pub fn plain_name(self) -> &'static str {
        self.row().2
    }

    /// The type of this name, as OSV or as people write it.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, osv, plain)| *osv == name || *plain == name).map(|row| row.0)
    }

    fn row(self) -> (Self, &'static str, &'static str) {
        Self::ALL.into_iter().find(|row| row.0 == self).expect("the table names every type")
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// When.
    pub at: Instant,
    /// What, in one sentence of plain text.
    pub text: String,
}
