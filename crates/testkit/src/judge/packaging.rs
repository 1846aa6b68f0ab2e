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

/// Reads the suite of `tests/test_version.py` without running it: `pytest` is a module that writes down what each test is run
/// with. Prints a JSON line for each case: the test's name and its values.
const COLLECT: &str = r#"
import importlib.util, itertools, json, pathlib, sys, types
root = pathlib.Path(sys.stdin.read())
sys.path.insert(0, str(root / "src"))
class Anything:
    def __getattr__(self, name): return Anything()
    def __iter__(self): return iter(())
    def __call__(self, *given, **named):
        return given[0] if len(given) == 1 and callable(given[0]) and not named else Anything()
def parametrize(names, values, **_):
    def wrap(function):
        function.__dict__.setdefault("cases", []).append((names, list(values)))
        return function
    return wrap
pytest = types.ModuleType("pytest")
pytest.mark, pytest.param = Anything(), lambda *given, **named: given
pytest.mark.__dict__["parametrize"] = parametrize
pytest.__getattr__ = lambda name: Anything()
sys.modules["pytest"], sys.modules["pretend"] = pytest, Anything()
spec = importlib.util.spec_from_file_location("suite", root / "tests" / "test_version.py")
suite = importlib.util.module_from_spec(spec)
spec.loader.exec_module(suite)
def plain(value):
    name = getattr(value, "__name__", None)
    return name.strip("_") if callable(value) and name else value
for name, function in vars(suite.TestVersion).items():
    for names, values in getattr(function, "cases", []):
        for value in values:
            value = value if isinstance(value, tuple) and not isinstance(names, str) else (value,)
            try: print(json.dumps([name, *map(plain, value)]))
            except TypeError: pass
"#;

/// The cases of packaging's own tests of versions, from its source distribution, each a test's name and its values; nothing
/// where it cannot be had.
///
/// `target` is the test's `CARGO_TARGET_TMPDIR`.
///
/// # Panics
///
/// When judges are required (`BASTIDE_REQUIRE_JUDGES=1`) and PyPI cannot be reached; when the suite cannot be read.
pub fn version_suite(target: &Path) -> Option<Vec<serde_json::Value>> {
    let place = target.join("packaging-suite");
    std::fs::create_dir_all(&place).expect("the suite's directory can be made");
    let turn = std::fs::File::create(place.join("turn")).expect("the suite's files can be written");
    turn.lock().expect("the suite's files can be written");
    let root = place.join(format!("packaging-{VERSION}"));
    if !root.join("tests/test_version.py").exists() {
        let archive = place.join(format!("packaging-{VERSION}.tar.gz"));
        let pip = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-binary",
            ":all:",
        ];
        let wanted = format!("packaging=={VERSION}");
        let got = Command::new("python3").args(pip).arg("--dest").arg(&place).arg(wanted).output();
        let unpack = |root: &Path| Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(root).output();
        let whole = got.as_ref().is_ok_and(|got| got.status.success())
            && unpack(&place).is_ok_and(|unpacked| unpacked.status.success());
        if !whole {
            super::missing(&format!("the tests of packaging {VERSION} cannot be had: {got:?}"));
            return None;
        }
    }
    let lines = run(&root.join("src"), COLLECT, root.to_string_lossy().as_bytes());
    Some(lines.lines().map(|line| serde_json::from_str(line).expect("a JSON line for each case")).collect())
}
