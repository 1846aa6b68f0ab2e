//! Persons and projects as the desk keeps them, with the facts that a project's reports are judged by.

use std::{collections::BTreeMap, sync::Arc};

use bastide_authz::{Action, Actor, Object, Role};
use bastide_desk::{
    case::Case,
    lint::Linter,
    policy::{self, Policy},
    project::{self, Product, Project},
    threat::{self, ThreatModel},
};
use bastide_model::{
    digest::Sha256Digest,
    id::PersonId,
    party::{Identity, ProjectName, Slug},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Desk, UseCaseError, WrittenRules, desk::store, error::unreadable};

/// A person in the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PersonRecord {
    /// The name they want to be shown by.
    pub name: String,
    /// How they can be reached and recognised (J17: handles of forges).
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// Whether they made their account themselves, to keep reports in it: the directory does not list them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reporter_account: bool,
}

/// A project of the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProjectRecord {
    /// The name in addresses and commands.
    pub name: ProjectName,
    /// The name that people read.
    pub title: String,
    /// The digest of its disclosure policy; the policy itself is a snapshot.
    pub policy: Sha256Digest,
    /// The digest of its threat model, a snapshot too.
    pub threat_model: Sha256Digest,
    /// What it supports: the project file that it belongs to, if one is known.
    pub supports: Option<Project>,
    /// Which product of that file it is.
    pub product: Option<Slug>,
    /// Whom people write to about conduct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conduct_contact: Option<String>,
    /// The files that its rules were read from; absent for projects that were set up before these were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<WrittenRules>,
}

/// A project with everything that its reports are judged by.
#[derive(Debug)]
pub struct ProjectFacts {
    /// The record.
    pub record: ProjectRecord,
    /// Its disclosure policy.
    pub policy: Policy,
    /// Its threat model.
    pub threat_model: ThreatModel,
    linter: Arc<Linter>,
}

impl ProjectFacts {
    pub(crate) fn new(record: ProjectRecord, policy: Policy, threat_model: ThreatModel) -> Self {
        let linter = Linter::new(policy.clone()).with_model(threat_model.clone());
        let linter = record.supports.clone().into_iter().fold(linter, Linter::with_project);
        Self { record, policy, threat_model, linter: Arc::new(linter) }
    }

    /// The files that its rules were read from. A project that was set up before these were kept shows the built-in
    /// file that its rules are equal to, or the rules as JSON.
    pub fn written(&self) -> WrittenRules {
        if let Some(written) = &self.record.written {
            return written.clone();
        }
        let shown = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        let policy = policy::builtin_text(self.policy.name.as_str())
            .filter(|_| policy::builtin(self.policy.name.as_str()).as_ref() == Some(&self.policy));
        let threat_model = threat::builtin_text(self.threat_model.name.as_str()).filter(|_| {
            threat::builtin(self.threat_model.name.as_str()).as_ref() == Some(&self.threat_model)
        });
        let supports = self.record.supports.as_ref().map(|supports| {
            let text = project::builtin_text(supports.name.as_str())
                .filter(|_| project::builtin(supports.name.as_str()).as_ref() == Some(supports));
            text.map_or_else(|| shown(serde_json::to_string_pretty(supports)), str::to_owned)
        });
        WrittenRules {
            policy: policy.map_or_else(|| shown(serde_json::to_string_pretty(&self.policy)), str::to_owned),
            threat_model: threat_model
                .map_or_else(|| shown(serde_json::to_string_pretty(&self.threat_model)), str::to_owned),
            supports: supports.unwrap_or_default(),
            product: self.record.product.clone(),
        }
    }

    /// The linter that judges its reports; compiled once.
    pub fn linter(&self) -> &Arc<Linter> {
        &self.linter
    }

    /// The product with versions and platforms, where they are known.
    pub fn product(&self) -> Option<&Product> {
        let supports = self.record.supports.as_ref()?;
        supports.product(self.record.product.as_ref().map(Slug::as_str))
    }
}

impl Desk {
    /// A project with its policy and threat model.
    pub async fn project(&self, name: &ProjectName) -> Result<Arc<ProjectFacts>, UseCaseError> {
        if let Some(facts) = self.cached_facts(name) {
            return Ok(facts);
        }
        let Some((_, document)) = self.store().project(name).await.map_err(store)? else {
            return Err(UseCaseError::NotFound);
        };
        let record: ProjectRecord = read(&format!("project {name}"), document)?;
        let policy = self.snapshot(&record.policy).await?;
        let threat_model = self.snapshot(&record.threat_model).await?;
        let facts = Arc::new(ProjectFacts::new(record, policy, threat_model));
        self.cache_facts(name, Some(Arc::clone(&facts)));
        Ok(facts)
    }

    /// The project that a case was reported to, with the policy and the threat model that the case is judged by: those
    /// of the day when it came in. What it supports is what it supports today.
    pub(crate) async fn facts_of(&self, case: &Case) -> Result<Arc<ProjectFacts>, UseCaseError> {
        let facts = self.project(&case.project).await?;
        if facts.record.policy == case.policy && facts.record.threat_model == case.threat_model {
            return Ok(facts);
        }
        let key = (case.project.clone(), case.policy, case.threat_model);
        if let Some(frozen) = self.kept_frozen(&key) {
            return Ok(frozen);
        }
        let policy = self.snapshot(&case.policy).await?;
        let threat_model = self.snapshot(&case.threat_model).await?;
        let frozen = Arc::new(ProjectFacts::new(facts.record.clone(), policy, threat_model));
        self.keep_frozen(key, &frozen);
        Ok(frozen)
    }

    /// Every project of the programme, by name.
    pub async fn projects(&self) -> Result<Vec<ProjectRecord>, UseCaseError> {
        let rows = self.store().projects().await.map_err(store)?;
        rows.into_iter().map(|(name, _, document)| read(&format!("project {name}"), document)).collect()
    }

    /// The project whose coordinators find out where a report belongs that came without one (P28): the one named
    /// `unsure`, where the programme has set it up as its queue, otherwise its first.
    pub async fn project_for_the_unsure(&self) -> Result<Arc<ProjectFacts>, UseCaseError> {
        let projects = self.projects().await?;
        let queue = projects.iter().find(|project| project.name.as_str() == "unsure");
        let found = queue.or(projects.first()).ok_or(UseCaseError::NotFound)?;
        self.project(&found.name).await
    }

    /// A person of the directory.
    pub async fn person(&self, id: PersonId) -> Result<Option<PersonRecord>, UseCaseError> {
        let found = self.store().person(id).await.map_err(store)?;
        found.map(|document| read(&id.to_string(), document)).transpose()
    }

    /// Everybody in the directory, by name.
    pub async fn persons(&self) -> Result<Vec<(PersonId, PersonRecord)>, UseCaseError> {
        let mut people = Vec::new();
        for (id, document) in self.store().persons().await.map_err(store)? {
            people.push((id, read::<PersonRecord>(&id.to_string(), document)?));
        }
        people.sort_by(|left, right| left.1.name.cmp(&right.1.name));
        Ok(people)
    }

    /// Everybody's name, by id.
    pub(crate) async fn names(&self) -> Result<Arc<BTreeMap<PersonId, String>>, UseCaseError> {
        let epoch = self.store().epoch();
        if let Some(names) = self.kept().names.get(epoch) {
            return Ok(names);
        }
        let people = self.persons().await?;
        let names = people.iter().map(|(id, record)| (*id, record.name.clone())).collect();
        Ok(self.kept().names.keep(epoch, names))
    }

    async fn kept_people(&self) -> Result<Arc<Vec<(PersonId, PersonRecord)>>, UseCaseError> {
        let epoch = self.store().epoch();
        if let Some(people) = self.kept().people.get(epoch) {
            return Ok(people);
        }
        let people = self.listed().await?;
        Ok(self.kept().people.keep(epoch, people))
    }

    /// Every project of the programme, by name, kept while nothing is written.
    pub async fn project_list(&self) -> Result<Arc<Vec<ProjectRecord>>, UseCaseError> {
        let epoch = self.store().epoch();
        if let Some(projects) = self.kept().projects.get(epoch) {
            return Ok(projects);
        }
        let projects = self.projects().await?;
        Ok(self.kept().projects.keep(epoch, projects))
    }

    /// A frozen threat model. What a digest names never changes, so it is kept in memory.
    pub(crate) async fn threat_model(&self, digest: &Sha256Digest) -> Result<Arc<ThreatModel>, UseCaseError> {
        if let Some(model) = self.kept_model(digest) {
            return Ok(model);
        }
        let model: Arc<ThreatModel> = Arc::new(self.snapshot(digest).await?);
        self.keep_model(digest, &model);
        Ok(model)
    }

    /// The directory for whoever invites people to cases (J17): coordinators, the programme's administrators, and who
    /// coordinates or develops in a case whose embargo they agreed to.
    pub async fn directory(&self, actor: &Actor) -> Result<Arc<Vec<(PersonId, PersonRecord)>>, UseCaseError> {
        let now = self.now();
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let by_office = actor
            .grants
            .iter()
            .any(|grant| grant.holds(now) && matches!(grant.role, Role::Coordinator | Role::ProgrammeAdmin));
        if by_office {
            return self.kept_people().await;
        }
        for line in self.store().cases_of(person).await.map_err(store)? {
            let object = self.case_object(line.case).await?;
            if self.permit(actor, Action::ReadTeamOnly, Object::Case(&object)).is_ok() {
                return self.kept_people().await;
            }
        }
        Err(UseCaseError::NotFound)
    }

    /// Everybody who can be invited. Whoever made an account to keep their reports in it told the desk, and not every
    /// coordinator of the programme, that they report.
    async fn listed(&self) -> Result<Vec<(PersonId, PersonRecord)>, UseCaseError> {
        let mut people = self.persons().await?;
        people.retain(|(_, record)| !record.reporter_account);
        Ok(people)
    }

    /// A frozen policy or threat model.
    pub(crate) async fn snapshot<T: DeserializeOwned>(
        &self,
        digest: &Sha256Digest,
    ) -> Result<T, UseCaseError> {
        let found = self.store().snapshot(digest).await.map_err(store)?;
        let snapshot = found.ok_or_else(|| {
            UseCaseError::Corrupt(format!("the snapshot {digest} is missing; run `bastide ledger verify`"))
        })?;
        serde_json::from_slice(&snapshot.bytes).map_err(|error| {
            UseCaseError::Corrupt(format!("the snapshot {digest} cannot be read: {}", unreadable(&error)))
        })
    }
}

pub(crate) fn read<T: DeserializeOwned>(what: &str, document: serde_json::Value) -> Result<T, UseCaseError> {
    serde_json::from_value(document).map_err(|error| {
        UseCaseError::Corrupt(format!("the record of {what} cannot be read: {}", unreadable(&error)))
    })
}

/// A role as people say it.
pub fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Reporter => "reporter",
        Role::Observer => "observer",
        Role::Developer => "developer",
        Role::Coordinator => "coordinator",
        Role::ProjectAdmin => "project administrator",
        Role::ProgrammeAdmin => "programme administrator",
        Role::Auditor => "auditor",
        Role::ConductTeam => "conduct team",
        Role::Cna => "CNA",
        Role::Board => "board",
        Role::Subscriber => "subscriber",
        Role::Service => "service",
    }
}
