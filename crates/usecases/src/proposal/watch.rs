//! What of proposals somebody sees on every page: that some wait for their decision, and that others are about to replace
//! their passkeys.

use std::sync::Arc;

use bastide_authz::Actor;
use bastide_model::{
    id::{ChangeId, PersonId},
    time::{Instant, Span},
};

use super::{Proposed, RECOVER_PASSKEYS, unsealed};
use crate::{Desk, UseCaseError, desk::store};

/// How long after an approval a replacement of passkeys may still wait; longer than any wait that can be configured.
const RECENT: Span = Span::days(40);

/// What of proposals matters to somebody now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The proposals that they can decide about, the first to end first.
    pub to_decide: Vec<ChangeId>,
    /// That their own passkeys are about to be replaced.
    pub recovery: Option<RecoveryAhead>,
}

/// A replacement of somebody's passkeys that has not happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryAhead {
    /// One administrator proposed it.
    Proposed,
    /// Two agreed; it happens then.
    Agreed(Instant),
}

/// What is kept of proposals while nothing is written: usually nothing, so that looking costs nothing.
#[derive(Debug)]
pub(crate) struct Watched {
    waiting: Vec<WaitingProposal>,
    /// People whose passkeys two agreed to replace, not long ago.
    recovering: Vec<PersonId>,
}

#[derive(Debug)]
struct WaitingProposal {
    id: ChangeId,
    proposer: PersonId,
    expires: Instant,
    proposed: Proposed,
}

impl Desk {
    /// What of proposals this person is to see wherever they are.
    pub async fn waits_for(&self, actor: &Actor) -> Result<Waiting, UseCaseError> {
        let Some(person) = actor.person else { return Ok(Waiting::default()) };
        let watched = self.watched().await?;
        let now = self.now();
        let mut waiting = Waiting::default();
        if watched.recovering.contains(&person) {
            waiting.recovery =
                self.recovery_of(person).await?.map(|recovery| RecoveryAhead::Agreed(recovery.due));
        }
        for found in watched.waiting.iter().filter(|found| now < found.expires) {
            let proposed = &found.proposed;
            if waiting.recovery.is_none()
                && matches!(proposed, Proposed::RecoverPasskeys { person: whose } if *whose == person)
            {
                waiting.recovery = Some(RecoveryAhead::Proposed);
            }
            let barred = found.proposer == person || proposed.not_by() == Some(person);
            if !barred && self.knows(actor, proposed.kind(), &proposed.about()).await? {
                waiting.to_decide.push(found.id);
            }
        }
        Ok(waiting)
    }

    async fn watched(&self) -> Result<Arc<Watched>, UseCaseError> {
        let epoch = self.store().epoch();
        if let Some(watched) = self.kept().watched.get(epoch) {
            return Ok(watched);
        }
        let rows = self.store().waiting_proposals().await.map_err(store)?;
        let waiting = rows
            .iter()
            .filter_map(|row| {
                let proposed = unsealed(row).ok()?.proposed;
                Some(WaitingProposal { id: row.id, proposer: row.proposer, expires: row.expires, proposed })
            })
            .collect();
        let agreed =
            self.store().approved_proposals(RECOVER_PASSKEYS, self.now() - RECENT).await.map_err(store)?;
        let recovering = agreed.iter().filter_map(|row| row.object.parse().ok()).collect();
        Ok(self.kept().watched.keep(epoch, Watched { waiting, recovering }))
    }
}
