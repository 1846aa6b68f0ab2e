//! REP-P03: the report cites a clause of the threat model.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::{Disposition, nearest},
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P03",
        title: "The report cites the threat model",
        why: "A citation shows that the threat model was read, and tells the reader at once which question to ask. \
              Every decision of the desk cites a clause as well.",
        sources: &["P03"],
        severity: Level::Low,
        remedy: "Name the clause that applies by the id that stands beside it in the threat model, or the address of the page.",
        failing: "Title: A crash\nCites: remote-dat\n\nIt crashes.\n",
        passing: "Title: A crash\nCites: remote-data\n\nIt crashes.\n",
        run: |example| run_example("cpython", "REP-P03", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let answer = subject.draft.answers.cites.as_ref();
    let field = "answers.cites";
    let Some(cited) = answer.filter(|_| is_given(answer)) else {
        return vec![Noted::field(field, "the report cites no clause of the threat model")];
    };
    let Some(model) = subject.linter.model() else { return Vec::new() };
    let clauses = || model.clauses.iter().map(|clause| clause.id.as_str());
    // A page of the project is as good as a clause's id.
    if cited.contains("://") || clauses().any(|id| cited.contains(id)) {
        return Vec::new();
    }
    let message = match nearest(cited.trim(), clauses()) {
        Some(meant) => format!("the threat model has no such clause; did you mean `{meant}`?"),
        None => "the threat model has no such clause".to_owned(),
    };
    vec![Noted::field(field, message).quoting(cited)]
}
