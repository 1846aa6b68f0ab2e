//! Plain text for a terminal: what is wrong, where, and what to do about it.

use std::fmt::Write as _;

use super::{Counts, by_urgency, clean, level_word, one_line, status_word, title};
use crate::{
    finding::{Evidence, Finding, Place, Status},
    rule::Registry,
};

/// Longer excerpts are cut: evidence is a place to look at, not the document.
const EXCERPT_LINES: usize = 6;

pub(super) fn render(findings: &[Finding], registry: &Registry) -> String {
    let mut out = String::new();
    for finding in by_urgency(findings) {
        write_finding(&mut out, finding, registry);
    }
    writeln!(out, "{}", Counts::of(findings)).expect("writing to a string cannot fail");
    out
}

fn write_finding(out: &mut String, finding: &Finding, registry: &Registry) {
    let mut line = |text: String| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    let rule = one_line(&finding.rule);
    let about = title(finding, registry).map(|title| format!(" ({title})")).unwrap_or_default();
    let status = status_word(&finding.status);
    if finding.status == Status::Pass {
        line(format!("pass     {rule}{about}: {}", one_line(&finding.subject)));
        return;
    }
    line(format!(
        "{status:<8} {severity} {rule}{about}: {}",
        one_line(&finding.subject),
        severity = level_word(finding.severity),
    ));
    line(format!("    {}", one_line(&finding.message)));
    for evidence in &finding.evidence {
        for text in evidence_lines(evidence) {
            line(format!("    {text}"));
        }
    }
    if let Status::Waived { reason, by, until } = &finding.status {
        line(format!("    waived by {} until {}: {}", one_line(by), until.for_people(), one_line(reason)));
    }
    if !finding.remedy.is_empty() {
        line(format!("    what to do: {}", one_line(&finding.remedy)));
    }
    if title(finding, registry).is_some() {
        line(format!("    more: bastide explain {rule}"));
    }
    line(String::new());
}

fn evidence_lines(evidence: &Evidence) -> Vec<String> {
    let place = place(&evidence.place);
    let excerpt = clean::lines(&evidence.text, EXCERPT_LINES);
    let mut lines = Vec::with_capacity(excerpt.len() + 1);
    if !place.is_empty() {
        lines.push(format!("at {place}"));
    }
    lines.extend(excerpt.into_iter().map(|text| format!("  | {text}")));
    lines
}

/// A place as compilers write it, `file:line:column`, with a form's field behind it. Empty for no place at all.
pub(super) fn place(place: &Place) -> String {
    let file = place.file.as_deref().map(one_line).unwrap_or_default();
    let located = match (file.is_empty(), place.line, place.column) {
        (_, None, _) => file,
        (false, Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (false, Some(line), None) => format!("{file}:{line}"),
        (true, Some(line), Some(column)) => format!("line {line}, column {column}"),
        (true, Some(line), None) => format!("line {line}"),
    };
    match place.field.as_deref().map(one_line) {
        None => located,
        Some(field) if located.is_empty() => field,
        Some(field) => format!("{located}, {field}"),
    }
}
