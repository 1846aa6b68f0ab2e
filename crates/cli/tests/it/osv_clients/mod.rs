//! The OSV service before clients that we did not write, as they come from PyPI: pip-audit, uv, pysentry.
//!
//! `bastide sync` brings what `PyPA` had published by October 2024, a twin of some records under their GHSA id, and a record of
//! malware; `bastide serve` answers the clients over loopback. What they find is held against the database itself: equal up to
//! alias twins, of which a client may show one or all.

mod clients;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use bastide_connect_feeds::Place;
use bastide_impact::{database::Snapshot, matching::Advisories as _};
use bastide_model::{
    package::{Ecosystem, Package},
    version::Version,
};
use bastide_testkit::data;

use crate::{bastide::Bastide, running::Running};

/// Forty packages of a scientific environment as it was some years ago.
const PINS: &str = include_str!("pins.txt");

/// What a client finds: package and id.
type Found = BTreeSet<(String, String)>;

/// A desk with advisories, and a client's project beside it.
struct World {
    bastide: Bastide,
    running: Running,
    snapshot: Snapshot,
    /// How the records were named in the archive that they came from.
    address: String,
}

impl World {
    /// None where the advisories are not at hand.
    fn open(pins: &[(String, String)]) -> Option<Self> {
        let files = data::archive("pypa-advisories-2024-10-10.tar.xz")?;
        let bastide = Bastide::new();
        let records = bastide.home().join("records");
        fs::create_dir(&records).unwrap();
        for (number, file) in files.iter().enumerate() {
            let name = file.path.rsplit('/').next().unwrap();
            fs::write(records.join(name), &file.bytes).unwrap();
            if number % 5 == 0 {
                twin(&records, &String::from_utf8_lossy(&file.bytes));
            }
        }
        bastide.file("records/mal.json", MALWARE);
        let synced = bastide.run(&["sync", "records", "--data", "desk", "--format", "json"]);
        assert!(synced.code <= 1, "{synced:?}");
        let snapshot = Place::in_data(&bastide.home().join("desk")).open().unwrap();
        bastide.file("requirements.txt", &lines(pins, |name, version| format!("{name}=={version}")));
        project(&bastide.home().join("project"), pins);
        // A thousand questions a minute are no flood here.
        let arguments = ["serve", "--data", "desk", "--listen", "127.0.0.1:0"];
        let running = Running::start(&bastide, &arguments, "The desk is at");
        let address = running.after("The desk is at ").to_owned();
        Some(Self { bastide, running, snapshot, address })
    }

    /// What the database itself says of the pins.
    fn expected(&self, pins: &[(String, String)]) -> Found {
        let mut found = Found::new();
        for (name, version) in pins {
            let package = Package::new(Ecosystem::PyPi, name);
            let version = Version::parse(&Ecosystem::PyPi, version).unwrap();
            let matches = self.snapshot.matches(&package, &version).unwrap();
            // What cannot be told is no answer of the API.
            let affected =
                matches.into_iter().filter(|one| one.verdict == bastide_model::version::Verdict::Yes);
            found.extend(affected.map(|one| (name.clone(), one.id)));
        }
        found
    }

    /// One name for each group of aliases: clients show one twin or all.
    fn grouped(&self, found: &Found) -> Found {
        let group = |id: &String| {
            let record = self.snapshot.record(id).unwrap();
            let others = record.map(|record| record.aliases).unwrap_or_default();
            others.into_iter().chain([id.clone()]).min().unwrap()
        };
        found.iter().map(|(name, id)| (name.clone(), group(id))).collect()
    }
}

/// The same vulnerability under its GHSA id, where it has one: what osv.dev holds of most records of `PyPA`.
fn twin(records: &Path, yaml: &str) {
    let ghsa = yaml.lines().find_map(|line| line.trim().strip_prefix("- GHSA-"));
    let id = yaml.lines().find_map(|line| line.strip_prefix("id: "));
    if let (Some(ghsa), Some(id)) = (ghsa, id) {
        let twin = yaml
            .replace(&format!("id: {id}\n"), &format!("id: GHSA-{ghsa}\n"))
            .replace(&format!("- GHSA-{ghsa}\n"), &format!("- {id}\n"));
        fs::write(records.join(format!("GHSA-{ghsa}.yaml")), twin).unwrap();
    }
}

const MALWARE: &str = r#"{"id": "MAL-2024-1", "modified": "2024-05-02T00:00:00Z", "summary": "Malicious code in requestz",
  "affected": [{"package": {"ecosystem": "PyPI", "name": "requestz"}, "versions": ["1.0.0"]}]}"#;

fn lines(pins: &[(String, String)], line: impl Fn(&str, &str) -> String) -> String {
    pins.iter().map(|(name, version)| line(name, version) + "\n").collect()
}

/// A project of uv whose lockfile holds exactly these pins.
fn project(place: &Path, pins: &[(String, String)]) {
    fs::create_dir_all(place).unwrap();
    let wanted = lines(pins, |name, version| format!("  \"{name}=={version}\","));
    let head = "[project]\nname = \"audited\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\ndependencies = [\n";
    fs::write(place.join("pyproject.toml"), format!("{head}{wanted}]\n")).unwrap();
    let mut sorted = pins.to_vec();
    sorted.sort();
    let names = lines(&sorted, |name, _| format!("    {{ name = \"{name}\" }},"));
    let asked =
        lines(&sorted, |name, version| format!("    {{ name = \"{name}\", specifier = \"=={version}\" }},"));
    let mut lock = format!(
        "version = 1\nrevision = 3\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"audited\"\nversion = \"0.1.0\"\n\
         source = {{ virtual = \".\" }}\ndependencies = [\n{names}]\n\n[package.metadata]\nrequires-dist = [\n{asked}]\n"
    );
    for (name, version) in &sorted {
        let hash = "0".repeat(64);
        let _ = write!(
            lock,
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n\
             sdist = {{ url = \"https://files.pythonhosted.org/packages/{name}-{version}.tar.gz\", hash = \"sha256:{hash}\", \
             size = 1 }}\n"
        );
    }
    fs::write(place.join("uv.lock"), lock).unwrap();
}

fn forty() -> Vec<(String, String)> {
    let pin = |line: &str| line.split_once("==").map(|(name, version)| (name.to_owned(), version.to_owned()));
    PINS.lines().filter_map(pin).collect()
}

/// A thousand packages that advisories speak of, each at the first version that one lists.
fn thousand(snapshot: &Snapshot) -> Vec<(String, String)> {
    let mut pins: BTreeMap<String, String> = forty().into_iter().collect();
    for record in snapshot.records() {
        if pins.len() == 1000 {
            break;
        }
        let record = record.unwrap();
        let document: serde_json::Value =
            serde_json::from_str(&snapshot.document(record.number).unwrap()).unwrap();
        let affected = &document["affected"][0];
        let name = affected["package"]["name"].as_str().unwrap_or_default();
        let listed = affected["versions"].as_array().cloned().unwrap_or_default();
        let version = listed.iter().filter_map(|text| text.as_str()).find(|text| {
            Version::parse(&Ecosystem::PyPi, text).is_ok_and(|read| read.normalised() == **text)
        });
        // pip-audit stops at the record of this package: one of its fixes is no version (rule OSV-FIXED says so).
        let digestible = record.id != "PYSEC-2019-125" && name != "requestz";
        if let Some(version) = version.filter(|_| digestible && !name.is_empty()) {
            let name = Package::new(Ecosystem::PyPi, name).name().to_owned();
            pins.entry(name).or_insert_with(|| version.to_owned());
        }
    }
    pins.into_iter().collect()
}

/// Runs the clients against a desk and compares what they find.
fn compare(pins: &[(String, String)]) {
    let Some(world) = World::open(pins) else { return };
    let expected = world.grouped(&world.expected(pins));
    let twins = world.expected(pins).len() - expected.len();
    println!("{} pins, {} findings, {twins} of them twins of another", pins.len(), expected.len());
    assert!(expected.len() > pins.len(), "this test sees too little");
    let home = world.bastide.home();
    let found = [
        ("pip-audit", clients::pip_audit(home, &world.address)),
        ("uv audit", clients::uv_audit(home, &world.address)),
        ("pysentry", clients::pysentry(home, &world.address)),
    ];
    for (client, found) in found {
        let Some(found) = found else { continue };
        let grouped = world.grouped(&found);
        println!("{client}: {} findings in {} groups", found.len(), grouped.len());
        let missing: Vec<_> = expected.difference(&grouped).collect();
        let besides: Vec<_> = grouped.difference(&expected).collect();
        assert!(
            missing.is_empty() && besides.is_empty(),
            "{client} misses {missing:?} and has besides {besides:?}"
        );
    }
    drop(world.running);
}

#[test]
fn pip_audit_uv_and_pysentry_find_the_same_on_forty_pins() {
    compare(&forty());
}

/// The long form, for the nightly run.
#[test]
fn pip_audit_uv_and_pysentry_find_the_same_on_a_thousand_pins() {
    #[allow(clippy::disallowed_methods, reason = "how much is tested is for whoever runs the tests to say")]
    let exhaustive = std::env::var("BASTIDE_EXHAUSTIVE").is_ok_and(|value| value == "1");
    if !exhaustive {
        return println!("a thousand pins are asked in the nightly run (BASTIDE_EXHAUSTIVE=1)");
    }
    let Some(world) = World::open(&forty()) else { return };
    let pins = thousand(&world.snapshot);
    drop(world);
    assert_eq!(pins.len(), 1000);
    compare(&pins);
}

#[test]
fn uv_installs_nothing_where_a_record_of_ours_says_malware() {
    let pins = [("requestz".to_owned(), "1.0.0".to_owned())];
    let Some(world) = World::open(&pins) else { return };
    let Some(ended) = clients::uv_sync(world.bastide.home(), &world.address) else { return };
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success() && said.contains("MAL-2024-1"), "{said}");
    assert!(said.to_lowercase().contains("malware"), "{said}");
}
