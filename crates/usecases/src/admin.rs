//! Running the desk from the machine it stands on: persons, projects, roles, tokens.
//!
//! Whoever has a shell there can do anything anyway; these are the operator's use cases. Every one is an event in the
//! ledger, so that nobody does it unseen.

use bastide_authz::{Actor, Grant, Role, Scope};
use bastide_desk::{
    case::{self, Command, Seat, decide},
    policy::{self, Policy},
    project::{self, Project},
    threat::{self, ThreatModel},
};
use bastide_model::{
    id::PersonId,
    party::{Identity, ProjectName, Slug},
    time::{Instant, Span},
};
use bastide_store::{Append, Change, CredentialKind, NewEvent, Stream, StreamBatch, StreamKind};
use serde_json::json;

use crate::{
    Desk, PersonRecord, ProjectRecord, Secret, UseCaseError, credential::STEP_UP_SCOPE, desk::store, summary,
};

/// How long a sign-in link works.
const SIGN_IN_LINK: Span = Span::hours(24);

/// Somebody who joins the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// The name they want to be shown by.
    pub name: String,
    /// Their identities.
    pub identities: Vec<Identity>,
}

/// A project that joins the programme, or whose rules change.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectSetup {
    /// The name in addresses and commands.
    pub name: ProjectName,
    /// The name that people read.
    pub title: String,
    /// Its disclosure policy, resolved.
    pub policy: Policy,
    /// Its threat model, resolved.
    pub threat_model: ThreatModel,
    /// What it supports.
    pub supports: Option<Project>,
    /// Which product of that it is.
    pub product: Option<Slug>,
}

impl ProjectSetup {
    /// A project under a built-in policy. `supports` names a built-in project file and `product` a product of it; both
    /// may be absent, and then versions and platforms are unknown.
    pub fn builtin(
        name: ProjectName,
        title: &str,
        policy: &str,
        supports: Option<&str>,
        product: Option<&str>,
    ) -> Result<Self, UseCaseError> {
        let policy = policy::builtin(policy).ok_or_else(|| {
            UseCaseError::invalid(
                "policy",
                format!("there is no built-in policy `{policy}`"),
                format!("Name one of: {}.", policy::BUILTIN_NAMES.join(", ")),
            )
        })?;
        let threat_model = threat::builtin(policy.threat_model.as_str()).ok_or_else(|| {
            UseCaseError::invalid(
                "threat-model",
                format!("there is no built-in threat model `{}`", policy.threat_model),
                format!("Name one of: {}.", threat::BUILTIN_NAMES.join(", ")),
            )
        })?;
        let supports = supports.map(builtin_project).transpose()?;
        let product = product
            .map(|product| {
                product.parse::<Slug>().map_err(|error| {
                    UseCaseError::invalid("product", error.to_string(), "Use the product's short name.")
                })
            })
            .transpose()?;
        if let (Some(supports), Some(product)) = (&supports, &product)
            && supports.product(Some(product.as_str())).is_none()
        {
            let names: Vec<&str> = supports.products.iter().map(|product| product.name.as_str()).collect();
            return Err(UseCaseError::invalid(
                "product",
                format!("`{}` has no product `{product}`", supports.name),
                format!("Name one of: {}.", names.join(", ")),
            ));
        }
        Ok(Self { name, title: title.to_owned(), policy, threat_model, supports, product })
    }
}

fn builtin_project(name: &str) -> Result<Project, UseCaseError> {
    project::builtin(name).ok_or_else(|| {
        UseCaseError::invalid(
            "supports",
            format!("there is no built-in project file `{name}`"),
            format!("Name one of: {}.", project::BUILTIN_NAMES.join(", ")),
        )
    })
}

impl Desk {
    /// Adds somebody to the directory.
    pub async fn add_person(&self, person: NewPerson) -> Result<PersonId, UseCaseError> {
        let name = person.name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(UseCaseError::invalid("name", "a name has 1 to 100 characters", "Give a name."));
        }
        let id: PersonId = self.fresh();
        let record = PersonRecord { name: name.to_owned(), identities: person.identities };
        let document = document(&record)?;
        let mut append = Append::at(self.now());
        append.batches.push(self.note(StreamKind::Person, id.to_string(), "person-added", json!({})).await?);
        append.changes.push(Change::PutPerson { id, document });
        self.store().append(append).await.map_err(store)?;
        Ok(id)
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
        append.batches.push(self.note(StreamKind::Person, person.to_string(), "grant-given", header).await?);
        let grant = Grant { role, scope, from: now, until, confirmed: true };
        append.changes.push(Change::PutGrant { person, grant });
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Ends a role at once; the person's sessions end in the same transaction, and so do the coordinator's seats that
    /// they took in cases by this role.
    pub async fn end_grant(&self, person: PersonId, role: Role, scope: Scope) -> Result<(), UseCaseError> {
        let now = self.now();
        let header = json!({ "role": role, "scope": scope });
        let mut append = Append::at(now);
        append.batches.push(self.note(StreamKind::Person, person.to_string(), "grant-ended", header).await?);
        if role == Role::Coordinator {
            self.end_seats(person, &scope, &mut append).await?;
        }
        append.changes.push(Change::RemoveGrant { person, role, scope });
        append
            .changes
            .push(Change::RevokeCredentialsOf { holder: bastide_store::Holder::Person(person), at: now });
        self.store().append(append).await.map_err(store)?;
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

    /// Takes a project into the programme, or gives it a new policy, threat model or version list. Cases that are
    /// open keep what they were opened under.
    pub async fn set_up_project(&self, setup: ProjectSetup) -> Result<(), UseCaseError> {
        let policy_bytes = setup.policy.canonical_json().into_bytes();
        let threat_bytes = serde_json::to_vec(&setup.threat_model).map_err(|error| unwritable(&error))?;
        let record = ProjectRecord {
            name: setup.name.clone(),
            title: setup.title.clone(),
            policy: bastide_model::digest::Sha256Digest::of(&policy_bytes),
            threat_model: bastide_model::digest::Sha256Digest::of(&threat_bytes),
            supports: setup.supports,
            product: setup.product,
        };
        let header = json!({ "policy": record.policy, "threat-model": record.threat_model });
        let mut append = Append::at(self.now());
        let name = setup.name.to_string();
        append.batches.push(self.note(StreamKind::Project, name, "project-set-up", header).await?);
        append.changes.push(Change::AddSnapshot { kind: "policy".into(), bytes: policy_bytes });
        append.changes.push(Change::AddSnapshot { kind: "threat-model".into(), bytes: threat_bytes });
        append.changes.push(Change::PutProject {
            name: setup.name.clone(),
            title: setup.title,
            document: document(&record)?,
        });
        self.store().append(append).await.map_err(store)?;
        self.cache_facts(&setup.name, None);
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
    async fn note(
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

fn document(record: &impl serde::Serialize) -> Result<serde_json::Value, UseCaseError> {
    serde_json::to_value(record).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> UseCaseError {
    UseCaseError::Corrupt(format!("a record cannot be written: {error}"))
}
