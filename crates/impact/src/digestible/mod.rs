//! Whether the clients of the OSV service can digest a record as it is served.
//!
//! One record that a client cannot read takes down the whole answer that it stands in: pip-audit stops, uv fails the audit,
//! osv-scanner refuses the body. So each record is held to what these clients were seen to need, when it is stored. A rule reads
//! the document as it is served, not the record that it came from.

mod clients;
mod shape;

use bastide_advisory::{AdvisoryError, Format};
use bastide_model::{
    finding::{Confidence, Evidence, Finding, Level, Place, Status},
    rule::Rule,
};
use serde_json::Value;

/// All rules of this module.
pub const RULES: &[Rule] = &[
    READABLE,
    shape::SCHEMA.rule,
    shape::WHEN.rule,
    shape::FIELD.rule,
    shape::EVENT.rule,
    shape::REFERENCE.rule,
    clients::PACKAGE.rule,
    clients::NAME.rule,
    clients::FIXED.rule,
    clients::RANGES.rule,
];

const CHECKS: [&ServedRule; 9] = [
    &shape::SCHEMA,
    &shape::WHEN,
    &shape::FIELD,
    &shape::EVENT,
    &shape::REFERENCE,
    &clients::PACKAGE,
    &clients::NAME,
    &clients::FIXED,
    &clients::RANGES,
];

/// The rule of a record that cannot be read at all, and is not stored.
const READABLE: Rule = Rule {
    id: "OSV-READABLE",
    title: "A record of a feed can be read",
    why: "A record that breaks the schema cannot be matched or served as what it says. It is left out and named, so that whoever \
          publishes it can mend it; what it says is missing from answers until then.",
    sources: &["OSV 1.7.5"],
    severity: Level::High,
    remedy: "Tell whoever publishes the feed, with the field and the reason.",
    failing: r#"{"id": "PYSEC-2024-1", "modified": "yesterday"}"#,
    passing: r#"{"id": "PYSEC-2024-1", "modified": "2024-01-01T00:00:00Z"}"#,
    run: |example| match bastide_advisory::read_osv(example.as_bytes(), Format::Json, "example") {
        Ok(_) => Vec::new(),
        Err(error) => vec![unreadable(&error)],
    },
};

/// The finding about a document that could not be read.
pub fn unreadable(error: &AdvisoryError) -> Finding {
    let place = Place {
        file: Some(error.document.clone()),
        field: Some(error.field.clone()).filter(|field| !field.is_empty()),
        ..Place::default()
    };
    Finding {
        rule: READABLE.id.to_owned(),
        subject: error.document.clone(),
        status: Status::Fail,
        severity: READABLE.severity,
        confidence: Confidence::High,
        message: match error.field.as_str() {
            "" => format!("The record was left out: {}.", error.reason),
            field => format!("The record was left out: `{field}` {}.", error.reason),
        },
        evidence: vec![Evidence { place, text: String::new() }],
        remedy: READABLE.remedy.to_owned(),
    }
}

/// A rule with its check, which gives fields and what is wrong with them.
struct ServedRule {
    rule: Rule,
    check: fn(&Value) -> Vec<(String, String)>,
}

/// What the rules say against a document as it is served; nothing if every client can read it.
pub fn digestible(document: &Value) -> Vec<Finding> {
    CHECKS.iter().flat_map(|rule| findings(rule, document)).collect()
}

fn findings(rule: &ServedRule, document: &Value) -> Vec<Finding> {
    let subject = document.get("id").and_then(Value::as_str).unwrap_or("a record without id");
    let finding = |(field, message): (String, String)| Finding {
        rule: rule.rule.id.to_owned(),
        subject: subject.to_owned(),
        status: Status::Fail,
        severity: rule.rule.severity,
        confidence: Confidence::High,
        message,
        evidence: vec![Evidence { place: Place::field(field), text: String::new() }],
        remedy: rule.rule.remedy.to_owned(),
    };
    (rule.check)(document).into_iter().map(finding).collect()
}

/// Runs one rule on an example; one that is no JSON is itself a finding, so that a broken example fails its test.
fn run(id: &str, example: &str) -> Vec<Finding> {
    let rule = CHECKS.iter().find(|rule| rule.rule.id == id);
    let rule = rule.expect("every rule in RULES stands in CHECKS; a test compares them");
    let document = serde_json::from_str(example).unwrap_or_default();
    findings(rule, &document)
}

/// The items of a list field with their place; none where it is no list.
fn items<'document>(value: &'document Value, place: &str, key: &str) -> Vec<(String, &'document Value)> {
    let list = value.get(key).and_then(Value::as_array);
    let named = |(index, item)| (format!("{place}{key}[{index}]"), item);
    list.map(|list| list.iter().enumerate().map(named).collect()).unwrap_or_default()
}

/// The affected packages of PyPI with their place.
fn pypi(document: &Value) -> Vec<(String, &Value)> {
    let mut affected = items(document, "", "affected");
    affected.retain(|(_, one)| one["package"]["ecosystem"] == "PyPI");
    affected
}

#[cfg(test)]
mod tests {
    use bastide_model::rule::Registry;

    use super::*;

    #[test]
    fn every_rule_fails_on_its_failing_example_and_only_there() {
        for rule in RULES {
            let failing = (rule.run)(rule.failing);
            assert!(failing.iter().any(Finding::is_failure), "{}: {failing:?}", rule.id);
            assert!(failing.iter().all(|finding| finding.rule == rule.id));
            assert!((rule.run)(rule.passing).is_empty(), "{}: {:?}", rule.id, (rule.run)(rule.passing));
            serde_json::from_str::<Value>(rule.passing).unwrap();
        }
    }

    #[test]
    fn the_registry_and_the_checks_are_the_same_rules() {
        Registry::new(&[RULES]).unwrap();
        // The first is of records that are no documents yet.
        let ids: Vec<_> = RULES[1..].iter().map(|rule| rule.id).collect();
        let checks: Vec<_> = CHECKS.iter().map(|rule| rule.rule.id).collect();
        assert_eq!(ids, checks);
        assert!(ids.iter().all(|id| id.starts_with("OSV-")));
    }
}
