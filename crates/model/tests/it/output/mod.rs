//! What people and programs see of findings, judged by snapshots, by schemas and by hostile text.

mod hostile;
mod judged;
mod snapshots;

use bastide_model::{
    finding::{Confidence, Evidence, Finding, Level, Place, Status},
    rule::{Registry, Rule},
};

/// A registry of two rules: one that the examples below are about and one that found nothing.
pub(crate) fn registry() -> Registry {
    const RULES: &[Rule] = &[
        Rule {
            id: "REP-P22",
            title: "tested versions are listed",
            why: "A report that names no version cannot be reproduced.",
            sources: &["P22"],
            severity: Level::High,
            remedy: "Add one row for each version that you tested.",
            failing: "versions:",
            passing: "versions: 3.12.1 vulnerable",
            run: |_| Vec::new(),
        },
        Rule {
            id: "REP-P20",
            title: "no severity in a first report",
            why: "The desk determines the severity with the project.",
            sources: &["P20"],
            severity: Level::Low,
            remedy: "Leave the score out.",
            failing: "CVSS 9.8",
            passing: "The parser reads past the end.",
            run: |_| Vec::new(),
        },
    ];
    Registry::new(&[RULES]).unwrap()
}

/// One finding of each status, with every kind of place.
pub(crate) fn one_of_each_status() -> Vec<Finding> {
    let finding = |status, severity, message: &str, evidence| Finding {
        rule: "REP-P22".to_owned(),
        subject: "report.txt".to_owned(),
        status,
        severity,
        confidence: Confidence::High,
        message: message.to_owned(),
        evidence,
        remedy: "Add one row for each version that you tested.".to_owned(),
    };
    let in_file = Evidence {
        place: Place {
            file: Some("reports/first one.txt".to_owned()),
            line: Some(3),
            column: Some(7),
            field: None,
        },
        text: "versions:\n    (none)".to_owned(),
    };
    let in_form = Evidence { place: Place::field("answers.tested-versions"), text: String::new() };
    vec![
        finding(Status::Pass, Level::High, "Two versions are listed.", Vec::new()),
        finding(
            Status::Waived {
                reason: "the reporter has no second machine".to_owned(),
                by: "coordinator-a".to_owned(),
                until: "2026-03-01T00:00:00Z".parse().unwrap(),
            },
            Level::Medium,
            "Only one version is listed.",
            vec![in_form.clone()],
        ),
        finding(Status::Unknown, Level::High, "The list could not be read.", vec![in_form]),
        finding(Status::Fail, Level::High, "The report lists no tested version.", vec![in_file]),
    ]
}
