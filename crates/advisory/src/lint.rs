//! The lint over a record before it is published.
//!
//! A published version is immutable, so what is wrong is said before. Each rule has an id `ADV-…`, a reason, and two examples
//! in OSV's JSON that `bastide explain` shows and a test runs. The examples may say `consent` beside a credit, which OSV has
//! no field for.
//!
//! A finding quotes ids, names and versions of the record. Keep it where the draft is kept: sealed, and out of logs.

mod affected;
mod people;
mod text;

use bastide_model::{
    finding::{Confidence, Evidence, Finding, Place, Status},
    rule::Rule,
};

use crate::{Advisory, Format, record::Consent};

/// All rules of this crate.
pub const RULES: &[Rule] = &[
    text::SUMMARY.rule,
    text::DETAILS.rule,
    text::MARKUP.rule,
    text::HIDDEN.rule,
    affected::NOTHING.rule,
    affected::PACKAGE.rule,
    affected::NAME.rule,
    affected::VERSION.rule,
    affected::RANGE.rule,
    affected::FIXED.rule,
    affected::REMEDY.rule,
    people::CVE_FORMAT.rule,
    people::CVE_MISSING.rule,
    people::SEVERITY.rule,
    people::WEAKNESS.rule,
    people::REFERENCE.rule,
    people::CONSENT.rule,
    people::THANKS.rule,
];

/// The checks in the order of [`RULES`].
const CHECKS: [&AdvisoryRule; 18] = [
    &text::SUMMARY,
    &text::DETAILS,
    &text::MARKUP,
    &text::HIDDEN,
    &affected::NOTHING,
    &affected::PACKAGE,
    &affected::NAME,
    &affected::VERSION,
    &affected::RANGE,
    &affected::FIXED,
    &affected::REMEDY,
    &people::CVE_FORMAT,
    &people::CVE_MISSING,
    &people::SEVERITY,
    &people::WEAKNESS,
    &people::REFERENCE,
    &people::CONSENT,
    &people::THANKS,
];

/// A rule with its check.
struct AdvisoryRule {
    rule: Rule,
    check: fn(&Advisory) -> Vec<Complaint>,
}

/// What a check found: the field and one sentence.
struct Complaint {
    field: String,
    message: String,
}

impl Complaint {
    fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    /// One complaint if the condition holds.
    fn when(condition: bool, field: &str, message: &str) -> Vec<Self> {
        if condition { vec![Self::new(field, message)] } else { Vec::new() }
    }
}

/// What the rules say against a record; nothing if it may be published as it is.
pub fn lint(advisory: &Advisory) -> Vec<Finding> {
    CHECKS.iter().flat_map(|rule| findings(rule, advisory)).collect()
}

fn findings(rule: &AdvisoryRule, advisory: &Advisory) -> Vec<Finding> {
    let finding = |complaint: Complaint| Finding {
        rule: rule.rule.id.to_owned(),
        subject: advisory.id.clone(),
        status: Status::Fail,
        severity: rule.rule.severity,
        confidence: Confidence::High,
        message: complaint.message,
        evidence: vec![Evidence { place: Place::field(complaint.field), text: String::new() }],
        remedy: rule.rule.remedy.to_owned(),
    };
    (rule.check)(advisory).into_iter().map(finding).collect()
}

/// Runs one rule on an example. An example that cannot be read is itself a finding, so that a broken example fails its test.
fn run(id: &str, example: &str) -> Vec<Finding> {
    let rule = CHECKS.iter().find(|rule| rule.rule.id == id);
    let rule = rule.expect("every rule in RULES stands in CHECKS; a test compares them");
    match crate::read_osv(example.as_bytes(), Format::Json, "example") {
        Ok(mut advisory) => {
            for credit in &mut advisory.credits {
                if let Some(consent) = credit.unknown.remove("consent") {
                    credit.consent = serde_json::from_value(consent).unwrap_or(Consent::Pending);
                }
            }
            findings(rule, &advisory)
        }
        Err(error) => vec![Finding {
            rule: id.to_owned(),
            subject: "example".to_owned(),
            status: Status::Unknown,
            severity: rule.rule.severity,
            confidence: Confidence::High,
            message: error.to_string(),
            evidence: Vec::new(),
            remedy: "Mend the example.".to_owned(),
        }],
    }
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
            assert!(
                failing.iter().all(|finding| finding.rule == rule.id && finding.status == Status::Fail),
                "{failing:?}"
            );
            assert!((rule.run)(rule.passing).is_empty(), "{}: {:?}", rule.id, (rule.run)(rule.passing));
        }
        println!("{} rules of advisories, each with a failing and a passing example", RULES.len());
    }

    #[test]
    fn the_registry_and_the_checks_are_the_same_rules() {
        Registry::new(&[RULES]).unwrap();
        let ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        let checks: Vec<_> = CHECKS.iter().map(|rule| rule.rule.id).collect();
        assert_eq!(ids, checks);
        assert!(ids.iter().all(|id| id.starts_with("ADV-")));
    }

    #[test]
    fn a_full_record_is_clean_but_for_the_one_who_refused() {
        let mut record = crate::sample::full();
        record.affected.truncate(2);
        record.details = Some("### Impact\n\nA malicious notebook.".to_owned());
        let rules: Vec<_> = lint(&record).into_iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["ADV-CONSENT"]);
    }

    #[test]
    fn a_draft_says_everything_that_is_missing_at_once() {
        let draft = Advisory::draft("x_T-1", bastide_model::time::Instant::EPOCH);
        let rules: Vec<_> = lint(&draft).into_iter().map(|finding| finding.rule).collect();
        let expected = [
            "ADV-SUMMARY",
            "ADV-DETAILS",
            "ADV-AFFECTED",
            "ADV-CVE-MISSING",
            "ADV-SEVERITY",
            "ADV-CWE",
            "ADV-REFERENCE",
            "ADV-THANKS",
        ];
        assert_eq!(rules, expected);
    }
}
