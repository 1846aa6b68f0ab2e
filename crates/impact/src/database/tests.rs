//! The index against a naive reading of each record, and against damage.

#![allow(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

use std::sync::LazyLock;

use bastide_advisory::{
    Advisory, Format, read_osv,
    record::{Event, EventKind},
};
use bastide_model::{
    package::{Ecosystem, Package},
    time::Instant,
    version::{Verdict, Version},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::matching::Advisories;

/// A record of these packages, each with what is affected of it.
fn record(id: &str, affected: Value) -> Advisory {
    let modified = "2024-05-01T00:00:00.25Z";
    let document = json!({"id": id, "modified": modified, "aliases": [], "affected": affected});
    read_osv(document.to_string().as_bytes(), Format::Json, id).unwrap()
}

fn pypi(name: &str, inside: Value) -> Value {
    let mut all = json!({"package": {"ecosystem": "PyPI", "name": name}});
    all.as_object_mut().unwrap().extend(inside.as_object().unwrap().clone());
    all
}

fn ranges(kind: &str, events: Value) -> Value {
    json!({"ranges": [{"type": kind, "events": events}]})
}

fn snapshot(records: &[Advisory]) -> Snapshot {
    Snapshot::of_bytes(bytes(records)).unwrap()
}

fn bytes(records: &[Advisory]) -> Vec<u8> {
    let mut builder = Builder::new();
    for record in records {
        builder.add(record).unwrap();
    }
    builder.finish(Instant::EPOCH).unwrap()
}

fn ask(snapshot: &Snapshot, name: &str, version: &str) -> Vec<(String, Verdict)> {
    let package = Package::new(Ecosystem::PyPi, name);
    let version = Version::parse(&Ecosystem::PyPi, version).unwrap();
    let matches = snapshot.matches(&package, &version).unwrap();
    matches.into_iter().map(|found| (found.id, found.verdict)).collect()
}

#[test]
fn a_version_is_found_by_range_by_list_and_by_what_it_is_equal_to() {
    let fixed = ranges("ECOSYSTEM", json!([{"introduced": "0"}, {"fixed": "2.0"}, {"introduced": "3"}]));
    let listed = json!({"versions": ["1.0", "1.1-legacy-7"]});
    let last = ranges("SEMVER", json!([{"introduced": "1.0.0"}, {"last_affected": "1.5"}]));
    let records = [
        record("PYSEC-2024-1", json!([pypi("Some_Package", fixed)])),
        record("PYSEC-2024-2", json!([pypi("some-package", listed)])),
        record("PYSEC-2024-3", json!([pypi("some.package", last)])),
    ];
    let snapshot = snapshot(&records);
    let ids = |version: &str| -> Vec<String> {
        ask(&snapshot, "some-package", version).into_iter().map(|(id, _)| id[11..].to_owned()).collect()
    };
    assert_eq!(ids("0.1"), ["1"]);
    assert_eq!(ids("1.0.0"), ["1", "2", "3"]);
    assert_eq!(ids("1.5"), ["1", "3"]);
    assert_eq!(ids("1.5.post1"), ["1"]);
    assert_eq!(ids("2.0rc1"), ["1"]);
    assert!(ids("2.0").is_empty());
    assert_eq!(ids("3.dev1"), [] as [&str; 0]);
    assert_eq!(ids("99"), ["1"]);
    assert!(ask(&snapshot, "another", "1.0").is_empty());
}

#[test]
fn what_cannot_be_told_is_unknown_and_never_left_out() {
    let commits = json!({"ranges": [{"type": "GIT", "repo": "https://example.org/a", "events": [{"introduced": "0"}]}]});
    let odd = ranges("ECOSYSTEM", json!([{"introduced": "1.0"}, {"fixed": "not a version"}]));
    let records = [
        record("PYSEC-2024-1", json!([pypi("a", commits)])),
        record("PYSEC-2024-2", json!([pypi("a", odd)])),
        record("PYSEC-2024-3", json!([pypi("a", json!({}))])),
    ];
    let found = ask(&snapshot(&records), "a", "0.5");
    assert!(found.iter().all(|(_, verdict)| *verdict == Verdict::Unknown) && found.len() == 3, "{found:?}");
    assert_eq!(ask(&snapshot(&records), "a", "1.5")[1].1, Verdict::Yes, "the range that is left is open");
}

#[test]
fn a_match_says_what_fixes_it_how_bad_it_is_and_its_other_names() {
    let document = json!({
        "id": "PYSEC-2024-1", "modified": "2024-05-01T00:00:00Z", "summary": "One line",
        "aliases": ["CVE-2024-0001"],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [pypi("a", json!({"ranges": [
            {"type": "ECOSYSTEM", "events": [{"introduced": "2"}, {"fixed": "2.10"}]},
            {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.9"}]},
        ]}))],
    });
    let one = read_osv(document.to_string().as_bytes(), Format::Json, "one").unwrap();
    let mut twin = record("GHSA-2222-3333-4444", json!([pypi("b", json!({"versions": ["1"]}))]));
    twin.aliases = vec!["CVE-2024-0001".to_owned()];
    let snapshot = snapshot(&[one, twin]);
    let package = Package::new(Ecosystem::PyPi, "a");
    let found = snapshot.matches(&package, &Version::parse(&Ecosystem::PyPi, "1").unwrap()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].aliases, ["CVE-2024-0001", "GHSA-2222-3333-4444"]);
    assert_eq!((found[0].score, found[0].summary.as_str()), (Some(9.8), "One line"));
    let fixed: Vec<_> = found[0].fixed.iter().map(Version::as_str).collect();
    assert_eq!(fixed, ["1.9", "2.10"]);
    let number = snapshot.record("PYSEC-2024-1").unwrap().unwrap().number;
    let served: Value = serde_json::from_str(&snapshot.document(number).unwrap()).unwrap();
    assert_eq!(served["aliases"], json!(["CVE-2024-0001", "GHSA-2222-3333-4444"]));
    assert_eq!(snapshot.by_alias("CVE-2024-0001").unwrap().len(), 2);
    assert!(snapshot.by_alias("CVE-2024-0002").unwrap().is_empty());
}

#[test]
fn alias_groups_have_bounds() {
    let with = |id: &str, aliases: &[String]| {
        let mut record = record(id, json!([pypi("a", json!({"versions": ["1"]}))]));
        record.aliases = aliases.to_vec();
        record
    };
    let many: Vec<String> = (1..=6).map(|number| format!("CVE-2024-000{number}")).collect();
    let careless = [with("PYSEC-2024-1", &many), with("PYSEC-2024-2", &many[..1])];
    let snapshot_of = snapshot(&careless);
    assert_eq!(snapshot_of.record("PYSEC-2024-1").unwrap().unwrap().aliases, many, "its own stay");
    assert_eq!(snapshot_of.record("PYSEC-2024-2").unwrap().unwrap().aliases, many[..1]);
    let mut chain: Vec<Advisory> = Vec::new();
    for number in 0..40 {
        chain.push(with(&format!("PYSEC-2024-{number}"), &[format!("PYSEC-2024-{}", number + 1)]));
    }
    let long = snapshot(&chain);
    assert_eq!(long.record("PYSEC-2024-5").unwrap().unwrap().aliases, ["PYSEC-2024-6"]);
    let short = snapshot(&chain[..3]);
    let group = short.record("PYSEC-2024-0").unwrap().unwrap().aliases;
    assert_eq!(group, ["PYSEC-2024-1", "PYSEC-2024-2", "PYSEC-2024-3"]);
}

#[test]
fn a_withdrawn_record_is_found_by_id_alone_and_the_newer_of_two_stays() {
    let mut gone = record("PYSEC-2024-1", json!([pypi("a", json!({"versions": ["1"]}))]));
    gone.withdrawn = Some(Instant::EPOCH);
    let old = record("PYSEC-2024-2", json!([pypi("a", json!({"versions": ["1"]}))]));
    let mut new = old.clone();
    new.modified = Instant::from_micros(old.modified.as_micros() + 1);
    new.affected[0].versions = vec!["2".to_owned()];
    for order in [[&old, &new], [&new, &old]] {
        let mut builder = Builder::new();
        assert_eq!(builder.add(&gone).unwrap().0, Added::New);
        let added = order.map(|record| builder.add(record).unwrap().0);
        assert_eq!(
            added[1],
            if std::ptr::eq(order[1], &raw const new) { Added::Newer } else { Added::Older }
        );
        let snapshot = Snapshot::of_bytes(builder.finish(Instant::EPOCH).unwrap()).unwrap();
        assert!(ask(&snapshot, "a", "1").is_empty());
        assert_eq!(ask(&snapshot, "a", "2").len(), 1);
        assert!(snapshot.record("PYSEC-2024-1").unwrap().unwrap().withdrawn);
        let counts = Counts { records: 2, withdrawn: 1, packages: 1, entries: 1 };
        assert_eq!(snapshot.counts(), counts);
    }
}

#[test]
fn unknown_fields_are_kept_where_every_client_allows_them() {
    let document = json!({
        "id": "PYSEC-2024-1", "modified": "2024-05-01T00:00:00Z", "new_field": 1,
        "affected": [{"package": {"ecosystem": "PyPI", "name": "a", "odd": 2}, "versions": ["1"], "more": 3,
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0", "note": 4}], "also": 5}]}],
        "references": [{"type": "WEB", "url": "https://example.org", "title": 6}],
    });
    let snapshot = snapshot(&[read_osv(document.to_string().as_bytes(), Format::Json, "one").unwrap()]);
    let served: Value = serde_json::from_str(&snapshot.document(0).unwrap()).unwrap();
    assert_eq!(served["new_field"], Value::Null);
    let unknown = &served["database_specific"]["bastide"]["unknown"];
    assert_eq!(unknown, &json!({"new_field": 1, "references[0].title": 6}));
    let inside = &served["affected"][0]["database_specific"]["bastide"]["unknown"];
    let expected = json!({"more": 3, "package.odd": 2, "ranges[0].also": 5, "ranges[0].events[0].note": 4});
    assert_eq!(inside, &expected);
}

/// A source that is bytes, and counts what is read of them.
#[derive(Clone)]
struct Counting(std::sync::Arc<(Vec<u8>, std::sync::atomic::AtomicUsize)>);

impl Source for Counting {
    fn length(&self) -> std::io::Result<u64> {
        Ok(self.0.0.len() as u64)
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        let bytes = self.0.0.get(from..from + into.len()).ok_or(std::io::ErrorKind::UnexpectedEof)?;
        self.0.1.fetch_add(into.len(), std::sync::atomic::Ordering::Relaxed);
        into.copy_from_slice(bytes);
        Ok(())
    }
}

#[test]
fn a_file_is_read_in_the_pages_that_are_needed() {
    let records: Vec<Advisory> = (0..3000)
        .map(|number| {
            let range = ranges("ECOSYSTEM", json!([{"introduced": "0"}, {"fixed": format!("{number}.1")}]));
            record(&format!("PYSEC-2024-{number}"), json!([pypi(&format!("package-{number}"), range)]))
        })
        .collect();
    let bytes = bytes(&records);
    let source = Counting(std::sync::Arc::new((bytes.clone(), 0.into())));
    let paged = Snapshot::open(source.clone()).unwrap();
    let whole = Snapshot::of_bytes(bytes.clone()).unwrap();
    for number in [7, 700, 2999] {
        let name = format!("package-{number}");
        assert_eq!(ask(&paged, &name, "5"), ask(&whole, &name, "5"), "{name}");
    }
    let read = source.0.1.load(std::sync::atomic::Ordering::Relaxed);
    assert!(read < bytes.len() / 3, "{read} of {} bytes were read for three packages", bytes.len());
    for number in (0..3000).step_by(97) {
        let (left, right) = (paged.document(number).unwrap(), whole.document(number).unwrap());
        assert_eq!(left, right);
    }
}

fn any_version() -> impl Strategy<Value = String> {
    "(0|1|2|3)(\\.(0|1|2)){0,2}((a|rc)[01])?(\\.post[01])?"
}

/// What one record may say: ranges whose events come in any order, and listed versions.
fn any_affected() -> impl Strategy<Value = Value> {
    let kinds = prop_oneof![Just("introduced"), Just("introduced"), Just("limit"), Just("ends")];
    let version = prop_oneof![any_version(), Just("0".to_owned())];
    let event = (kinds, version);
    let range = (proptest::collection::vec(event, 0..5), any::<bool>(), any::<bool>());
    let listed = proptest::collection::vec(any_version(), 0..4);
    (proptest::collection::vec(range, 0..3), listed).prop_map(|(all, listed)| {
        let range = |(events, semver, last): (Vec<(&str, String)>, bool, bool)| {
            let end = if last { "last_affected" } else { "fixed" };
            let mut out = vec![json!({"introduced": "1"})];
            out.extend(events.into_iter().map(|(kind, version)| {
                let kind = if kind == "ends" { end } else { kind };
                json!({kind: version})
            }));
            json!({"type": if semver { "SEMVER" } else { "ECOSYSTEM" }, "events": out})
        };
        let all: Vec<Value> = all.into_iter().map(range).collect();
        pypi("a", json!({"ranges": all, "versions": listed}))
    })
}

/// osv.dev's evaluation as its source writes it: listed and equal when parsed, else the events sorted and looked at from the
/// end. Where an interval ends and another begins at one version, osv.dev forgets the one that begins; we do not.
fn naive(record: &Advisory, version: &Version) -> bool {
    let parse = |text: &str| Version::parse(&Ecosystem::PyPi, text).unwrap();
    record.affected.iter().any(|affected| {
        let listed = affected.versions.iter().any(|text| parse(text) == *version);
        listed
            || affected.ranges.iter().any(|range| {
                let mut open: Vec<_> = range.events.clone();
                let rank = |kind: EventKind| match kind {
                    EventKind::Fixed | EventKind::Limit => 0,
                    EventKind::Introduced => 1,
                    EventKind::LastAffected => 2,
                };
                let position = |event: &Event| {
                    let first = event.kind == EventKind::Introduced && event.version == "0";
                    parse(if first { "0.dev0" } else { &event.version })
                };
                open.sort_by(|one, other| {
                    position(one)
                        .partial_cmp(&position(other))
                        .unwrap()
                        .then(rank(one.kind).cmp(&rank(other.kind)))
                });
                let reached = open.iter().rev().find(|event| position(event) <= *version);
                reached.is_some_and(|event| match event.kind {
                    EventKind::Introduced => true,
                    EventKind::LastAffected => position(event) == *version,
                    EventKind::Fixed | EventKind::Limit => false,
                })
            })
    })
}

/// A snapshot of forty records.
static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let records: Vec<Advisory> = (0..40)
        .map(|number| {
            let range = ranges("ECOSYSTEM", json!([{"introduced": "0"}, {"fixed": "2"}]));
            let package = pypi(&format!("p{}", number % 7), range);
            let mut record = record(&format!("PYSEC-2024-{number}"), json!([package]));
            record.aliases = vec![format!("CVE-2024-1{number:03}")];
            record
        })
        .collect();
    bytes(&records)
});

proptest! {
    #[test]
    fn the_index_answers_as_a_naive_reading_of_the_record(
        affected in any_affected(), versions in proptest::collection::vec(any_version(), 8),
    ) {
        let record = record("PYSEC-2024-1", json!([affected]));
        let snapshot = snapshot(std::slice::from_ref(&record));
        let compares = !record.affected[0].ranges.is_empty() || !record.affected[0].versions.is_empty();
        for text in versions {
            let found = ask(&snapshot, "a", &text);
            let version = Version::parse(&Ecosystem::PyPi, &text).unwrap();
            let expected = naive(&record, &version);
            let hit = found.iter().any(|(_, verdict)| *verdict == Verdict::Yes);
            prop_assert_eq!(hit, expected, "{} in {:?}", text, record.affected);
            prop_assert!(compares || !found.is_empty(), "what cannot be told is unknown");
        }
    }

    /// Whatever bits flip, and wherever it is cut: the same answer, or an error that says so.
    #[test]
    fn damage_is_an_error_and_never_another_answer(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let sound = &*SOUND;
        let mut damaged = sound.clone();
        for (place, bit) in flips {
            let place = place.index(damaged.len());
            damaged[place] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            damaged.truncate(cut.index(sound.len()));
        }
        let expected = Snapshot::of_bytes(sound.clone()).unwrap();
        if damaged != *sound {
            prop_assert!(Snapshot::of_bytes(damaged.clone()).is_err());
        }
        let Ok(paged) = Snapshot::open(Counting(std::sync::Arc::new((damaged, 0.into())))) else { return Ok(()) };
        for name in ["p0", "p3", "p6", "none"] {
            let package = Package::new(Ecosystem::PyPi, name);
            let version = Version::parse(&Ecosystem::PyPi, "1.0").unwrap();
            if let Ok(found) = paged.matches(&package, &version) {
                prop_assert_eq!(found, expected.matches(&package, &version).unwrap());
            }
        }
        for number in (0..40).step_by(13) {
            if let Ok(document) = paged.document(number) {
                prop_assert_eq!(document, expected.document(number).unwrap());
            }
        }
        if let Ok(found) = paged.by_alias("CVE-2024-1003") {
            prop_assert_eq!(found, expected.by_alias("CVE-2024-1003").unwrap());
        }
    }

    /// A snapshot that somebody wrote on purpose, with good check values: anything but a panic.
    #[test]
    fn bytes_that_were_made_to_deceive_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
    ) {
        let range = ranges("ECOSYSTEM", json!([{"introduced": "0"}, {"fixed": "2"}]));
        let mut made = bytes(&[record("PYSEC-2024-1", json!([pypi("a", range)]))]);
        for (place, byte) in changes {
            let place = place.index(made.len());
            made[place] = byte;
        }
        layout::sign_again(&mut made);
        if let Ok(snapshot) = Snapshot::of_bytes(made) {
            let version = Version::parse(&Ecosystem::PyPi, "1.0").unwrap();
            let _ = snapshot.matches(&Package::new(Ecosystem::PyPi, "a"), &version);
            let _ = snapshot.record("PYSEC-2024-1");
            let _ = snapshot.by_alias("CVE-2024-1");
            for number in 0..snapshot.counts().records.min(9) {
                let _ = (snapshot.document(number), snapshot.batch_line(number));
            }
        }
    }
}
