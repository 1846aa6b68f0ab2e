//! REP-P17: a report is a few sentences without much structure, and so is every later message.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P17",
        title: "A few sentences, little structure",
        why: "A handful of volunteers reads every report. Pages of headings and tables hide the one thing that matters \
              and are often written by a machine. Code and collapsed parts are not counted.",
        sources: &["P17"],
        severity: Level::Low,
        remedy: "Say in a few sentences what is wrong and what an attacker gains. Drop headings and tables; put long code \
                 into <details>.",
        failing: "Title: A crash\n\nIt crashes.\n\n## Executive summary\n\n| Impact | Score |\n|---|---|\n| High | 9 |\n",
        passing: "Title: A crash\n\nParsing a header with 70 semicolons ends the process, so any client can stop the server.\n",
        run: |example| run_example("cpython", "REP-P17", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::EveryMessage,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let (text, limits) = (subject.text, &subject.linter.policy().lint);
    let within = |count: usize, limit: u32| u64::try_from(count).is_ok_and(|count| count <= u64::from(limit));
    let mut noted = Vec::new();
    if !within(text.words, limits.words) {
        noted.push(Noted::field(
            "body",
            format!("{} words; the policy asks for at most {}", text.words, limits.words),
        ));
    }
    if !within(text.headings.len(), limits.headings) {
        let message =
            format!("{} headings; the policy asks for at most {}", text.headings.len(), limits.headings);
        noted.push(Noted::line(text.headings.first().copied().unwrap_or(1), message));
    }
    if !within(text.tables.len(), limits.tables) {
        let message = format!("{} tables; the policy asks for at most {}", text.tables.len(), limits.tables);
        noted.push(Noted::line(text.tables.first().copied().unwrap_or(1), message));
    }
    noted
}
