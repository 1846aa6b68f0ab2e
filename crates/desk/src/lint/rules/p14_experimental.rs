//! REP-P14: experimental features get public issues.

use bastide_model::{
    finding::{Confidence, Level},
    rule::Rule,
};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P14",
        title: "Experimental features get public issues",
        why: "Whoever switches on an experimental feature was told that it is not finished. Problems in it are worked on in public.",
        sources: &["P14"],
        severity: Level::Medium,
        remedy: "Open a public issue, unless the problem shows without the experimental feature as well.",
        failing: "Title: A crash\nTested versions: 3.13.1 vulnerable\n\nWith PYTHON_JIT=1 it crashes.\n",
        passing: "Title: A crash\nTested versions: 3.13.1 vulnerable\n\nWith default settings it crashes.\n",
        run: |example| run_example("cpython", "REP-P14", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    if subject.draft.answers.experimental == Some(true) {
        return vec![Noted::field(
            "answers.experimental",
            "by its own words the report is about an experimental feature",
        )];
    }
    let Some(product) = subject.product else { return Vec::new() };
    product
        .experimental_in(&subject.draft.body, &subject.draft.vulnerable_versions())
        .into_iter()
        .map(|feature| {
            let message = format!("the report seems to be about an experimental feature: {}", feature.name);
            Noted::field("body", message).with_confidence(Confidence::Medium)
        })
        .collect()
}
