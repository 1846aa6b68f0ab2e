//! Running the desk from the machine it stands on: persons, roles, tokens.
//!
//! Whoever has a shell there can do anything anyway; these are the operator's use cases. Every one is an event in the
//! ledger, so that nobody does it unseen.

use bastide_authz::{Actor, Grant, Role, Scope};
use bastide_desk::case::{self, Command, Seat, decide};
use bastide_model::{
    id::PersonId,
    party::{Identity, ProjectName},
    time::{Instant, Span},
};
use bastide_store::{
    AccountChange, Append, Change, CredentialKind, NewEvent, StoreError, Stream, StreamBatch, StreamKind,
};
use serde_json::json;

use crate::{
    Desk, PersonRecord, Secret, UseCaseError, credential::STEP_UP_SCOPE, desk::store, outside,
    people::offer_message, summary,
};

/// How long a sign-in link works.
pub(crate) const SIGN_IN_LINK: Span = Span::hours(24);

/// Somebody who joins the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// The name they want to be shown by.
    pub name: String,
    /// Their identities.
    pub identities: Vec<Identity>,
}

impl Desk {
    /// Adds somebody to the directory.
    pub async fn add_person(&self, person: NewPerson) -> Result<PersonId, UseCaseError> {
        let name = person.name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(UseCaseError::invalid("name", "a name has 1 to 100 characters", "Give a name."));
        }
        let id: PersonId = self.fresh();
        let record =
            PersonRecord { name: name.to_owned(), identities: person.identities, reporter_account: false };
        let document = document(&record)?;
        let mut append = Append::at(self.now());
        append.batches.push(self.note(StreamKind::Person, id.to_string(), "person-added", json!({})).await?);
        append.changes.push(Change::PutPerson { id, document });
        for name in outside::names_of(&record.identities) {
            append.changes.push(Change::Account(AccountChange::AddName { name, person: id }));
        }
        match self.store().append(append).await {
            Ok(_) => Ok(id),
            Err(StoreError::Exists { .. }) => Err(UseCaseError::invalid(
                "identities",
                "an account at a provider belongs to one person, and this one is somebody's",
                "Take it away there first.",
            )),
            Err(error) => Err(store(error)),
        }
    }

    /// Gives somebody a role, from now until `until`.
    pub async fn grant(
        &self,
        person: PersonId,
        role: Role,
        scope: Scope,
        until: Option<Instant>,
    ) -> Result<(), UseCaseError> {
        if self.person(person).await?.is_none() {
            return Err(UseCaseError::invalid(
                "person",
                "this person is not in the directory",
                "Add them first.",
            ));
        }
        if let Scope::Project(project) = &scope {
            self.project(project).await?;
        }
        let now = self.now();
        let header = json!({ "role": role, "scope": scope, "until": until });
        let mut append = Append::at(now);
        let grant = Grant { role, scope, from: now, until, confirmed: true };
        self.add_grant(person, grant, header, &mut append).await?;
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Adds what giving a role writes.
    pub(crate) async fn add_grant(
        &self,
        person: PersonId,
        grant: Grant,
        header: serde_json::Value,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let batch = self.note(StreamKind::Person, person.to_string(), "grant-given", header).await?;
        if !grant.confirmed {
            append.outbox.push(offer_message(person, batch.expected + 1, append.at));
        }
        append.batches.push(batch);
        append.changes.push(Change::PutGrant { person, grant });
        Ok(())
    }

    /// Ends a role at once; the person's sessions end in the same transaction, and so do the coordinator's seats that
    /// they took in cases by this role.
    pub async fn end_grant(&self, person: PersonId, role: Role, scope: Scope) -> Result<(), UseCaseError> {
        let header = json!({ "role": role, "scope": scope });
        let mut append = Append::at(self.now());
        self.add_end_of_grant(person, role, &scope, header, &mut append).await?;
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Adds what ending a role writes: the event, the seats in cases that were taken by it, the end of every session,
    /// token and link of the person.
    pub(crate) async fn add_end_of_grant(
        &self,
        person: PersonId,
        role: Role,
        scope: &Scope,
        header: serde_json::Value,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let now = append.at;
        append.batches.push(self.note(StreamKind::Person, person.to_string(), "grant-ended", header).await?);
        if role == Role::Coordinator {
            self.end_seats(person, scope, append).await?;
        }
        append.changes.push(Change::RemoveGrant { person, role, scope: scope.clone() });
        append
            .changes
            .push(Change::RevokeCredentialsOf { holder: bastide_store::Holder::Person(person), at: now });
        let note = "its recipient lost a role before it was sent".to_owned();
        append.changes.push(Change::GiveUpMessagesTo { audience: person.to_string(), note });
        Ok(())
    }

    /// Ends the coordinator's seats that somebody keeps only by the grant in `ended`.
    async fn end_seats(
        &self,
        person: PersonId,
        ended: &Scope,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let mut grants = self.store().grants_of(person).await.map_err(store)?;
        grants.retain(|grant| grant.role != Role::Coordinator || grant.scope != *ended);
        let left = Actor { person: Some(person), grants, ..Actor::default() };
        for line in self.store().cases_of(person).await.map_err(store)? {
            let loaded = self.load(line.case).await?;
            let projects: Vec<ProjectName> = loaded.case.projects.keys().cloned().collect();
            let by_it = match ended {
                Scope::Programme => true,
                Scope::Project(project) => projects.contains(project),
                Scope::Case(_) => false,
            };
            let holds = loaded.case.holds(person, Role::Coordinator);
            if !by_it || !holds || left.holds_in(Role::Coordinator, &projects, append.at) {
                continue;
            }
            let command = Command::Leave { person, seat: Seat::Coordinator };
            let acting = case::Actor::Person { id: person, may_coordinate: false };
            let recorded = decide(Some(&loaded.case), line.case, &command, acting, append.at)?;
            summary::add_case_events(self, append, Some(&loaded), line.case, None, recorded).await?;
        }
        Ok(())
    }

    /// Makes an API token in somebody's name. With `may_confirm` it also does the steps that ask a browser's user to
    /// confirm afresh.
    pub async fn issue_token(
        &self,
        person: PersonId,
        lasts: Span,
        may_confirm: bool,
    ) -> Result<Secret, UseCaseError> {
        let scopes = if may_confirm { STEP_UP_SCOPE } else { "" };
        self.issue(CredentialKind::ApiToken, "token-issued", person, scopes, lasts).await
    }

    /// Makes a link that signs somebody in once, within a day.
    pub async fn issue_sign_in_link(&self, person: PersonId) -> Result<Secret, UseCaseError> {
        self.issue(CredentialKind::SignInLink, "sign-in-link-issued", person, "", SIGN_IN_LINK).await
    }

    async fn issue(
        &self,
        kind: CredentialKind,
        event: &str,
        person: PersonId,
        scopes: &str,
        lasts: Span,
    ) -> Result<Secret, UseCaseError> {
        if self.person(person).await?.is_none() {
            return Err(UseCaseError::invalid(
                "person",
                "this person is not in the directory",
                "Add them first.",
            ));
        }
        let (secret, credential) = self.new_credential(kind, person, scopes, lasts);
        let header = json!({ "scopes": scopes, "expires": credential.expires });
        let mut append = Append::at(self.now());
        append.batches.push(self.note(StreamKind::Person, person.to_string(), event, header).await?);
        append.changes.push(Change::AddCredential(credential));
        self.store().append(append).await.map_err(store)?;
        Ok(secret)
    }

    /// One plain event at the end of a stream that is not a case's.
    pub(crate) async fn note(
        &self,
        kind: StreamKind,
        id: String,
        name: &str,
        header: serde_json::Value,
    ) -> Result<StreamBatch, UseCaseError> {
        let stream = Stream::new(kind, id);
        let expected = self.store().stream(&stream).await.map_err(store)?.len() as u64;
        let event = NewEvent { kind: name.to_owned(), at: self.now(), actor: None, header, body: None };
        Ok(StreamBatch { stream, expected, events: vec![event] })
    }
}

pub(crate) fn document(record: &impl serde::Serialize) -> Result<serde_json::Value, UseCaseError> {
    serde_json::to_value(record).map_err(|error| unwritable(&error))
}

pub(crate) fn unwritable(error: &serde_json::Error) -> UseCaseError {
    UseCaseError::Corrupt(format!("a record cannot be written: {error}"))
}
