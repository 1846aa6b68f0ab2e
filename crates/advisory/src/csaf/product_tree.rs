//! The product tree: what is affected, as branches with products.

use bastide_model::{package::Ecosystem, version::Verdict, version::Version};
use serde_json::{Value, json};

use super::{REPO_NAMESPACE, REPOSITORIES, vers};
use crate::{
    Advisory,
    osv::is_uri,
    record::{Affected, EventKind, Range, RangeKind},
};

/// The product tree with the ids that the vulnerabilities refer to.
#[derive(Debug, Default)]
pub(super) struct ProductTree {
    /// The branches of the document.
    pub(super) branches: Vec<Value>,
    /// Products that are affected.
    pub(super) affected: Vec<String>,
    /// Products that are fixed.
    pub(super) fixed: Vec<String>,
    /// Products of which nothing more is known.
    pub(super) unclear: Vec<String>,
    /// For each entry of the record: its name, its fixed versions, its affected products.
    pub(super) fixes: Vec<(String, Vec<String>, Vec<String>)>,
}

impl ProductTree {
    /// The tree of a record.
    pub(super) fn of(advisory: &Advisory) -> Self {
        let mut tree = Self::default();
        for (index, entry) in advisory.affected.iter().enumerate() {
            tree.add(advisory, index + 1, entry);
        }
        tree
    }

    fn add(&mut self, advisory: &Advisory, number: usize, entry: &Affected) {
        let name = entry_name(entry);
        let purl = entry.package.as_ref().and_then(|_| canonical_purl(entry));
        let mut leaves = Vec::new();
        let mut affected = Vec::new();
        for (place, range) in entry.ranges.iter().enumerate() {
            let id = format!("P{number}-R{}", place + 1);
            let helper = range_helper(range, purl.as_deref());
            let text = vers::write(range, entry.ecosystem().purl_type());
            leaves.push(leaf("product_version_range", &text, &range_name(&name, entry, range), &id, helper));
            affected.push(id);
        }
        for (place, version) in entry.versions.iter().enumerate().filter(|(_, version)| !version.is_empty()) {
            let id = format!("P{number}-V{}", place + 1);
            leaves.push(leaf(
                "product_version",
                version,
                &format!("{name} {version}"),
                &id,
                exact(purl.as_deref(), version),
            ));
            affected.push(id);
        }
        let fixed = fixed_versions(advisory, entry);
        for (place, version) in fixed.iter().enumerate() {
            let id = format!("P{number}-F{}", place + 1);
            leaves.push(leaf(
                "product_version",
                version,
                &format!("{name} {version}"),
                &id,
                exact(purl.as_deref(), version),
            ));
            self.fixed.push(id);
        }
        if affected.is_empty() {
            let id = format!("P{number}");
            let helper = purl.as_ref().map(|purl| json!({"purl": purl}));
            leaves.push(leaf(
                "product_version_range",
                "unknown versions",
                &format!("{name}, unknown versions"),
                &id,
                helper,
            ));
            self.unclear.push(id);
        }
        let family = entry.package.as_ref().map_or(REPOSITORIES, |package| &package.ecosystem);
        self.branches.push(json!({
            "category": "product_family",
            "name": family,
            "branches": [{"category": "product_name", "name": name, "branches": leaves}],
        }));
        self.fixes.push((name, fixed, affected.clone()));
        self.affected.extend(affected);
    }
}

fn leaf(category: &str, name: &str, full_name: &str, id: &str, helper: Option<Value>) -> Value {
    let mut product = json!({"name": full_name, "product_id": id});
    if let Some(helper) = helper {
        product["product_identification_helper"] = helper;
    }
    json!({"category": category, "name": name, "product": product})
}

/// The name of the package, or of the repository where there is none.
pub(crate) fn entry_name(entry: &Affected) -> String {
    let package = entry.package.as_ref().map(|package| package.name.clone());
    let repository = || entry.ranges.iter().find_map(|range| range.repo.as_deref()).map(repository_name);
    package
        .or_else(repository)
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unnamed product".to_owned())
}

/// `python/cpython` of `https://github.com/python/cpython.git`.
fn repository_name(url: &str) -> String {
    let path = url.trim_end_matches('/').trim_end_matches(".git");
    let mut parts: Vec<&str> = path.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}

/// The package URL of an entry in canonical form, without version: made from ecosystem and name where we know how, else the
/// record's own if it is a plain one.
pub(crate) fn canonical_purl(entry: &Affected) -> Option<String> {
    let package = entry.package.as_ref()?;
    match package.ecosystem() {
        Ecosystem::PyPi | Ecosystem::Npm if !package.name.trim_matches('/').is_empty() => {
            let purl = package.package().purl()?.to_string();
            is_uri(&purl).then_some(purl)
        }
        _ => {
            let purl = package.purl.as_deref()?;
            let plain = purl.strip_prefix("pkg:")?.split_once('/').is_some_and(|(kind, name)| {
                let letters = |text: &str| {
                    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
                };
                !kind.is_empty() && letters(kind) && !name.is_empty() && !name.contains(['@', '?', '#'])
            });
            (plain && is_uri(purl)).then(|| purl.to_owned())
        }
    }
}

fn exact(purl: Option<&str>, version: &str) -> Option<Value> {
    purl.map(|purl| json!({"purl": format!("{purl}@{}", vers::encode(version))}))
}

fn range_helper(range: &Range, purl: Option<&str>) -> Option<Value> {
    let mut helper = json!({});
    if let Some(purl) = purl {
        helper["purl"] = json!(purl);
    }
    if let Some(repo) = range.repo.as_deref().filter(|repo| is_uri(repo)) {
        helper["x_generic_uris"] = json!([{"namespace": REPO_NAMESPACE, "uri": repo}]);
    }
    helper.as_object().is_some_and(|fields| !fields.is_empty()).then_some(helper)
}

fn range_name(name: &str, entry: &Affected, range: &Range) -> String {
    if range.kind == RangeKind::Git {
        let fixes = range.events.iter().filter(|event| event.kind == EventKind::Fixed).count();
        let until = if fixes == 0 {
            "no fixing commit is known".to_owned()
        } else {
            format!("before {fixes} fixing commit(s)")
        };
        return format!("{name} built from commits, {until}");
    }
    let shown = range.intervals(&entry.ecosystem()).ok().filter(|intervals| !intervals.is_empty());
    let text =
        shown.map(|intervals| intervals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    format!("{name} {}", text.unwrap_or_else(|| "in a range of versions".to_owned()))
}

/// The versions that fix an entry; one that any entry of the same package calls affected is not a fix.
fn fixed_versions(advisory: &Advisory, entry: &Affected) -> Vec<String> {
    let ecosystem = entry.ecosystem();
    let same = |other: &&Affected| {
        other.package.as_ref().map(|package| (&package.ecosystem, &package.name))
            == entry.package.as_ref().map(|package| (&package.ecosystem, &package.name))
    };
    let affected = |version: &str| {
        advisory.affected.iter().filter(same).any(|other| {
            other.versions.iter().any(|listed| listed == version)
                || Version::parse(&ecosystem, version)
                    .is_ok_and(|version| other.affects(&version) == Verdict::Yes)
        })
    };
    entry
        .fixed_versions()
        .into_iter()
        .filter(|version| !version.is_empty() && !affected(version))
        .map(str::to_owned)
        .collect()
}
