//! REP-P25: code longer than a few lines stands in `<details>`.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P25",
        title: "Long code is collapsed",
        why: "A long script in the middle tears the sentences apart that explain it. Collapsed, it is there for whoever wants it.",
        sources: &["P25"],
        severity: Level::Info,
        remedy: "Put code that is longer than a few lines between <details> and </details>.",
        failing: "Title: A crash\n\nIt crashes:\n\n```\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n```\n",
        passing: "Title: A crash\n\nIt crashes:\n\n<details>\n\n```\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n```\n\n</details>\n",
        run: |example| run_example("cpython", "REP-P25", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::EveryMessage,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let limit = subject.linter.policy().lint.open_code_lines;
    let long = subject.text.code.iter().filter(|(_, count)| *count > limit);
    long.map(|(first, count)| {
        Noted::line(
            *first,
            format!("{count} lines of code outside of <details>; the policy asks for at most {limit}"),
        )
    })
    .collect()
}
