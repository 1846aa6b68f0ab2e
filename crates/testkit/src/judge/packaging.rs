//! packaging (PyPI): Python's own reading of versions, specifiers, ranges, requirements and markers.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The version that is installed. Sets of versions (`packaging.ranges`) came with 26.
pub const VERSION: &str = "26.3";

/// The directory to import the judge from, as [`super::python::installed`] gives it.
pub fn installed(target: &Path) -> Option<PathBuf> {
    super::python::installed(target, "packaging", &[&format!("packaging=={VERSION}")])
}

/// What a script says on its standard output, with `input` on its standard input and the judge to import.
///
/// # Panics
///
/// When the script fails; its words are in the panic.
pub fn run(judge: &Path, script: &str, input: &[u8]) -> String {
    let mut child = Command::new("python3")
        .args(["-c", script])
        .env("PYTHONPATH", judge)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut pipe = child.stdin.take().expect("its input is a pipe");
    let input = input.to_vec();
    // A thread of its own, so that neither side waits for the other with a full pipe.
    let writer = std::thread::spawn(move || pipe.write_all(&input));
    let output = child.wait_with_output().expect("python3 ends");
    let written = writer.join().expect("the writer ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && written.is_ok(), "the judge failed: {said}");
    String::from_utf8(output.stdout).expect("the judge says text")
}
