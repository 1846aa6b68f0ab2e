//! The version to upgrade to, whether the constraints of the environment let it in, and what to type.

use std::cmp::Ordering;

use bastide_model::{
    specifier::Specifiers,
    version::{Verdict, Version},
};

use super::{
    Command, Issue, command,
    held::{self, Group},
};
use crate::{
    inputs::Kind,
    inventory::{Constraint, Inventory},
    matching::{Advisories, Match},
};

/// The most versions that are tried.
const MAX_TRIED: usize = 64;

/// What to do about a held package.
#[derive(Debug, Clone, Default)]
pub struct Upgrade {
    /// The version to upgrade to; nothing where no version fixes any of its issues.
    pub to: Option<Version>,
    /// The ids that this version does not fix.
    pub left: Vec<String>,
    /// Whether the constraints of the environment let it in.
    pub admits: Admits,
    /// What to type, for each document that holds the package.
    pub commands: Vec<Command>,
}

/// Whether constraints let a version in.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Admits {
    /// No document says anything about it.
    #[default]
    Unstated,
    /// All that are stated let it in.
    Yes,
    /// These keep it out.
    No(Vec<Constraint>),
    /// These could not be read, and none keeps it out.
    Unknown(Vec<Constraint>),
}

/// Finds the upgrade of a group.
pub(super) fn find<A: Advisories>(
    group: &Group,
    issues: &[Issue],
    inventories: &[Inventory],
    advisories: &A,
) -> Result<Upgrade, A::Error> {
    let candidates = candidates(issues, &group.version);
    let constraints = constraints(group, inventories);
    // The fewest issues that any candidate leaves, and the candidates that leave so few, ascending.
    let mut best: Vec<(Version, Vec<String>)> = Vec::new();
    for candidate in candidates.into_iter().take(MAX_TRIED) {
        let left = left(advisories.matches(&group.advised_as, &candidate)?);
        match best.first().map(|(_, fewest)| left.len().cmp(&fewest.len())) {
            None | Some(Ordering::Less) => best = vec![(candidate, left)],
            Some(Ordering::Equal) => best.push((candidate, left)),
            Some(Ordering::Greater) => {}
        }
        // Nothing is left, and nothing keeps it out: a later one is no better.
        if let Some((last, left)) = best.last()
            && left.is_empty()
            && !matches!(admits(&constraints, last), Admits::No(_))
        {
            break;
        }
    }
    let admitted =
        best.iter().find(|(candidate, _)| !matches!(admits(&constraints, candidate), Admits::No(_)));
    let Some((to, left)) = admitted.or(best.first()).cloned() else { return Ok(Upgrade::default()) };
    let admits = admits(&constraints, &to);
    let commands = command::commands(group, &to, &admits);
    Ok(Upgrade { to: Some(to), left, admits, commands })
}

/// Versions that may be the answer, ascending: from the one on that can fix every issue that has a fix.
fn candidates(issues: &[Issue], version: &Version) -> Vec<Version> {
    let order = |left: &Version, right: &Version| left.compare(right).unwrap_or(Ordering::Equal);
    let mut all: Vec<Version> = issues.iter().flat_map(|issue| issue.fixed.iter().cloned()).collect();
    all.sort_by(order);
    all.dedup_by(|left, right| left == right);
    let stable = |version: &Version| version.is_prerelease() != Some(true);
    if stable(version) && all.iter().any(stable) {
        all.retain(stable);
    }
    let least: Option<&Version> = issues
        .iter()
        .filter_map(|issue| issue.fixed.iter().find(|fixed| all.contains(fixed)))
        .max_by(|left, right| order(left, right));
    let from = least.and_then(|least| all.iter().position(|candidate| candidate == least)).unwrap_or(0);
    all.split_off(from)
}

/// The issues that a version still has, by one name each.
fn left(found: Vec<Match>) -> Vec<String> {
    let affected = found.into_iter().filter(|one| one.verdict == Verdict::Yes).collect();
    let mut ids: Vec<String> = held::joined(affected)
        .into_iter()
        .filter_map(|group| group.into_iter().map(|one| one.id).min())
        .collect();
    ids.sort();
    ids
}

/// The constraints of the group's directory that are in force: one that keeps even the held version out is for another
/// environment. A lockfile repeats what its author wrote elsewhere; the place where it was written is told.
fn constraints(group: &Group, inventories: &[Inventory]) -> Vec<(Constraint, Option<Specifiers>)> {
    let mut all: Vec<(Constraint, Option<Specifiers>)> = Vec::new();
    for inventory in inventories.iter().filter(|one| held::directory(&one.document) == group.directory) {
        let written = matches!(inventory.kind, Kind::Pyproject | Kind::Requirements | Kind::CondaEnvironment);
        let of_package = |one: &&Constraint| one.package == group.package || one.package == group.advised_as;
        for constraint in inventory.constraints.iter().filter(of_package) {
            let read = Specifiers::parse(&constraint.specifiers).ok();
            let in_force = read.as_ref().is_none_or(|specifiers| specifiers.contains(&group.version));
            let same = |(other, known): &&mut (Constraint, Option<Specifiers>)| {
                other.by == constraint.by
                    && (other.specifiers == constraint.specifiers || (*known == read && read.is_some()))
            };
            match all.iter_mut().find(same) {
                Some(told) if written => *told = (constraint.clone(), read),
                Some(_) => {}
                None if in_force => all.push((constraint.clone(), read)),
                None => {}
            }
        }
    }
    all
}

fn admits(constraints: &[(Constraint, Option<Specifiers>)], version: &Version) -> Admits {
    let keeping: Vec<Constraint> = constraints
        .iter()
        .filter(|(_, read)| read.as_ref().is_some_and(|specifiers| !specifiers.contains(version)))
        .map(|(constraint, _)| constraint.clone())
        .collect();
    let unread: Vec<Constraint> = constraints
        .iter()
        .filter(|(_, read)| read.is_none())
        .map(|(constraint, _)| constraint.clone())
        .collect();
    match (constraints.is_empty(), keeping.is_empty(), unread.is_empty()) {
        (true, _, _) => Admits::Unstated,
        (false, false, _) => Admits::No(keeping),
        (false, true, false) => Admits::Unknown(unread),
        (false, true, true) => Admits::Yes,
    }
}
