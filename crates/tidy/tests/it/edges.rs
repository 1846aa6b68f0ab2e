//! The floors: a crate may use what is below it, never what is beside or above it, but for the arrows drawn here.
//!
//! Development dependencies are exempt: a test may look at the house from any window.

use crate::workspace::{expect_none, packages};

/// The floors from the ground up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Floor {
    /// Vocabulary, rights, documents, the log.
    Ground,
    /// What the project knows, as pure functions.
    Domains,
    /// What reaches outside: databases, other systems, templates.
    Adapters,
    /// What a person can do, joined from the floors below.
    UseCases,
    /// Where people come in.
    Doors,
    /// What only tests use; nothing else may depend on it.
    Tests,
}

/// Every crate and its floor. A new crate gets a line here and a paragraph in ARCHITECTURE.md.
const FLOORS: &[(&str, Floor)] = &[
    ("bastide-model", Floor::Ground),
    ("bastide-authz", Floor::Ground),
    ("bastide-advisory", Floor::Ground),
    ("bastide-ledger", Floor::Ground),
    ("bastide-archive", Floor::Ground),
    ("bastide-desk", Floor::Domains),
    ("bastide-impact", Floor::Domains),
    ("bastide-backup", Floor::Adapters),
    ("bastide-config", Floor::Adapters),
    ("bastide-store", Floor::Adapters),
    ("bastide-pages", Floor::Adapters),
    ("bastide-connect-web", Floor::Adapters),
    ("bastide-connect-identity", Floor::Adapters),
    ("bastide-connect-feeds", Floor::Adapters),
    ("bastide-connect-mail", Floor::Adapters),
    ("bastide-usecases", Floor::UseCases),
    ("bastide-server", Floor::Doors),
    ("bastide", Floor::Doors),
    ("bastide-testkit", Floor::Tests),
    ("bastide-tidy", Floor::Tests),
    ("bastide-bench-desk", Floor::Tests),
    ("bastide-bench-impact", Floor::Tests),
];

/// Arrows between crates of one floor, each with its reason.
const ARROWS: &[(&str, &str, &str)] = &[
    ("bastide-authz", "bastide-model", "rights are about persons, projects and cases"),
    ("bastide-advisory", "bastide-model", "a record speaks of packages, versions and instants"),
    ("bastide-ledger", "bastide-model", "an event has an id, an instant and a digest"),
    ("bastide-connect-identity", "bastide-connect-web", "a provider is asked through the one way out"),
    (
        "bastide-connect-feeds",
        "bastide-connect-web",
        "a feed at an address is fetched through the one way out",
    ),
    ("bastide", "bastide-server", "`bastide serve` and `bastide demo` start the server"),
];

/// The floor of a crate of the workspace.
pub(crate) fn floor(package: &str) -> Option<Floor> {
    FLOORS.iter().find(|(name, _)| *name == package).map(|(_, floor)| *floor)
}

/// Why `from` may not depend on `to`; none if it may.
fn objection(from: &str, to: &str) -> Option<String> {
    let (Some(above), Some(below)) = (floor(from), floor(to)) else {
        return Some(format!("{from} -> {to}: one of them has no floor"));
    };
    let arrow = ARROWS.iter().any(|(user, used, _)| (*user, *used) == (from, to));
    if below == Floor::Tests {
        Some(format!("{from} -> {to}: what tests use is no dependency of the program"))
    } else if below < above || arrow {
        None
    } else {
        Some(format!("{from} ({above:?}) -> {to} ({below:?}): not below it"))
    }
}

#[test]
fn every_crate_has_a_floor_and_uses_only_what_is_below_it() {
    let mut complaints = Vec::new();
    let mut edges = 0;
    for package in packages() {
        if floor(&package.name).is_none() {
            complaints.push(format!("{} has no floor", package.name));
        }
        for dependency in &package.dependencies {
            if dependency.path.is_some() && dependency.kind.as_deref() != Some("dev") {
                edges += 1;
                complaints.extend(objection(&package.name, &dependency.name));
            }
        }
    }
    println!("{edges} edges between crates looked at");
    assert!(edges > 10, "cargo metadata named only {edges} edges; this test sees too little");
    expect_none(
        &complaints,
        "move the code to the floor where both can reach it, or join the two in a use case. A new crate gets a line in \
         FLOORS (crates/tidy/tests/it/edges.rs) and a paragraph in ARCHITECTURE.md; a new arrow beside needs a reason.",
    );
}

#[test]
fn every_arrow_and_every_floor_is_of_a_crate_that_exists() {
    let packages = packages();
    let exists = |name: &str| packages.iter().any(|package| package.name == name);
    let named =
        FLOORS.iter().map(|(name, _)| *name).chain(ARROWS.iter().flat_map(|arrow| [arrow.0, arrow.1]));
    let complaints: Vec<String> = named.filter(|name| !exists(name)).map(str::to_owned).collect();
    expect_none(&complaints, "take the line out of FLOORS or ARROWS in crates/tidy/tests/it/edges.rs.");
}

#[test]
fn the_rule_refuses_what_is_beside_above_or_for_tests() {
    assert!(objection("bastide-desk", "bastide-store").is_some(), "a domain does no I/O");
    assert!(objection("bastide-store", "bastide-pages").is_some(), "adapters do not know each other");
    assert!(objection("bastide-model", "bastide-ledger").is_some(), "the vocabulary is the lowest");
    assert!(objection("bastide-usecases", "bastide-server").is_some(), "a use case knows no door");
    assert!(objection("bastide-server", "bastide-testkit").is_some());
    assert!(objection("bastide-server", "bastide-usecases").is_none());
    assert!(objection("bastide", "bastide-server").is_none());
}
