//! REP-P22: the tested versions are listed, with their results.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P22",
        title: "The tested versions are listed",
        why: "Which versions are vulnerable decides who has to act, whether a CVE number can be asked for, and where the fix \
              has to go. Only a test tells.",
        sources: &["P22"],
        severity: Level::High,
        remedy: "List each version you tested and whether it is vulnerable: `Tested versions: 3.12.4 vulnerable, 3.13.0 not vulnerable`.",
        failing: "Title: A crash\n\nAll versions crash.\n",
        passing: "Title: A crash\nTested versions: 3.12.4 vulnerable, 3.13.0 not vulnerable\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P22", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let tested = &subject.draft.tested_versions;
    let field = "tested-versions";
    if tested.is_empty() {
        return vec![Noted::field(field, "no tested version is listed")];
    }
    let mut noted = Vec::new();
    if tested.iter().all(|row| !row.vulnerable) {
        noted.push(Noted::field(field, "no tested version was found vulnerable"));
    }
    // Rows are compared with each other: more than these would be a flood, and no person reads them.
    for (index, row) in tested.iter().enumerate().take(200) {
        let place = format!("{field}[{index}]");
        if !row.version.chars().any(|character| character.is_ascii_digit()) && row.version.len() < 3 {
            noted.push(Noted::field(&place, "this row names no version").quoting(&row.version));
        }
        let contradicts = |other: &&crate::lint::TestedVersion| {
            other.version == row.version && other.vulnerable != row.vulnerable
        };
        if tested[..index].iter().any(|other| contradicts(&other)) {
            noted.push(
                Noted::field(&place, "this version is listed as vulnerable and as not vulnerable")
                    .quoting(&row.version),
            );
        }
    }
    noted
}
