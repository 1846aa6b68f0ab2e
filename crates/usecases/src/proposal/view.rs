//! A proposal as people read it: in a list, and by itself with old and new.

use bastide_authz::{Action, Actor, Object};
use bastide_model::{
    id::{CaseId, ChangeId},
    time::Instant,
};
use bastide_store::{Proposal, ProposalState};

use super::{About, Comparison, Progress, ProposalKind, Proposed, USUAL_WAIT, unsealed};
use crate::{Desk, UseCaseError, WHAT_STAYS, desk::store};

/// A proposal in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalLine {
    /// Its id.
    pub id: ChangeId,
    /// What kind of change.
    pub kind: &'static ProposalKind,
    /// What it is about, as people call it.
    pub object: String,
    /// Who proposed it.
    pub proposer: String,
    /// Whether whoever looks proposed it.
    pub own: bool,
    /// When.
    pub created: Instant,
    /// Until when it can be approved.
    pub expires: Instant,
    /// What has become of it.
    pub state: ProposalState,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When it was decided, withdrawn or expired.
    pub decided_at: Option<Instant>,
    /// How far it is, where an approval is not the end.
    pub progress: Progress,
}

/// A proposal as somebody sees it who has the right that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalView {
    /// The line of the list.
    pub line: ProposalLine,
    /// What it is about.
    pub about: About,
    /// Why, in the proposer's words.
    pub reason: String,
    /// What whoever decided wrote.
    pub note: Option<String>,
    /// Old and new, part by part.
    pub comparison: Vec<Comparison>,
    /// What stays of somebody who is erased.
    pub stays: &'static [&'static str],
    /// Why nobody could approve it now, where that is so: the object has changed since.
    pub stale: bool,
    /// Whether whoever looks may decide about it: it waits and is somebody else's.
    pub may_decide: bool,
    /// Whether whoever looks may take it back.
    pub may_withdraw: bool,
    /// How many others could approve it now.
    pub others: usize,
    /// Whether whoever looks can fetch the archive of a case that it gives.
    pub archive: bool,
    /// Whether whoever looks can fetch what it gives.
    pub gives: bool,
}

impl Desk {
    /// The proposals that somebody has the right for: those that wait (the first to end first), or those that were
    /// decided.
    pub async fn proposals(&self, actor: &Actor, waiting: bool) -> Result<Vec<ProposalLine>, UseCaseError> {
        actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let rows = if waiting {
            self.store().waiting_proposals().await
        } else {
            self.store().decided_proposals(200).await
        };
        let mut lines = Vec::new();
        for proposal in rows.map_err(store)? {
            let Ok(sealed) = unsealed(&proposal) else { continue };
            if self.knows(actor, sealed.proposed.kind(), &sealed.proposed.about()).await? {
                lines.push(self.line(&proposal, &sealed.proposed, actor).await?);
            }
        }
        Ok(lines)
    }

    /// The proposals to give out this case, the newest first, for whoever may propose one.
    pub async fn exports_of(&self, actor: &Actor, case: CaseId) -> Result<Vec<ProposalLine>, UseCaseError> {
        let loaded = self.load(case).await?;
        match self.permit(actor, Action::ExportCase, Object::Case(&loaded.object)) {
            Ok(_) | Err(UseCaseError::StepUp) => {}
            Err(error) => return Err(error),
        }
        let mut rows = self.store().waiting_proposals().await.map_err(store)?;
        rows.extend(self.store().decided_proposals(200).await.map_err(store)?);
        let mut lines = Vec::new();
        for proposal in rows {
            let Ok(sealed) = unsealed(&proposal) else { continue };
            if matches!(sealed.proposed, Proposed::ExportCase { case: of } if of == case) {
                lines.push(self.line(&proposal, &sealed.proposed, actor).await?);
            }
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.created));
        Ok(lines)
    }

    /// One proposal, for whoever has the right that it takes; nobody else learns that it exists.
    pub async fn proposal(&self, actor: &Actor, id: ChangeId) -> Result<ProposalView, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotFound)?;
        let (proposal, sealed) = self.opened(id).await?;
        let (kind, about) = (sealed.proposed.kind(), sealed.proposed.about());
        if !self.knows(actor, kind, &about).await? {
            return Err(UseCaseError::NotFound);
        }
        let waits = proposal.state == ProposalState::Waiting && self.now() < proposal.expires;
        let stale = waits
            && self.object_now(&sealed.proposed).await.ok().map(|now| now.digest) != Some(sealed.before);
        let archive = self.has_archive(&proposal, &sealed, person).await?;
        Ok(ProposalView {
            archive,
            line: self.line(&proposal, &sealed.proposed, actor).await?,
            stays: match sealed.proposed {
                Proposed::ErasePerson { .. } => WHAT_STAYS,
                _ => &[],
            },
            others: if waits { self.approvers(&proposal, kind, &about).await?.len() } else { 0 },
            may_decide: waits && proposal.proposer != person && sealed.proposed.not_by() != Some(person),
            about,
            reason: sealed.reason,
            note: sealed.note,
            comparison: sealed.comparison,
            stale,
            may_withdraw: waits && proposal.proposer == person,
            gives: matches!(sealed.proposed, Proposed::ExportPerson { .. })
                && proposal.state == ProposalState::Approved
                && proposal.proposer == person
                && proposal.decided_at.is_some_and(|at| self.now().since(at) < USUAL_WAIT),
        })
    }

    async fn line(
        &self,
        proposal: &Proposal,
        proposed: &Proposed,
        viewer: &Actor,
    ) -> Result<ProposalLine, UseCaseError> {
        let decided_by = match proposal.decided_by {
            Some(person) => Some(self.name_of(person).await?),
            None => None,
        };
        Ok(ProposalLine {
            id: proposal.id,
            kind: proposed.kind(),
            object: self.called(proposed, viewer).await?,
            progress: self.progress(proposal, proposed).await?,
            proposer: self.name_of(proposal.proposer).await?,
            own: viewer.person == Some(proposal.proposer),
            created: proposal.created,
            expires: proposal.expires,
            state: proposal.state,
            decided_by,
            decided_at: proposal.decided_at,
        })
    }
}
