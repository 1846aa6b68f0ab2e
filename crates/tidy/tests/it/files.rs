//! Files: short enough to read in one sitting, named for what they hold, and text.

use crate::workspace::{expect_none, files, has_extension, root, text};

/// The most lines that a source may have.
const HARD_LIMIT: usize = 800;

/// From here on a source should be looked at: it may answer two questions.
const SOFT_LIMIT: usize = 400;

/// Sources that may be longer, each with its reason: tables that read better whole, generated code.
const LONGER: &[(&str, &str)] = &[];

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"];

/// Places that may hold files which are not text, each with its reason.
const BINARY: &[(&str, &str)] = &[(
    "docs/desk/pictures/",
    "pictures of the manual, made by the walks of crates/server/tests/it/chromium with BASTIDE_BLESS=1",
)];

/// What a person reads and edits: code, templates, styles, scripts. Snapshots and data are made by programs.
fn is_source(path: &str) -> bool {
    has_extension(path, &["rs", "html", "css", "js", "sql", "sh", "toml"])
}

#[test]
fn no_source_is_longer_than_800_lines() {
    let mut sizes: Vec<(usize, String)> = files()
        .into_iter()
        .filter(|path| is_source(path))
        .map(|path| (text(&path).unwrap_or_default().lines().count(), path))
        .collect();
    sizes.sort();
    let code: Vec<usize> =
        sizes.iter().filter(|(_, path)| has_extension(path, &["rs"])).map(|(size, _)| *size).collect();
    println!("{} Rust files, median {} lines", code.len(), code[code.len() / 2]);
    for (size, path) in sizes.iter().filter(|(size, _)| *size > SOFT_LIMIT) {
        println!("over {SOFT_LIMIT} lines: {path} ({size})");
    }
    let excepted = |path: &str| LONGER.iter().any(|(name, _)| *name == path);
    let complaints: Vec<String> = sizes
        .iter()
        .filter(|(size, path)| *size > HARD_LIMIT && !excepted(path))
        .map(|(size, path)| format!("{path}: {size} lines"))
        .collect();
    expect_none(
        &complaints,
        "split the file by the questions it answers, each part a file with its own first paragraph. A table or \
         generated code may be named in LONGER (crates/tidy/tests/it/files.rs) with a reason.",
    );
}

#[test]
fn no_file_or_directory_has_a_name_that_says_nothing() {
    let complaints: Vec<String> = files()
        .into_iter()
        .filter(|path| {
            path.split('/').any(|part| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or_default()))
        })
        .collect();
    expect_none(&complaints, "name the file after what it holds: `deadline.rs`, `escape.rs`, `clause.rs`.");
}

#[test]
fn every_tracked_file_is_text() {
    let complaints: Vec<String> = files()
        .into_iter()
        .filter(|path| text(path).is_none() && !BINARY.iter().any(|(place, _)| path.starts_with(place)))
        .collect();
    expect_none(
        &complaints,
        "a binary file cannot be reviewed: keep the script that makes it. Test data that must be binary gets a line in \
         BINARY (crates/tidy/tests/it/files.rs) with its source and reason.",
    );
}

#[test]
fn every_exception_is_still_needed() {
    let complaints: Vec<String> = LONGER
        .iter()
        .filter(|(path, _)| text(path).is_none_or(|text| text.lines().count() <= HARD_LIMIT))
        .map(|(path, _)| (*path).to_owned())
        .chain(
            BINARY
                .iter()
                .filter(|(place, _)| !root().join(place).exists())
                .map(|(place, _)| (*place).to_owned()),
        )
        .collect();
    expect_none(
        &complaints,
        "take the exception out of crates/tidy/tests/it/files.rs; it excuses nothing any more.",
    );
}

#[test]
fn every_rust_file_begins_with_what_it_is() {
    // A file of tests beside its source is introduced by the source.
    let introduced = |path: &str| path.ends_with("tests.rs") || path.contains("/tests/");
    let mut complaints = Vec::new();
    for path in files().into_iter().filter(|path| has_extension(path, &["rs"]) && !introduced(path)) {
        let source = text(&path).unwrap_or_default();
        let first = source.lines().next().unwrap_or_default();
        let place_kept =
            first.contains("To come") || first.contains("filled in below") || source.lines().count() <= 1;
        if place_kept {
            println!("still empty: {path}");
        } else if !first.starts_with("//! ") {
            complaints.push(path);
        }
    }
    expect_none(&complaints, "begin the file with `//!` and a sentence that a newcomer can use.");
}
