//! Specifiers, requirements and who must act, against Python's `packaging`, on the real data.

use std::{collections::BTreeSet, fmt::Write as _, io::Cursor, path::Path};

use bastide_advisory::{Advisory, Format, osv::render as render_osv, read_osv};
use bastide_impact::{
    graph::{
        Graph, Parts,
        import::{Import, csv},
    },
    requirement::{Requirement, split_list},
    triage::{CountsByPart, Exposure, State, Triage, packages},
};
use bastide_model::{package::Ecosystem, specifier::Specifiers, version::Version};
use bastide_testkit::{
    chance::Chance,
    data,
    judge::packaging::{installed, run},
};
use serde_json::{Value, json};

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Whether this is the long form of the tests.
fn exhaustive() -> bool {
    std::env::var_os("BASTIDE_EXHAUSTIVE").is_some_and(|value| value == "1")
}

/// Versions that try each turn of PEP 440.
fn versions() -> Vec<String> {
    let mut versions = Vec::new();
    for release in ["0", "1", "1.0", "1.0.0", "1.1", "1.0.1", "2", "1.10", "1!0.5", "1!1"] {
        for suffix in [
            "",
            ".dev0",
            ".dev1",
            "a1",
            "b1",
            "rc1",
            "rc1.dev0",
            "rc1.post0",
            ".post0",
            ".post1",
            ".post1.dev0",
            "+a",
            "+1",
            ".post1+a",
        ] {
            versions.push(format!("{release}{suffix}"));
        }
    }
    versions
}

/// Specifiers are read by both or by neither, and let the same versions in.
#[test]
fn specifiers_let_in_what_packaging_lets_in() {
    let Some(judge) = installed(target()) else { return };
    let mut chance = Chance::of(3);
    let versions = versions();
    let signs = ["==", "!=", "<", "<=", ">", ">=", "~=", "==.*", "!=.*", "==="];
    let clause = |chance: &mut Chance| {
        let (sign, version) = (*chance.one(&signs), chance.one(&versions).clone());
        match sign.strip_suffix(".*") {
            Some(sign) => format!("{sign}{version}.*"),
            None => format!("{sign}{version}"),
        }
    };
    let mut asked: Vec<String> = signs
        .iter()
        .flat_map(|sign| {
            versions.iter().map(move |version| match sign.strip_suffix(".*") {
                Some(sign) => format!("{sign}{version}.*"),
                None => format!("{sign}{version}"),
            })
        })
        .collect();
    asked.extend((0..600).map(|_| format!("{},{}", clause(&mut chance), clause(&mut chance))));
    let script = r#"
import json, sys
from packaging.specifiers import SpecifierSet, InvalidSpecifier
from packaging.version import Version
given = json.load(sys.stdin)
versions = [Version(v) for v in given["versions"]]
for text in given["specifiers"]:
    try:
        s = SpecifierSet(text)
    except InvalidSpecifier:
        print("-")
        continue
    print("".join("1" if s.contains(v, prereleases=True) else "0" for v in versions))
"#;
    let said = run(&judge, script, json!({"versions": versions, "specifiers": asked}).to_string().as_bytes());
    let read: Vec<Version> =
        versions.iter().map(|version| Version::parse(&Ecosystem::PyPi, version).unwrap()).collect();
    let mut wrong = String::new();
    let mut compared = 0;
    for (text, judged) in asked.iter().zip(said.lines()) {
        let ours = Specifiers::parse(text).map_or_else(
            |_| "-".to_owned(),
            |specifiers| {
                read.iter().map(|version| if specifiers.contains(version) { '1' } else { '0' }).collect()
            },
        );
        compared += ours.len();
        if ours != judged {
            let differing =
                versions.iter().zip(ours.chars().zip(judged.chars())).find(|(_, (one, other))| one != other);
            let _ = writeln!(wrong, "{text}: {differing:?} (ours, theirs; {} {})", ours.len(), judged.len());
        }
    }
    assert!(compared > 150_000, "{compared}");
    assert!(wrong.is_empty(), "{wrong}");
}

fn table() -> Option<(Graph, Vec<String>)> {
    let bytes = data::unpacked("pypi-top8000-dependencies-2025-01.csv.xz")?;
    let mut import = Import::default();
    csv(&bytes[..], "table", &mut import).unwrap();
    let mut rows = ::csv::Reader::from_reader(&bytes[..]);
    let column = rows.headers().unwrap().iter().position(|title| title == "dependencies_raw").unwrap();
    let texts: BTreeSet<String> = rows
        .records()
        .flat_map(|row| split_list(&row.unwrap()[column]).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let graph = Graph::read(&mut Cursor::new(import.builder.finish()), Parts::ALL).unwrap();
    Some((graph, texts.into_iter().collect()))
}

/// Of every fourth requirement string (of all, at night) of the table, what both make of it: name, extras, versions.
#[test]
fn requirements_are_read_as_packaging_reads_them() {
    let Some(judge) = installed(target()) else { return };
    let Some((_, texts)) = table() else { return };
    let texts: Vec<String> = texts.into_iter().step_by(if exhaustive() { 1 } else { 4 }).collect();
    let script = r#"
import json, sys
from packaging.requirements import Requirement, InvalidRequirement
from packaging.utils import canonicalize_name
for text in json.load(sys.stdin):
    try:
        r = Requirement(text)
    except InvalidRequirement:
        print("-")
        continue
    print(json.dumps([canonicalize_name(r.name), sorted(canonicalize_name(e) for e in r.extras),
                      sorted(str(s) for s in r.specifier), str(r.marker or "").replace("'", '"')]))
"#;
    let said = run(&judge, script, json!(texts).to_string().as_bytes());
    let (mut equal, mut ours_alone, mut wrong) = (0, 0, Vec::new());
    for (text, judged) in texts.iter().zip(said.lines()) {
        let Ok(ours) = Requirement::parse(text) else {
            if judged != "-" {
                wrong.push(format!("refused here, read there: {text}"));
            }
            continue;
        };
        if judged == "-" {
            ours_alone += usize::from(!ours.amendments.is_empty());
            if ours.amendments.is_empty() {
                wrong.push(format!("read here, refused there: {text}"));
            }
            continue;
        }
        let judged: Value = serde_json::from_str(judged).unwrap();
        let mut clauses: Vec<String> =
            ours.specifiers().unwrap().clauses().iter().map(|clause| normal(&clause.to_string())).collect();
        clauses.sort();
        let theirs: Vec<String> = {
            let mut theirs: Vec<String> =
                judged[2].as_array().unwrap().iter().map(|clause| normal(clause.as_str().unwrap())).collect();
            theirs.sort();
            theirs
        };
        let extras: Vec<&str> = ours.extras.iter().map(String::as_str).collect();
        if json!([ours.package.name(), extras]) == json!([judged[0], judged[1]]) && clauses == theirs {
            equal += 1;
        } else {
            wrong.push(format!("{text}: {clauses:?} and {theirs:?}"));
        }
    }
    println!("{equal} requirement strings are read alike, {ours_alone} are mended here and refused there");
    assert!(
        equal > 10_000 && ours_alone <= 1 && wrong.is_empty(),
        "{}",
        wrong[..wrong.len().min(20)].join("\n")
    );
}

/// One way to write a version: zeros and signs of old spellings away.
fn normal(clause: &str) -> String {
    Specifiers::parse(clause).unwrap().to_string()
}

/// The definition of the states, in Python, with sets of versions as `packaging` makes them.
const ORACLE: &str = include_str!("triage_oracle.py");

/// Every fourth advisory (at night every one) with every direct dependent in the real data, counted here and by the oracle,
/// exposure by exposure.
#[test]
fn every_pair_of_the_real_data_has_the_state_that_packaging_gives_it() {
    let Some(judge) = installed(target()) else { return };
    let (Some((graph, _)), Some(records)) = (table(), data::archive("pypa-advisories-2024-10-10.tar.xz"))
    else {
        return;
    };
    let advisories: Vec<Advisory> = records
        .iter()
        .filter(|file| file.path.contains("/PYSEC-"))
        .step_by(if exhaustive() { 1 } else { 4 })
        .filter_map(|file| {
            let read = read_osv(&file.bytes, Format::Yaml, &file.path);
            read.inspect_err(|error| println!("left out: {error}")).ok()
        })
        .collect();
    assert!(advisories.len() > 650, "{} records", advisories.len());
    let triage = Triage::new(&graph);
    let mut lines = Vec::new();
    let mut sum = CountsByPart::default();
    for advisory in advisories.iter().filter(|advisory| advisory.withdrawn.is_none()) {
        for package in packages(advisory) {
            let exposure = match Exposure::of_advisory(advisory, &package) {
                Ok(exposure) => exposure,
                Err(error) => {
                    println!("left out: {error}");
                    continue;
                }
            };
            let counts = triage.count(&exposure);
            for (part, counts, whole) in
                [("runtime", counts.runtime, &mut sum.runtime), ("extras", counts.extras, &mut sum.extras)]
            {
                let mut line = format!("{} {} {part}", package.name(), advisory.id);
                for state in State::ALL.into_iter().rev() {
                    let count = counts.of(state);
                    (0..count).for_each(|_| whole.add(state));
                    if count > 0 {
                        let _ = write!(line, " {}={count}", state.name());
                    }
                }
                if counts.total() > 0 {
                    lines.push(line);
                }
            }
        }
    }
    lines.sort();
    let given: Vec<Value> = advisories
        .iter()
        .map(|advisory| {
            let rendered = render_osv(advisory);
            json!({"id": advisory.id, "withdrawn": advisory.withdrawn.is_some(), "affected": rendered["affected"]})
        })
        .collect();
    let path = data::directory().unwrap().join("pypi-top8000-dependencies-2025-01.csv.xz");
    let script = ORACLE.replace("sys.argv[1]", &format!("{:?}", path.display().to_string()));
    let said = run(&judge, &script, json!(given).to_string().as_bytes());
    let theirs: Vec<&str> = said.lines().collect();
    println!("{sum:?}");
    let differing: Vec<String> = lines
        .iter()
        .filter(|line| !theirs.contains(&line.as_str()))
        .map(|line| format!("ours:   {line}"))
        .chain(
            theirs
                .iter()
                .filter(|line| !lines.iter().any(|ours| ours == *line))
                .map(|line| format!("theirs: {line}")),
        )
        .take(20)
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(sum.runtime.total() > 8_000, "{sum:?}");
}
