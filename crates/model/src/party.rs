//! Who takes part: programmes, projects and persons.
//!
//! A programme is an ecosystem with its people and rules; a project is a member with packages, repositories and
//! supported versions; a person is a human with verified identities. Projects are named by a short slug that people
//! type (`jupyter`, `scipy`); persons by a random id, because a handle changes and an id does not.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::PersonId;

/// The short name of a programme or project: 1 to 64 lower-case letters, digits and inner dashes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

/// A text that cannot name a project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a project name: use 1 to 64 lower-case letters, digits and inner dashes")]
pub struct SlugError {
    /// The text as given, cut to 64 characters.
    pub input: String,
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = (1..=64).contains(&text.len())
            && text.bytes().all(inner)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugError { input: text.chars().take(64).collect() })
        }
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Slug {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Names a project inside a programme.
pub type ProjectName = Slug;

/// A human as the desk knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id that every event names them by.
    pub id: PersonId,
    /// The name they want to be shown by.
    pub name: String,
    /// How they can be reached and recognised.
    pub identities: Vec<Identity>,
}

/// A verified identity of a person.
///
/// GitHub handles are kept because teams do not work across organisations: whoever adds people to a draft
/// advisory needs an official list of handles (J17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Identity {
    /// A mail address.
    Mail {
        /// The address, as the person wrote it.
        address: String,
    },
    /// An account on a forge.
    Forge {
        /// The forge's host, such as `github.com`.
        host: String,
        /// The handle on it, without `@`.
        handle: String,
    },
    /// An account at a provider by which the person signs in. Nobody is found by its handle or mail address, which change
    /// hands.
    Outside {
        /// Who vouches for it, as it calls itself: `https://github.com`.
        issuer: String,
        /// The provider's unchanging name for the account: a number at GitHub.
        subject: String,
        /// What its owner recognises it by.
        shown: String,
    },
}

/// A project as the desk knows it; its policy, threat model and versions live in `desk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The name in addresses and commands.
    pub name: ProjectName,
    /// The name that people read.
    pub title: String,
    /// The packages it releases, as purls without version (`pkg:pypi/jupyterlab`, `pkg:npm/%40jupyterlab/application`).
    pub packages: Vec<crate::package::Package>,
    /// Its source repositories, as URLs.
    pub repositories: Vec<String>,
}
