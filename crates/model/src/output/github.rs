//! Workflow commands: each finding becomes an annotation on the pull request.
//!
//! GitHub reads a command from one line and takes `%`, line breaks and, in properties, `:` and `,` as its own
//! syntax; they are written in percent form. A text that broke out of its line could set outputs of the workflow.

use std::fmt::Write as _;

use super::{Counts, one_line, text, title};
use crate::{
    finding::{Finding, Level, Place, Status},
    rule::Registry,
};

pub(super) fn render(findings: &[Finding], registry: &Registry) -> String {
    let mut out = String::new();
    for finding in findings {
        if let Some(command) = command(finding) {
            write_annotation(&mut out, command, finding, registry);
        }
    }
    let counts = Counts::of(findings);
    // The last line is for the log; it starts with a word of ours and so is no command.
    writeln!(out, "bastide: {counts}").expect("writing to a string cannot fail");
    out
}

/// The command for a finding; none for a pass, which needs nobody's attention.
fn command(finding: &Finding) -> Option<&'static str> {
    match (&finding.status, finding.severity) {
        (Status::Pass, _) => None,
        (Status::Waived { .. }, _) => Some("notice"),
        (Status::Unknown, _) => Some("warning"),
        (Status::Fail, Level::Critical | Level::High) => Some("error"),
        (Status::Fail, Level::Medium | Level::Low) => Some("warning"),
        (Status::Fail, Level::Info) => Some("notice"),
    }
}

fn write_annotation(out: &mut String, command: &str, finding: &Finding, registry: &Registry) {
    let mut properties: Vec<String> = Vec::new();
    let located = finding.evidence.iter().find(|evidence| evidence.place.file.is_some());
    let place = located.map(|evidence| evidence.place.clone()).unwrap_or_default();
    if let Some(file) = &place.file {
        properties.push(format!("file={}", property(file)));
        if let Some(line) = place.line {
            properties.push(format!("line={line}"));
        }
        if let Some(column) = place.column {
            properties.push(format!("col={column}"));
        }
    }
    let rule = one_line(&finding.rule);
    let heading = match title(finding, registry) {
        Some(title) => format!("{rule} {title}"),
        None => rule,
    };
    properties.push(format!("title={}", property(&heading)));
    writeln!(out, "::{command} {}::{}", properties.join(","), data(&message(finding, &place)))
        .expect("writing to a string cannot fail");
}

/// The annotation's lines, joined by line breaks that [`data`] then escapes.
fn message(finding: &Finding, shown: &Place) -> String {
    let mut lines = vec![format!("{}: {}", one_line(&finding.subject), one_line(&finding.message))];
    for evidence in &finding.evidence {
        let place = text::place(&evidence.place);
        if !place.is_empty() && &evidence.place != shown {
            lines.push(format!("at {place}"));
        }
    }
    match &finding.status {
        Status::Unknown => lines.push("This could not be checked; that is not a pass.".to_owned()),
        Status::Waived { reason, by, until } => lines.push(format!(
            "Waived by {} until {}: {}",
            one_line(by),
            until.for_people(),
            one_line(reason)
        )),
        Status::Fail | Status::Pass => {}
    }
    if !finding.remedy.is_empty() {
        lines.push(format!("What to do: {}", one_line(&finding.remedy)));
    }
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}
