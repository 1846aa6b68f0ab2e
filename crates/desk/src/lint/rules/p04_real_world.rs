//! REP-P04: code, configuration or deployments like this may exist in the real world.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P04",
        title: "The attack works on something that may exist",
        why: "A flaw that only shows in code that no production program contains harms nobody. Saying where such code \
              is found is the shortest way to show that the flaw matters.",
        sources: &["P04"],
        severity: Level::Medium,
        remedy: "Say where code, configuration or a deployment like this is found: a program, a kind of service, a tutorial.",
        failing: "Title: A crash\nRealistic: no\n\nIt crashes.\n",
        passing: "Title: A crash\nReal world: web servers parse such headers from anybody\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P04", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let answers = &subject.draft.answers;
    if answers.realistic == Some(false) {
        let message = "by its own words the attack needs code or deployments that nobody runs (reject code `unrealistic`)";
        return vec![Noted::field("answers.realistic", message)];
    }
    if is_given(answers.real_world.as_ref()) {
        return Vec::new();
    }
    vec![Noted::field(
        "answers.real-world",
        "the report does not say where code or deployments like this exist",
    )]
}
