//! What to type, for each document that holds a package.
//!
//! People copy these lines into a shell, so a line is made of words that [`mend::words`] found harmless, or there is none.

use bastide_advisory::mend;
use bastide_model::version::Version;

use super::{Admits, Holder, held::Group};
use crate::inputs::Kind;

/// A line for one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The document that it mends.
    pub document: String,
    /// The line.
    pub line: String,
}

/// The lines that bring a version in, each once.
pub(super) fn commands(group: &Group, to: &Version, admits: &Admits) -> Vec<Command> {
    let Some((name, version)) = mend::words(&group.package, to) else { return Vec::new() };
    // A wish of one's own that is in the way has to be written anew; one of another package cannot.
    let own = matches!(admits, Admits::No(constraints) if constraints.iter().any(|one| one.by.is_none()));
    let mut all: Vec<Command> = Vec::new();
    let adds = |kind| matches!(kind, Kind::UvLock | Kind::PoetryLock | Kind::PdmLock | Kind::PixiLock);
    let added = own && group.holders.iter().any(|holder| adds(holder.kind));
    // What adds a requirement writes it into pyproject.toml itself.
    for holder in group.holders.iter().filter(|holder| !(added && holder.kind == Kind::Pyproject)) {
        if let Some(line) = line(holder, group.package.ecosystem().purl_type(), &name, &version, own) {
            let command = Command { document: holder.document.clone(), line };
            if !all.contains(&command) {
                all.push(command);
            }
        }
    }
    all
}

fn line(holder: &Holder, ecosystem: &str, name: &str, version: &str, own: bool) -> Option<String> {
    let at_least = format!("'{name}>={version}'");
    let exactly = format!("'{name}=={version}'");
    if ecosystem == "npm" {
        return Some(format!("npm install '{name}@^{version}'"));
    }
    let conda = ecosystem == crate::inventory::CONDA;
    Some(match holder.kind {
        Kind::UvLock if own => format!("uv add {at_least}"),
        Kind::UvLock => format!("uv lock --upgrade-package {exactly} && uv sync"),
        Kind::PoetryLock if own => format!("poetry add '{name}@>={version}'"),
        Kind::PoetryLock => format!("poetry update {name}"),
        Kind::PdmLock if own => format!("pdm add {at_least}"),
        Kind::PdmLock => format!("pdm update {name}"),
        Kind::PipfileLock => format!("pipenv upgrade {at_least}"),
        Kind::PixiLock if own && !conda => format!("pixi add --pypi {at_least}"),
        Kind::PixiLock => format!("pixi update {name}"),
        Kind::CondaLock => format!("conda-lock lock --update {name}"),
        Kind::CondaEnvironment if conda => format!("conda install -c conda-forge {at_least}"),
        // Who compiled the file knows who brings the package in; a hand-written one is rewritten.
        Kind::Requirements if holder.path.len() > 1 => {
            format!("pip-compile --upgrade-package {exactly} (or: uv pip compile)")
        }
        Kind::Requirements | Kind::Pyproject => "bastide audit --fix".to_owned(),
        Kind::Installed | Kind::CondaEnvironment => format!("python -m pip install --upgrade {at_least}"),
        Kind::Wheel
        | Kind::Pylock
        | Kind::CycloneDx
        | Kind::CycloneDxXml
        | Kind::Spdx
        | Kind::SpdxTagValue => return None,
    })
}
