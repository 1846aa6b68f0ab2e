//! A project that is to join: the form that somebody filled in, and the three files of rules that it means.
//!
//! Policy and threat model are a built-in one or a file that somebody wrote; a built-in policy with an address of the
//! project's own becomes a small file that inherits it, so that there is one form of rules from the first day on.

use std::fmt::Write as _;

use bastide_desk::{policy, project, threat};
use bastide_model::{
    id::PersonId,
    package::Package,
    party::{ProjectName, Slug},
};
use serde::{Deserialize, Serialize};

use crate::{ProjectSetup, UseCaseError, WrittenRules, people::read_identity};

/// No project names more packages in the form; a file may.
const MOST_PACKAGES: usize = 50;

/// Rules that are built in, or that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleSource {
    /// The built-in file of this name.
    Builtin(String),
    /// This file.
    Written(String),
}

/// Somebody who is to coordinate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coordinator {
    /// Somebody of the directory.
    Person(PersonId),
    /// Somebody new, with a mail address or an account on a forge.
    New {
        /// Their name.
        name: String,
        /// Their identities as people write them.
        identities: Vec<String>,
    },
}

/// A project that is to join the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NewProject {
    /// The name in addresses and commands.
    pub name: ProjectName,
    /// The name that people read.
    pub title: String,
    /// Its packages as purls, `pkg:pypi/example`.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Its disclosure policy.
    pub policy: RuleSource,
    /// Its threat model; the one that the policy calls for when absent.
    #[serde(default)]
    pub threat_model: Option<RuleSource>,
    /// Its supported versions and platforms.
    #[serde(default)]
    pub supports: Option<RuleSource>,
    /// Which product of that file it is.
    #[serde(default)]
    pub product: Option<Slug>,
    /// The mail address that takes reports.
    #[serde(default)]
    pub mail: Option<String>,
    /// The address of a key for encrypted mail.
    #[serde(default)]
    pub key: Option<String>,
    /// Who assigns its CVE numbers: `github`, `psf` or `none`; what the policy says when absent.
    #[serde(default)]
    pub cve_authority: Option<String>,
    /// Whom people write to about conduct.
    #[serde(default)]
    pub conduct_contact: Option<String>,
    /// Who is to coordinate.
    #[serde(default)]
    pub coordinators: Vec<Coordinator>,
}

fn quoted(text: &str) -> String {
    // Every JSON text is a basic string of TOML.
    serde_json::Value::String(text.trim().to_owned()).to_string()
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl NewProject {
    /// The three files of rules that the form means, at a desk with this address.
    fn rules(&self, desk: &str) -> Result<WrittenRules, UseCaseError> {
        let policy = self.policy_file(desk)?;
        let wanted = match &self.policy {
            RuleSource::Builtin(name) => self.threat_name(name),
            RuleSource::Written(text) => policy::check(text, "policy")
                .map(|policy| policy.threat_model.to_string())
                .unwrap_or_default(),
        };
        let threat_model = match &self.threat_model {
            Some(RuleSource::Written(text)) => text.clone(),
            Some(RuleSource::Builtin(name)) => {
                builtin("threat-model", name, threat::builtin_text, threat::BUILTIN_NAMES)?
            }
            // A policy that does not read is told of by the check of all files; any threat model will do until then.
            None if threat::builtin_text(&wanted).is_none() && !wanted.is_empty() => {
                return Err(UseCaseError::invalid(
                    "threat-model",
                    format!("the policy asks for the threat model `{wanted}`, which is not built in"),
                    "Write the threat model, too, or let the policy name a built-in one.",
                ));
            }
            None => threat::builtin_text(&wanted)
                .or(threat::builtin_text("default"))
                .unwrap_or_default()
                .to_owned(),
        };
        let (supports, product) = match &self.supports {
            Some(RuleSource::Written(text)) => (text.clone(), self.product.clone()),
            Some(RuleSource::Builtin(name)) => (
                builtin("supports", name, project::builtin_text, project::BUILTIN_NAMES)?,
                self.product.clone(),
            ),
            None => self.packages_file()?,
        };
        Ok(WrittenRules { policy, threat_model, supports, product })
    }

    /// The threat model by name: the form's own, or the one of the built-in policy.
    fn threat_name(&self, policy: &str) -> String {
        match &self.threat_model {
            Some(RuleSource::Builtin(name)) => name.clone(),
            Some(RuleSource::Written(text)) => {
                threat::check(text, "threat-model").map(|model| model.name.to_string()).unwrap_or_default()
            }
            None => policy::builtin(policy).map(|policy| policy.threat_model.to_string()).unwrap_or_default(),
        }
    }

    fn policy_file(&self, desk: &str) -> Result<String, UseCaseError> {
        let base = match &self.policy {
            RuleSource::Written(text) => {
                let extra = [&self.mail, &self.key, &self.cve_authority];
                if extra.into_iter().any(|field| given(field.as_ref()).is_some()) {
                    return Err(UseCaseError::invalid(
                        "policy",
                        "a policy that you wrote says itself who takes reports and assigns CVE numbers",
                        "Write `[contact]` and `[publication]` in the policy and leave these fields empty.",
                    ));
                }
                return Ok(text.clone());
            }
            RuleSource::Builtin(name) => name,
        };
        builtin("policy", base, policy::builtin_text, policy::BUILTIN_NAMES)?;
        let mut name = self.name.to_string();
        if policy::builtin_text(&name).is_some() {
            // A policy cannot inherit itself, nor hide a built-in one.
            name.truncate(56);
            name.push_str("-project");
        }
        let threat_model = self.threat_name(base);
        let mut text = format!(
            "schema = 1\nname = {}\ntitle = {}\nversion = 1\ninherits = {}\n",
            quoted(&name),
            quoted(&self.title),
            quoted(base)
        );
        if !threat_model.is_empty() {
            let _ = writeln!(text, "threat-model = {}", quoted(&threat_model));
        }
        if let Some(authority) = given(self.cve_authority.as_ref()) {
            let _ = writeln!(text, "\n[publication]\ncve-authority = {}", quoted(authority));
        }
        let (mail, key) = (given(self.mail.as_ref()), given(self.key.as_ref()));
        let reached = policy::builtin(base)
            .is_some_and(|policy| policy.contact.form.is_some() || !policy.contact.mail.is_empty());
        // Who names no address is reached by the desk's own form.
        let form = (!reached).then(|| format!("{desk}/projects/{}/report", self.name));
        if mail.is_some() || key.is_some() || form.is_some() {
            text.push_str("\n[contact]\n");
        }
        if let Some(form) = form {
            let _ = writeln!(text, "form = {}", quoted(&form));
        }
        if let Some(mail) = mail {
            let _ = writeln!(text, "mail = [{0}]\nnotices = {0}", quoted(mail));
        }
        if let Some(key) = key {
            let _ = writeln!(text, "key = {}", quoted(key));
        }
        Ok(text)
    }

    /// A file of one product with the packages of the form; nothing where none is named.
    fn packages_file(&self) -> Result<(String, Option<Slug>), UseCaseError> {
        let packages: Vec<&str> = self
            .packages
            .iter()
            .map(|package| package.trim())
            .filter(|package| !package.is_empty())
            .collect();
        if packages.len() > MOST_PACKAGES {
            return Err(UseCaseError::invalid(
                "packages",
                "there are more than 50",
                "Write a file of versions.",
            ));
        }
        for package in &packages {
            package.parse::<Package>().map_err(|error| {
                UseCaseError::invalid(
                    "packages",
                    error.to_string(),
                    "Write one a line, such as pkg:pypi/example or pkg:npm/example.",
                )
            })?;
        }
        if packages.is_empty() {
            return Ok((String::new(), None));
        }
        let list: Vec<String> = packages.iter().map(|package| quoted(package)).collect();
        let text = format!(
            "schema = 1\nname = {name}\ntitle = {title}\npolicy = {name}\nsource = \"the form that took the project in\"\n\n\
             [[product]]\nname = {name}\ntitle = {title}\npackages = [{}]\n",
            list.join(", "),
            name = quoted(self.name.as_str()),
            title = quoted(&self.title),
        );
        Ok((text, Some(self.name.clone())))
    }

    /// The set-up that the form means at a desk with this public address, or everything that is wrong with it.
    pub fn set_up(&self, desk: &str) -> Result<ProjectSetup, UseCaseError> {
        let mut setup = ProjectSetup::written(self.name.clone(), &self.title, self.rules(desk)?)?;
        setup.conduct_contact = conduct_contact(self.conduct_contact.as_deref())?;
        Ok(setup)
    }
}

/// A contact for conduct: a mail address or a page.
pub(crate) fn conduct_contact(text: Option<&str>) -> Result<Option<String>, UseCaseError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let page = text.starts_with("https://")
        && text.len() > 8
        && text.len() <= 300
        && text.chars().all(|symbol| symbol.is_ascii_graphic());
    let mail = matches!(read_identity(text), Ok(bastide_model::party::Identity::Mail { .. }));
    if page || mail {
        return Ok(Some(text.to_owned()));
    }
    Err(UseCaseError::invalid(
        "conduct-contact",
        "this is neither a mail address nor an https address",
        "Write one of them, or leave it empty.",
    ))
}

fn builtin(
    field: &str,
    name: &str,
    find: fn(&str) -> Option<&'static str>,
    names: &[&str],
) -> Result<String, UseCaseError> {
    find(name).map(str::to_owned).ok_or_else(|| {
        UseCaseError::invalid(
            field,
            format!("there is no built-in file `{name}`"),
            format!("Name one of: {}.", names.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: &str = "https://desk.example.org";

    fn new(policy: &str) -> NewProject {
        NewProject {
            name: "example".parse().unwrap(),
            title: "An \"example\"\\".to_owned(),
            packages: Vec::new(),
            policy: RuleSource::Builtin(policy.to_owned()),
            threat_model: None,
            supports: None,
            product: None,
            mail: None,
            key: None,
            cve_authority: None,
            conduct_contact: None,
            coordinators: Vec::new(),
        }
    }

    #[test]
    fn every_built_in_policy_makes_a_project_with_and_without_its_own_contacts() {
        for policy in policy::BUILTIN_NAMES {
            let plain = new(policy).set_up(DESK).unwrap();
            assert!(plain.policy.descends_from(policy));
            let full = NewProject {
                mail: Some("security@example.org".to_owned()),
                key: Some("https://example.org/key.asc".to_owned()),
                cve_authority: Some("none".to_owned()),
                packages: vec!["pkg:pypi/example".to_owned(), " ".to_owned()],
                conduct_contact: Some("conduct@example.org".to_owned()),
                ..new(policy)
            };
            let full = full.set_up(DESK).unwrap();
            assert_eq!(full.policy.contact.mail, ["security@example.org"]);
            assert_eq!(full.policy.threat_model, full.threat_model.name);
            assert_eq!(full.supports.unwrap().products[0].packages.len(), 1);
        }
    }

    #[test]
    fn a_project_may_be_called_like_a_built_in_policy() {
        for name in policy::BUILTIN_NAMES {
            let new = NewProject { name: name.parse().unwrap(), ..new(name) };
            assert!(new.set_up(DESK).unwrap().policy.descends_from(name));
        }
    }

    #[test]
    fn mistakes_name_their_field() {
        let field = |new: NewProject| match new.set_up(DESK) {
            Err(UseCaseError::Invalid { field, .. }) => field,
            Err(UseCaseError::Rules { problems }) => {
                format!("{} at line {}", problems[0].file, problems[0].line)
            }
            other => panic!("{other:?}"),
        };
        let written = |text: &str| RuleSource::Written(text.to_owned());
        assert_eq!(field(new("nothing")), "policy");
        assert_eq!(field(NewProject { title: " ".to_owned(), ..new("default") }), "title");
        assert_eq!(field(NewProject { packages: vec!["example".to_owned()], ..new("default") }), "packages");
        assert_eq!(
            field(NewProject { conduct_contact: Some("somebody".to_owned()), ..new("default") }),
            "conduct-contact"
        );
        let policy = written(
            "schema = 1\nname = \"x\"\ntitle = \"X\"\nversion = 1\ninherits = \"default\"\nwrong = 1\n\
             [contact]\nmail = [\"security@example.org\"]\n",
        );
        assert_eq!(field(NewProject { policy, ..new("default") }), "policy at line 6");
        let threat_model = Some(written("schema = 1\nname ="));
        assert!(field(NewProject { threat_model, ..new("default") }).contains("at line"));
        assert_eq!(
            field(NewProject { mail: Some("no address".to_owned()), ..new("default") }).split(' ').next(),
            Some("policy")
        );
    }

    /// As the README begins: a name, a title and packages are enough, also on one's own machine.
    #[test]
    fn the_desks_own_form_takes_reports_where_nothing_else_is_named() {
        for desk in [DESK, "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:8080"] {
            for policy in policy::BUILTIN_NAMES {
                let setup = new(policy).set_up(desk).unwrap();
                let named = policy::builtin(policy).unwrap().contact.clone();
                let form = match (named.form, named.mail.is_empty()) {
                    (None, true) => Some(format!("{desk}/projects/example/report")),
                    (named, _) => named,
                };
                assert_eq!(setup.policy.contact.form, form, "{policy} at {desk}");
            }
        }
    }
}
