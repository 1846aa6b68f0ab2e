//! Which packages are held where, and which advisories are one vulnerability.

use std::collections::HashMap;

use bastide_model::{
    package::Package,
    version::{Verdict, Version},
};

use super::{Holder, Issue, Standing};
use crate::{inventory::Inventory, matching::Match};

/// A package in one version in one directory.
pub(super) struct Group {
    pub(super) package: Package,
    pub(super) advised_as: Package,
    pub(super) version: Version,
    pub(super) directory: String,
    pub(super) holders: Vec<Holder>,
}

/// The directory of a document; what stands in one directory is one project.
pub(super) fn directory(document: &str) -> &str {
    document.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Everything that can be looked up, in the order in which it stands.
pub(super) fn grouped(inventories: &[Inventory]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut numbers: HashMap<(&str, &Package, String), usize> = HashMap::new();
    for inventory in inventories {
        let directory = directory(&inventory.document);
        for component in &inventory.components {
            let (Ok(version), Some(advised_as)) = (&component.version, component.advised_as()) else {
                continue;
            };
            let holder = Holder {
                document: inventory.document.clone(),
                kind: inventory.kind,
                place: component.place.clone(),
                path: component.path.clone(),
                scope: component.scope,
            };
            let number =
                *numbers.entry((directory, &component.package, version.normalised())).or_insert_with(|| {
                    groups.push(Group {
                        package: component.package.clone(),
                        advised_as: advised_as.clone(),
                        version: version.clone(),
                        directory: directory.to_owned(),
                        holders: Vec::new(),
                    });
                    groups.len() - 1
                });
            // A file that several others include is one place.
            if !groups[number].holders.iter().any(|one| one.place == holder.place) {
                groups[number].holders.push(holder);
            }
        }
    }
    groups
}

/// The vulnerabilities that these matches are. The worst first.
pub(super) fn issues(found: Vec<Match>, version: &Version) -> Vec<Issue> {
    let mut issues: Vec<Issue> = joined(found).into_iter().map(|group| issue(group, version)).collect();
    issues.sort_by(|left, right| right.level().cmp(&left.level()).then_with(|| left.id.cmp(&right.id)));
    issues
}

/// Records that name each other, or a third, are one vulnerability.
pub(super) fn joined(found: Vec<Match>) -> Vec<Vec<Match>> {
    let mut groups: Vec<Vec<Match>> = Vec::new();
    for record in found {
        let shares = |other: &Match| names(other).any(|name| names(&record).any(|own| own == name));
        let (same, other): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.iter().any(shares));
        groups = other;
        let mut joined: Vec<Match> = same.into_iter().flatten().collect();
        joined.push(record);
        groups.push(joined);
    }
    groups
}

fn names(record: &Match) -> impl Iterator<Item = &str> {
    std::iter::once(record.id.as_str()).chain(record.aliases.iter().map(String::as_str))
}

fn issue(mut group: Vec<Match>, version: &Version) -> Issue {
    group.sort_by_key(|record| (rank(&record.id), record.id.clone()));
    let id = group[0].id.clone();
    let mut aliases: Vec<String> = group.iter().flat_map(|record| names(record).map(str::to_owned)).collect();
    aliases.sort_by_key(|name| (rank(name), name.clone()));
    aliases.dedup();
    aliases.retain(|name| *name != id);
    let summary = group.iter().map(|record| record.summary.trim()).find(|summary| !summary.is_empty());
    let score = group
        .iter()
        .filter_map(|record| record.score)
        .fold(None, |highest: Option<f32>, score| Some(highest.map_or(score, |highest| highest.max(score))));
    let mut fixed: Vec<Version> = Vec::new();
    for candidate in group.iter().flat_map(|record| &record.fixed) {
        if candidate.compare(version).is_some_and(std::cmp::Ordering::is_gt) && !fixed.contains(candidate) {
            fixed.push(candidate.clone());
        }
    }
    fixed.sort_by(|left, right| left.compare(right).unwrap_or(std::cmp::Ordering::Equal));
    Issue {
        id,
        aliases,
        summary: summary.unwrap_or_default().to_owned(),
        score,
        verdict: Verdict::any(group.iter().map(|record| record.verdict)),
        fixed,
        standing: Standing::Stands,
        ended: None,
    }
}

/// The database of the ecosystem speaks before those that repeat it.
fn rank(id: &str) -> u8 {
    match id.split('-').next().unwrap_or_default() {
        "MAL" => 0,
        "PYSEC" => 1,
        "GHSA" => 2,
        "CVE" => 4,
        _ => 3,
    }
}
