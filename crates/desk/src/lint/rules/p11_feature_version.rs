//! REP-P11: a version in development gets no CVE number.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
    project::Eligibility,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P11",
        title: "Versions in development get no CVE number",
        why: "Nobody runs the main branch in production. What exists only there is mended before anybody could be harmed.",
        sources: &["P11"],
        severity: Level::Medium,
        remedy: "Test a stable release. If only the main branch is vulnerable, open a public issue.",
        failing: "Title: A crash\nTested versions: main vulnerable, 3.12.4 not vulnerable\n\nIt crashes.\n",
        passing: "Title: A crash\nTested versions: main vulnerable, 3.12.4 vulnerable\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P11", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    match subject.eligibility {
        Some(Eligibility::NotEligible { reason, rule }) if rule == "P11" => {
            vec![Noted::field("tested-versions", reason.clone())]
        }
        _ => Vec::new(),
    }
}
