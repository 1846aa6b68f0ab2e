//! Tools of other people, installed from PyPI: what they write today is what we read, and what we write is what they take.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use bastide_impact::{
    audit::{self, Options, cyclonedx},
    inputs::{self, Kind},
    matching::{Advisories, Match},
};
use bastide_model::{
    package::Package,
    time::Instant,
    version::{Verdict, Version},
};
use bastide_testkit::judge::{self, python};

/// Where judges are installed.
const TARGET: &str = env!("CARGO_TARGET_TMPDIR");

/// Runs a tool; what it said when it failed is the failure.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).chars().take(500).collect())
}

/// The pins of a document, by name and version.
fn pins(directory: &Path, name: &str) -> BTreeSet<String> {
    let bytes = fs::read(directory.join(name)).unwrap();
    let inventory = inputs::read(Kind::of_name(name).unwrap(), name, &bytes, &mut |_, _| Err(String::new()));
    assert!(inventory.unread.is_empty(), "{name}: {:?}", inventory.unread);
    let pin = |one: &bastide_impact::inventory::Component| {
        format!("{}=={}", one.package.name(), one.version.as_ref().unwrap())
    };
    inventory.components.iter().map(pin).collect()
}

#[test]
fn what_uv_writes_today_is_read_the_same_in_all_of_its_formats() {
    let Some(judge) = python::installed(Path::new(TARGET), "uv", &["uv==0.13.8"]) else { return };
    let project = tempfile::tempdir().unwrap();
    let source = format!("{}/tests/data/pyproject.toml", env!("CARGO_MANIFEST_DIR"));
    fs::copy(source, project.path().join("pyproject.toml")).unwrap();
    let uv = |arguments: &[&str]| {
        run(Command::new(judge.join("bin/uv"))
            .args(arguments)
            .current_dir(project.path())
            .env("UV_CACHE_DIR", judge.join("cache"))
            .env("UV_PYTHON_DOWNLOADS", "never"))
    };
    if let Err(reason) = uv(&["lock", "--quiet"]) {
        return judge::missing(&format!("uv cannot lock a project of PyPI: {reason}"));
    }
    let all = ["--all-extras", "--no-emit-project", "--quiet"];
    uv(&[&["export", "-o", "requirements.txt"][..], &all].concat()).unwrap();
    uv(&[&["export", "--format", "pylock.toml", "-o", "pylock.toml"][..], &all].concat()).unwrap();
    let locked = pins(project.path(), "uv.lock");
    println!("uv locked {} packages", locked.len());
    assert!(locked.len() > 7, "{locked:?}");
    assert_eq!(pins(project.path(), "requirements.txt"), locked);
    assert_eq!(pins(project.path(), "pylock.toml"), locked);
}

/// One advisory for every package.
struct Everything;

impl Advisories for Everything {
    type Error = std::convert::Infallible;

    fn matches(&self, package: &Package, version: &Version) -> Result<Vec<Match>, Self::Error> {
        Ok(vec![Match {
            id: format!("PYSEC-0000-{}", package.name().len()),
            aliases: vec!["CVE-0000-0001".to_owned()],
            summary: "A sentence\u{1b}[31m with <markup> & \"quotes\"".to_owned(),
            modified: Instant::EPOCH,
            score: Some(9.8),
            verdict: if version.as_str().starts_with('1') { Verdict::Unknown } else { Verdict::Yes },
            fixed: vec![Version::parse(package.ecosystem(), "9999").unwrap()],
        }])
    }
}

const VALIDATE: &str = "
import sys
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.schema import SchemaVersion
for line in sys.stdin:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(line)
    print('valid' if error is None else str(error).splitlines()[0])
";

#[test]
fn the_published_schema_of_cyclonedx_takes_what_we_write() {
    let packages = ["cyclonedx-python-lib[json-validation]==11.12.0"];
    let Some(judge) = python::installed(Path::new(TARGET), "cyclonedx", &packages) else { return };
    let mut documents = String::new();
    let mut count = 0;
    for name in ["uv.lock", "pixi.lock", "example.spdx.json", "environment.cdx.json"] {
        let bytes = fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let inventory =
            inputs::read(Kind::of_name(name).unwrap(), name, &bytes, &mut |_, _| Err(String::new()));
        let audit = match audit::audit(&[inventory], &Everything, &Options::new(Instant::EPOCH)) {
            Ok(audit) => audit,
            Err(never) => match never {},
        };
        let serial = Some("3e671687-395b-41f5-a30f-a58921a69b79");
        documents += &cyclonedx::document(&audit, Instant::EPOCH, serial).to_string();
        documents.push('\n');
        count += 1;
    }
    let mut child = Command::new("python3")
        .args(["-c", VALIDATE])
        .env("PYTHONPATH", judge)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(documents.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    println!("{count} documents judged by the schema of CycloneDX 1.6");
    assert_eq!(said.lines().collect::<Vec<_>>(), vec!["valid"; count], "{said}");
}
