//! Judges that come from npm: their packages are installed once for each build directory, exactly as their lock file says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The directory of the judge of this name with its packages installed; nothing where there is no npm.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`; the judge's own files stand in `crates/testkit/judges/NAME`.
///
/// # Panics
///
/// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed.
pub(super) fn installed(target: &Path, name: &str) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("judges").join(name);
    let place = target.join(format!("{name}-judge"));
    fs::create_dir_all(&place).expect("the judge's files can be written");
    // A test runner may give each test a process of its own: one of them installs, the others wait.
    let turn = fs::File::create(place.join("turn")).expect("the judge's files can be written");
    turn.lock().expect("the judge's files can be written");
    let lock = fs::read(source.join("package-lock.json")).expect("the judge has a lock file");
    let installed_lock = place.join("installed.json");
    for file in fs::read_dir(&source).expect("the judge has files").flatten() {
        fs::copy(file.path(), place.join(file.file_name())).expect("the judge's files can be written");
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
            let reason: String = match other {
                Ok(output) => String::from_utf8_lossy(&output.stderr).chars().take(500).collect(),
                Err(error) => error.to_string(),
            };
            super::missing(&format!("the judge {name} is not installed (npm ci): {reason}"));
            None
        }
    }
}
