//! A whole case as one archive, for who takes it elsewhere: what [`Proposed::ExportCase`](crate::proposal::Proposed) gives
//! once two coordinators have said so.
//!
//! A tar file: every event with its content, the messages and the drafts once more by themselves, the attachments under
//! names of ours, who read the case, the ledger's proof, and `SHA256SUMS` over all of them, in the form that `sha256sum
//! --check` reads. Names that senders gave are words in a document, never names of files.

use std::fmt::Write as _;

use bastide_authz::{Embargoed, Permit};
use bastide_desk::case::{Content, Event};
use bastide_model::{
    digest::Sha256Digest,
    id::{ChangeId, PersonId},
    time::Instant,
};
use bastide_store::Body;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Desk, UseCaseError,
    desk::{Loaded, store},
};

/// No archive is longer, in bytes: it is made in memory.
const LONGEST: usize = 256 * 1024 * 1024;

/// Who made an archive, and why they could.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// The proposal behind it.
    pub(crate) proposal: ChangeId,
    /// Who proposed it and fetches it.
    pub(crate) by: PersonId,
    /// Who approved it.
    pub(crate) approved_by: Option<PersonId>,
    /// When it is made.
    pub(crate) at: Instant,
}

/// The files of an archive, in order.
struct Files {
    directory: String,
    list: Vec<(String, Vec<u8>)>,
    bytes: usize,
}

impl Files {
    fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), UseCaseError> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > LONGEST {
            return Err(UseCaseError::invalid(
                "case",
                format!("its archive is longer than {LONGEST} bytes"),
                "Ask the desk's operator for the ledger's proof and the attachments one by one.",
            ));
        }
        self.list.push((name.to_owned(), bytes));
        Ok(())
    }

    fn document(&mut self, name: &str, value: &impl Serialize) -> Result<(), UseCaseError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(|error| crate::admin::unwritable(&error))?;
        text.push(b'\n');
        self.add(name, text)
    }

    /// The tar file, the sums last. Times and owners are left out: the same case gives the same bytes.
    fn packed(self) -> Result<Vec<u8>, UseCaseError> {
        let mut sums = String::new();
        for (name, bytes) in &self.list {
            let _ = writeln!(sums, "{}  {name}", Sha256Digest::of(bytes));
        }
        let mut tar = tar::Builder::new(Vec::with_capacity(self.bytes + 4096));
        let sums = ("SHA256SUMS".to_owned(), sums.into_bytes());
        for (name, bytes) in self.list.iter().chain([&sums]) {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            header.set_entry_type(tar::EntryType::Regular);
            let path = format!("{}/{name}", self.directory);
            tar.append_data(&mut header, path, bytes.as_slice()).map_err(unpackable)?;
        }
        tar.into_inner().map_err(unpackable)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unpackable(error: std::io::Error) -> UseCaseError {
    UseCaseError::Corrupt(format!("an archive could not be made: {error}"))
}

impl Desk {
    /// Everything about a case that its permit opens.
    pub(crate) async fn case_archive(
        &self,
        loaded: &Loaded,
        permit: &Permit,
        made: Made,
    ) -> Result<Vec<u8>, UseCaseError> {
        let case = loaded.case.id;
        let mut files = Files { directory: case.to_string(), list: Vec::new(), bytes: 0 };
        files.document(
            "about.json",
            &json!({
                "format": "bastide-case-archive", "version": 1, "case": case, "made": made.at, "made-by": made.by,
                "approved-by": made.approved_by, "proposal": made.proposal, "events": loaded.events.len(),
                "erased": loaded.case.erased,
            }),
        )?;
        let (mut events, mut messages, mut drafts) = (Vec::new(), Vec::new(), Vec::new());
        let mut named = Vec::new();
        let mut report_version = 0;
        for event in &loaded.events {
            let body = event.stored.body().map_err(store)?;
            let content = match &body {
                Body::Sealed(sealed) => Some(opened(sealed, permit)?),
                Body::None | Body::Erased => None,
            };
            let line = json!({
                "sequence": event.stored.sequence, "kind": event.stored.kind, "at": event.stored.at,
                "actor": event.stored.actor, "header": event.stored.header, "tier": event.stored.tier(),
                "erased": event.stored.is_erased(), "content": content,
            });
            if matches!(event.event, Event::MessageSent { .. }) {
                messages.push(line.clone());
            }
            let revised = matches!(event.event, Event::ReportSubmitted { .. } | Event::ReportRevised);
            report_version += u32::from(revised);
            match event.content().as_ref().map(|content| content.open(permit)) {
                Some(Ok(Content::Advisory { .. })) => drafts.push(line.clone()),
                Some(Ok(Content::Report(report))) if revised => {
                    let names = report.draft.attachments.iter().map(|file| file.name.clone());
                    named.push(
                        json!({ "report-version": report_version, "names": names.collect::<Vec<_>>() }),
                    );
                }
                _ => {}
            }
            events.push(line);
        }
        files.document("events.json", &events)?;
        files.document("messages.json", &messages)?;
        files.document("drafts.json", &drafts)?;
        let readers = self.readers(case, permit).await?;
        let readers: Vec<Value> = readers
            .iter()
            .map(|reader| json!({ "person": reader.person, "as": reader.viewer, "last": reader.at, "purpose": reader.purpose }))
            .collect();
        files.document("readers.json", &readers)?;
        let mut attached = Vec::new();
        for (object, version, tier) in self.store().objects(case).await.map_err(store)? {
            let Some(sealed) = self.store().object(case, &object, Some(version)).await.map_err(store)? else {
                continue;
            };
            let bytes = sealed.open(permit).map_err(|_| UseCaseError::NotFound)?;
            // Our own names of objects are letters, digits and dashes; anything else would be a mistake of ours.
            let plain: String = object.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            let file = format!("attachments/{plain}.v{version}");
            attached.push(json!({ "file": file, "object": object, "version": version, "tier": tier }));
            files.add(&file, bytes.clone())?;
        }
        files.document("attachments.json", &json!({ "files": attached, "as-named-by-the-sender": named }))?;
        files.document("proof.json", &self.store().prove(case, Some(permit)).await.map_err(store)?)?;
        files.packed()
    }
}

/// A content as the document that it is.
fn opened(sealed: &Embargoed<Vec<u8>>, permit: &Permit) -> Result<Value, UseCaseError> {
    let bytes = sealed.open(permit).map_err(|_| UseCaseError::NotFound)?;
    Ok(serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned())))
}
