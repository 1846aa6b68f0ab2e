//! Words that must not stand in the tree: paths of one person's machine.

use crate::workspace::{expect_none, files, has_extension, text};

/// Beginnings of paths that exist on one machine only. Written in two halves, so that this file may hold them.
const LOCAL: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// A place that code may use (though `tempfile` is better) but a document may not send its reader to.
const TEMPORARY: &str = concat!("/t", "mp/");

fn is_document(path: &str) -> bool {
    has_extension(path, &["md", "html"]) || path.starts_with("docs/")
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    let mut complaints = Vec::new();
    for path in files() {
        let Some(content) = text(&path) else { continue };
        for (number, line) in content.lines().enumerate() {
            let local = LOCAL.iter().any(|place| line.contains(place));
            if local || (is_document(&path) && line.contains(TEMPORARY)) {
                complaints.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    expect_none(
        &complaints,
        "write a path from the root of the repository, or a word for the place (`DIR`).",
    );
}
