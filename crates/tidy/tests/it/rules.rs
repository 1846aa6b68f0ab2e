//! The page of rules: `docs/rules.md`, made from the rules themselves.

use std::fs;

use bastide_model::{
    output::{RuleFormat, list_rules},
    rule::Registry,
};

use crate::{
    acceptance,
    workspace::{expect_none, root, text},
};

const PAGE: &str = "docs/rules.md";

/// The rules of every domain, as the doors put them together.
fn registry() -> Registry {
    Registry::new(&[
        bastide_desk::lint::RULES,
        bastide_desk::lint::LEAK_RULES,
        bastide_advisory::lint::RULES,
        bastide_impact::audit::RULES,
        bastide_impact::digestible::RULES,
    ])
    .unwrap()
}

#[test]
fn the_page_of_rules_is_fresh() {
    let fresh = list_rules(RuleFormat::Markdown, &registry());
    if acceptance::blessing() {
        fs::write(root().join(PAGE), &fresh).unwrap();
    }
    println!("{} rules have a page", registry().rules().len());
    assert!(
        text(PAGE).unwrap_or_default() == fresh,
        "{PAGE} is stale.\n\nWhat to do: BASTIDE_BLESS=1 cargo test -p bastide-tidy rules\n"
    );
}

#[test]
fn every_rule_says_where_it_comes_from_and_what_to_do() {
    let registry = registry();
    let complaints: Vec<String> = registry
        .rules()
        .iter()
        .filter(|rule| {
            let texts = [rule.title, rule.why, rule.remedy];
            rule.sources.is_empty() || texts.iter().any(|text| text.trim().len() < 10)
        })
        .map(|rule| rule.id.to_owned())
        .collect();
    expect_none(
        &complaints,
        "a person who meets the finding knows no security: give title, why, remedy and a source.",
    );
}
