//! axe-core, the judge of accessibility: a script that looks at a page from inside a browser.

use std::{fs, path::Path};

use super::npm;

/// The judge's script; nothing where there is no npm.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`.
///
/// # Panics
///
/// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed.
pub fn script(target: &Path) -> Option<String> {
    let place = npm::installed(target, "axe")?;
    let file = place.join("node_modules/axe-core/axe.min.js");
    Some(fs::read_to_string(file).expect("the package holds its script"))
}
