//! A whole case, given out: proposed by one coordinator, approved by another, fetched once by the first within a day.

use bastide_authz::{Action, Actor, Object};
use bastide_desk::case::RefusalKind;
use bastide_model::{
    digest::Sha256Digest,
    id::{ChangeId, PersonId},
    time::{Instant, Span},
};
use bastide_store::{Append, Idempotency, Proposal, ProposalState, Stream, StreamKind};
use serde_json::json;

use super::{Proposed, Sealed, event, refusal};
use crate::{Desk, RequestKey, UseCaseError, case_archive::Made, desk::store, request};

/// How long after its approval an archive can be fetched.
pub(super) const LASTS: Span = Span::hours(24);
/// Nobody is given more whole cases within that time.
const MOST: usize = 5;
/// What the ledger says when an archive was fetched.
pub(super) const TAKEN: &str = "archive-taken";

impl Desk {
    /// What an approved proposal to export a case gives to whoever made it: a tar archive, once and within a day. The same
    /// request again, under its key, gives the archive again, because an answer may be lost. The ledger says when it was
    /// taken and its digest.
    pub async fn proposal_archive(
        &self,
        actor: &Actor,
        id: ChangeId,
        key: Option<&RequestKey>,
    ) -> Result<Vec<u8>, UseCaseError> {
        // The stream first: whoever fetches it meanwhile makes this append a conflict.
        let stream = Stream::new(StreamKind::Proposal, id.to_string());
        let events = self.store().stream(&stream).await.map_err(store)?;
        let (proposal, sealed) = self.opened(id).await?;
        let Proposed::ExportCase { case } = sealed.proposed else { return Err(UseCaseError::NotFound) };
        let loaded = self.load(case).await?;
        let permit = self.permit(actor, Action::ExportCase, Object::Case(&loaded.object))?;
        if proposal.state != ProposalState::Approved || actor.person != Some(proposal.proposer) {
            return Err(UseCaseError::NotFound);
        }
        let (scope, digest) = (request::scope(actor), request::digest(&format!("archive {id}"), &()));
        let again = match key {
            Some(key) => self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?.is_some(),
            None => false,
        };
        let now = self.now();
        if !in_time(&proposal, now) {
            let what = "the time to fetch this archive is over";
            return Err(refusal(RefusalKind::NotNow, what, "Propose it anew if it is still wanted."));
        }
        if !again && events.iter().any(|event| event.kind == TAKEN) {
            let what = "this archive was fetched already, and is given out once";
            return Err(refusal(RefusalKind::NotNow, what, "Propose it anew if it was lost."));
        }
        let made = Made { proposal: id, by: proposal.proposer, approved_by: proposal.decided_by, at: now };
        let bytes = self.case_archive(&loaded, &permit, made).await?;
        if !again {
            let mut append = Append::at(now);
            let header = json!({
                "kind": sealed.proposed.kind().name, "sha256": Sha256Digest::of(&bytes), "bytes": bytes.len(),
            });
            let expected = events.len() as u64;
            append.batches.push(event(&stream, expected, TAKEN, now, actor.person, header));
            append.idempotency = key.map(|key| Idempotency {
                scope,
                key: key.as_str().to_owned(),
                request: digest,
                response: Vec::new(),
            });
            self.store().append(append).await.map_err(store)?;
        }
        self.note_reading(&loaded, &permit).await?;
        Ok(bytes)
    }

    /// Whether there is an archive for `person` to fetch.
    pub(super) async fn has_archive(
        &self,
        proposal: &Proposal,
        sealed: &Sealed,
        person: PersonId,
    ) -> Result<bool, UseCaseError> {
        let given = matches!(sealed.proposed, Proposed::ExportCase { .. })
            && proposal.state == ProposalState::Approved
            && proposal.proposer == person
            && in_time(proposal, self.now());
        if !given {
            return Ok(false);
        }
        let stream = Stream::new(StreamKind::Proposal, proposal.id.to_string());
        let events = self.store().stream(&stream).await.map_err(store)?;
        Ok(!events.iter().any(|event| event.kind == TAKEN))
    }

    /// Refuses whoever was given many whole cases within a day.
    pub(super) async fn few_archives(&self, person: PersonId) -> Result<(), UseCaseError> {
        let now = self.now();
        let decided = self.store().decided_proposals(1000).await.map_err(store)?;
        let given = decided.iter().filter(|other| {
            other.kind == "export-case"
                && other.proposer == person
                && other.state == ProposalState::Approved
                && in_time(other, now)
        });
        if given.count() < MOST {
            return Ok(());
        }
        Err(refusal(
            RefusalKind::NotNow,
            "you were given five whole cases within a day",
            "Wait until tomorrow, or ask another coordinator.",
        ))
    }
}

fn in_time(proposal: &Proposal, now: Instant) -> bool {
    proposal.decided_at.is_some_and(|at| now < at + LASTS)
}
