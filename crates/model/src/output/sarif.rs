//! SARIF 2.1.0 (OASIS), as code scanning reads it.
//!
//! | status | kind (section 3.27.9) | level | else |
//! |---|---|---|---|
//! | fail | `fail` | error, warning or note by severity | |
//! | unknown | `open`: too little information to decide | `none` | |
//! | waived | `fail` | as for fail | a suppression with the reason, by whom and until when |
//! | pass | `pass` | `none` | |
//!
//! Every rule of the registry stands in the `rules` array with its help, found or not: the reader sees what was
//! looked for.

use serde_json::{Map, Value, json};

use super::{clean, level_word, one_line};
use crate::{
    digest::Sha256Digest,
    finding::{Confidence, Evidence, Finding, Level, Status},
    rule::{Registry, Rule},
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(findings: &[Finding], registry: &Registry) -> String {
    let rules: Vec<Value> = registry.rules().iter().map(descriptor).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, registry)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "bastide",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let written = serde_json::to_string_pretty(&log).expect("a JSON value with texts as keys is always JSON");
    clean::json(&written) + "\n"
}

fn descriptor(rule: &Rule) -> Value {
    let sources = rule.sources.join(", ");
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": {
            "text": format!(
                "{}\n\nWhat to do: {}\n\nBreaks the rule:\n{}\n\nKeeps it:\n{}\n\nSource: {sources}",
                rule.why, rule.remedy, rule.failing, rule.passing,
            ),
        },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "security-severity": score(rule.severity), "tags": ["security"] },
    })
}

fn result(finding: &Finding, registry: &Registry) -> Value {
    let (kind, level) = match finding.status {
        Status::Fail | Status::Waived { .. } => ("fail", level(finding.severity)),
        Status::Unknown => ("open", "none"),
        Status::Pass => ("pass", "none"),
    };
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(finding.rule));
    if let Some(index) = registry.rules().iter().position(|rule| rule.id == finding.rule) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result.insert("kind".to_owned(), json!(kind));
    result.insert("level".to_owned(), json!(level));
    result.insert("message".to_owned(), json!({ "text": message(finding) }));
    result.insert("locations".to_owned(), locations(finding));
    result.insert("partialFingerprints".to_owned(), json!({ "bastide/v1": fingerprint(finding) }));
    if let Status::Waived { reason, by, until } = &finding.status {
        result.insert(
            "suppressions".to_owned(),
            json!([{
                "kind": "external",
                "status": "accepted",
                "justification": format!("{reason} (by {by}, until {until})"),
            }]),
        );
    }
    result.insert(
        "properties".to_owned(),
        json!({
            "severity": level_word(finding.severity),
            "confidence": match finding.confidence {
                Confidence::Low => "low",
                Confidence::Medium => "medium",
                Confidence::High => "high",
            },
            "subject": finding.subject,
            "remedy": finding.remedy,
        }),
    );
    Value::Object(result)
}

/// The message with the remedy behind it: most readers of SARIF show nothing else.
fn message(finding: &Finding) -> String {
    let text = one_line(&finding.message);
    if finding.remedy.is_empty() { text } else { format!("{text} {}", one_line(&finding.remedy)) }
}

fn locations(finding: &Finding) -> Value {
    if finding.evidence.is_empty() {
        return json!([{ "logicalLocations": [{ "fullyQualifiedName": finding.subject }] }]);
    }
    Value::Array(finding.evidence.iter().map(|evidence| location(evidence, &finding.subject)).collect())
}

fn location(evidence: &Evidence, subject: &str) -> Value {
    let place = &evidence.place;
    let mut location = Map::new();
    if let Some(file) = &place.file {
        let mut physical = Map::new();
        physical.insert("artifactLocation".to_owned(), json!({ "uri": uri(file) }));
        // Lines and columns count from 1; a zero is no line.
        if let Some(line) = place.line.filter(|line| *line > 0) {
            let mut region = Map::new();
            region.insert("startLine".to_owned(), json!(line));
            if let Some(column) = place.column.filter(|column| *column > 0) {
                region.insert("startColumn".to_owned(), json!(column));
            }
            physical.insert("region".to_owned(), Value::Object(region));
        }
        location.insert("physicalLocation".to_owned(), Value::Object(physical));
    }
    let name = match &place.field {
        Some(field) => format!("{subject} {field}"),
        None => subject.to_owned(),
    };
    location.insert("logicalLocations".to_owned(), json!([{ "fullyQualifiedName": name }]));
    if !evidence.text.is_empty() {
        location.insert("message".to_owned(), json!({ "text": evidence.text }));
    }
    Value::Object(location)
}

/// A path as a URI reference: relative paths stay relative, absolute ones become `file:` URIs, every byte that is
/// not unreserved in RFC 3986 is percent-encoded.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&percent(byte));
        }
    }
    uri
}

fn percent(byte: u8) -> String {
    format!("%{byte:02X}")
}

/// What makes a finding the same finding in two runs: rule, subject and place but not the line, which moves when
/// somebody edits above it.
fn fingerprint(finding: &Finding) -> String {
    let place = finding.evidence.first().map(|evidence| &evidence.place);
    let file = place.and_then(|place| place.file.as_deref()).unwrap_or_default();
    let field = place.and_then(|place| place.field.as_deref()).unwrap_or_default();
    // A zero byte stands between the parts so that no two different lists of parts give the same bytes.
    let parts = [finding.rule.as_str(), finding.subject.as_str(), file, field].join("\0");
    Sha256Digest::of(parts.as_bytes()).to_string()
}

const fn level(severity: Level) -> &'static str {
    match severity {
        Level::Critical | Level::High => "error",
        Level::Medium => "warning",
        Level::Low | Level::Info => "note",
    }
}

/// The middle of each band of CVSS v3.1, which is what code scanning sorts by.
const fn score(severity: Level) -> &'static str {
    match severity {
        Level::Critical => "9.5",
        Level::High => "8.0",
        Level::Medium => "5.5",
        Level::Low => "2.0",
        Level::Info => "0.0",
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_uri_that_means_the_same_file() {
        assert_eq!(uri("src/a b.rs"), "src/a%20b.rs");
        assert_eq!(uri("c:odd/ü#?.txt"), "c%3Aodd/%C3%BC%23%3F.txt");
        assert_eq!(uri("/etc/x"), "file:///etc/x");
        assert_eq!(uri("docs\\windows.md"), "docs/windows.md");
    }
}
