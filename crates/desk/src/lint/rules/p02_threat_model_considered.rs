//! REP-P02: the report was held against the threat model before it was sent.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P02",
        title: "The report was held against the threat model",
        why: "Most reports that are no vulnerability would have been found out by reading the project's threat model. \
              The people who answer reports are few; reading two pages first saves them an hour.",
        sources: &["P02"],
        severity: Level::Medium,
        remedy: "Read the project's threat model and say in a sentence why the problem counts as a vulnerability under it.",
        failing: "Title: A crash\n\nIt crashes.\n",
        passing: "Title: A crash\nThreat model: remote data crashes the interpreter, clause remote-data\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P02", example),
    },
    disposition: Disposition::Hold,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let answers = &subject.draft.answers;
    if is_given(answers.threat_model.as_ref()) || is_given(answers.cites.as_ref()) {
        return Vec::new();
    }
    vec![Noted::field(
        "answers.threat-model",
        "the report does not say how it was held against the threat model",
    )]
}
