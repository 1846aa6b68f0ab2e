//! REP-P07: an attack on availability needs input of a reasonable size for its use.

use std::sync::LazyLock;

use bastide_model::{
    finding::{Confidence, Level},
    rule::Rule,
};
use regex::Regex;

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P07",
        title: "Availability: the input is of a reasonable size for its use",
        why: "A gigabyte of input that takes a gigabyte of memory is no surprise; a kilobyte that takes an hour is one. \
              Without the size and the use nobody can tell which of the two it is.",
        sources: &["P07"],
        severity: Level::Medium,
        remedy: "Say how large the input is and what such input is used for (`Input size`, `Use case`), and whether the \
                 effect is on availability at all (`Availability`).",
        failing: "Title: ReDoS\nAvailability: yes\n\nThe expression takes minutes.\n",
        passing: "Title: ReDoS\nAvailability: yes\nInput size: 2 kB\nUse case: a header of a response\nReasonable input: yes\n\n\
                  The expression takes minutes.\n",
        run: |example| run_example("cpython", "REP-P07", example),
    },
    disposition: Disposition::Hold,
    stage: Stage::Report,
    check,
};

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(denial[ -]of[ -]service|re?dos|crash(es|ed|ing)?|seg(mentation )?fault(s|ed)?|dead-?locks?|hangs?|infinite loop|out of memory|(resource|memory|cpu) exhaustion|catastrophic backtracking|quadratic)\b",
    )
    .expect("a constant pattern, compiled by the tests")
});

/// The first line of the body that speaks of availability, and the word.
pub(super) fn first_word<'s>(subject: &Subject<'s>) -> Option<(u32, &'s str)> {
    let found = WORDS.find(&subject.draft.body)?;
    let line = subject.draft.body[..found.start()].matches('\n').count() + 1;
    Some((u32::try_from(line).unwrap_or(u32::MAX), found.as_str()))
}

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let answers = &subject.draft.answers;
    match answers.availability {
        Some(false) => Vec::new(),
        None => match first_word(subject) {
            None => Vec::new(),
            Some((line, word)) => {
                let message = "the text speaks of availability, but the report does not answer whether the effect is on it";
                vec![Noted::line(line, message).quoting(word).with_confidence(Confidence::Medium)]
            }
        },
        Some(true) => {
            let mut noted = Vec::new();
            if !is_given(answers.input_size.as_ref()) {
                noted.push(Noted::field("answers.input-size", "the size of the input is not given"));
            }
            if !is_given(answers.use_case.as_ref()) {
                noted.push(Noted::field("answers.use-case", "it is not said what such input is used for"));
            }
            if answers.reasonable_input == Some(false) {
                let message = "by its own words the input is larger than is reasonable for its use";
                noted.push(Noted::field("answers.reasonable-input", message));
            }
            noted
        }
    }
}
