//! The acceptance table: every rule that the project promises, with the tests that prove it.
//!
//! `docs/acceptance.toml` names the rules; tests name the rules that they prove in their doc comments; this module
//! joins the two into `docs/acceptance.md` and fails where they contradict.

mod scan;
mod table;

use std::fs;

use crate::workspace::{expect_none, root, text};

const RULES: &str = "docs/acceptance.toml";
const TABLE: &str = "docs/acceptance.md";
const REGENERATE: &str = "BASTIDE_BLESS=1 cargo test -p bastide-tidy acceptance";

/// Whether the run was asked to write the table instead of comparing it.
pub(crate) fn blessing() -> bool {
    std::env::var_os("BASTIDE_BLESS").is_some_and(|value| value == "1")
}

#[test]
fn every_rule_is_proved_or_open_and_the_table_is_fresh() {
    let scanned = scan::workspace();
    let written = fs::read_to_string(root().join(RULES)).unwrap();
    let rules = if blessing() {
        let moved = table::with_overtaken_reasons_moved(&written, &scanned.proofs);
        fs::write(root().join(RULES), &moved).unwrap();
        table::read(&moved)
    } else {
        table::read(&written)
    };
    let mut complaints = scanned.complaints.clone();
    complaints.extend(table::contradictions(&rules, &scanned.proofs));
    expect_none(
        &complaints,
        &format!(
            "a rule is proved by tests whose doc comment says `/// Proves: J04.`, or open in {RULES} with what it needs, or \
             partly proved with what the rest needs. {REGENERATE} turns `open` into `partly` where a test claims the rule; \
             take that line out when tests prove the whole of it."
        ),
    );
    let fresh = table::render(&rules, &scanned.proofs);
    println!("{}", table::summary(&rules, &scanned.proofs));
    if blessing() {
        fs::write(root().join(TABLE), &fresh).unwrap();
    }
    let checked_in = fs::read_to_string(root().join(TABLE)).unwrap_or_default();
    assert!(checked_in == fresh, "{TABLE} is stale.\n\nWhat to do: {REGENERATE}\n");
}

/// The README may boast only of what tests prove: a row that says `works` names rules that are wholly proved, a row
/// that says `in part` at least one that a test claims. Outside of rows it names none.
#[test]
fn the_readme_boasts_of_nothing_that_no_test_proves() {
    let proofs = scan::workspace().proofs;
    let rules = table::read(&text(RULES).unwrap());
    let readme = text("README.md").unwrap();
    let mut complaints = Vec::new();
    for line in readme.lines() {
        let ids = scan::rule_ids(line);
        let unproved: Vec<&String> = ids.iter().filter(|id| !table::is_proved(id, &rules, &proofs)).collect();
        let honest = if line.ends_with("| in part |") {
            ids.iter().any(|id| proofs.contains_key(id))
        } else {
            line.ends_with("| to come |") || unproved.is_empty()
        };
        if !honest {
            complaints.push(format!("{line}\n    not proved: {unproved:?}"));
        }
    }
    let missing = rules.keys().filter(|id| !scan::rule_ids(&readme).contains(id));
    complaints.extend(missing.map(|id| format!("{id}: in no row of the table")));
    expect_none(
        &complaints,
        "let the row of README.md say `in part` or `to come` until tests prove its rules, and give each rule a row.",
    );
}
