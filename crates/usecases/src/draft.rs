//! A draft advisory as a door sends it, made into the record that is reviewed and published.

use bastide_advisory::{
    Advisory, Format, osv,
    record::{Reference, ReferenceType},
};
use bastide_desk::case::{Content, Event};
use serde_json::{Value, json};

use crate::{
    Desk, UseCaseError,
    desk::{Loaded, LoadedEvent},
};

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
        let out = published_id(loaded)?;
        let own = out.clone().unwrap_or_else(|| own_id(loaded));
        let id = match fields.get("id") {
            None => own,
            Some(Value::String(given)) if out.as_ref().is_none_or(|out| out == given) => given.clone(),
            Some(Value::String(_)) => return Err(other_id(&own)),
            Some(_) => return Err(refuse("`id` is a text".to_owned())),
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
        if out.is_none() && self.newest_record(&id).await?.is_some() {
            return Err(taken(&id));
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

/// The id under which this case's advisory is out, if it is.
fn published_id(loaded: &Loaded) -> Result<Option<String>, UseCaseError> {
    let Some((_, version, _)) = loaded.case.advisory.published else { return Ok(None) };
    let drafted = loaded.events.iter().find(
        |event| matches!(event.event, Event::AdvisoryDrafted { version: drafted, .. } if drafted == version),
    );
    let content = drafted.and_then(LoadedEvent::content).ok_or_else(|| {
        UseCaseError::invalid(
            "advisory",
            "the contents of this case were erased",
            "What is published stays as it is; open a new case for a new matter.",
        )
    })?;
    #[allow(clippy::disallowed_methods, reason = "this version is public")]
    let Content::Advisory { record, .. } = content.disclose() else { return Ok(None) };
    Ok(record.get("id").and_then(Value::as_str).map(str::to_owned))
}

/// The id that the desk gives an advisory whose home database has not: OSV asks for `x_` before a name of one's own.
/// It counts the year of receipt, so that every draft of a case bears the same.
fn own_id(loaded: &Loaded) -> String {
    let year: String = loaded.case.received.date().chars().take(4).collect();
    let id = loaded.case.id.to_string();
    let short: String = id.trim_start_matches("case-").chars().rev().take(8).collect();
    format!("x_bastide-{year}-{short}")
}

/// Ids stand in addresses and in file names.
fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(plain) && !id.contains("..")
}

/// The refusal of an id under which another advisory is out.
pub(crate) fn taken(id: &str) -> UseCaseError {
    UseCaseError::invalid(
        "record.id",
        format!("`{id}` is the id of an advisory that is out and belongs to another case"),
        "Leave the id out, or give the one that was reserved for this case.",
    )
}

fn other_id(own: &str) -> UseCaseError {
    UseCaseError::invalid(
        "record.id",
        format!("this case's advisory is out as `{own}` and keeps that id"),
        "Leave the id out.",
    )
}
