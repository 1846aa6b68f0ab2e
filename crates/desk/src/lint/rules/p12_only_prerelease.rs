//! REP-P12: what exists only in prereleases is a regular bug.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
    project::Eligibility,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P12",
        title: "What exists only in prereleases is a regular bug",
        why: "Alphas, betas and release candidates are there to find such problems, in public and with many eyes.",
        sources: &["P12"],
        severity: Level::Medium,
        remedy: "Test a stable release. If only prereleases are vulnerable, open a public issue.",
        failing: "Title: A crash\nTested versions: 3.14.0b1 vulnerable\n\nIt crashes.\n",
        passing: "Title: A crash\nTested versions: 3.14.0b1 vulnerable, 3.13.1 vulnerable\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P12", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    match subject.eligibility {
        Some(Eligibility::NotEligible { reason, rule }) if rule == "P12" => {
            vec![Noted::field("tested-versions", reason.clone())]
        }
        _ => Vec::new(),
    }
}
