//! Poetry's `poetry.lock` (lock versions 1.1 to 2.1).
//!
//! Roots stand in `pyproject.toml`, not here. What packages ask of each other is written in Poetry's own constraint
//! language; it is translated to PEP 440.

use super::{
    draft::{Draft, pypi_package},
    poetry_constraint,
    tree::{Node, Value},
    web::Web,
};
use crate::inventory::Scope;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    let mut web = Web::default();
    let mut numbers = Vec::new();
    for package in tree.items("package") {
        let name = package.text_of("name").unwrap_or_default();
        let Some(mut component) = draft.pypi(package.line, name, package.text_of("version")) else {
            continue;
        };
        component.scope = scope(package);
        numbers.push((package, web.add(component)));
    }
    for (package, number) in numbers {
        let by = package.text_of("name").unwrap_or_default();
        for (name, wanted) in package.get("dependencies").map_or(&[][..], Node::entries) {
            let Some(needed) = pypi_package(name) else { continue };
            for to in web.find(needed.name(), None) {
                web.edge(number, to);
            }
            if let Some(specifiers) = specifiers(wanted) {
                draft.constrain(wanted.line, Some(needed.clone()), &specifiers, Some(by));
            }
        }
    }
    web.settle(draft);
}

/// Groups since lock version 2.1, a category before 2.0, `optional` for extras.
fn scope(package: &Node) -> Scope {
    let groups: Vec<&str> = package.texts_of("groups").collect();
    let dev = if groups.is_empty() {
        package.text_of("category") == Some("dev")
    } else {
        !groups.contains(&"main")
    };
    match (dev, package.is_true("optional")) {
        (true, _) => Scope::Dev,
        (false, true) => Scope::Extra,
        (false, false) => Scope::Runtime,
    }
}

/// The constraint of one entry, where it is one that holds for every environment.
fn specifiers(wanted: &Node) -> Option<String> {
    let text = match &wanted.value {
        Value::Text(text) => text,
        // With a marker it holds in some environments only.
        Value::Table(_) if wanted.get("markers").is_none() => wanted.text_of("version")?,
        _ => return None,
    };
    poetry_constraint::translate(text)
}
