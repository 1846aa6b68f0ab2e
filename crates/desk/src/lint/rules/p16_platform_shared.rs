//! REP-P16: a report about an unsupported platform may be shared with those who care for it.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
    project::PlatformVerdict,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P16",
        title: "Reports about unsupported platforms may be shared",
        why: "People outside of the project look after unsupported platforms. Such a report may be shown to them and then \
              follows their rules; where nobody is known or answers, it may be closed. The reporter should know before.",
        sources: &["P16"],
        severity: Level::Info,
        remedy: "Expect the report to be passed on to those who maintain the port, or report to them directly.",
        failing: "Title: A crash\nPlatform: OpenBSD 7.5\n\nIt crashes.\n",
        passing: "Title: A crash\nPlatform: Windows 11\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P16", example),
    },
    disposition: Disposition::Record,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let (Some(project), Some(text)) = (subject.linter.project(), &subject.draft.platform) else {
        return Vec::new();
    };
    let PlatformVerdict::Unsupported(platform) = project.platform(text) else { return Vec::new() };
    let whom = if platform.interested.is_empty() {
        "nobody is on file who looks after it".to_owned()
    } else {
        format!("it may be shared with {}", platform.interested.join(", "))
    };
    vec![Noted::field("platform", format!("{} is unsupported: {whom}", platform.name))]
}
