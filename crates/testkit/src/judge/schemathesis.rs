//! schemathesis (PyPI): makes requests from an OpenAPI document and judges the answers by it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The version that is installed.
const VERSION: &str = "4.32.5";

/// The judge's program, installed once for each build directory; nothing where there is no pip or registry.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`.
///
/// # Panics
///
/// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed.
pub fn installed(target: &Path) -> Option<PathBuf> {
    let place = super::python::installed(target, "schemathesis", &[&format!("schemathesis=={VERSION}")])?;
    Some(place.join("bin/st"))
}

/// What the judge would have otherwise, and why the desk does not: a method that an address does not take, and a request
/// without sign-in, are answered like an address that is nowhere; and a request that reads well may still be refused by a
/// rule of the process, which no schema says.
const NOT_OURS: &str = "unsupported_method,missing_required_header,positive_data_acceptance";

/// Judges the API of the document at `url` with these headers; `examples` requests for each operation, from a fixed seed.
/// `thorough` also tries each bound of each field. Gives whether it holds, and what the judge said.
///
/// # Panics
///
/// When the judge does not run.
pub fn judge(program: &Path, url: &str, headers: &[String], examples: u32, thorough: bool) -> (bool, String) {
    let library = program.parent().and_then(Path::parent).expect("the program stands in its directory");
    let mut command = Command::new("python3");
    command.arg(program).arg("run").arg(url).env("PYTHONPATH", library);
    command.args(["--exclude-checks", NOT_OURS]);
    command
        .args(["--phases", if thorough { "examples,coverage,fuzzing,stateful" } else { "fuzzing,stateful" }]);
    command.args(["--checks", "all", "--seed", "1", "--no-color", "--generation-database", "none"]);
    command.args(["--max-examples", &examples.to_string(), "--request-timeout", "30"]);
    for header in headers {
        command.args(["--header", header]);
    }
    let output = command.current_dir(library).output().expect("the judge runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    (output.status.success(), said)
}
