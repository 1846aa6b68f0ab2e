//! The independent CSAF validator of Secvisogram, run by Node: it was not written by us.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn flag(name: &str) -> bool {
    #[allow(clippy::disallowed_methods, reason = "tests are configured by the environment")]
    let value = std::env::var(name);
    value.is_ok_and(|value| value == "1")
}

/// The judge's directory with its packages installed; nothing where there is no npm.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`.
///
/// # Panics
///
/// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed.
pub fn installed(target: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("judges/csaf");
    let place = target.join("csaf-judge");
    fs::create_dir_all(&place).expect("the judge's files can be written");
    // A test runner may give each test a process of its own: one of them installs, the others wait.
    let turn = fs::File::create(place.join("turn")).expect("the judge's files can be written");
    turn.lock().expect("the judge's files can be written");
    let lock = fs::read(source.join("package-lock.json")).expect("the judge's files can be written");
    let installed_lock = place.join("installed.json");
    for file in ["package.json", "package-lock.json", "validate.mjs"] {
        fs::copy(source.join(file), place.join(file)).expect("the judge's files can be written");
    }
    if fs::read(&installed_lock).is_ok_and(|done| done == lock) {
        return Some(place);
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let ended = Command::new("npm").args(arguments).current_dir(&place).output();
    match ended {
        Ok(output) if output.status.success() => {
            fs::write(installed_lock, lock).expect("the judge's files can be written");
            Some(place)
        }
        other => {
            let reason = match other {
                Ok(output) => String::from_utf8_lossy(&output.stderr).chars().take(500).collect(),
                Err(error) => error.to_string(),
            };
            assert!(!flag("BASTIDE_REQUIRE_JUDGES"), "the CSAF judge is required: npm ci failed: {reason}");
            #[allow(clippy::print_stdout, reason = "a skip is loud: the test command looks for it")]
            {
                println!("SKIPPED: the CSAF validator is not installed: {reason}");
            }
            None
        }
    }
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
