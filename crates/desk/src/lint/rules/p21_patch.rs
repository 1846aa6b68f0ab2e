//! REP-P21: a minimal patch is welcome.

use std::sync::LazyLock;

use bastide_model::{finding::Level, rule::Rule};
use regex::Regex;

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P21",
        title: "A minimal patch is welcome",
        why: "Whoever found a problem often knows best how to mend it, and a small patch shortens the time to a fix. This is \
              asked for, not required.",
        sources: &["P21"],
        severity: Level::Info,
        remedy: "If you can, add the smallest change that mends it, as a diff.",
        failing: "Title: A crash\n\nIt crashes.\n",
        passing: "Title: A crash\n\nThis mends it:\n\n```diff\n--- a/Lib/x.py\n+++ b/Lib/x.py\n@@ -1 +1 @@\n-old\n+new\n```\n",
        run: |example| run_example("cpython", "REP-P21", example),
    },
    disposition: Disposition::Record,
    stage: Stage::Report,
    check,
};

static DIFF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*(diff --git |\+\+\+ |@@ -\d)").expect("a constant pattern, compiled by the tests")
});

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let draft = subject.draft;
    let attached =
        draft.attachments.iter().filter_map(|attachment| std::str::from_utf8(&attachment.bytes).ok());
    let is_there = is_given(draft.patch.as_ref())
        || attached.chain([draft.body.as_str()]).any(|text| DIFF.is_match(text));
    if is_there { Vec::new() } else { vec![Noted::field("patch", "there is no patch")] }
}
