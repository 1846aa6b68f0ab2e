//! Texts to start from, with the facts of the case filled in: people change them before anything is sent.
//!
//! They are built in. A policy has no place for texts of its own; a project that wants its own words edits these.

use bastide_authz::Viewer;
use bastide_desk::{case::DeadlineKind, threat::Ruling};
use bastide_model::time::Span;
use bastide_pages::desk::ReadyText;
use bastide_usecases::CaseView;

use super::words;

/// Every text that fits the case as it stands, for those who work on it.
pub(super) fn all(view: &CaseView) -> Vec<ReadyText> {
    if view.viewer != Viewer::Team || view.case.closed.is_some() {
        return Vec::new();
    }
    let mut texts = Vec::new();
    let mut add = |name: &str, text: String| {
        texts.push(ReadyText { name: name.into(), text: text.into() });
    };
    if view.case.acknowledged.is_none() {
        add("First answer to the reporter", acknowledgement(view));
    }
    add("Ask for the versions that were tested", versions(view));
    if view.case.outcome.is_none() {
        add("Decline, with the clause that decides", decline(view));
    }
    if view.case.advisory.published.is_none() {
        add("Why an embargo, for the proposal", embargo(view));
    }
    texts
}

/// The text that a field of a step begins with; empty where there is none.
pub(super) fn of_field(view: &CaseView, step: &str, field: &str) -> String {
    match (step, field) {
        ("acknowledge", "text") => acknowledgement(view),
        ("propose-embargo", "justification") => embargo(view),
        _ => String::new(),
    }
}

fn title(view: &CaseView) -> String {
    view.report
        .as_ref()
        .map_or_else(|| "what you sent us".to_owned(), |report| format!("“{}”", report.draft.title))
}

/// How to address the reporter: by the name that they want to be thanked by, if they gave one.
fn address(view: &CaseView) -> String {
    let credit = view.report.as_ref().and_then(|report| report.draft.credit.as_ref());
    let name = credit.map(|credit| credit.name.trim()).filter(|name| !name.is_empty());
    name.map_or_else(|| "Hello,".to_owned(), |name| format!("Dear {name},"))
}

fn disclosure(view: &CaseView) -> Option<String> {
    let deadline = view.case.deadlines.get(&DeadlineKind::Disclosure)?;
    Some(deadline.due.for_people())
}

fn acknowledgement(view: &CaseView) -> String {
    let by = disclosure(view).map_or_else(String::new, |day| {
        format!(" Unless we agree on something else, what turns out to be a vulnerability is made public by {day}.")
    });
    format!(
        "{}\n\nthank you for your report {} to {}. It has reached a person, and we are looking into it now. We will tell \
         you what we find, and the dates once they are set.{by} Please keep it private until then.\n\nIf you want to \
         add something, or wonder how it is going, answer here.",
        address(view),
        title(view),
        view.case.project,
    )
}

fn versions(view: &CaseView) -> String {
    format!(
        "{}\n\nto judge {} we need to know where you saw it. Which exact versions of {} did you try, and was each of \
         them vulnerable? Please name at least one that is, and one that is not if you found one; on which platform \
         and Python; and the command that shows it.",
        address(view),
        title(view),
        view.case.project,
    )
}

fn decline(view: &CaseView) -> String {
    let suggested = view.suggestions.iter().find_map(|suggestion| {
        let clause = view.threat_model.clause(&suggestion.clause)?;
        (clause.ruling != Ruling::Vulnerability).then_some(clause)
    });
    let clause = suggested.map_or_else(
        || "[clause]: [what it says]".to_owned(),
        |clause| format!("{} ({}): {}", clause.id, clause.title, clause.text),
    );
    format!(
        "{}\n\nthank you for {}. We looked at it against the threat model of {}, and do not treat it as a \
         vulnerability. The clause that decides is {clause}\n\nThis is about what the project promises, not about the \
         quality of your work. If we misunderstood the report, tell us what we missed and we look again.",
        address(view),
        title(view),
        view.case.project,
    )
}

fn embargo(view: &CaseView) -> String {
    let days = view.case.terms.embargo.default_days;
    let end = view.case.received + Span::days(i64::from(days));
    let usual = if days == 0 {
        String::new()
    } else {
        format!(
            " The policy's usual length is {}, which is until {}.",
            words::counted(days, "day"),
            end.for_people()
        )
    };
    format!(
        "A fix has to be made, tested and packaged before everybody can read how to attack what is installed.{usual} \
         If it becomes known or is used by attackers before, the embargo ends at once."
    )
}
