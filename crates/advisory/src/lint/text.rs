//! Rules about the words: can people understand it, and is it what it seems to be?

use bastide_model::{finding::Level, rule::Rule};

use super::{AdvisoryRule, Complaint, run};
use crate::{Advisory, markdown::to_plain};

/// The longest summary, in characters: one sentence that a list or a table can show.
const MAX_SUMMARY: usize = 240;

pub(super) const SUMMARY: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-SUMMARY",
        title: "The impact stands in one sentence",
        why: "Most readers see only this sentence, in a list or a mail's first lines. Without it they cannot tell whether to \
              read on; scanners then show the whole details or nothing.",
        sources: &["OSV summary", "S02"],
        severity: Level::High,
        remedy: "Write one sentence of plain text, at most 240 characters: what can whom do what to whom.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "details": "A long story."}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "summary": "Opening a prepared notebook lets its author read your files."}"#,
        run: |example| run("ADV-SUMMARY", example),
    },
    check: |advisory| match advisory.summary.as_deref().map(str::trim) {
        None | Some("") => vec![Complaint::new("summary", "There is no summary.")],
        Some(text) if text.contains('\n') => {
            vec![Complaint::new("summary", "The summary has several lines.")]
        }
        Some(text) if text.chars().count() > MAX_SUMMARY => {
            let message = format!("The summary has {} characters.", text.chars().count());
            vec![Complaint::new("summary", message)]
        }
        Some(_) => Vec::new(),
    },
};

pub(super) const DETAILS: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-DETAILS",
        title: "The story is told",
        why: "Whoever runs the software needs the conditions and the consequences to decide how fast to act; a bare sentence \
              makes them guess.",
        sources: &["OSV details", "J05"],
        severity: Level::Medium,
        remedy: "Describe impact, conditions, fix and workaround in a few paragraphs of Markdown.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "summary": "Bad things."}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "details": "A notebook is opened and then ..."}"#,
        run: |example| run("ADV-DETAILS", example),
    },
    check: |advisory| {
        let missing = advisory.details.as_deref().is_none_or(|text| text.trim().is_empty());
        Complaint::when(missing, "details", "There are no details.")
    },
};

pub(super) const MARKUP: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-MARKUP",
        title: "The details are Markdown without HTML",
        why: "Pages and feeds show raw HTML as text, because markup in an advisory could run in its readers' browsers. What \
              was meant as form would be seen as noise.",
        sources: &["hardening threat 12"],
        severity: Level::Low,
        remedy: "Say it in Markdown; put code that shows HTML between backticks.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "details": "See <details>this</details>."}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "details": "The `<details>` element, 1 < 2."}"#,
        run: |example| run("ADV-MARKUP", example),
    },
    check: |advisory| {
        let texts = [("details", &advisory.details), ("workaround", &advisory.workaround)];
        let raw =
            texts.into_iter().filter(|(_, text)| text.as_deref().is_some_and(crate::markdown::has_raw_html));
        raw.map(|(field, _)| Complaint::new(field, "The text holds raw HTML.")).collect()
    },
};

pub(super) const HIDDEN: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-HIDDEN",
        title: "No text holds characters that are not seen",
        why: "Control characters act on the terminals of those who read the mail, and bidirectional overrides make a line \
              read otherwise than it is: a command to copy, a version, an address.",
        sources: &["CVE-2021-42574 (Trojan Source)", "hardening threat 12"],
        severity: Level::High,
        remedy: "Remove the control and bidirectional override characters.",
        failing: "{\"id\": \"x_T-1\", \"modified\": \"2024-01-01T00:00:00Z\", \"summary\": \"Run \\u202epip\"}",
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "summary": "Run pip — today"}"#,
        run: |example| run("ADV-HIDDEN", example),
    },
    check: |advisory| {
        shown_texts(advisory)
            .into_iter()
            .filter(|(_, text)| to_plain(text) != text.replace("\r\n", "\n"))
            .map(|(field, _)| Complaint::new(field, "The text holds characters that are not seen."))
            .collect()
    },
};

/// The texts that every format shows, with their fields.
fn shown_texts(advisory: &Advisory) -> Vec<(String, &str)> {
    let mut texts: Vec<(String, &str)> = Vec::new();
    for (field, text) in [
        ("title", &advisory.title),
        ("summary", &advisory.summary),
        ("details", &advisory.details),
        ("workaround", &advisory.workaround),
    ] {
        texts.extend(text.as_deref().map(|text| (field.to_owned(), text)));
    }
    for (index, credit) in advisory.credits.iter().enumerate() {
        texts.push((format!("credits[{index}].name"), &credit.name));
    }
    for (index, event) in advisory.timeline.iter().enumerate() {
        texts.push((format!("timeline[{index}].text"), &event.text));
    }
    for (index, reference) in advisory.references.iter().enumerate() {
        texts.push((format!("references[{index}].url"), &reference.url));
    }
    for (index, package) in
        advisory.affected.iter().enumerate().filter_map(|(index, one)| Some((index, one.package.as_ref()?)))
    {
        texts.push((format!("affected[{index}].package.name"), &package.name));
    }
    texts
}
