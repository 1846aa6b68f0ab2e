//! The independent CSAF validator of Secvisogram, run by Node: it was not written by us.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The judge's directory with its packages installed; nothing where there is no npm.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`.
///
/// # Panics
///
/// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed.
pub fn installed(target: &Path) -> Option<PathBuf> {
    super::npm::installed(target, "csaf")
}

/// The verdicts of the judge over these documents: a line per file, then the sum.
///
/// # Panics
///
/// When the validator itself does not run.
pub fn verdicts(judge: &Path, documents: &[(String, Value)]) -> Vec<Value> {
    let directory = tempfile::tempdir().expect("the judge's files can be written");
    for (name, document) in documents {
        fs::write(directory.path().join(name), format!("{document:#}\n"))
            .expect("the judge's files can be written");
    }
    let output = Command::new("node")
        .arg("validate.mjs")
        .arg(directory.path())
        .current_dir(judge)
        .output()
        .expect("the judge's files can be written");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .expect("the judge prints UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("the judge prints a JSON line per file"))
        .collect()
}
