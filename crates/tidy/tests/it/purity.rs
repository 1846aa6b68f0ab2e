//! Ground and domains hold values and functions only: no I/O, no async, no clock, no environment, no randomness.
//!
//! Two nets: which crates they may depend on, and which words may not stand in their sources. (`clippy.toml` is the
//! third: it forbids the clock and the environment by their resolved names.)

use crate::{
    edges::{Floor, floor},
    workspace::{expect_none, files, has_extension, packages, text},
};

/// Crates from outside that ground and domains may use: serialisation, error types, formats and algorithms.
const ALLOWED: &[&str] = &[
    // Values and errors.
    "serde",
    "serde_json",
    "thiserror",
    "jiff",
    "data-encoding",
    "semver",
    "uv-pep440",
    "astral-version-ranges",
    "packageurl",
    "cvss",
    "url",
    // Readers and writers of formats, from bytes to values.
    "serde-saphyr",
    "toml",
    "toml_parser",
    "mail-parser",
    "comrak",
    "ammonia",
    "quick-xml",
    "roxmltree",
    "csv",
    // Over a reader that the caller gives.
    "zip",
    "askama",
    // Algorithms.
    "flate2",
    "sha2",
    "hmac",
    "ed25519-dalek",
    "zeroize",
    "subtle",
    "tlog_tiles",
    "signed_note",
    "aho-corasick",
    "regex",
    "unicode-normalization",
];

/// Words that mean the world outside. Each is looked for in sources up to their tests.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::env",
    "std::process::",
    "std::thread",
    "SystemTime",
    "async fn",
    ".await",
    "println!",
    "eprintln!",
];

fn is_pure(package: &str) -> bool {
    matches!(floor(package), Some(Floor::Ground | Floor::Domains))
}

#[test]
fn ground_and_domains_depend_on_values_formats_and_algorithms_only() {
    let complaints: Vec<String> = packages()
        .iter()
        .filter(|package| is_pure(&package.name))
        .flat_map(|package| {
            let outside = package.dependencies.iter().filter(|dependency| {
                dependency.path.is_none()
                    && dependency.kind.as_deref() != Some("dev")
                    && !ALLOWED.contains(&dependency.name.as_str())
            });
            outside.map(|dependency| format!("{} -> {}", package.name, dependency.name)).collect::<Vec<_>>()
        })
        .collect();
    expect_none(
        &complaints,
        "a crate that does I/O, threads, time or randomness belongs to an adapter. One that turns values into values \
         gets a line in ALLOWED (crates/tidy/tests/it/purity.rs).",
    );
}

/// Whether a path is a source of a ground or domain crate, and not a test of it.
fn is_pure_source(path: &str) -> bool {
    let Some((directory, rest)) = path.strip_prefix("crates/").and_then(|path| path.split_once('/')) else {
        return false;
    };
    let source = rest.starts_with("src/") && has_extension(path, &["rs"]) && !path.ends_with("tests.rs");
    source && !rest.contains("/tests/") && is_pure(&format!("bastide-{directory}"))
}

#[test]
fn ground_and_domains_name_nothing_of_the_world_outside() {
    let mut complaints = Vec::new();
    let mut looked_at = 0;
    for path in files().iter().filter(|path| is_pure_source(path)) {
        looked_at += 1;
        let source = text(path).unwrap_or_default();
        // Tests stand last in a file and may print and read.
        let lines = source.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        for (number, line) in lines.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let found = OUTSIDE.iter().filter(|word| line.contains(**word));
            complaints.extend(found.map(|word| format!("{path}:{}: {word}", number + 1)));
        }
    }
    assert!(looked_at > 15, "only {looked_at} sources looked at; this test sees too little");
    expect_none(
        &complaints,
        "take the value as an argument (`now`, bytes, a fresh id) and let a use case or an adapter fetch it.",
    );
}
