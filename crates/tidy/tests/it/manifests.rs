//! Manifests: every crate follows the workspace and says what it is; the licence is there.

use std::fs;

use crate::workspace::{expect_none, packages, root};

const LICENCE: &str = "MIT OR Apache-2.0";

/// Keys that every crate takes from the workspace.
const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "repository"];

#[test]
fn every_crate_says_what_it_is_and_follows_the_workspace() {
    let mut complaints = Vec::new();
    for package in packages() {
        let name = &package.name;
        let manifest: toml::Table = fs::read_to_string(&package.manifest_path).unwrap().parse().unwrap();
        let inherits = |table: &str, key: &str| {
            manifest.get(table).and_then(|table| table.get(key)).and_then(|value| value.get("workspace"))
                == Some(&toml::Value::Boolean(true))
        };
        if manifest.get("lints").and_then(|lints| lints.get("workspace")) != Some(&toml::Value::Boolean(true))
        {
            complaints.push(format!("{name}: no `[lints] workspace = true`"));
        }
        for key in INHERITED.iter().filter(|key| !inherits("package", key)) {
            complaints.push(format!("{name}: `{key}` is not `{key}.workspace = true`"));
        }
        if package.description.as_deref().is_none_or(|text| text.len() < 20) {
            complaints.push(format!("{name}: no description of what it is"));
        }
        if package.license.as_deref() != Some(LICENCE) {
            complaints.push(format!("{name}: licence is {:?}, not {LICENCE}", package.license));
        }
        if name != "bastide" && !name.starts_with("bastide-") {
            complaints.push(format!("{name}: published names begin with `bastide-`"));
        }
    }
    expect_none(&complaints, "compare the manifest with crates/model/Cargo.toml.");
}

#[test]
fn versions_of_dependencies_are_chosen_in_one_place() {
    let mut complaints = Vec::new();
    for package in packages() {
        let manifest: toml::Table = fs::read_to_string(&package.manifest_path).unwrap().parse().unwrap();
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(table).and_then(toml::Value::as_table) else { continue };
            let own = dependencies
                .iter()
                .filter(|(_, value)| value.get("workspace") != Some(&toml::Value::Boolean(true)));
            complaints.extend(own.map(|(name, _)| format!("{}: {table}.{name}", package.name)));
        }
    }
    expect_none(
        &complaints,
        "put the version into [workspace.dependencies] of the root manifest and write `name.workspace = true`.",
    );
}

#[test]
fn the_licence_texts_are_there() {
    let mut complaints = Vec::new();
    for (file, words) in [
        ("LICENSE-MIT", "Permission is hereby granted, free of charge"),
        ("LICENSE-APACHE", "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"),
    ] {
        if !fs::read_to_string(root().join(file)).is_ok_and(|text| text.contains(words)) {
            complaints.push(format!("{file} is missing or is another text"));
        }
    }
    expect_none(
        &complaints,
        "take the texts from https://spdx.org/licenses/ and keep both beside Cargo.toml.",
    );
}

#[test]
fn the_papers_that_a_visitor_looks_for_are_there() {
    let papers = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
    let complaints: Vec<String> =
        papers.iter().filter(|file| !root().join(file).is_file()).map(|file| (*file).to_owned()).collect();
    expect_none(&complaints, "write it; the others say what belongs where.");
}
