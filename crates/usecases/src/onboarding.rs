//! Taking a project in: from one form (`new_project`) follow its rules, its people and everything public.

use bastide_authz::{Action, Actor, Grant, Object, Role, Scope};
use bastide_model::{digest::Sha256Digest, id::PersonId, party::ProjectName, time::Instant};
use bastide_store::{Append, Appended, Change, NewEvent, Stream, StreamBatch, StreamKind};
use serde::Serialize;
use serde_json::json;

use crate::{
    Coordinator, Desk, NewPerson, NewProject, ProjectFacts, ProjectRecord, RequestKey, UseCaseError,
    admin::document,
    desk::store,
    directory::read,
    people::{checked, offer_message, read_identity},
    request,
};

/// No project begins with more coordinators.
const MOST_COORDINATORS: usize = 20;

/// One step of setting a project up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetUpStep {
    /// Somebody coordinates it, and has taken that on.
    Coordinator,
    /// Somebody else does, too.
    SecondCoordinator,
    /// Reports can come by mail.
    Mail,
    /// Mail can be encrypted.
    Key,
    /// It says which packages it releases.
    Packages,
    /// It says which versions it supports.
    Versions,
    /// Its threat model says more than the default one.
    ThreatModel,
    /// Somebody is named for conduct.
    ConductContact,
}

/// A version of a project's rules.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectVersion {
    /// Its number, from 1.
    pub number: u64,
    /// When it began to hold.
    pub at: Instant,
    /// Who took it in or approved it, if they are known.
    pub by: Option<String>,
    /// Who proposed it, where two persons decided.
    pub proposed_by: Option<String>,
    /// The record; absent for versions from before records were kept.
    pub record: Option<ProjectRecord>,
}

impl Desk {
    /// What reporters would see of a project, without storing anything.
    pub fn preview_project(&self, actor: &Actor, new: &NewProject) -> Result<ProjectFacts, UseCaseError> {
        self.permit(actor, Action::ReadAdministration, Object::Programme)?;
        let setup = new.set_up(&self.settings().public_url)?;
        let record = setup.record()?;
        Ok(ProjectFacts::new(record, setup.policy, setup.threat_model))
    }

    /// Takes a project in, adds the people who are new and offers them and the others the role of its coordinators.
    pub async fn create_project(
        &self,
        actor: &Actor,
        new: &NewProject,
        key: &RequestKey,
    ) -> Result<ProjectName, UseCaseError> {
        self.permit(actor, Action::Administer, Object::Programme)?;
        let (scope, digest) = (request::scope(actor), request::digest("create project", new));
        if let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)? {
            return request::answered(&answer);
        }
        let setup = new.set_up(&self.settings().public_url)?;
        if self.store().project(&new.name).await.map_err(store)?.is_some() {
            return Err(UseCaseError::invalid(
                "name",
                "there is a project of this name already",
                "Choose another name, or change that project's rules on its page.",
            ));
        }
        if new.coordinators.len() > MOST_COORDINATORS {
            return Err(UseCaseError::invalid("coordinators", "there are more than 20", "Leave some out."));
        }
        let mut append = Append::at(self.now());
        self.add_project(&mut append, &setup, "project-set-up", json!({})).await?;
        for coordinator in &new.coordinators {
            self.add_coordinator(actor, coordinator, &new.name, &mut append).await?;
        }
        for event in append.batches.iter_mut().flat_map(|batch| &mut batch.events) {
            event.actor = event.actor.or(actor.person);
        }
        append.idempotency = Some(request::kept(&scope, key, digest, &new.name));
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => {
                self.cache_facts(&new.name, None);
                Ok(new.name.clone())
            }
            Appended::Replayed(answer) => request::answered(&answer),
        }
    }

    async fn add_coordinator(
        &self,
        actor: &Actor,
        coordinator: &Coordinator,
        project: &ProjectName,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let now = append.at;
        let mut events = Vec::new();
        let note = |kind: &str, header| NewEvent {
            kind: kind.to_owned(),
            at: now,
            actor: actor.person,
            header,
            body: None,
        };
        let person = match coordinator {
            Coordinator::Person(person) => {
                self.person(*person).await?.ok_or_else(|| {
                    UseCaseError::invalid(
                        "coordinators",
                        "somebody among the coordinators is not in the directory",
                        "Choose people of the list.",
                    )
                })?;
                *person
            }
            Coordinator::New { name, identities } => {
                let identities =
                    identities.iter().map(|text| read_identity(text)).collect::<Result<Vec<_>, _>>()?;
                let record = checked(NewPerson { name: name.clone(), identities })?;
                self.unused(&record.identities, None).await?;
                let id: PersonId = self.fresh();
                events.push(note("person-added", json!({})));
                append.changes.push(Change::PutPerson { id, document: document(&record)? });
                append.changes.extend(crate::outside::name_changes(&[], &record.identities, id));
                id
            }
        };
        let stream = Stream::new(StreamKind::Person, person.to_string());
        if append.batches.iter().any(|batch| batch.stream == stream) {
            return Err(UseCaseError::invalid(
                "coordinators",
                "somebody is named twice",
                "Name everybody once.",
            ));
        }
        let expected = self.store().stream(&stream).await.map_err(store)?.len() as u64;
        let scope = Scope::Project(project.clone());
        events.push(note("grant-given", json!({ "role": Role::Coordinator, "scope": scope })));
        append.outbox.push(offer_message(person, expected + events.len() as u64, now));
        append.batches.push(StreamBatch { stream, expected, events });
        let grant = Grant { role: Role::Coordinator, scope, from: now, until: None, confirmed: false };
        append.changes.push(Change::PutGrant { person, grant });
        Ok(())
    }

    /// What an administrator of the programme still has to do for themselves: whether mail reaches them, and whether there
    /// is a second one.
    pub async fn own_steps(&self, actor: &Actor) -> Result<(bool, bool), UseCaseError> {
        self.permit(actor, Action::ReadAdministration, Object::Programme)?;
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let reached = self.mail_address(person).await?.is_some();
        Ok((reached, self.administrators(self.now()).await?.len() > 1))
    }

    /// A project's set-up for its administrators: each step with whether it is done.
    pub async fn project_steps(
        &self,
        actor: &Actor,
        name: &ProjectName,
    ) -> Result<Vec<(SetUpStep, bool)>, UseCaseError> {
        self.permit(actor, Action::ReadAdministration, Object::Project(name))?;
        let facts = self.project(name).await?;
        let now = self.now();
        let mut coordinators: Vec<PersonId> = Vec::new();
        for scope in [Scope::Project(name.clone()), Scope::Programme] {
            let grants = self.store().grants_in(&scope).await.map_err(store)?;
            let holding =
                grants.into_iter().filter(|(_, grant)| grant.role == Role::Coordinator && grant.holds(now));
            coordinators.extend(holding.map(|(person, _)| person));
        }
        coordinators.sort();
        coordinators.dedup();
        let product = facts.product();
        Ok(vec![
            (SetUpStep::Coordinator, !coordinators.is_empty()),
            (SetUpStep::SecondCoordinator, coordinators.len() > 1),
            (SetUpStep::Mail, !facts.policy.contact.mail.is_empty()),
            (SetUpStep::Key, facts.policy.contact.key.is_some()),
            (SetUpStep::Packages, product.is_some_and(|product| !product.packages.is_empty())),
            (SetUpStep::Versions, product.is_some_and(|product| !product.lines.is_empty())),
            (SetUpStep::ThreatModel, facts.threat_model.name.as_str() != "default"),
            (SetUpStep::ConductContact, facts.record.conduct_contact.is_some()),
        ])
    }

    /// Everybody with a role in a project, or an offer of one.
    pub async fn project_people(
        &self,
        actor: &Actor,
        name: &ProjectName,
    ) -> Result<Vec<(PersonId, String, Grant)>, UseCaseError> {
        self.permit(actor, Action::ReadAdministration, Object::Project(name))?;
        let mut people = Vec::new();
        for (person, grant) in self.store().grants_in(&Scope::Project(name.clone())).await.map_err(store)? {
            people.push((person, self.name_of(person).await?, grant));
        }
        Ok(people)
    }

    /// Every version of a project's rules, the oldest first.
    pub async fn project_versions(
        &self,
        actor: &Actor,
        name: &ProjectName,
    ) -> Result<Vec<ProjectVersion>, UseCaseError> {
        self.permit(actor, Action::ReadAdministration, Object::Project(name))?;
        let stream = Stream::new(StreamKind::Project, name.to_string());
        let mut versions = Vec::new();
        for event in self.store().stream(&stream).await.map_err(store)? {
            if !matches!(event.kind.as_str(), "project-set-up" | "project-edited") {
                continue;
            }
            let digest = event.header.get("record").and_then(|digest| digest.as_str());
            let digest = digest.and_then(|digest| digest.parse::<Sha256Digest>().ok());
            let record = match digest {
                Some(digest) => {
                    let snapshot: serde_json::Value = self.snapshot(&digest).await?;
                    Some(read(&format!("project {name}"), snapshot)?)
                }
                None => None,
            };
            let by = match event.actor {
                Some(person) => Some(self.name_of(person).await?),
                None => None,
            };
            let proposal =
                event.header.get("proposal").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
            let proposed_by = match proposal {
                Some(id) => match self.store().proposal(id).await.map_err(store)? {
                    Some(proposal) => Some(self.name_of(proposal.proposer).await?),
                    None => None,
                },
                None => None,
            };
            let number = versions.len() as u64 + 1;
            versions.push(ProjectVersion { number, at: event.at, by, proposed_by, record });
        }
        Ok(versions)
    }
}
