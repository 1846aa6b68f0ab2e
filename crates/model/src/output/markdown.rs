//! Markdown for comments and reports.
//!
//! Text of strangers stays text: every character that Markdown or GitHub could read as markup is escaped, a mention
//! or an issue number notifies nobody, and an excerpt stands in a fence that it cannot close.

use std::fmt::Write as _;

use super::{Counts, by_urgency, clean, level_word, one_line, status_word, text, title};
use crate::{
    finding::{Finding, Status},
    rule::Registry,
};

/// Longer excerpts are cut: evidence is a place to look at, not the document.
const EXCERPT_LINES: usize = 12;

pub(super) fn render(findings: &[Finding], registry: &Registry) -> String {
    let mut out = format!("**bastide:** {}\n", Counts::of(findings));
    let ordered = by_urgency(findings);
    for finding in ordered.iter().filter(|finding| finding.status != Status::Pass) {
        write_finding(&mut out, finding, registry);
    }
    let passed: Vec<&&Finding> = ordered.iter().filter(|finding| finding.status == Status::Pass).collect();
    if !passed.is_empty() {
        out.push_str("\n<details><summary>Passed</summary>\n\n");
        for finding in passed {
            let line = format!("- {}: {}\n", heading(finding, registry), escape(&finding.subject));
            out.push_str(&line);
        }
        out.push_str("\n</details>\n");
    }
    out
}

fn heading(finding: &Finding, registry: &Registry) -> String {
    let rule = escape(&finding.rule);
    match title(finding, registry) {
        Some(title) => format!("**{rule}** {}", escape(title)),
        None => format!("**{rule}**"),
    }
}

fn write_finding(out: &mut String, finding: &Finding, registry: &Registry) {
    let status = status_word(&finding.status);
    let severity = level_word(finding.severity);
    let heading = heading(finding, registry);
    let mut paragraph = |text: String| {
        write!(out, "\n{text}\n").expect("writing to a string cannot fail");
    };
    paragraph(format!("### {status}, {severity}: {heading}"));
    paragraph(format!("Subject: {}", escape(&finding.subject)));
    paragraph(format!("Finding: {}", escape(&finding.message)));
    for evidence in &finding.evidence {
        let place = text::place(&evidence.place);
        if !place.is_empty() {
            paragraph(format!("Seen at {}", escape(&place)));
        }
        if !evidence.text.trim().is_empty() {
            paragraph(fenced(&evidence.text, EXCERPT_LINES));
        }
    }
    if let Status::Waived { reason, by, until } = &finding.status {
        paragraph(format!("Waived by {} until {}: {}", escape(by), until.for_people(), escape(reason)));
    }
    if !finding.remedy.is_empty() {
        paragraph(format!("What to do: {}", escape(&finding.remedy)));
    }
}

/// An excerpt of at most `limit` lines, in a fence that is longer than any run of backticks inside it.
pub(super) fn fenced(excerpt: &str, limit: usize) -> String {
    let body = clean::lines(excerpt, limit).join("\n");
    let (mut longest, mut run) = (0, 0);
    for character in body.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{body}\n{fence}")
}

/// `text` as Markdown that shows exactly it, on one line.
///
/// For use behind a word of ours, never at the start of a block. An empty comment behind `@` and `#` keeps GitHub
/// from reading a mention or an issue number: it looks for them after the escapes are gone.
pub(super) fn escape(text: &str) -> String {
    let line = one_line(text);
    let mut escaped = String::with_capacity(line.len() + 16);
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        let next = rest.peek().copied();
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '!' | '$' | '^' | '='
            | '{' | '}' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '@' | '#' => {
                escaped.push('\\');
                escaped.push(character);
                if next.is_some_and(|next| !next.is_whitespace()) {
                    escaped.push_str("<!-- -->");
                }
            }
            // What GitHub links without being asked: `https://…`, `www.…`.
            ':' if next == Some('/') => escaped.push_str("\\:"),
            '.' if escaped.to_ascii_lowercase().ends_with("www") => escaped.push_str("\\."),
            _ => escaped.push(character),
        }
    }
    escaped
}
