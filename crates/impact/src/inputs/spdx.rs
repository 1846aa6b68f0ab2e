//! SPDX 2.2 and 2.3, JSON: <https://spdx.github.io/spdx-spec/v2.3/>.
//!
//! A package is matched by the package URL among its external references (Annex F.3.5). What is needed by whom stands in
//! relationships, written in either direction.

use std::collections::{HashMap, HashSet};

use super::{
    draft::{Draft, MAX_COMPONENTS, conda_version, shown, version_of},
    purl,
    tree::Node,
    web::Web,
};
use crate::inventory::Scope;
use bastide_model::package::Ecosystem;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    let mut document = Document::default();
    version(1, tree.text_of("spdxVersion").unwrap_or_default(), draft);
    for id in tree.texts_of("documentDescribes") {
        document.described(id);
    }
    for package in tree.items("packages") {
        let purl = package.items("externalRefs").iter().find_map(|reference| {
            (reference.text_of("referenceType") == Some("purl"))
                .then(|| reference.text_of("referenceLocator"))?
        });
        document.package(Entry {
            line: package.line,
            id: package.text_of("SPDXID").unwrap_or_default().to_owned(),
            name: package.text_of("name").unwrap_or_default().to_owned(),
            version: package.text_of("versionInfo").map(str::to_owned),
            purl: purl.map(str::to_owned),
            purpose: package.text_of("primaryPackagePurpose").map(str::to_owned),
        });
    }
    for relationship in tree.items("relationships") {
        let part = |key| relationship.text_of(key).unwrap_or_default();
        document.relationship(part("spdxElementId"), part("relationshipType"), part("relatedSpdxElement"));
    }
    document.finish(draft);
}

/// Says so where a document is of no version that is known here.
pub(super) fn version(line: u32, version: &str, draft: &mut Draft) {
    if !["SPDX-2.2", "SPDX-2.3"].contains(&version) {
        let known = "SPDX-2.2 and SPDX-2.3 are known; it is read as SPDX-2.3";
        draft.unread(line, &format!("version {}", shown(version)), known);
    }
}

/// The most relationships that are followed.
const MAX_EDGES: usize = 1_000_000;

/// A package of a document.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) line: u32,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) purl: Option<String>,
    pub(super) purpose: Option<String>,
}

/// A document of either syntax, before its relationships are followed.
#[derive(Default)]
pub(super) struct Document {
    entries: Vec<Entry>,
    described: Vec<String>,
    edges: Vec<(String, Scope, String)>,
    full: bool,
}

impl Document {
    pub(super) fn described(&mut self, id: &str) {
        self.described.push(id.to_owned());
    }

    pub(super) fn package(&mut self, entry: Entry) {
        if self.entries.len() >= MAX_COMPONENTS {
            self.full = true;
            return;
        }
        self.entries.push(entry);
    }

    /// Of the 45 kinds of relationships those that say that something is needed (section 11.1).
    pub(super) fn relationship(&mut self, left: &str, kind: &str, right: &str) {
        let (from, scope, to) = match kind {
            "DESCRIBES" => return self.described(right),
            "DESCRIBED_BY" => return self.described(left),
            "DEPENDS_ON" | "CONTAINS" | "DYNAMIC_LINK" | "STATIC_LINK" | "HAS_PREREQUISITE" => {
                (left, Scope::Runtime, right)
            }
            "DEPENDENCY_OF" | "CONTAINED_BY" | "RUNTIME_DEPENDENCY_OF" | "PREREQUISITE_FOR" => {
                (right, Scope::Runtime, left)
            }
            "OPTIONAL_DEPENDENCY_OF" | "OPTIONAL_COMPONENT_OF" | "PROVIDED_DEPENDENCY_OF" => {
                (right, Scope::Extra, left)
            }
            "DEV_DEPENDENCY_OF" | "DEV_TOOL_OF" | "TEST_DEPENDENCY_OF" | "TEST_TOOL_OF" | "TEST_OF" => {
                (right, Scope::Dev, left)
            }
            "BUILD_DEPENDENCY_OF" | "BUILD_TOOL_OF" => (right, Scope::Build, left),
            _ => return,
        };
        if self.edges.len() >= MAX_EDGES {
            self.full = true;
            return;
        }
        self.edges.push((from.to_owned(), scope, to.to_owned()));
    }

    pub(super) fn finish(self, draft: &mut Draft) {
        let mut web = Web::default();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut roots: HashMap<&str, &str> = HashMap::new();
        let described: HashSet<&str> = self.described.iter().map(String::as_str).collect();
        let needing: HashSet<&str> = self.edges.iter().map(|(from, _, _)| from.as_str()).collect();
        for entry in &self.entries {
            if described.contains(&*entry.id) && needing.contains(&*entry.id) {
                draft.root(&entry.name);
                roots.insert(&entry.id, &entry.name);
                continue;
            }
            let Some(text) = &entry.purl else {
                let kind = entry.purpose.as_deref().unwrap_or("LIBRARY");
                if ["LIBRARY", "APPLICATION", "FRAMEWORK", "INSTALL"].contains(&kind) {
                    draft.unread(
                        entry.line,
                        &entry.name,
                        "this package has no package URL, so no advisory can be looked up for it",
                    );
                }
                continue;
            };
            let Some(named) = purl::read(text) else {
                draft.unread(entry.line, text, "this is no package URL");
                continue;
            };
            let told = named.version.or_else(|| entry.version.clone());
            let version = match named.package.ecosystem() {
                Ecosystem::Other(name) if name == crate::inventory::CONDA => {
                    conda_version(None, told.as_deref())
                }
                ecosystem => version_of(ecosystem, told.as_deref()),
            };
            if let Some(component) = draft.component(entry.line, Some(named.package), &entry.name, version) {
                numbers.insert(&entry.id, web.add(component));
            }
        }
        for (from, scope, to) in &self.edges {
            let Some(to) = numbers.get(&**to) else { continue };
            match (numbers.get(&**from), roots.get(&**from)) {
                (_, Some(root)) => web.seed(*scope, root, *to),
                (Some(from), None) => web.edge(*from, *to),
                (None, None) => {}
            }
        }
        if self.full {
            draft.unread(1, "packages or relationships", "there are more than are read");
        }
        web.settle(draft);
    }
}
