//! JSON for programs. The field names are frozen: `schemas/findings-1.json` is the contract.
//!
//! A change that an existing reader could stumble over needs a new schema (`findings-2.json`) and a new `version`.

use serde::Serialize;

use super::{Counts, Outcome, clean};
use crate::finding::Finding;

/// Where the schema is published. The number is that of the contract, not of the program.
pub(super) const SCHEMA: &str = "https://bastide-security.github.io/schemas/findings-1.json";

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: u8,
    outcome: &'static str,
    summary: Summary,
    findings: &'a [Finding],
}

#[derive(Serialize)]
struct Summary {
    failed: usize,
    unknown: usize,
    waived: usize,
    passed: usize,
}

pub(super) fn render(findings: &[Finding]) -> String {
    let Counts { failed, unknown, waived, passed } = Counts::of(findings);
    let document = Document {
        schema: SCHEMA,
        version: 1,
        outcome: match Outcome::of(findings) {
            Outcome::Clean => "clean",
            Outcome::Unknown => "unknown",
            Outcome::Findings => "findings",
        },
        summary: Summary { failed, unknown, waived, passed },
        findings,
    };
    let written = serde_json::to_string_pretty(&document)
        .expect("a document of texts and numbers, with texts as keys, is always JSON");
    clean::json(&written) + "\n"
}
