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
fn blessing() -> bool {
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
            "a rule is proved by tests whose doc comment says `/// Proves: J04.`, or open with a reason in {RULES}, or \
             partly proved with what is missing. {REGENERATE} turns `open` into `partly` where a test claims the rule; \
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

/// The README may boast only of what tests prove wholly.
#[test]
fn every_rule_that_the_readme_names_is_proved() {
    let proofs = scan::workspace().proofs;
    let rules = table::read(&text(RULES).unwrap());
    let readme = text("README.md").unwrap_or_default();
    let named = scan::rule_ids(&readme).into_iter();
    let complaints: Vec<String> = named.filter(|id| !table::is_proved(id, &rules, &proofs)).collect();
    expect_none(&complaints, "take the id out of the README's table until tests prove the whole of it.");
}
