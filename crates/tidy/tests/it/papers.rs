//! Documents that stay true: what they point at exists, and the commands they promise are the ones that run.

use std::path::Path;

use crate::workspace::{expect_none, files, has_extension, root, text};

/// Directories whose paths the documents name.
const OURS: [&str; 4] = ["crates/", "docs/", "policies/", ".ci/"];

/// The targets of `[…](target)` in a document.
fn links(document: &str) -> impl Iterator<Item = &str> {
    document.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The paths of ours that a document names between backticks, without patterns (`crates/*`) and names to fill in.
fn named_paths(document: &str) -> impl Iterator<Item = &str> {
    let spans = document.split('`').skip(1).step_by(2);
    spans.filter(|span| {
        let plain = !span.contains(['*', ' ', '…', '\n', '{']) && !span.contains("NAME");
        plain && OURS.iter().any(|place| span.starts_with(place))
    })
}

#[test]
fn what_a_document_points_at_exists() {
    let mut complaints = Vec::new();
    let mut looked_at = 0;
    for path in files().into_iter().filter(|path| has_extension(path, &["md"])) {
        let document = text(&path).unwrap_or_default();
        let beside = root().join(&path).parent().map(Path::to_owned).unwrap_or_default();
        for link in links(&document).filter(|link| !link.contains("://") && !link.starts_with(['#', '<'])) {
            looked_at += 1;
            let file = link.split('#').next().unwrap_or_default();
            if !beside.join(file).exists() {
                complaints.push(format!("{path}: link to {link}"));
            }
        }
        for named in named_paths(&document) {
            looked_at += 1;
            if !root().join(named).exists() {
                complaints.push(format!("{path}: `{named}`"));
            }
        }
    }
    println!("{looked_at} links and paths in documents looked at");
    assert!(looked_at > 20, "only {looked_at} links and paths found; this test sees too little");
    expect_none(
        &complaints,
        "mend the link, or the sentence around it: the thing has moved or was never made.",
    );
}

#[test]
fn every_picture_of_the_manual_is_shown_and_made_by_a_walk() {
    let all = files();
    let together = |place: &str, end: &str| -> String {
        let wanted = all.iter().filter(|path| path.starts_with(place) && has_extension(path, &[end]));
        wanted.filter_map(|path| text(path)).collect()
    };
    let manual = together("docs/desk/", "md");
    let walks = together("crates/server/tests/it/chromium/", "rs");
    let mut complaints = Vec::new();
    let mut pictures = 0;
    for path in &all {
        let Some(file) = path.strip_prefix("docs/desk/pictures/") else { continue };
        pictures += 1;
        let name = file.trim_end_matches(".webp");
        if !manual.contains(&format!("](pictures/{file})")) {
            complaints.push(format!("{path}: no page of docs/desk shows it"));
        }
        if !walks.contains(&format!("picture(\"{name}\"")) {
            complaints.push(format!("{path}: no walk takes it"));
        }
    }
    assert!(pictures > 0, "the manual has no pictures; this test sees too little");
    println!("{pictures} pictures in the manual");
    expect_none(&complaints, "show the picture where it helps, or take it and its line in the walk out.");
}

#[test]
fn the_continuous_check_runs_the_readmes_test_command() {
    let readme = text("README.md").unwrap();
    let check = text(".ci/run").unwrap();
    assert!(
        readme.contains("\n```\n./test\n```\n"),
        "the README names `./test` as the command that tests everything"
    );
    assert!(
        check.lines().any(|line| line.trim() == "./test"),
        ".ci/run calls `./test`, the README's command, and nothing in its place"
    );
}

#[test]
fn every_crate_has_its_paragraph_on_the_map() {
    let map = text("ARCHITECTURE.md").unwrap();
    let mut crates: Vec<String> = files()
        .iter()
        .filter_map(|path| path.strip_prefix("crates/")?.split_once('/'))
        .filter(|(_, rest)| *rest == "Cargo.toml")
        .map(|(name, _)| name.to_owned())
        .collect();
    crates.retain(|name| !map.contains(&format!("**{name}** ")));
    expect_none(&crates, "write `**NAME** is …` with its invariants into ARCHITECTURE.md, under Crates.");
}
