//! REP-P26: what contains no potential vulnerability, as a suggestion to a person.

use std::sync::LazyLock;

use bastide_model::{
    finding::{Confidence, Level},
    rule::Rule,
};
use regex::Regex;

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P26",
        title: "This may be no report of a vulnerability",
        why: "Advertisements, questionnaires and requests for due diligence reach every security address. A policy may discard \
              them without a reply. The words below only suggest it; a person decides.",
        sources: &["P26", "O06"],
        severity: Level::Info,
        remedy: "Look at the text and discard it only if it really reports nothing.",
        failing: "Title: Vendor assessment\n\nPlease fill in the attached security questionnaire for our SOC 2 audit.\n",
        passing: "Title: A crash\nTested versions: 3.12.4 vulnerable\n\nThe parser crashes on a header with many semicolons.\n",
        run: |example| run_example("cpython", "REP-P26", example),
    },
    disposition: Disposition::Record,
    stage: Stage::Report,
    check,
};

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(questionnaires?|due diligence|vendor (risk )?assessment|soc ?2|iso ?27001|gdpr|compliance|w-9|invoice|bug bounty|bounty program|paid? reward|seo|backlinks?|guest post|unsubscribe|sponsored|dmarc|spf record|clickjacking)\b",
    )
    .expect("a constant pattern, compiled by the tests")
});

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let draft = subject.draft;
    // Whoever tested a version or shows code reports something, whatever else the text says.
    if !draft.tested_versions.is_empty() || draft.proof_of_concept.is_some() || !subject.text.code.is_empty()
    {
        return Vec::new();
    }
    if draft.body.trim().is_empty() && draft.attachments.is_empty() {
        return vec![Noted::field("body", "the report is empty")];
    }
    let lines = subject.text.lines.iter().zip(1_u32..);
    let found = lines.filter_map(|((line, _), number)| Some((number, WORDS.find(line)?.as_str())));
    found
        .take(3)
        .map(|(line, word)| {
            let message = "words of an advertisement or questionnaire, and neither versions nor code";
            Noted::line(line, message).quoting(word).with_confidence(Confidence::Low)
        })
        .collect()
}
