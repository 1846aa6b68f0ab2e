//! PDM's `pdm.lock` (lock version 4): <https://pdm-project.org/en/latest/usage/lockfile/>.
//!
//! A package with extras stands a second time; both are one component. Roots stand in `pyproject.toml`.

use std::collections::HashMap;

use super::{
    draft::{Draft, pypi_package},
    tree::Node,
    web::Web,
};
use crate::{
    inputs::wanted::{Wanted, wanted},
    inventory::Scope,
};

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    let mut web = Web::default();
    let mut numbers = Vec::new();
    let mut seen: HashMap<(String, Option<&str>), usize> = HashMap::new();
    for package in tree.items("package") {
        let name = package.text_of("name").unwrap_or_default();
        let version = package.text_of("version");
        let Some(mut component) = draft.pypi(package.line, name, version) else { continue };
        component.scope = scope(package);
        let key = (component.package.name().to_owned(), version);
        let number = *seen.entry(key).or_insert_with(|| web.add(component));
        numbers.push((package, number));
    }
    for (package, number) in numbers {
        let by = package.text_of("name").unwrap_or_default();
        for text in package.texts_of("dependencies") {
            let Ok(Wanted { name, specifiers, marked, .. }) = wanted(text) else { continue };
            let Some(needed) = pypi_package(&name) else { continue };
            for to in web.find(needed.name(), None) {
                web.edge(number, to);
            }
            if !marked {
                draft.constrain(package.line, Some(needed), &specifiers, Some(by));
            }
        }
    }
    web.settle(draft);
}

/// `default` is the program itself; other groups are extras or for development, which the lock does not tell apart.
fn scope(package: &Node) -> Scope {
    let groups: Vec<&str> = package.texts_of("groups").collect();
    if groups.is_empty() || groups.contains(&"default") { Scope::Runtime } else { Scope::Dev }
}
