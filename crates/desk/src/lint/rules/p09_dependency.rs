//! REP-P09: a dependency's flaw belongs to the dependency.

use bastide_model::{
    finding::{Confidence, Level},
    rule::Rule,
};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::Disposition,
    threat::{Because, Ruling},
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P09",
        title: "A dependency's flaw belongs to the dependency",
        why: "A flaw in zlib is mended in zlib, for everybody who uses it. It is the project's own only where its way of \
              using the dependency is what makes it unsafe.",
        sources: &["P09"],
        severity: Level::Low,
        remedy: "Report it to the dependency, or say how the project's use of it interferes with using it safely.",
        failing: "Title: Overflow\nDependency: zlib\n\nThe bundled copy overflows.\n",
        passing: "Title: Overflow\nDependency: none\n\nThe parser of the standard library overflows.\n",
        run: |example| run_example("cpython", "REP-P09", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let dependency = subject.draft.answers.dependency.as_ref();
    if let Some(name) = dependency.filter(|_| is_given(dependency)) {
        let message = "by its own words the flaw is in a dependency";
        return vec![Noted::field("answers.dependency", message).quoting(name)];
    }
    let upstream = subject.suggestions.iter().filter(|suggestion| suggestion.ruling == Ruling::Upstream);
    upstream
        .flat_map(|suggestion| &suggestion.because)
        .filter_map(|because| match because {
            Because::Name { name, line } => {
                let message =
                    format!("the text names `{name}`, which the threat model knows as somebody else's");
                Some(Noted::line(*line, message).with_confidence(Confidence::Low))
            }
            Because::Answer { .. } => None,
        })
        .collect()
}
