//! Packages of the Python Package Index that tests run, each judge in a directory of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The directory (for `PYTHONPATH`) with exactly these packages and what they need, installed when missing; nothing where they
/// cannot be installed.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`. Tests that want the same judge at once wait for each other.
///
/// # Panics
///
/// When judges are required (`BASTIDE_REQUIRE_JUDGES=1`) and this one cannot be installed.
pub fn installed(target: &Path, judge: &str, packages: &[&str]) -> Option<PathBuf> {
    let place = target.join(format!("{judge}-judge"));
    fs::create_dir_all(&place).expect("the judge's files can be written");
    let turn = fs::File::create(place.join("turn")).expect("the judge's files can be written");
    turn.lock().expect("the judge's files can be written");
    // Written last, so that an installation that was broken off is made again; other versions are another judge.
    let (note, wanted) = (place.join("installed"), packages.join("\n"));
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Some(place);
    }
    let arguments = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--root-user-action=ignore",
        "--upgrade",
    ];
    let ended = Command::new("python3").args(arguments).arg("--target").arg(&place).args(packages).output();
    if ended.as_ref().is_ok_and(|output| output.status.success()) {
        fs::write(&note, wanted).expect("the judge's files can be written");
        return Some(place);
    }
    super::missing(&format!("the judge {judge} ({}) is not installed: {ended:?}", packages.join(", ")));
    None
}
