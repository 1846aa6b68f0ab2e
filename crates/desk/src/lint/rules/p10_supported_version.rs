//! REP-P10: a supported version is vulnerable.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
    project::Eligibility,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P10",
        title: "A supported version is vulnerable",
        why: "Reports are taken, and CVE numbers given, for versions that still get fixes. Nobody will mend a version \
              that has reached its end.",
        sources: &["P10"],
        severity: Level::Medium,
        remedy: "Test the newest release of a supported line and list the result under `Tested versions`.",
        failing: "Title: A crash\nTested versions: 3.8.20 vulnerable\n\nIt crashes.\n",
        passing: "Title: A crash\nTested versions: 3.8.20 vulnerable, 3.12.4 vulnerable\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P10", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    // Without a version there is nothing to look up; REP-P22 asks for one.
    if subject.draft.vulnerable_versions().is_empty() {
        return Vec::new();
    }
    match subject.eligibility {
        Some(Eligibility::NotEligible { reason, rule }) if rule == "P10" => {
            vec![Noted::field("tested-versions", reason.clone())]
        }
        Some(Eligibility::Unknown { reason }) => vec![Noted::unknown("tested-versions", reason.clone())],
        None => {
            let message =
                "which versions are supported is not known here, so the tested ones were not checked";
            vec![Noted::unknown("tested-versions", message)]
        }
        Some(_) => Vec::new(),
    }
}
