//! conda-lock's `conda-lock.yml`, version 1: <https://conda.github.io/conda-lock/>.
//!
//! Each package stands once for each platform; what is the same on several is one component.

use std::collections::HashMap;

use bastide_model::package::Ecosystem;

use super::{
    draft::{Draft, conda_package, conda_version, pypi_package, version_of},
    tree::Node,
    web::Web,
};
use crate::inventory::Scope;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    let version = tree.word_of("version").unwrap_or_default();
    if version != "1" {
        draft.unread(
            1,
            &format!("version: {version}"),
            "this version of the format is not known; it is read as version 1",
        );
    }
    let mut web = Web::default();
    let mut seen: HashMap<(String, bool, Option<String>), usize> = HashMap::new();
    let mut numbers = Vec::new();
    for package in tree.items("package") {
        let name = package.text_of("name").unwrap_or_default();
        let pip = package.text_of("manager") == Some("pip");
        let version = package.word_of("version");
        let key = (name.to_owned(), pip, version.clone());
        let number = if let Some(number) = seen.get(&key) {
            *number
        } else {
            let component = if pip {
                let read = version_of(&Ecosystem::PyPi, version.as_deref());
                draft.component(package.line, pypi_package(name), name, read)
            } else {
                let read = conda_version(None, version.as_deref());
                draft.component(package.line, conda_package(name), name, read)
            };
            let Some(mut component) = component else { continue };
            component.scope = scope(package);
            *seen.entry(key).or_insert(web.add(component))
        };
        numbers.push((package, number));
    }
    for (package, number) in numbers {
        for (name, _) in package.get("dependencies").map_or(&[][..], Node::entries) {
            for to in web.find(name, None) {
                web.edge(number, to);
            }
        }
    }
    web.settle(draft);
}

fn scope(package: &Node) -> Scope {
    match package.text_of("category") {
        None | Some("main") => Scope::Runtime,
        Some(_) => Scope::Dev,
    }
}
