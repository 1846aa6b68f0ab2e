//! REP-P15: a problem that depends on the platform shows on a supported one.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::Disposition,
    project::PlatformVerdict,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P15",
        title: "A supported platform is affected",
        why: "A port to an unsupported platform is a project of its own. What affects only such platforms is theirs to mend.",
        sources: &["P15"],
        severity: Level::Medium,
        remedy: "Name the platform under `Platform`. If it is unsupported, test on a supported one, or report to those who maintain the port.",
        failing: "Title: A crash\nPlatform dependent: yes\nPlatform: AIX 7.2\n\nIt crashes.\n",
        passing: "Title: A crash\nPlatform dependent: yes\nPlatform: Ubuntu 24.04 on x86_64\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P15", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    if subject.draft.answers.platform_dependent != Some(true) {
        return Vec::new();
    }
    let named = subject.draft.platform.as_ref();
    let Some(text) = named.filter(|_| is_given(named)) else {
        return vec![Noted::field("platform", "the problem depends on the platform, which is not named")];
    };
    match subject.linter.project().map(|project| project.platform(text)) {
        Some(PlatformVerdict::Supported(_)) => Vec::new(),
        Some(PlatformVerdict::Unsupported(platform)) => {
            vec![
                Noted::field("platform", format!("{} is not a supported platform", platform.name))
                    .quoting(text),
            ]
        }
        Some(PlatformVerdict::Unknown) | None => {
            vec![
                Noted::unknown("platform", "whether this platform is supported is not known here")
                    .quoting(text),
            ]
        }
    }
}
