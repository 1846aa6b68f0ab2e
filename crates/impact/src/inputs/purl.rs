//! Package URLs in documents of strangers.

use std::str::FromStr;

use bastide_model::package::{Ecosystem, Package};
use packageurl::PackageUrl;

use super::draft::{conda_package, pypi_package};

/// The longest package URL that is read, in bytes.
const MAX_BYTES: usize = 1_000;

/// A package with a version, as a package URL names it.
pub(crate) struct Named {
    pub(crate) package: Package,
    pub(crate) version: Option<String>,
}

/// What a package URL names; nothing where it is none, or its name none of its ecosystem.
pub(crate) fn read(text: &str) -> Option<Named> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let purl = PackageUrl::from_str(text).ok()?;
    let name = match purl.namespace() {
        Some(namespace) => format!("{namespace}/{}", purl.name()),
        None => purl.name().to_owned(),
    };
    let package = match purl.ty() {
        "pypi" => pypi_package(&name)?,
        // The namespace is the channel.
        "conda" => conda_package(purl.name())?,
        "npm" => Package::new(Ecosystem::Npm, &name),
        other => Package::new(Ecosystem::Other(other.to_owned()), &name),
    };
    Some(Named { package, version: purl.version().map(str::to_owned) })
}
