//! What an event says beyond its header: embargoed, sealed under the case's key, erasable.

use std::fmt;

use bastide_model::finding::Finding;
use serde::{Deserialize, Serialize};

use crate::lint::ReportDraft;

/// The content of one event. Stored as JSON inside the sealed body. Prints its kind and nothing of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "kebab-case")]
pub enum Content {
    /// What the reporter sent.
    Report(Box<ReportContent>),
    /// What the lint found in it.
    Findings {
        /// The findings, with places and remedies.
        findings: Vec<Finding>,
    },
    /// A message, a reason, a description: plain text.
    Text {
        /// The text as written.
        text: String,
    },
    /// A CVE number.
    Cve {
        /// The number, `CVE-2024-43805`.
        number: String,
    },
    /// Where a fix is, or what was tested or released.
    Fix {
        /// A private fork or pull request, a merge commit, a release's version: whatever the step names.
        reference: String,
        /// What a person wants to add.
        note: String,
    },
    /// A version of the advisory record, as `advisory::Advisory` writes itself.
    Advisory {
        /// The record.
        record: serde_json::Value,
        /// What changed against the published version, in a sentence for its history; none before the first.
        change: Option<String>,
    },
}

/// A report as it was sent, and as it was read. Prints its sizes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportContent {
    /// What could be read out of it.
    pub draft: ReportDraft,
    /// The bytes as they arrived, base64; nothing is ever thrown away.
    pub raw: String,
    /// The third-party channel that it came through (S04).
    pub origin: Option<String>,
}

impl fmt::Debug for Content {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Report(_) => "Report(***)",
            Self::Findings { .. } => "Findings(***)",
            Self::Text { .. } => "Text(***)",
            Self::Cve { .. } => "Cve(***)",
            Self::Fix { .. } => "Fix(***)",
            Self::Advisory { .. } => "Advisory(***)",
        })
    }
}

impl fmt::Debug for ReportContent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ReportContent({:?}, {} raw characters)", self.draft, self.raw.len())
    }
}
