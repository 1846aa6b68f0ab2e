//! REP-P13: the reporter looked whether it is fixed already.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P13",
        title: "The reporter looked whether it is fixed on the main branch",
        why: "Many problems are mended already and wait for a backport. That is a short public matter, not a case.",
        sources: &["P13"],
        severity: Level::Medium,
        remedy: "Try the main branch and answer `Fixed on main`. If it is fixed there, ask for a backport and name the change.",
        failing: "Title: A crash\n\nIt crashes.\n",
        passing: "Title: A crash\nFixed on main: no\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P13", example),
    },
    disposition: Disposition::Hold,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let field = "answers.fixed-on-main";
    match subject.draft.answers.fixed_on_main {
        Some(false) => Vec::new(),
        Some(true) => {
            vec![Noted::field(field, "it is fixed on the main branch and may only need a backport")]
        }
        None => vec![Noted::field(field, "it is not said whether the main branch has it fixed already")],
    }
}
