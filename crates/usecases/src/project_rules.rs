//! What a project is set up with: policy, threat model and supported versions, as their authors wrote them and as
//! they were read.

use bastide_desk::{
    policy::{self, Policy, PolicyProblem},
    project::{self, Project},
    threat::{self, ThreatModel},
};
use bastide_model::{
    digest::Sha256Digest,
    party::{ProjectName, Slug},
};
use bastide_store::{Append, Change, StreamKind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Desk, ProjectRecord, UseCaseError,
    admin::{document, unwritable},
    desk::store,
};

/// The rules of a project as people write and read them: three files in TOML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WrittenRules {
    /// The disclosure policy; it may inherit a built-in one.
    pub policy: String,
    /// The threat model; it may inherit a built-in one. Its name is the one that the policy calls for.
    pub threat_model: String,
    /// Products, packages, supported versions and platforms. May be empty: then they are unknown.
    #[serde(default)]
    pub supports: String,
    /// Which product of that file the project is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Slug>,
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
    /// Whom people write to about conduct.
    pub conduct_contact: Option<String>,
    /// The files that it was read from.
    pub written: WrittenRules,
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
        let policy_text = builtin_text("policy", policy, policy::BUILTIN_NAMES, policy::builtin_text)?;
        let threat_name =
            policy::builtin(policy).map(|policy| policy.threat_model.to_string()).unwrap_or_default();
        let threat_text =
            builtin_text("threat-model", &threat_name, threat::BUILTIN_NAMES, threat::builtin_text)?;
        let supports = supports
            .map(|name| builtin_text("supports", name, project::BUILTIN_NAMES, project::builtin_text))
            .transpose()?;
        let product = product
            .map(|product| {
                product.parse::<Slug>().map_err(|error| {
                    UseCaseError::invalid("product", error.to_string(), "Use the product's short name.")
                })
            })
            .transpose()?;
        let written = WrittenRules {
            policy: policy_text.to_owned(),
            threat_model: threat_text.to_owned(),
            supports: supports.unwrap_or_default().to_owned(),
            product,
        };
        Self::written(name, title, written)
    }

    /// A project under rules that somebody wrote; every mistake of the three files at once.
    pub fn written(name: ProjectName, title: &str, written: WrittenRules) -> Result<Self, UseCaseError> {
        let title = title.trim();
        if title.is_empty() || title.chars().count() > 100 || title.chars().any(char::is_control) {
            return Err(UseCaseError::invalid(
                "title",
                "a title is one line of 1 to 100 characters",
                "Write the name that people read.",
            ));
        }
        let mut problems: Vec<PolicyProblem> = Vec::new();
        let mut keep = |found: Vec<PolicyProblem>| problems.extend(found);
        let policy = policy::check(&written.policy, "policy").map_err(&mut keep).ok();
        let threat_model = threat::check(&written.threat_model, "threat-model").map_err(&mut keep).ok();
        let supports = (!written.supports.trim().is_empty())
            .then(|| project::check(&written.supports, "supports").map_err(&mut keep).ok())
            .flatten();
        let (Some(policy), Some(threat_model), true) = (policy, threat_model, problems.is_empty()) else {
            return Err(UseCaseError::Rules { problems });
        };
        if policy.threat_model != threat_model.name {
            return Err(UseCaseError::invalid(
                "threat-model",
                format!(
                    "the policy asks for the threat model `{}`, and this one is called `{}`",
                    policy.threat_model, threat_model.name
                ),
                "Give both the same name.",
            ));
        }
        let product = written.product.clone();
        if let Some(supports) = &supports
            && supports.product(product.as_ref().map(Slug::as_str)).is_none()
        {
            let names: Vec<&str> = supports.products.iter().map(|product| product.name.as_str()).collect();
            let what = product.as_ref().map_or_else(
                || format!("`{}` has several products", supports.name),
                |product| format!("`{}` has no product `{product}`", supports.name),
            );
            return Err(UseCaseError::invalid(
                "product",
                what,
                format!("Name one of: {}.", names.join(", ")),
            ));
        }
        let title = title.to_owned();
        Ok(Self { name, title, policy, threat_model, supports, product, conduct_contact: None, written })
    }

    /// The record that pages and reports are judged by.
    pub(crate) fn record(&self) -> Result<ProjectRecord, UseCaseError> {
        Ok(ProjectRecord {
            name: self.name.clone(),
            title: self.title.clone(),
            policy: Sha256Digest::of(self.policy.canonical_json().as_bytes()),
            threat_model: Sha256Digest::of(&self.threat_bytes()?),
            supports: self.supports.clone(),
            product: self.product.clone(),
            conduct_contact: self.conduct_contact.clone(),
            written: Some(self.written.clone()),
        })
    }

    fn threat_bytes(&self) -> Result<Vec<u8>, UseCaseError> {
        serde_json::to_vec(&self.threat_model).map_err(|error| unwritable(&error))
    }
}

fn noun(field: &str) -> &str {
    match field {
        "threat-model" => "threat model",
        "supports" => "project file",
        field => field,
    }
}

fn builtin_text(
    field: &str,
    name: &str,
    names: &[&str],
    find: fn(&str) -> Option<&'static str>,
) -> Result<&'static str, UseCaseError> {
    find(name).ok_or_else(|| {
        UseCaseError::invalid(
            field,
            format!("there is no built-in {} `{name}`", noun(field)),
            format!("Name one of: {}.", names.join(", ")),
        )
    })
}

impl Desk {
    /// Takes a project into the programme, or gives it a new policy, threat model or version list. Cases that are
    /// open keep what they were opened under.
    pub async fn set_up_project(&self, setup: ProjectSetup) -> Result<(), UseCaseError> {
        let mut append = Append::at(self.now());
        self.add_project(&mut append, &setup, "project-set-up", json!({})).await?;
        self.store().append(append).await.map_err(store)?;
        self.cache_facts(&setup.name, None);
        Ok(())
    }

    /// Adds what setting up or editing a project writes: the event, the frozen rules, the record. Whoever appends it
    /// forgets the cached facts of the project afterwards.
    pub(crate) async fn add_project(
        &self,
        append: &mut Append,
        setup: &ProjectSetup,
        event: &str,
        mut header: serde_json::Value,
    ) -> Result<(), UseCaseError> {
        let record = setup.record()?;
        let document = document(&record)?;
        let version = document.to_string().into_bytes();
        header["policy"] = json!(record.policy);
        header["threat-model"] = json!(record.threat_model);
        header["record"] = json!(Sha256Digest::of(&version));
        let name = setup.name.to_string();
        append.batches.push(self.note(StreamKind::Project, name, event, header).await?);
        let policy = setup.policy.canonical_json().into_bytes();
        append.changes.push(Change::AddSnapshot { kind: "policy".into(), bytes: policy });
        append
            .changes
            .push(Change::AddSnapshot { kind: "threat-model".into(), bytes: setup.threat_bytes()? });
        append.changes.push(Change::AddSnapshot { kind: "project".into(), bytes: version });
        append.changes.push(Change::PutProject {
            name: setup.name.clone(),
            title: setup.title.clone(),
            document,
        });
        Ok(())
    }
}
