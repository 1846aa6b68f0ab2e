//! Who hears of a proposal: those who could approve it, and its proposer once it was decided. Asked when a message is
//! sent, with the rights of that moment.

use bastide_authz::{Action, Actor, Object, Scope};
use bastide_model::id::{ChangeId, PersonId};
use bastide_store::{OutboxMessage, Proposal, ProposalState};

use super::{About, ProposalKind, unsealed};
use crate::{Desk, UseCaseError, desk::store};

impl Desk {
    /// Who could approve a proposal now: everybody with the right but its proposer.
    pub(super) async fn approvers(
        &self,
        proposal: &Proposal,
        kind: &ProposalKind,
        about: &About,
    ) -> Result<Vec<PersonId>, UseCaseError> {
        let mut scopes = vec![Scope::Programme];
        let mut persons = Vec::new();
        match about {
            About::Project(project) => scopes.push(Scope::Project(project.clone())),
            About::Case(case) => {
                let object = self.case_object(*case).await?;
                scopes.extend(object.projects.into_iter().map(Scope::Project));
                persons.extend(object.members.into_iter().map(|member| member.person));
            }
            About::Programme | About::Account(_) | About::Person(_) => {}
        }
        for scope in scopes {
            let grants = self.store().grants_in(&scope).await.map_err(store)?;
            persons.extend(grants.into_iter().map(|(person, _)| person));
        }
        persons.sort();
        persons.dedup();
        let mut approvers = Vec::new();
        for person in persons {
            if matches!(about, About::Account(own) | About::Person(own) if *own == person) {
                continue;
            }
            if person != proposal.proposer && self.holder(person, kind, about).await?.is_some() {
                approvers.push(person);
            }
        }
        Ok(approvers)
    }

    /// Who receives a message about a proposal.
    pub(crate) async fn proposal_recipients(
        &self,
        message: &OutboxMessage,
    ) -> Result<Vec<PersonId>, UseCaseError> {
        let Ok(id) = message.stream.id.parse::<ChangeId>() else { return Ok(Vec::new()) };
        let Some(proposal) = self.store().proposal(id).await.map_err(store)? else { return Ok(Vec::new()) };
        let proposed = unsealed(&proposal)?.proposed;
        if message.audience == "approvers" {
            if proposal.state != ProposalState::Waiting || proposal.expires <= self.now() {
                return Ok(Vec::new());
            }
            return self.approvers(&proposal, proposed.kind(), &proposed.about()).await;
        }
        let Ok(person) = message.audience.parse::<PersonId>() else { return Ok(Vec::new()) };
        let grants = self.store().grants_of(person).await.map_err(store)?;
        let actor = Actor { person: Some(person), grants, stepped_up: true, ..Actor::default() };
        let still = self.permit(&actor, Action::OwnAccount, Object::Person(person)).is_ok();
        // Whoever lost the right meanwhile hears no more of it.
        let entitled = self.holder(person, proposed.kind(), &proposed.about()).await?.is_some();
        Ok(if still && entitled { vec![person] } else { Vec::new() })
    }
}
