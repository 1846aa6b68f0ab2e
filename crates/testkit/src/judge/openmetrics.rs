//! The parser of Prometheus' own Python client for the `OpenMetrics` format: it was not written by us.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

/// The package, exactly.
const PACKAGE: &str = "prometheus_client==0.26.0";
/// Reads a text, prints each sample's name, labels and value as a JSON line; fails where the text is none.
const PROGRAM: &str = "
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
for family in read(sys.stdin.read()):
    for sample in family.samples:
        print(json.dumps([sample.name, sample.labels, sample.value, family.type]))
";

/// The samples that the judge reads in a text, or what is wrong with it; nothing where the judge cannot be installed.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`.
///
/// # Panics
///
/// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed.
pub fn samples(target: &Path, text: &str) -> Option<Result<Vec<serde_json::Value>, String>> {
    let place = super::python::installed(target, "openmetrics", &[PACKAGE])?;
    let mut child = Command::new("python3")
        .args(["-c", PROGRAM])
        .env("PYTHONPATH", &place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    child.stdin.take().expect("it has a standard input").write_all(text.as_bytes()).expect("the judge reads");
    let output = child.wait_with_output().expect("the judge ends");
    if !output.status.success() {
        return Some(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let lines = String::from_utf8(output.stdout).expect("the judge prints UTF-8");
    Some(Ok(lines.lines().map(|line| serde_json::from_str(line).expect("a JSON line per sample")).collect()))
}
