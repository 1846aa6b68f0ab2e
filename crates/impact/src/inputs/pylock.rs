//! `pylock.toml` (PEP 751): <https://packaging.python.org/en/latest/specifications/pylock-toml/>.

use super::{
    draft::{Draft, pypi_package},
    tree::Node,
    web::Web,
};
use crate::inventory::Scope;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    let version = tree.text_of("lock-version").unwrap_or_default();
    if version.split('.').next() != Some("1") {
        draft.unread(
            1,
            &format!("lock-version = {version}"),
            "this version of the format is not known; it is read as version 1.0",
        );
    }
    let mut web = Web::default();
    let mut numbers = Vec::new();
    for package in tree.items("packages") {
        let name = package.text_of("name").unwrap_or_default();
        let local = package.get("directory").is_some();
        if local && package.text_of("version").is_none() {
            // The project itself, or a directory beside it: no index knows its version.
            draft.root(name);
            continue;
        }
        let Some(mut component) = draft.pypi(package.line, name, package.text_of("version")) else {
            continue;
        };
        component.scope = scope(package.text_of("marker").unwrap_or_default());
        numbers.push((package, web.add(component)));
    }
    for (package, number) in numbers {
        for needed in package.items("dependencies") {
            let Some(name) = needed.text_of("name").and_then(pypi_package) else { continue };
            for to in web.find(name.name(), needed.text_of("version")) {
                web.edge(number, to);
            }
        }
    }
    web.settle(draft);
}

/// `'test' in dependency_groups`, `'yaml' in extras`: variables that exist in this format only.
fn scope(marker: &str) -> Scope {
    match () {
        () if marker.contains("dependency_groups") => Scope::Dev,
        () if marker.contains("extras") => Scope::Extra,
        () => Scope::Runtime,
    }
}
