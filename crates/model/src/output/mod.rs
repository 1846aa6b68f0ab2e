//! Findings, rendered in one place for everybody who reads them.
//!
//! A newcomer starts at [`render`]: it takes a [`Format`], the findings and the rule registry and gives text.
//! Each format is one file: `text` for a terminal, `json` for programs (its published schema is
//! `schemas/findings-1.json`), `sarif` for code scanning, `github` for annotations on a pull request, `markdown`
//! for comments and reports; [`render_brief`] is for audits, where one thing to do mends many findings. [`Outcome`] is what a command's exit code says. The rules themselves are written by
//! [`list_rules`] and [`explain`].
//!
//! Invariant: whatever stands in a finding may come from a stranger. No control or bidirectional character of it
//! reaches a terminal, and none of it becomes a link, a tag, a mention or a workflow command.

mod brief;
mod clean;
mod github;
mod json;
mod markdown;
mod rules;
mod sarif;
mod text;

use std::{fmt, str::FromStr};

pub use brief::render_brief;
pub use clean::{is_deceptive, one_line};
pub use rules::{RuleFormat, explain, list_rules};

use crate::{
    finding::{Finding, Level, Status},
    rule::Registry,
};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Plain text for a terminal.
    Text,
    /// JSON by the published schema `findings-1.json`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub shows as annotations.
    Github,
    /// Markdown, for comments and reports.
    Markdown,
}

impl Format {
    /// Every format, in the order in which the command line names them.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Sarif, Self::Github, Self::Markdown];

    /// The name that people type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A text that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not an output format; use {known}")]
pub struct FormatError {
    /// The text as given, cut to 64 characters, on one line.
    pub input: String,
    /// The names that would do, as a sentence lists them.
    pub known: &'static str,
}

impl FormatError {
    fn new(input: &str, known: &'static str) -> Self {
        Self { input: one_line(&input.chars().take(64).collect::<String>()), known }
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| FormatError::new(text, "text, json, sarif, github or markdown"))
    }
}

/// Writes `findings` in `format`. The result ends with a line break unless it is empty.
///
/// Text and Markdown are ordered by what needs attention first; the formats for programs keep the given order.
pub fn render(format: Format, findings: &[Finding], registry: &Registry) -> String {
    match format {
        Format::Text => text::render(findings, registry),
        Format::Json => json::render(findings),
        Format::Sarif => sarif::render(findings, registry),
        Format::Github => github::render(findings, registry),
        Format::Markdown => markdown::render(findings, registry),
    }
}

/// What a run of checks came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Everything was checked and nothing stands: all passed or waived.
    Clean,
    /// Nothing failed, but something could not be checked.
    Unknown,
    /// At least one finding stands.
    Findings,
}

impl Outcome {
    /// The outcome of these findings.
    pub fn of(findings: &[Finding]) -> Self {
        if findings.iter().any(Finding::is_failure) {
            Self::Findings
        } else if findings.iter().any(|finding| finding.status == Status::Unknown) {
            Self::Unknown
        } else {
            Self::Clean
        }
    }

    /// The exit code of a command: 0 everything checked and clean, 1 findings, 3 no findings but something unknown.
    /// (2 is a wrong command line.) A door that was given `--allow-unknown` maps 3 to 0 itself.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Unknown => 3,
        }
    }
}

/// How many findings have each status, in the order in which people want to know.
struct Counts {
    failed: usize,
    unknown: usize,
    waived: usize,
    passed: usize,
}

impl Counts {
    fn of(findings: &[Finding]) -> Self {
        let mut counts = Self { failed: 0, unknown: 0, waived: 0, passed: 0 };
        for finding in findings {
            match finding.status {
                Status::Fail => counts.failed += 1,
                Status::Unknown => counts.unknown += 1,
                Status::Waived { .. } => counts.waived += 1,
                Status::Pass => counts.passed += 1,
            }
        }
        counts
    }
}

impl fmt::Display for Counts {
    /// `1 failed, 2 unknown, 0 waived, 7 passed`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { failed, unknown, waived, passed } = self;
        write!(out, "{failed} failed, {unknown} unknown, {waived} waived, {passed} passed")
    }
}

/// What needs attention first: failures before unknowns before waivers before passes, the severe before the mild.
fn by_urgency(findings: &[Finding]) -> Vec<&Finding> {
    let mut ordered: Vec<&Finding> = findings.iter().collect();
    ordered.sort_by_key(|finding| {
        let status = match finding.status {
            Status::Fail => 0,
            Status::Unknown => 1,
            Status::Waived { .. } => 2,
            Status::Pass => 3,
        };
        (status, std::cmp::Reverse(finding.severity))
    });
    ordered
}

/// The title of a finding's rule, if the registry knows the rule.
fn title<'a>(finding: &Finding, registry: &'a Registry) -> Option<&'a str> {
    registry.find(&finding.rule).map(|rule| rule.title)
}

/// The word for a status.
const fn status_word(status: &Status) -> &'static str {
    match status {
        Status::Fail => "fail",
        Status::Unknown => "unknown",
        Status::Waived { .. } => "waived",
        Status::Pass => "pass",
    }
}

/// The word for a severity, as in the JSON.
const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
        Level::Critical => "critical",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Confidence;

    fn finding(status: Status) -> Finding {
        Finding {
            rule: "X-1".to_owned(),
            subject: String::new(),
            status,
            severity: Level::Low,
            confidence: Confidence::High,
            message: String::new(),
            evidence: Vec::new(),
            remedy: String::new(),
        }
    }

    #[test]
    fn unknown_is_never_a_pass_and_a_failure_outweighs_it() {
        let waived =
            Status::Waived { reason: String::new(), by: String::new(), until: crate::time::Instant::EPOCH };
        let code = |statuses: &[Status]| {
            let findings: Vec<Finding> = statuses.iter().cloned().map(finding).collect();
            Outcome::of(&findings).exit_code()
        };
        assert_eq!(code(&[]), 0);
        assert_eq!(code(&[Status::Pass, waived.clone()]), 0);
        assert_eq!(code(&[Status::Pass, Status::Unknown, waived.clone()]), 3);
        assert_eq!(code(&[Status::Unknown, Status::Fail, waived]), 1);
    }

    #[test]
    fn each_format_reads_back_from_its_name_and_others_are_refused_with_the_list() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let error = "xml\u{1b}[2J".parse::<Format>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`xml[2J` is not an output format; use text, json, sarif, github or markdown"
        );
    }
}
