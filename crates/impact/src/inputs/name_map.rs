//! Which PyPI package a conda package is made from, as somebody wrote it down.
//!
//! The file is a JSON object from conda names to PyPI names, to lists of them, or to null where there is none: the form in
//! which prefix.dev publishes its mapping for conda-forge (`compressed_mapping.json` of the repository `parselmouth`).

use std::collections::HashMap;

use bastide_model::{package::Package, version::Version};

use super::{
    draft::pypi_package,
    tree::{self, Syntax, Value},
};
use crate::inventory::{Inventory, NoVersion};

/// A map of names. The default knows none.
#[derive(Debug, Clone, Default)]
pub struct NameMap(HashMap<String, Package>);

/// A file that is no map of names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}: {reason}; write a JSON object such as {{\"pytorch\": \"torch\", \"libgcc\": null}}")]
pub struct NameMapError {
    /// The file's name as given.
    pub document: String,
    /// What is wrong with it.
    pub reason: String,
}

impl NameMap {
    /// Reads a map.
    pub fn read(document: &str, bytes: &[u8]) -> Result<Self, NameMapError> {
        let refuse = |reason: String| NameMapError { document: document.to_owned(), reason };
        let tree = tree::parse(bytes, Syntax::Json).map_err(refuse)?;
        if !tree.is_table() {
            return Err(refuse("it is no object".to_owned()));
        }
        let mut map = HashMap::new();
        for (conda, node) in tree.entries() {
            let names: Vec<&str> = match &node.value {
                Value::Null => continue,
                Value::Text(name) => vec![name],
                Value::List(items) => items.iter().filter_map(tree::Node::text).collect(),
                _ => {
                    return Err(refuse(format!(
                        "line {}: the name of a package is a text or null",
                        node.line
                    )));
                }
            };
            // The first is the main one; the others are parts that are published beside it.
            if let Some(package) = names.first().copied().and_then(pypi_package) {
                map.insert(conda.to_ascii_lowercase(), package);
            }
        }
        Ok(Self(map))
    }

    /// How many conda packages it names a PyPI package for.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the conda packages of an inventory their PyPI names where the document itself told none.
    pub fn apply(&self, inventory: &mut Inventory) {
        for component in inventory.components.iter_mut().filter(|one| one.is_conda() && one.pypi.is_none()) {
            if let Some(package) = self.0.get(component.package.name()) {
                if let Ok(version) = &component.version {
                    component.version = Version::parse(package.ecosystem(), version.as_str())
                        .map_err(|error| NoVersion::Invalid(error.to_string()));
                }
                component.pypi = Some(package.clone());
            }
        }
    }
}
