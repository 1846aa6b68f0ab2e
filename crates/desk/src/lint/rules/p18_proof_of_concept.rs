//! REP-P18: a script shows the problem and says clearly whether it is there.

use std::sync::LazyLock;

use bastide_model::{
    finding::{Confidence, Level},
    rule::Rule,
};
use regex::Regex;

use crate::{
    lint::{
        attachment::Content,
        rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
        text::LineKind,
    },
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P18",
        title: "A script shows whether the problem is there",
        why: "A script that exits with 1 where the problem is there and with 0 where it is not can be run on every version, \
              before and after the fix, by a person or a machine. This is asked for, not required.",
        sources: &["P18"],
        severity: Level::Info,
        remedy: "Add a short script that exits with 1 if vulnerable and with 0 if not.",
        failing: "Title: A crash\n\nParse a header with many semicolons and it crashes.\n",
        passing: "Title: A crash\n\nIt crashes:\n\n```python\nimport sys\nsys.exit(1 if vulnerable() else 0)\n```\n",
        run: |example| run_example("cpython", "REP-P18", example),
    },
    disposition: Disposition::Record,
    stage: Stage::Report,
    check,
};

/// Ways in which scripts of several languages end with a result, or fail an assertion.
static RESULT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(exit|_exit|SystemExit|abort|quit|assert\w*)\b")
        .expect("a constant pattern, compiled by the tests")
});

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let draft = subject.draft;
    let in_code = |kind: LineKind| matches!(kind, LineKind::Code | LineKind::Collapsed);
    let lines = subject.text.lines.iter().filter(|(_, kind)| in_code(*kind)).map(|(line, _)| *line);
    let texts: Vec<&str> = draft
        .attachments
        .iter()
        .filter(|attachment| Content::of(&attachment.bytes) == Content::PlainText)
        .filter_map(|attachment| std::str::from_utf8(&attachment.bytes).ok())
        .chain(draft.proof_of_concept.as_deref().filter(|_| is_given(draft.proof_of_concept.as_ref())))
        .chain(lines)
        .collect();
    if texts.is_empty() {
        return vec![Noted::field("proof-of-concept", "there is no script that shows the problem")];
    }
    if texts.iter().any(|text| RESULT.is_match(text)) {
        return Vec::new();
    }
    let message = "the script does not seem to end with a clear result (exit 1 if vulnerable, 0 if not)";
    vec![Noted::field("proof-of-concept", message).with_confidence(Confidence::Low)]
}
