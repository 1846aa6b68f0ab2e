//! `CycloneDX` 1.4 to 1.7, JSON: <https://cyclonedx.org/specification/overview/>.
//!
//! A component is matched by its package URL. One without a package URL is told as unread where it is a library, a
//! framework or an application; files, data and machine learning models have none as a rule.

use std::collections::HashMap;

use super::{
    draft::{Draft, conda_version, shown, version_of},
    purl,
    tree::Node,
    web::Web,
};
use crate::inventory::{NoVersion, Scope};

/// The versions of the format that are known here.
const VERSIONS: [&str; 4] = ["1.4", "1.5", "1.6", "1.7"];
/// Types of components that are packages.
const PACKAGES: [&str; 4] = ["library", "framework", "application", "platform"];

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    if tree.text_of("bomFormat") != Some("CycloneDX") {
        draft.unread(1, "the whole document", "it does not say `\"bomFormat\": \"CycloneDX\"`");
        return;
    }
    let version = tree.text_of("specVersion").unwrap_or_default();
    if !VERSIONS.contains(&version) {
        let known = "versions 1.4 to 1.7 of the format are known; it is read as version 1.7";
        draft.unread(1, &format!("specVersion {version}"), known);
    }
    let mut reader = Reader { web: Web::default(), by_ref: HashMap::new() };
    let root = tree.get("metadata").and_then(|metadata| metadata.get("component"));
    if let Some(name) = root.and_then(|root| root.text_of("name")) {
        draft.root(name);
    }
    // What the described thing is made of may stand inside of it.
    for part in root.map_or(&[][..], |root| root.items("components")) {
        reader.component(part, None, draft);
    }
    for component in tree.items("components") {
        reader.component(component, None, draft);
    }
    reader.edges(tree, root);
    reader.web.settle(draft);
}

struct Reader<'tree> {
    web: Web,
    by_ref: HashMap<&'tree str, usize>,
}

impl<'tree> Reader<'tree> {
    fn component(&mut self, node: &'tree Node, inside: Option<usize>, draft: &mut Draft) {
        let number = self.one(node, draft);
        if let (Some(outer), Some(inner)) = (inside, number) {
            self.web.edge(outer, inner);
        }
        // The depth of the tree is bounded, so this is too.
        for part in node.items("components") {
            self.component(part, number.or(inside), draft);
        }
    }

    fn one(&mut self, node: &'tree Node, draft: &mut Draft) -> Option<usize> {
        let name = node.text_of("name").unwrap_or_default();
        let Some(text) = node.text_of("purl") else {
            let kind = node.text_of("type").unwrap_or("library");
            if PACKAGES.contains(&kind) {
                draft.unread(
                    node.line,
                    name,
                    "this component has no package URL, so no advisory can be looked up for it",
                );
            }
            return None;
        };
        let Some(named) = purl::read(text) else {
            draft.unread(node.line, &shown(text), "this is no package URL");
            return None;
        };
        let told = named.version.or_else(|| node.text_of("version").map(str::to_owned));
        let version = match named.package.ecosystem() {
            bastide_model::package::Ecosystem::Other(name) if name == crate::inventory::CONDA => {
                conda_version(None, told.as_deref())
            }
            ecosystem => version_of(ecosystem, told.as_deref()),
        };
        let version = match (version, node.text_of("versionRange")) {
            (Err(NoVersion::Absent), Some(range)) => Err(NoVersion::Range(shown(range))),
            (version, _) => version,
        };
        let mut component = draft.component(node.line, Some(named.package), name, version)?;
        component.scope = match node.text_of("scope") {
            Some("optional") => Scope::Extra,
            // "Excluded" is needed to build or test, and not to run (1.4, `component.scope`).
            Some("excluded") => Scope::Dev,
            _ => Scope::Runtime,
        };
        let number = self.web.add(component);
        if let Some(reference) = node.text_of("bom-ref") {
            self.by_ref.insert(reference, number);
        }
        Some(number)
    }

    fn edges(&mut self, tree: &'tree Node, root: Option<&'tree Node>) {
        let root_ref = root.and_then(|root| root.text_of("bom-ref"));
        let root_name = root.and_then(|root| root.text_of("name")).unwrap_or_default();
        for dependency in tree.items("dependencies") {
            let Some(from) = dependency.text_of("ref") else { continue };
            for to in dependency.texts_of("dependsOn") {
                let Some(to) = self.by_ref.get(to).copied() else { continue };
                match self.by_ref.get(from) {
                    Some(from) => self.web.edge(*from, to),
                    None if Some(from) == root_ref => {
                        let scope = self.web.scope(to);
                        self.web.seed(scope, root_name, to);
                    }
                    None => {}
                }
            }
        }
    }
}
