//! Packages, named by package URL (purl) without a version.
//!
//! The name is normalised the way its ecosystem does it (PyPI: PEP 503), so that equal packages are equal values.

use std::{fmt, str::FromStr};

use packageurl::PackageUrl;
use serde::{Deserialize, Serialize};

/// Where a package is released; decides how its versions are read and ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// The Python Package Index; versions by PEP 440.
    PyPi,
    /// The npm registry; versions by `SemVer`.
    Npm,
    /// Any other, by its purl type; its versions are compared as opaque texts.
    Other(String),
}

impl Ecosystem {
    /// The purl type: `pypi`, `npm`, …
    pub fn purl_type(&self) -> &str {
        match self {
            Self::PyPi => "pypi",
            Self::Npm => "npm",
            Self::Other(name) => name,
        }
    }

    /// The ecosystem's name in OSV records: `PyPI`, `npm`, …
    pub fn osv_name(&self) -> &str {
        match self {
            Self::PyPi => "PyPI",
            Self::Npm => "npm",
            Self::Other(name) => name,
        }
    }

    /// The ecosystem that an OSV record names.
    pub fn from_osv(name: &str) -> Self {
        match name {
            "PyPI" => Self::PyPi,
            "npm" => Self::Npm,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A package of one ecosystem, whatever its version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    ecosystem: Ecosystem,
    name: String,
}

/// A text that names no package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{input}` is not a package URL: {reason}; write it as pkg:pypi/jupyterlab or pkg:npm/%40jupyterlab/application"
)]
pub struct PackageError {
    /// The text as given, cut to 200 characters.
    pub input: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Package {
    /// The package of this name in this ecosystem. The name is as the ecosystem writes it: `@scope/name` for npm.
    pub fn new(ecosystem: Ecosystem, name: &str) -> Self {
        let name = match ecosystem {
            Ecosystem::PyPi => normalise_pypi(name),
            Ecosystem::Npm | Ecosystem::Other(_) => name.to_owned(),
        };
        Self { ecosystem, name }
    }

    /// Where it is released.
    pub fn ecosystem(&self) -> &Ecosystem {
        &self.ecosystem
    }

    /// Its normalised name, without namespace syntax of purl: `jupyterlab`, `@jupyterlab/application`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The package URL, if a URL of this type can hold the name.
    pub fn purl(&self) -> Option<PackageUrl<'_>> {
        let (namespace, name) = match self.name.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, self.name.as_str()),
        };
        let mut purl = PackageUrl::new(self.ecosystem.purl_type(), name).ok()?;
        if let Some(namespace) = namespace {
            purl.with_namespace(namespace).ok()?;
        }
        Some(purl)
    }
}

/// Percent-encodes everything but letters, digits and the signs that stand for themselves everywhere in a URL.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    out
}

/// PEP 503: runs of `-`, `_` and `.` are one dash, letters are lower case.
fn normalise_pypi(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.extend(character.to_lowercase());
        }
    }
    out
}

impl fmt::Display for Package {
    /// The purl: `pkg:pypi/jupyterlab`. A name that no purl of its type can hold (`a/b` on PyPI) is written all the same,
    /// percent-encoded, because a formatter that fails panics; reading it back is refused.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.purl() {
            Some(purl) => fmt::Display::fmt(&purl, out),
            None => write!(out, "pkg:{}/{}", encode(self.ecosystem.purl_type()), encode(&self.name)),
        }
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.ecosystem.purl_type(), self.name)
    }
}

impl FromStr for Package {
    type Err = PackageError;

    fn from_str(text: &str) -> Result<Self, PackageError> {
        let refuse = |reason: String| PackageError { input: text.chars().take(200).collect(), reason };
        let purl = PackageUrl::from_str(text).map_err(|error| refuse(error.to_string()))?;
        let ecosystem = match purl.ty() {
            "pypi" => Ecosystem::PyPi,
            "npm" => Ecosystem::Npm,
            other => Ecosystem::Other(other.to_owned()),
        };
        if purl.version().is_some() {
            return Err(refuse("a package here has no version".to_owned()));
        }
        let name = match purl.namespace() {
            Some(namespace) => format!("{namespace}/{}", purl.name()),
            None => purl.name().to_owned(),
        };
        Ok(Self::new(ecosystem, &name))
    }
}

impl Serialize for Package {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Package {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pypi_names_are_normalised_and_npm_scopes_kept() {
        let python: Package = "pkg:pypi/Jupyter_Server".parse().unwrap();
        assert_eq!(python.name(), "jupyter-server");
        let node: Package = "pkg:npm/%40jupyterlab/application".parse().unwrap();
        assert_eq!(node.name(), "@jupyterlab/application");
        assert_eq!(node.to_string(), "pkg:npm/%40jupyterlab/application");
        assert!("pkg:pypi/numpy@1.0".parse::<Package>().is_err());
        assert!("numpy".parse::<Package>().is_err());
    }
    #[test]
    fn a_name_that_no_purl_can_hold_is_written_and_not_read_back() {
        for (ecosystem, name) in [
            (Ecosystem::PyPi, "a/b"),
            (Ecosystem::PyPi, ""),
            (Ecosystem::Npm, "/"),
            (Ecosystem::Other(String::new()), "a"),
            (Ecosystem::Other("crates io".to_owned()), "a b"),
        ] {
            let written = Package::new(ecosystem, name).to_string();
            assert!(written.starts_with("pkg:"), "{written}");
        }
        assert_eq!(Package::new(Ecosystem::PyPi, "a/b").to_string(), "pkg:pypi/a%2Fb");
    }
}
