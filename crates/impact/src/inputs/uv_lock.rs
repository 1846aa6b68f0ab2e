//! uv's `uv.lock` (version 1): <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>.
//!
//! Every package stands with its version and the packages it needs; members of the workspace are packages whose source is
//! `virtual` or `editable`. They are the roots, and their metadata hold the constraints that people wrote.

use super::{
    draft::{Draft, pypi_package},
    tree::Node,
    web::Web,
};
use crate::inventory::Scope;

/// The newest version of the format that is known here.
const VERSION: i64 = 1;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    if let Some(version) = tree.word_of("version")
        && version != VERSION.to_string()
    {
        draft.unread(
            1,
            &format!("version = {version}"),
            "this version of the format is not known; it is read as version 1",
        );
    }
    let members: Vec<&str> =
        tree.get("manifest").map(|manifest| manifest.texts_of("members").collect()).unwrap_or_default();
    let mut web = Web::default();
    let mut numbers = Vec::new();
    for package in tree.items("package") {
        let name = package.text_of("name").unwrap_or_default();
        let root = is_root(package, name, &members);
        let number = if root {
            draft.root(name);
            None
        } else {
            draft.pypi(package.line, name, package.text_of("version")).map(|component| web.add(component))
        };
        numbers.push((package, name, root, number));
    }
    for (package, name, root, number) in &numbers {
        if *root {
            seeds(package, name, &mut web);
            constraints(package, draft);
        } else if let Some(number) = number {
            for needed in all_dependencies(package) {
                for to in targets(needed, &web) {
                    web.edge(*number, to);
                }
            }
        }
    }
    let manifest = tree.get("manifest");
    for list in ["requirements", "constraints", "overrides"] {
        for entry in manifest.map_or(&[][..], |manifest| manifest.items(list)) {
            constraint(entry, draft);
            if list == "requirements" {
                for to in targets(entry, &web) {
                    web.seed(Scope::Runtime, "", to);
                }
            }
        }
    }
    web.settle(draft);
}

fn is_root(package: &Node, name: &str, members: &[&str]) -> bool {
    let source = package.get("source");
    let local = |key: &str| source.is_some_and(|source| source.get(key).is_some());
    // A workspace with one member lists none.
    local("virtual") || members.contains(&name) || (local("editable") && members.is_empty())
}

fn seeds(package: &Node, root: &str, web: &mut Web) {
    let mut seed = |scope, entries: &[Node]| {
        for entry in entries {
            for to in targets(entry, web) {
                web.seed(scope, root, to);
            }
        }
    };
    seed(Scope::Runtime, package.items("dependencies"));
    for (key, scope) in [("optional-dependencies", Scope::Extra), ("dev-dependencies", Scope::Dev)] {
        for (_, entries) in package.get(key).map_or(&[][..], Node::entries) {
            seed(scope, entries.list());
        }
    }
}

fn all_dependencies(package: &Node) -> impl Iterator<Item = &Node> {
    let extras = package.get("optional-dependencies").map_or(&[][..], Node::entries);
    package.items("dependencies").iter().chain(extras.iter().flat_map(|(_, entries)| entries.list()))
}

fn targets(entry: &Node, web: &Web) -> Vec<usize> {
    let Some(package) = entry.text_of("name").and_then(pypi_package) else { return Vec::new() };
    web.find(package.name(), entry.text_of("version"))
}

fn constraints(package: &Node, draft: &mut Draft) {
    let Some(metadata) = package.get("metadata") else { return };
    for entry in metadata.items("requires-dist") {
        constraint(entry, draft);
    }
    for (_, entries) in metadata.get("requires-dev").map_or(&[][..], Node::entries) {
        for entry in entries.list() {
            constraint(entry, draft);
        }
    }
}

fn constraint(entry: &Node, draft: &mut Draft) {
    if let (Some(name), Some(specifier)) = (entry.text_of("name"), entry.text_of("specifier")) {
        draft.constrain(entry.line, pypi_package(name), specifier, None);
    }
}
