//! REP-P20: no severity and no CVSS in the first report.

use std::sync::LazyLock;

use bastide_model::{finding::Level, rule::Rule};
use regex::Regex;

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P20",
        title: "No severity in the first report",
        why: "The team determines the severity, from known uses rather than from the worst that can be thought of. A number \
              in the report has to be argued away first. The words are flagged, never removed: the report is kept as it came.",
        sources: &["P20"],
        severity: Level::Low,
        remedy: "Leave out severity words, scores and CVSS vectors. Say what an attacker gains instead.",
        failing: "Title: A crash\n\nSeverity: Critical (CVSS 9.8, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H).\n",
        passing: "Title: A crash\n\nAny client can stop the server while it is in a critical section; high load is not needed.\n",
        run: |example| run_example("cpython", "REP-P20", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let table = [
        (r"(?i)\bCVSS:[234]\.[01]/[A-Z]{1,3}:[A-Z][A-Z:/]*", "a CVSS vector"),
        (r"\bAV:[NALP]/AC:[LMH]/[A-Z:/a-z]+", "a CVSS vector"),
        (r"(?i)\bcvss(v?[234](\.[01])?)?\b[^\n]{0,30}?\b(10(\.0)?|[0-9]\.[0-9])\b", "a CVSS score"),
        (
            r"(?i)\bseverity\W{0,3}(rating|level|score|is|of)?\W{0,4}(critical|high|medium|moderate|low)\b",
            "a severity",
        ),
        (r"(?i)\b(critical|high|medium|moderate|low)[ -](severity|risk|impact)\b", "a severity"),
        (r"(?i)\b(critical|severe) (vulnerability|security (issue|flaw|bug|hole))\b", "a severity"),
    ];
    table
        .into_iter()
        .map(|(pattern, what)| {
            (Regex::new(pattern).expect("a constant pattern, compiled by the tests"), what)
        })
        .collect()
});

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let title = std::iter::once((subject.draft.title.as_str(), None));
    let lines = subject.text.lines.iter().zip(1_u32..).map(|((line, _), number)| (*line, Some(number)));
    title
        .chain(lines)
        .filter_map(|(text, line)| {
            let (found, what) =
                PATTERNS.iter().find_map(|(pattern, what)| Some((pattern.find(text)?, *what)))?;
            let message = format!("the report gives {what}; the team determines it");
            let noted = match line {
                Some(line) => Noted::line(line, message),
                None => Noted::field("title", message),
            };
            Some(noted.quoting(found.as_str()))
        })
        .collect()
}
