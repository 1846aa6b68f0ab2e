//! The files that came with a report: sealed objects of their own, opened one at a time.

use bastide_authz::{Action, Actor};
use bastide_desk::case::{Content, Event};
use bastide_model::id::CaseId;

use crate::{Desk, UseCaseError, desk::store};

/// A file that came with a report, byte for byte. Doors hand it out as `application/octet-stream` for download and
/// never show it: it is whatever somebody sent. Prints its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct AttachedFile {
    /// Its name, as the sender gave it. Never a path.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for AttachedFile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "AttachedFile({} bytes)", self.bytes.len())
    }
}

impl Desk {
    /// A file of the newest version of a case's report, counted from 0; for the team and for the reporter.
    pub async fn attachment(
        &self,
        actor: &Actor,
        id: CaseId,
        index: usize,
    ) -> Result<AttachedFile, UseCaseError> {
        let (loaded, permit) = match self.open_case(actor, id, Action::ReadTeamOnly).await {
            Err(UseCaseError::NotFound) => self.open_case(actor, id, Action::SeeOwnReport).await?,
            opened => opened?,
        };
        let versions = loaded
            .events
            .iter()
            .filter(|event| matches!(event.event, Event::ReportSubmitted { .. } | Event::ReportRevised));
        let (version, newest) = versions.enumerate().last().ok_or(UseCaseError::NotFound)?;
        let version = u32::try_from(version + 1).unwrap_or(u32::MAX);
        let content = newest.content().ok_or(UseCaseError::NotFound)?;
        let Ok(Content::Report(report)) = content.open(&permit) else { return Err(UseCaseError::NotFound) };
        let named = report.draft.attachments.get(index).ok_or(UseCaseError::NotFound)?;
        let object = format!("attachment-{index}");
        let sealed = self.store().object(id, &object, Some(version)).await.map_err(store)?;
        let sealed = sealed.ok_or(UseCaseError::NotFound)?;
        let bytes = sealed.open(&permit).map_err(|_| UseCaseError::NotFound)?;
        self.note_reading(&loaded, &permit).await?;
        Ok(AttachedFile { name: named.name.clone(), bytes: bytes.clone() })
    }
}
