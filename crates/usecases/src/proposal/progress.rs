//! What has become of an approved proposal that does not happen in the moment of its approval.

use bastide_model::{
    id::{ChangeId, PersonId},
    time::Instant,
};
use bastide_store::{Proposal, ProposalState, Stream, StreamKind};
use serde::Serialize;

use super::{Proposed, USUAL_WAIT, archive};
use crate::{Desk, UseCaseError, desk::store};

/// How far an approved change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// Nothing is to follow: it happened when it was approved, or it was not approved.
    Settled,
    /// It waits until then and can be stopped.
    Waits(Instant),
    /// It was stopped in its wait.
    Stopped(Instant),
    /// It happened at the end of its wait.
    Happened(Instant),
    /// Whoever proposed it can fetch a copy until then.
    ToFetch(Instant),
    /// The copy was fetched last then.
    Fetched(Instant),
    /// Nobody fetched it in time.
    NeverFetched(Instant),
}

impl Desk {
    /// How far a proposal is.
    pub(super) async fn progress(
        &self,
        proposal: &Proposal,
        proposed: &Proposed,
    ) -> Result<Progress, UseCaseError> {
        let (ProposalState::Approved, Some(decided)) = (proposal.state, proposal.decided_at) else {
            return Ok(Progress::Settled);
        };
        match proposed {
            Proposed::RecoverPasskeys { person } => self.progress_of_recovery(proposal.id, *person).await,
            Proposed::ExportCase { .. } => {
                self.progress_of_copy(proposal.id, archive::TAKEN, decided + archive::LASTS).await
            }
            Proposed::ExportPerson { .. } => {
                self.progress_of_copy(proposal.id, "outcome-taken", decided + USUAL_WAIT).await
            }
            _ => Ok(Progress::Settled),
        }
    }

    async fn progress_of_copy(
        &self,
        id: ChangeId,
        taken: &str,
        until: Instant,
    ) -> Result<Progress, UseCaseError> {
        let stream = Stream::new(StreamKind::Proposal, id.to_string());
        let events = self.store().stream(&stream).await.map_err(store)?;
        let fetched = events.iter().rev().find(|event| event.kind == taken);
        Ok(match fetched {
            Some(event) => Progress::Fetched(event.at),
            None if self.now() < until => Progress::ToFetch(until),
            None => Progress::NeverFetched(until),
        })
    }

    async fn progress_of_recovery(&self, id: ChangeId, person: PersonId) -> Result<Progress, UseCaseError> {
        let stream = Stream::new(StreamKind::Person, person.to_string());
        let events = self.store().stream(&stream).await.map_err(store)?;
        let of_this = |kind: &str| {
            let own = id.to_string();
            events.iter().find(|event| {
                event.kind == kind && event.header.get("proposal").and_then(|of| of.as_str()) == Some(&own)
            })
        };
        if let Some(event) = of_this("passkeys-replaced") {
            return Ok(Progress::Happened(event.at));
        }
        if let Some(event) = of_this("recovery-stopped") {
            return Ok(Progress::Stopped(event.at));
        }
        let Some(agreed) = of_this("recovery-agreed") else { return Ok(Progress::Settled) };
        // The desk's operator was faster, or the person is gone: nothing waits any more.
        let ended = events.iter().find(|event| {
            event.sequence > agreed.sequence
                && matches!(event.kind.as_str(), "passkeys-replaced" | "person-erased")
        });
        if let Some(event) = ended {
            return Ok(Progress::Stopped(event.at));
        }
        let due = agreed.header.get("due").and_then(|due| due.as_str()).and_then(|due| due.parse().ok());
        Ok(due.map_or(Progress::Settled, Progress::Waits))
    }
}
