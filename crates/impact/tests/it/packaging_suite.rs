//! Versions against the tests of Python's own library for them, from its source distribution.

use std::{cmp::Ordering, collections::BTreeMap, path::Path};

use bastide_model::{package::Ecosystem, version::Version};
use bastide_testkit::judge::packaging;
use serde_json::Value;

fn pypi(value: &Value) -> Result<Version, bastide_model::version::VersionError> {
    Version::parse(&Ecosystem::PyPi, value.as_str().unwrap_or_default())
}

/// Whether a case of the suite holds here; nothing for what we have no word for.
fn holds(name: &str, values: &[Value]) -> Option<bool> {
    let compares = |expected: bool| {
        let (left, right) = (pypi(&values[0]).ok()?, pypi(&values[1]).ok()?);
        let order = left.compare(&right)?;
        let keys = left.sort_key().cmp(&right.sort_key());
        let found = match values[2].as_str()? {
            "lt" => order == Ordering::Less,
            "le" => order != Ordering::Greater,
            "eq" => order == Ordering::Equal,
            "ne" => order != Ordering::Equal,
            "ge" => order != Ordering::Less,
            "gt" => order == Ordering::Greater,
            _ => return None,
        };
        Some(found == expected && keys == order)
    };
    Some(match name {
        "test_valid_versions" | "test_version_hash" => pypi(&values[0]).is_ok(),
        "test_invalid_versions" => pypi(&values[0]).is_err(),
        "test_comparison_true" => return Some(compares(true) == Some(true)),
        "test_comparison_false" => return Some(compares(false) == Some(true)),
        "test_normalized_versions" | "test_version_str_repr" => {
            pypi(&values[0]).is_ok_and(|version| Some(version.normalised().as_str()) == values[1].as_str())
        }
        "test_version_is_prerelease" => {
            pypi(&values[0]).is_ok_and(|version| version.is_prerelease() == values[1].as_bool())
        }
        _ => return None,
    })
}

#[test]
fn versions_pass_the_tests_of_packaging() {
    let Some(cases) = packaging::version_suite(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let mut held: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    for case in &cases {
        let values = case.as_array().unwrap();
        let name = values[0].as_str().unwrap();
        match holds(name, &values[1..]) {
            Some(true) => *held.entry(name.to_owned()).or_default() += 1,
            Some(false) => failed.push(case.to_string()),
            None => {}
        }
    }
    println!("{} of {} cases held: {held:?}", held.values().sum::<usize>(), cases.len());
    assert!(failed.is_empty(), "{} failed: {:?}", failed.len(), &failed[..failed.len().min(20)]);
    assert!(held.values().sum::<usize>() > 50_000, "this test sees too little");
}
