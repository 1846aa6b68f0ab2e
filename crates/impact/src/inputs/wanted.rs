//! What a document asks for in the words of PEP 508, as far as readers here care.

use bastide_model::package::Package;

use super::draft::reason;
use crate::requirement::{Requirement, Source};

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The name, normalised.
    pub(crate) name: String,
    /// PEP 440 specifiers; empty for any version.
    pub(crate) specifiers: String,
    /// The one version that is asked for.
    pub(crate) exact: Option<String>,
    /// Whether it holds in some environments only.
    pub(crate) marked: bool,
    /// Whether it holds for an extra only.
    pub(crate) extra: bool,
    /// Whether it comes from an address in place of an index.
    pub(crate) addressed: bool,
}

impl Wanted {
    /// Any version of this package.
    pub(crate) fn any(package: &Package) -> Self {
        Self {
            name: package.name().to_owned(),
            specifiers: String::new(),
            exact: None,
            marked: false,
            extra: false,
            addressed: false,
        }
    }

    /// Exactly this version.
    pub(crate) fn exactly(package: &Package, version: &str) -> Self {
        Self { specifiers: format!("=={version}"), exact: Some(version.to_owned()), ..Self::any(package) }
    }
}

/// Reads a requirement; the error says why it is none.
pub(crate) fn wanted(text: &str) -> Result<Wanted, String> {
    let read = Requirement::parse(text).map_err(|error| reason(&error))?;
    let any = Wanted::any(&read.package);
    let always = read.brought_in_by().0;
    let (specifiers, exact, addressed) = match &read.source {
        Source::Versions(specifiers) => {
            let exact = specifiers.pinned().map(|version| version.as_str().to_owned());
            (specifiers.to_string(), exact, false)
        }
        Source::Url(_) => (String::new(), None, true),
    };
    Ok(Wanted { specifiers, exact, marked: read.marker.is_some(), extra: !always, addressed, ..any })
}
