//! Findings as notes at the field that they are about.

use bastide_desk::{
    lint::{Judged, REPORT_RULES},
    policy::{Disposition, Policy, PolicyProblem},
};
use bastide_model::finding::{Evidence, Finding, Level, Place, Status};
use bastide_pages::part::{self, FindingNote, RuleReference};

use super::words;

/// What a judged finding says to the reporter.
pub(super) fn judged(judged: &Judged) -> FindingNote {
    note(&judged.finding, disposition(judged.disposition))
}

/// A bare finding of a report, with what the policy makes of it.
pub(super) fn of_report(finding: &Finding, policy: Option<&Policy>) -> FindingNote {
    let own = REPORT_RULES.iter().find(|rule| rule.rule.id == finding.rule).map(|rule| rule.disposition);
    let disposed = match (&finding.status, own) {
        (Status::Fail, Some(own)) => policy.map_or(own, |policy| policy.disposition(&finding.rule, own)),
        _ => Disposition::Record,
    };
    note(finding, disposition(disposed))
}

/// A finding about a draft advisory: none stops saving; those that matter ask for a look.
pub(super) fn of_advisory(finding: &Finding) -> FindingNote {
    let disposition =
        if finding.severity >= Level::Low { part::Disposition::Warn } else { part::Disposition::Record };
    note(finding, disposition)
}

/// Something that the page itself found wrong with a field.
pub(super) fn at_field(rule: &str, field: &str, message: &str, remedy: &str) -> FindingNote {
    FindingNote {
        rule: RuleReference::new(rule, ""),
        disposition: part::Disposition::Block,
        message: words::sentence(message).into(),
        remedy: words::sentence(remedy).into(),
        place: "".into(),
        field: (!field.is_empty()).then(|| field.into()),
    }
}

/// A mistake in a file of rules, at the field that holds the file.
pub(super) fn of_rules(problem: &PolicyProblem) -> FindingNote {
    let field = if problem.field.is_empty() { String::new() } else { format!("{}: ", problem.field) };
    let place = format!("line {}, column {}", problem.line, problem.column);
    FindingNote {
        rule: RuleReference::new(problem.file.as_str(), ""),
        disposition: part::Disposition::Block,
        message: words::sentence(&format!("{field}{}", problem.message)).into(),
        remedy: words::sentence(&problem.remedy).into(),
        place: place.into(),
        field: Some(problem.file.as_str().into()),
    }
}

fn note(finding: &Finding, disposition: part::Disposition) -> FindingNote {
    let place = finding.evidence.first().map(|evidence| &evidence.place);
    FindingNote {
        rule: RuleReference::new(finding.rule.as_str(), ""),
        disposition,
        message: words::sentence(&finding.message).into(),
        remedy: words::sentence(&finding.remedy).into(),
        place: finding.evidence.first().map(place_in_words).unwrap_or_default().into(),
        field: place.and_then(|place| place.field.as_deref()).map(Into::into),
    }
}

fn place_in_words(evidence: &Evidence) -> String {
    let Place { file, line, .. } = &evidence.place;
    let mut parts: Vec<String> = file.iter().cloned().collect();
    parts.extend(line.map(|line| format!("line {line}")));
    if !evidence.text.is_empty() {
        parts.push(format!("“{}”", evidence.text));
    }
    parts.join(", ")
}

fn disposition(disposition: Disposition) -> part::Disposition {
    match disposition {
        Disposition::Record => part::Disposition::Record,
        Disposition::Warn => part::Disposition::Warn,
        Disposition::Hold => part::Disposition::Hold,
        Disposition::Block => part::Disposition::Block,
    }
}
