//! A draft advisory as a door sends it, made into the record that is reviewed and published.

use std::{collections::BTreeMap, sync::Arc};

use bastide_advisory::{
    Advisory, Format, osv,
    record::{Reference, ReferenceType},
};
use bastide_desk::{
    case::{Content, Event},
    machine::cve,
};
use serde_json::{Value, json};

use crate::{Desk, UseCaseError, desk::Loaded, history::LoadedEvent};

/// How the ids begin that the desk gives; nobody else gives such a one.
const OWN_IDS: &str = "x_bastide-";

/// No id of an advisory is longer, in bytes.
const MAX_ID_BYTES: usize = 64;

impl Desk {
    /// Reads a draft: an OSV document, of which `id` and `modified` may be left out.
    ///
    /// An advisory keeps its id for ever, and an id belongs to one case: a case whose advisory is out revises that one
    /// and no other, and a case without one takes no id that is out (O05: nobody publishes over another project).
    pub(crate) async fn read_draft(&self, record: &Value, loaded: &Loaded) -> Result<Advisory, UseCaseError> {
        let refuse = |reason: String| {
            UseCaseError::invalid(
                "record",
                reason,
                "Send an OSV 1.7.5 document; `id` and `modified` may be left out.",
            )
        };
        let Value::Object(fields) = record else {
            return Err(refuse("a record is a JSON object".to_owned()));
        };
        let mut fields = fields.clone();
        let out = loaded.case.advisory.published.is_some();
        let own = own_id(loaded);
        let bound = bound_id(loaded)?;
        let id = match (fields.get("id"), bound) {
            (None, bound) => bound.unwrap_or_else(|| own.clone()),
            (Some(Value::String(given)), None) => given.clone(),
            // The desk's own id gives way, once, to that of the advisory's home database.
            (Some(Value::String(given)), Some(bound)) if *given == bound || !out && bound == own => {
                given.clone()
            }
            (Some(Value::String(_)), Some(bound)) => return Err(other_id(&bound)),
            (Some(_), _) => return Err(refuse("`id` is a text".to_owned())),
        };
        if !is_plain(&id) {
            return Err(UseCaseError::invalid(
                "record.id",
                format!(
                    "an advisory's id is 1 to {MAX_ID_BYTES} letters, digits, dashes, underscores or dots"
                ),
                "Leave it out, or give the id of the home database, such as GHSA-….",
            ));
        }
        let of_the_desk = id.to_ascii_lowercase().starts_with(OWN_IDS) && id != own;
        if of_the_desk || !out && self.newest_record(&id).await?.is_some() {
            return Err(taken());
        }
        fields.insert("id".to_owned(), json!(id));
        fields.insert("modified".to_owned(), json!(self.now()));
        fields.remove("published");
        fields.remove("withdrawn");
        let bytes = serde_json::to_vec(&fields).map_err(|error| refuse(error.to_string()))?;
        let mut draft =
            osv::read(&bytes, Format::Json, "the draft").map_err(|error| refuse(error.to_string()))?;
        draft.version = 0;
        draft.revisions.clear();
        // A CVE record must name at least one address, and readers of every format find their way back by it.
        let address = format!("{}/advisories/{id}", self.settings().public_url);
        if draft.references.iter().all(|reference| reference.url != address) {
            draft.references.push(Reference {
                kind: ReferenceType::Advisory,
                url: address,
                unknown: serde_json::Map::default(),
            });
        }
        Ok(draft)
    }
}

/// The id that the newest draft bears: the case's from then on.
fn bound_id(loaded: &Loaded) -> Result<Option<String>, UseCaseError> {
    let is_draft = |event: &&Arc<LoadedEvent>| matches!(event.event, Event::AdvisoryDrafted { .. });
    let Some(drafted) = loaded.events.iter().rev().find(is_draft) else { return Ok(None) };
    let content = drafted.content().ok_or_else(|| {
        UseCaseError::invalid(
            "advisory",
            "the contents of this case were erased",
            "What is published stays as it is; open a new case for a new matter.",
        )
    })?;
    #[allow(clippy::disallowed_methods, reason = "only the id is taken out, which whoever drafts may know")]
    let Content::Advisory { record, .. } = content.disclose() else { return Ok(None) };
    Ok(record.get("id").and_then(Value::as_str).map(str::to_owned))
}

/// The id that the desk gives an advisory whose home database has not: OSV asks for `x_` before a name of one's own.
/// It counts the year of receipt, so that every draft of a case bears the same.
fn own_id(loaded: &Loaded) -> String {
    let year: String = loaded.case.received.date().chars().take(4).collect();
    let id = loaded.case.id.to_string();
    let short: String = id.trim_start_matches("case-").chars().rev().take(8).collect();
    format!("{OWN_IDS}{year}-{short}")
}

/// Ids stand in addresses and in file names.
fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(plain) && !id.contains("..")
}

/// The refusal of an id that another case's advisory bears.
pub(crate) fn taken() -> UseCaseError {
    UseCaseError::invalid(
        "record.id",
        "this id belongs to the advisory of another case",
        "Leave the id out, or give the one that was reserved for this case.",
    )
}

fn other_id(own: &str) -> UseCaseError {
    UseCaseError::invalid(
        "record.id",
        format!("this case's advisory was drafted as `{own}` and keeps that id"),
        "Leave the id out.",
    )
}

/// Refuses a draft that names a CVE number which is not the case's, or leaves one out that is: the record would go to
/// the numbering authority under another vulnerability's number.
pub(crate) fn check_numbers(loaded: &Loaded, draft: &Advisory) -> Result<(), UseCaseError> {
    let own = numbers(loaded);
    let named = draft.cve_ids();
    let refuse = |reason: String, remedy: &str| UseCaseError::invalid("record.aliases", reason, remedy);
    if let Some(foreign) = named.iter().find(|named| own.iter().all(|own| !own.eq_ignore_ascii_case(named))) {
        return Err(refuse(
            format!("`{foreign}` is not a CVE number of this case"),
            "Record the number in the case first, or leave it out.",
        ));
    }
    if let Some(missing) = own.iter().find(|own| named.iter().all(|named| !own.eq_ignore_ascii_case(named))) {
        return Err(refuse(format!("the case's number `{missing}` is missing"), "Add it to the aliases."));
    }
    Ok(())
}

/// The CVE numbers of the case's vulnerabilities, without those that were rejected.
fn numbers(loaded: &Loaded) -> Vec<String> {
    let mut numbers = BTreeMap::new();
    for event in &loaded.events {
        let Event::CveChanged { vulnerability, .. } = event.event else { continue };
        let valid = loaded.case.vulnerabilities.get(&vulnerability).is_some_and(|part| {
            part.cve.has_number() && !matches!(part.cve, cve::State::Rejecting | cve::State::Rejected)
        });
        let Some(content) = event.content().filter(|_| valid) else { continue };
        #[allow(
            clippy::disallowed_methods,
            reason = "compared with the draft of somebody who may read the case"
        )]
        if let Content::Cve { number } = content.disclose() {
            numbers.insert(vulnerability, number.clone());
        }
    }
    numbers.into_values().collect()
}
