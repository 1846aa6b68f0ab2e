//! A report comes under an account, and its secret link is ended or replaced.

use bastide_authz::{Action, Actor};
use bastide_desk::case::{self, Command, decide};
use bastide_model::id::CaseId;
use bastide_store::{Append, Change, Credential, CredentialKind, Holder, StoreError};

use crate::{Desk, Secret, UseCaseError, act::TRIES, desk::store, summary};

impl Desk {
    /// Keeps the report of this secret link under the account of the signed-in person. Sent again, it is kept as it is.
    pub async fn keep_report(&self, actor: &Actor, link: &Secret) -> Result<CaseId, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let (by_link, id) = self.reporter_by_link(link).await?;
        for _ in 0..TRIES {
            let (loaded, _) = self.open_case(&by_link, id, Action::SeeOwnReport).await?;
            if loaded.case.is_reporter(person) {
                return Ok(id);
            }
            let command = Command::KeepUnderAccount { person };
            let recorded = decide(Some(&loaded.case), id, &command, case::Actor::ReporterLink, self.now())?;
            let mut append = Append::at(self.now());
            summary::add_case_events(self, &mut append, Some(&loaded), id, Some(person), recorded).await?;
            match self.store().append(append).await {
                Ok(_) => return Ok(id),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(store(error)),
            }
        }
        Err(UseCaseError::Busy)
    }

    /// Ends the secret link of a report that is kept under the signed-in person's account.
    pub async fn end_reporter_link(&self, actor: &Actor, id: CaseId) -> Result<(), UseCaseError> {
        self.change_link(actor, id, &Command::EndReporterLink, None).await
    }

    /// Gives such a report a new secret link; the old one ends in the same moment.
    pub async fn replace_reporter_link(&self, actor: &Actor, id: CaseId) -> Result<Secret, UseCaseError> {
        let link = Secret::fresh(self.entropy());
        self.change_link(actor, id, &Command::ReplaceReporterLink, Some(&link)).await?;
        Ok(link)
    }

    async fn change_link(
        &self,
        actor: &Actor,
        id: CaseId,
        command: &Command,
        fresh: Option<&Secret>,
    ) -> Result<(), UseCaseError> {
        for _ in 0..TRIES {
            let (loaded, _) = self.open_case(actor, id, Action::SeeOwnReport).await?;
            let now = self.now();
            let acting = self.case_actor(actor, Some(&loaded.case));
            let recorded = decide(Some(&loaded.case), id, command, acting, now)?;
            let mut append = Append::at(now);
            let holder = Holder::Case(id);
            append.changes.push(Change::RevokeCredentialsOf { holder, at: now });
            if let Some(link) = fresh {
                append.changes.push(Change::AddCredential(Credential {
                    digest: link.digest(),
                    kind: CredentialKind::ReporterLink,
                    holder,
                    scopes: String::new(),
                    created: now,
                    expires: None,
                    revoked: None,
                }));
            }
            summary::add_case_events(self, &mut append, Some(&loaded), id, actor.person, recorded).await?;
            match self.store().append(append).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(store(error)),
            }
        }
        Err(UseCaseError::Busy)
    }
}
