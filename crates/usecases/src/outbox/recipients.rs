//! Who receives a message, decided at the moment of sending by the rights of that moment.

use bastide_authz::{Action, Actor, Object, Role, Scope};
use bastide_model::{id::PersonId, party::Identity, time::Instant};
use bastide_store::{OutboxMessage, StreamKind};

use super::Audience;
use crate::{Desk, UseCaseError, desk::store};

impl Desk {
    /// Who receives a message now: the rule applied to the case as it is, each person asked of `authorize` again.
    pub(super) async fn recipients(
        &self,
        message: &OutboxMessage,
    ) -> Result<Vec<(PersonId, String)>, UseCaseError> {
        let outside_of_cases = match message.stream.kind {
            StreamKind::Proposal => Some(self.proposal_recipients(message).await?),
            StreamKind::Person => Some(self.account_recipient(message).await?),
            // The case itself may be what cannot be read.
            StreamKind::Programme if message.audience == Audience::Administrators.name() => {
                Some(self.administrators(self.now()).await?)
            }
            _ => None,
        };
        if let Some(persons) = outside_of_cases {
            let mut recipients = Vec::new();
            for person in persons {
                let addresses = self.mail_addresses(person).await?.into_iter();
                let many = if is_told_everywhere(&message.template) { usize::MAX } else { 1 };
                recipients.extend(addresses.take(many).map(|address| (person, address)));
            }
            return Ok(recipients);
        }
        let (Some(case), Some(audience)) = (message.case, Audience::read(&message.audience)) else {
            return Ok(Vec::new());
        };
        let loaded = match self.load(case).await {
            Ok(loaded) => loaded,
            Err(UseCaseError::NotFound) => return Ok(Vec::new()),
            // Who coordinates a case that cannot be read is not known; the administrators are called to it.
            Err(_) if message.template == "clock-failed" => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let now = self.now();
        let mut persons: Vec<(PersonId, Action)> = match audience {
            Audience::Reporter => {
                loaded.case.reporter.person.map(|person| (person, Action::SeeOwnReport)).into_iter().collect()
            }
            Audience::Coordinators => {
                let own: Vec<PersonId> = loaded.case.holders(Role::Coordinator).collect();
                let all = if own.is_empty() { self.candidates(&loaded).await? } else { own };
                all.into_iter().map(|person| (person, Action::ReadCase)).collect()
            }
            Audience::Members => {
                // A proposed change takes everybody's consent away until they answer: they must learn of it.
                let action = match message.template.as_str() {
                    "embargo" => Action::AnswerInvitation,
                    _ => Action::ReadCase,
                };
                loaded.case.members.keys().map(|person| (*person, action)).collect()
            }
            Audience::Person(person) => vec![(person, Action::AnswerInvitation)],
            Audience::Administrators => {
                self.administrators(now).await?.into_iter().map(|person| (person, Action::Operate)).collect()
            }
        };
        persons.dedup();
        // Whoever did it knows it.
        let author = loaded.events.iter().find(|event| event.stored.sequence == message.sequence);
        if let Some(author) = author.and_then(|event| event.stored.actor)
            && message.stream.kind == StreamKind::Case
            && !matches!(audience, Audience::Person(_))
        {
            persons.retain(|(person, _)| *person != author);
        }
        let mut recipients = Vec::new();
        for (person, action) in persons {
            let grants = self.store().grants_of(person).await.map_err(store)?;
            let actor = Actor { person: Some(person), grants, stepped_up: true, ..Actor::default() };
            let object = match action {
                Action::Operate => Object::Programme,
                _ => Object::Case(&loaded.object),
            };
            if self.permit(&actor, action, object).is_err() {
                continue;
            }
            if let Some(address) = self.mail_address(person).await? {
                recipients.push((person, address));
            }
        }
        Ok(recipients)
    }

    /// Whom a message about somebody's own account reaches: them, as long as they have one.
    pub(crate) async fn account_recipient(
        &self,
        message: &OutboxMessage,
    ) -> Result<Vec<PersonId>, UseCaseError> {
        if message.audience == Audience::Administrators.name() {
            return self.administrators(self.now()).await;
        }
        let Ok(person) = message.audience.parse::<PersonId>() else { return Ok(Vec::new()) };
        let grants = self.store().grants_of(person).await.map_err(store)?;
        let offered = |grant: &bastide_authz::Grant| !grant.confirmed;
        if message.template == "role-offered" && !grants.iter().any(offered) {
            return Ok(Vec::new());
        }
        let actor = Actor { person: Some(person), grants, stepped_up: true, ..Actor::default() };
        let still = self.permit(&actor, Action::OwnAccount, Object::Person(person)).is_ok();
        Ok(if still { vec![person] } else { Vec::new() })
    }

    pub(crate) async fn administrators(&self, now: Instant) -> Result<Vec<PersonId>, UseCaseError> {
        let grants = self.store().grants_in(&Scope::Programme).await.map_err(store)?;
        let holds = |grant: &bastide_authz::Grant| grant.role == Role::ProgrammeAdmin && grant.holds(now);
        Ok(grants.into_iter().filter(|(_, grant)| holds(grant)).map(|(person, _)| person).collect())
    }

    /// Where somebody's mail goes: the first of their addresses.
    pub(crate) async fn mail_address(&self, person: PersonId) -> Result<Option<String>, UseCaseError> {
        Ok(self.mail_addresses(person).await?.into_iter().next())
    }

    /// Only an enrolled identity receives mail, never a free address.
    async fn mail_addresses(&self, person: PersonId) -> Result<Vec<String>, UseCaseError> {
        let record = self.person(person).await?;
        let address = |identity| match identity {
            Identity::Mail { address } => Some(address),
            Identity::Forge { .. } | Identity::Outside { .. } => None,
        };
        Ok(record.into_iter().flat_map(|record| record.identities).filter_map(address).collect())
    }
}

/// Whether somebody is told of this on every address that is known: what another could have begun in their name.
fn is_told_everywhere(template: &str) -> bool {
    matches!(
        template,
        "recovery-requested" | "recovery-agreed" | "recovery-stopped" | "passkeys-replaced" | "address-added"
    )
}
