//! Pipenv's `Pipfile.lock` (specification 6): <https://pipenv.pypa.io/en/latest/pipfile.html>.
//!
//! It holds no edges: each package stands for itself, under its category.

use super::{draft::Draft, tree::Node};
use crate::inventory::{NoVersion, Scope};

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    if !tree.is_table() {
        draft.unread(1, "the whole document", "it is no table of categories, as a Pipfile.lock is");
    }
    for (category, packages) in tree.entries().iter().filter(|(category, _)| category != "_meta") {
        let scope = if category == "default" { Scope::Runtime } else { Scope::Dev };
        for (name, entry) in packages.entries() {
            let pinned = entry.text_of("version").or_else(|| entry.text());
            let version = pinned.map(|text| text.trim_start_matches('=').trim());
            let Some(mut component) = draft.pypi(entry.line, name, version) else { continue };
            if let Some(text) = pinned.filter(|text| !text.starts_with("==")) {
                component.version = Err(NoVersion::Range(text.chars().take(100).collect()));
            } else if pinned.is_none() && ["git", "path", "file"].iter().any(|key| entry.get(key).is_some()) {
                component.version = Err(NoVersion::Invalid(
                    "it comes from a repository or a directory, not from an index".to_owned(),
                ));
            }
            component.scope = scope;
            draft.push(component);
        }
    }
}
