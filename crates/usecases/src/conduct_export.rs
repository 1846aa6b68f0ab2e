//! A case's talk written down for the conduct team, which may not read the case (P30).

use std::collections::BTreeMap;

use bastide_authz::{Action, Actor};
use bastide_desk::{
    case::{Content, Event},
    conduct::{Entry, EntryKind, redacted_export},
};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};

use crate::{Desk, UseCaseError, conduct, desk::Loaded};

impl Desk {
    /// The talk of a case and the measures about its reporter, for the conduct team, with undisclosed information
    /// removed (P30).
    pub async fn conduct_export(&self, actor: &Actor, case: CaseId) -> Result<String, UseCaseError> {
        let (loaded, _) = self.open_case(actor, case, Action::ConductExport).await?;
        let mut names = Names::default();
        let mut secrets = Vec::new();
        let mut entries = Vec::new();
        for event in &loaded.events {
            let Some(content) = event.content() else { continue };
            // The conduct team may not read this; what leaves here was redacted.
            #[allow(clippy::disallowed_methods, reason = "what leaves here is redacted")]
            let content = content.disclose();
            let author = names.of(&loaded, event.stored.actor);
            collect(&event.event, content, (event.stored.at, author), &mut entries, &mut secrets);
        }
        if let Some(reporter) = loaded.case.reporter.person
            && let Some(matter) = self.matter(reporter).await?
        {
            for (_, stored) in &matter.events {
                let Some(content) = conduct::content(stored) else { continue };
                #[allow(clippy::disallowed_methods, reason = "what leaves here is redacted")]
                let text = content.disclose().text.clone();
                let author = names.of(&loaded, stored.actor);
                entries.push(Entry { at: stored.at, kind: EntryKind::Measure, author, text });
            }
        }
        entries.sort_by_key(|entry| entry.at);
        Ok(redacted_export(&entries, &secrets))
    }
}

/// Sorts one content of a case: what is talk goes into the export, what is about the vulnerability is looked for in it.
fn collect(
    event: &Event,
    content: &Content,
    (at, author): (Instant, String),
    entries: &mut Vec<Entry>,
    secrets: &mut Vec<String>,
) {
    let mut add = |kind, text: String| entries.push(Entry { at, kind, author: author.clone(), text });
    match (event, content) {
        (_, Content::Report(report)) => {
            let draft = serde_json::to_value(&report.draft).unwrap_or_default();
            let mut texts = Vec::new();
            strings(&draft, &mut texts);
            texts.extend(report.origin.clone());
            add(EntryKind::Title, report.draft.title.clone());
            add(EntryKind::Report, texts.join("\n"));
        }
        (Event::MessageSent { .. }, Content::Text { text }) => add(EntryKind::Message, text.clone()),
        (_, Content::Advisory { record, .. }) => {
            let mut texts = Vec::new();
            strings(record, &mut texts);
            add(EntryKind::Title, texts.join("\n"));
        }
        (_, Content::Cve { number }) => secrets.push(number.clone()),
        (_, Content::Fix { reference, note }) => {
            secrets.push(reference.clone());
            secrets.extend(note.lines().map(str::to_owned));
        }
        (_, Content::Text { text }) => secrets.extend(text.lines().map(str::to_owned)),
        (_, Content::Findings { .. }) => {}
    }
}

/// Every text in a document.
fn strings(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => out.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        serde_json::Value::Object(fields) => fields.values().for_each(|item| strings(item, out)),
        _ => {}
    }
}

/// What the conduct team calls the people of a case: by role and number, never by name.
#[derive(Default)]
struct Names(BTreeMap<PersonId, String>);

impl Names {
    fn of(&mut self, loaded: &Loaded, person: Option<PersonId>) -> String {
        let Some(person) = person.filter(|person| !loaded.case.is_reporter(*person)) else {
            return "the reporter".to_owned();
        };
        let number = self.0.len() + 1;
        self.0.entry(person).or_insert_with(|| format!("person {number} of the team")).clone()
    }
}
