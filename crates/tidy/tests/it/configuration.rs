//! The page of settings: `docs/configuration.md`, made from their declarations.

use std::fs;

use crate::{
    acceptance,
    workspace::{expect_none, files, has_extension, root, text},
};

const PAGE: &str = "docs/configuration.md";

#[test]
fn the_page_of_settings_is_fresh() {
    let fresh = bastide_config::reference();
    if acceptance::blessing() {
        fs::write(root().join(PAGE), &fresh).unwrap();
    }
    println!("{} settings have a page", bastide_config::Settings::all().len());
    assert!(
        text(PAGE).unwrap_or_default() == fresh,
        "{PAGE} is stale.\n\nWhat to do: BASTIDE_BLESS=1 cargo test -p bastide-tidy configuration\n"
    );
}

#[test]
fn the_environment_is_read_in_one_way_only() {
    let mut complaints = Vec::new();
    for path in files().into_iter().filter(|path| has_extension(path, &["rs"]) && path.contains("/src/")) {
        let source = text(&path).unwrap_or_default();
        let variable = source.lines().filter(|line| line.contains("env = \"BASTIDE_"));
        // Where a command finds another machine's desk and its token is no setting of a desk.
        let ours =
            variable.filter(|line| !line.contains("BASTIDE_DESK") && !line.contains("BASTIDE_TOKEN_FILE"));
        complaints.extend(ours.map(|line| format!("{path}: {}", line.trim())));
    }
    expect_none(
        &complaints,
        "declare the setting in a section of crates/config; its variable, flag and documentation come from there.",
    );
}
