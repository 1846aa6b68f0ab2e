//! The clients, each as its users run it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use bastide_testkit::judge::python;
use serde_json::Value;

use super::Found;

fn installed(name: &str, package: &str) -> Option<PathBuf> {
    python::installed(Path::new(env!("CARGO_TARGET_TMPDIR")), name, &[package])
}

fn run(command: &mut Command) -> Output {
    // A user's own settings and proxies are not what is tested; PyPI is reached as pip reaches it.
    command
        .env_remove("UV_CONFIG_FILE")
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("no_proxy", "127.0.0.1,localhost");
    command.output().unwrap()
}

fn json(client: &str, ended: &Output) -> Value {
    let said = || String::from_utf8_lossy(&ended.stderr).into_owned();
    serde_json::from_slice(&ended.stdout).unwrap_or_else(|error| panic!("{client}: {error}: {}", said()))
}

/// `pip-audit`, which asks once for each package.
pub(super) fn pip_audit(home: &Path, address: &str) -> Option<Found> {
    let place = installed("pip-audit", "pip-audit==2.10.1")?;
    let url = format!("{address}/v1/query");
    let ended = run(Command::new("python3")
        .args(["-m", "pip_audit", "-r", "requirements.txt", "--no-deps", "--disable-pip", "-s", "osv"])
        .args(["--osv-url", &url, "-f", "json", "--progress-spinner", "off"])
        .env("PYTHONPATH", place)
        .current_dir(home));
    let answer = json("pip-audit", &ended);
    let mut found = Found::new();
    for package in answer["dependencies"].as_array().unwrap() {
        for vuln in package["vulns"].as_array().unwrap() {
            found.insert((text(&package["name"]), text(&vuln["id"])));
        }
    }
    Some(found)
}

/// `uv audit`, which asks in batches and then for each record.
pub(super) fn uv_audit(home: &Path, address: &str) -> Option<Found> {
    let place = installed("uv", "uv==0.13.8")?;
    let ended = run(Command::new(place.join("bin/uv"))
        .args(["audit", "--frozen", "--no-cache", "--output-format", "json"])
        .args(["--preview-features", "audit", "--service-url", &format!("{address}/")])
        .current_dir(home.join("project")));
    let answer = json("uv", &ended);
    let vulns = answer["vulnerabilities"].as_array().unwrap().iter();
    Some(vulns.map(|vuln| (text(&vuln["dependency"]["name"]), text(&vuln["id"]))).collect())
}

/// `pysentry-rs`, which sends nulls and wants `/v1` in the address.
pub(super) fn pysentry(home: &Path, address: &str) -> Option<Found> {
    let place = installed("pysentry", "pysentry-rs==0.5.0")?;
    let ended = run(Command::new("python3")
        .args(["-c", "import sys; from pysentry import main; sys.exit(main())"])
        .args(["--sources", "osv", "--service-url", &format!("{address}/v1")])
        .args(["--format", "json", "--no-cache", "."])
        .env("PYTHONPATH", place)
        .current_dir(home.join("project")));
    let answer = json("pysentry", &ended);
    let vulns = answer["vulnerabilities"].as_array().unwrap().iter();
    Some(vulns.map(|vuln| (text(&vuln["package_name"]), text(&vuln["id"]))).collect())
}

/// `uv sync` with its look for malware, which stands before anything is installed.
pub(super) fn uv_sync(home: &Path, address: &str) -> Option<Output> {
    let place = installed("uv", "uv==0.13.8")?;
    Some(run(Command::new(place.join("bin/uv"))
        .args(["sync", "--frozen", "--no-cache", "--preview-features", "malware-check"])
        .env("UV_MALWARE_CHECK", "1")
        .env("UV_MALWARE_CHECK_URL", format!("{address}/"))
        .current_dir(home.join("project"))))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
