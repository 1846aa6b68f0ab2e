//! Broken documents: every reader answers with a record or a reason, and OSV's reader refuses what the published schema
//! refuses.

use bastide_advisory::{AdvisoryError, Format, csaf, cve, json_text, osv, read_osv};
use bastide_testkit::judge::schemas::{Schemas, complaints};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::Config};
use serde_json::{Value, json};

use crate::real_records::publisher;

const SOURCE: &str = include_str!("../data/GHSA-rch3-82jr-f9w9.json");

/// An OSV record that uses all of the schema.
fn rich() -> Value {
    let mut document: Value = serde_json::from_str(SOURCE).unwrap();
    document["related"] = json!(["CVE-2026-10001"]);
    document["upstream"] = json!(["CVE-2026-10002"]);
    document["withdrawn"] = json!("2026-05-09T00:00:00Z");
    document["credits"] =
        json!([{"name": "reporter-a", "type": "REPORTER", "contact": ["https://example.org/a"]}]);
    document["affected"][0]["ecosystem_specific"] = json!({"a": 1});
    document["affected"][0]["versions"] = json!(["7.0.0", "7.5.5"]);
    document["affected"][0]["package"]["purl"] = json!("pkg:npm/%40jupyter-notebook/help-extension");
    let commits = json!({
        "type": "GIT", "repo": "https://github.com/jupyter/notebook", "database_specific": {"b": 2},
        "events": [{"introduced": "0"}, {"fixed": "a".repeat(40)}, {"limit": "b".repeat(64)}],
    });
    document["affected"][1]["ranges"].as_array_mut().unwrap().push(commits);
    document["affected"][2]["ranges"][0]["events"][1] = json!({"last_affected": "4.5.6"});
    document
}

/// The paths to all values of a document.
fn paths(value: &Value, here: &str, out: &mut Vec<String>) {
    out.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                paths(inner, &format!("{here}/{}", key.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                paths(inner, &format!("{here}/{index}"), out);
            }
        }
        _ => {}
    }
}

/// What a value may become.
fn replacement() -> impl Strategy<Value = Option<Value>> {
    let text = prop_oneof![
        Just(String::new()),
        Just("0".to_owned()),
        Just("x".to_owned()),
        Just("GIT".to_owned()),
        Just("SEMVER".to_owned()),
        Just("CVSS_V3".to_owned()),
        Just("Debian:12".to_owned()),
        Just("2024-01-01T00:00:00Z".to_owned()),
        Just("2024-02-30T00:00:00Z".to_owned()),
        Just("2024-01-01T00:00:00+00:00".to_owned()),
        Just("http://[::1".to_owned()),
        Just("https://example.org/%zz".to_owned()),
        Just("https://example.org/a b".to_owned()),
        Just("urn:x:y".to_owned()),
        Just("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:N/A:N".to_owned()),
        Just("c".repeat(40)),
        "\\PC{0,6}",
    ];
    prop_oneof![
        1 => Just(None),
        4 => text.prop_map(|text| Some(Value::from(text))),
        1 => Just(Some(Value::Null)),
        1 => Just(Some(json!(7))),
        1 => Just(Some(json!(true))),
        1 => Just(Some(json!([]))),
        1 => Just(Some(json!({}))),
        1 => Just(Some(json!(["x"]))),
        1 => Just(Some(json!({"introduced": "0"}))),
        1 => Just(Some(json!({"introduced": "0", "fixed": "1"}))),
    ]
}

/// The document with the value at a path replaced, or removed.
fn changed(document: &Value, choice: prop::sample::Index, new: Option<Value>) -> (String, Value) {
    let mut all = Vec::new();
    paths(document, "", &mut all);
    let path = choice.get(&all).clone();
    let mut out = document.clone();
    match (new, path.rsplit_once('/')) {
        (Some(new), _) => *out.pointer_mut(&path).unwrap() = new,
        (None, Some((parent, last))) => match out.pointer_mut(parent).unwrap() {
            Value::Object(fields) => {
                fields.remove(&last.replace("~1", "/").replace("~0", "~"));
            }
            Value::Array(items) => drop(items.remove(last.parse().unwrap())),
            _ => {}
        },
        (None, None) => out = Value::Null,
    }
    (path, out)
}

fn has_reason(error: &AdvisoryError) -> bool {
    error.document == "broken.json" && !error.reason.is_empty() && error.to_string().len() < 1000
}

proptest! {
    #![proptest_config(Config { cases: 400, ..Config::default() })]

    #[test]
    fn every_reader_answers_a_broken_document(choice: prop::sample::Index, new in replacement()) {
        let record = read_osv(SOURCE.as_bytes(), Format::Json, "good").unwrap();
        let assigner = cve::Assigner { org_id: "00000000-0000-4000-9000-000000000000".to_owned(), short_name: None };
        let (_, broken) = changed(&csaf::render(&record, &publisher()).unwrap(), choice, new.clone());
        if let Err(error) = csaf::read(json_text(&broken).as_bytes(), "broken.json") {
            prop_assert!(has_reason(&error), "{}", error);
        }
        let (_, broken) = changed(&cve::render(&record, &assigner).unwrap(), choice, new.clone());
        if let Err(error) = cve::read(json_text(&broken).as_bytes(), "broken.json") {
            prop_assert!(has_reason(&error), "{}", error);
        }
        let (_, broken) = changed(&rich(), choice, new);
        if let Err(error) = osv::read(json_text(&broken).as_bytes(), Format::Json, "broken.json") {
            prop_assert!(has_reason(&error), "{}", error);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}:,\"a-z0-9 &*!|>%\n-]{0,120}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            for format in [Format::Json, Format::Yaml] {
                if let Err(error) = read_osv(input, format, "broken.json") {
                    prop_assert!(has_reason(&error), "{}", error);
                }
            }
        }
    }
}

/// One change at a time, at every place: the published schema and our reader come to the same verdict. Where they do not, the
/// difference is one of those named here.
#[test]
fn the_osv_reader_refuses_what_the_published_schema_refuses() {
    let Some(schemas) = Schemas::load() else { return };
    assert_eq!(complaints(&schemas.osv, &rich()), Vec::<String>::new());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut both, mut neither) = (0, 0);
    let mut differences = Vec::new();
    for _ in 0..6000 {
        let strategy = (any::<prop::sample::Index>(), replacement());
        let (choice, new) = strategy.new_tree(&mut runner).unwrap().current();
        let (path, document) = changed(&rich(), choice, new);
        let accepted = complaints(&schemas.osv, &document);
        let read = osv::read(json_text(&document).as_bytes(), Format::Json, "broken.json");
        match (accepted.is_empty(), &read) {
            (true, Ok(_)) => both += 1,
            (false, Err(_)) => neither += 1,
            _ if is_stated(&path, &document, &read) => {}
            _ => differences.push(format!(
                "{path}: schema {accepted:?}, reader {:?}: {}",
                read.err(),
                document.pointer(&path).unwrap_or(&Value::Null)
            )),
        }
    }
    println!("OSV reader and schema agree on {both} accepted and {neither} refused changes");
    differences.sort();
    differences.dedup();
    assert!(differences.is_empty(), "{}", differences[..differences.len().min(30)].join("\n"));
    assert!(both > 1000 && neither > 1000, "{both} {neither}");
}

/// Where the reader is stricter or more lenient than the schema, on purpose.
fn is_stated(path: &str, document: &Value, read: &Result<bastide_advisory::Advisory, AdvisoryError>) -> bool {
    match document.pointer(path) {
        // A null says the same as no field; clients and databases write them (pysentry, OSV's own lists).
        Some(Value::Null) => read.is_ok(),
        // Another major version of the schema may mean anything by the same names.
        Some(_) => path == "/schema_version" && read.is_err(),
        None => false,
    }
}
