//! REP-P19: facts of batches and of finds by language models were verified; the names in it exist.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P19",
        title: "The facts were verified by a person",
        why: "Language models write convincing reports about functions that do not exist. Checking that costs the sender a \
              minute and the team an hour. Where a list of the project's names is at hand, the desk checks them too.",
        sources: &["P19"],
        severity: Level::High,
        remedy: "Run the script yourself, look up every function that the report names, and answer `Verified: yes`.",
        failing: "Title: A crash\nFound with LLM: yes\n\nThe function http.cookies.parse_all overflows.\n",
        passing: "Title: A crash\nVerified: yes\n\nThe function http.cookies.SimpleCookie.load is slow.\n",
        run: |example| run_example("cpython", "REP-P19", example),
    },
    disposition: Disposition::Hold,
    stage: Stage::EveryMessage,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let draft = subject.draft;
    let suspect = draft.batch || draft.found_with_llm;
    let mut noted = Vec::new();
    if suspect && !draft.answers.verified {
        let message = "the report is one of a batch or was found with a language model, and nobody says that its facts were verified";
        noted.push(Noted::field("answers.verified", message));
    }
    match subject.linter.api_names() {
        Some(names) => noted.extend(names.missing_in(&draft.body).into_iter().map(|(name, line)| {
            Noted::line(line, format!("`{name}` is not among the project's names")).quoting(&name)
        })),
        None if suspect => {
            let message = "no list of the project's names is at hand, so it was not checked that the named functions exist";
            noted.push(Noted::unknown("body", message));
        }
        None => {}
    }
    noted
}
