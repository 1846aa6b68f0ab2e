//! REP-P05: documented functionality is no vulnerability.

use bastide_model::{
    finding::{Confidence, Level},
    rule::Rule,
};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
    threat::{Because, Ruling},
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P05",
        title: "Documented functionality is no vulnerability",
        why: "Some functions are documented to run code that is handed to them as data, or to change any place in \
              memory. That they do so is not news. The flag comes from names in the text, so it is a hint for a person.",
        sources: &["P05", "O06"],
        severity: Level::Info,
        remedy: "Read the clause. If the report is about something else than what the documentation says, say so in a sentence.",
        failing: "Title: Code runs\n\nWhoever controls the data that goes to pickle.loads() runs code.\n",
        passing: "Title: Code runs\n\nhttp.cookies parses a header into the wrong name; ast.literal_eval() is not involved.\n",
        run: |example| run_example("cpython", "REP-P05", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let out_of_scope =
        subject.suggestions.iter().filter(|suggestion| suggestion.ruling == Ruling::OutOfScope);
    let named = out_of_scope
        .flat_map(|suggestion| suggestion.because.iter().map(|because| (&suggestion.clause, because)));
    named
        .filter_map(|(clause, because)| match because {
            Because::Name { name, line } => {
                let message = format!(
                    "the text names `{name}`; the clause `{clause}` may apply, which rules it out of scope"
                );
                Some(Noted::line(*line, message).with_confidence(Confidence::Low))
            }
            Because::Answer { .. } => None,
        })
        .collect()
}
