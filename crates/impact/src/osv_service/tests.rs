//! What clients of osv.dev count on, sentence by sentence.

use bastide_advisory::{Format, read_osv};
use bastide_model::time::Instant;
use serde_json::{Value, json};

use super::*;
use crate::database::Builder;

fn snapshot(records: &[Value]) -> Snapshot {
    let mut builder = Builder::new();
    for record in records {
        builder.add(&read_osv(record.to_string().as_bytes(), Format::Json, "test").unwrap()).unwrap();
    }
    Snapshot::of_bytes(builder.finish(Instant::EPOCH).unwrap()).unwrap()
}

/// A record that says this of one package.
fn record(id: &str, ecosystem: &str, name: &str, inside: &Value) -> Value {
    let mut affected = json!({"package": {"ecosystem": ecosystem, "name": name}});
    affected.as_object_mut().unwrap().extend(inside.as_object().unwrap().clone());
    json!({"id": id, "modified": "2024-05-01T10:20:30.250Z", "affected": [affected]})
}

fn below(version: &str) -> Value {
    json!({"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": version}]}]})
}

fn feed() -> Snapshot {
    let git = json!({
        "versions": ["v1.0", "project-2.0-rc1"],
        "ranges": [{"type": "GIT", "repo": "https://github.com/example/project.git",
            "events": [{"introduced": "a".repeat(40)}, {"fixed": "b".repeat(40)}]}],
    });
    let mut withdrawn = record("PYSEC-2024-4", "PyPI", "a", &below("2.0"));
    withdrawn["withdrawn"] = json!("2024-06-01T00:00:00Z");
    let mut alias = record("PYSEC-2024-6", "PyPI", "aliased", &below("2.0"));
    alias["aliases"] = json!(["CVE-2024-0006"]);
    snapshot(&[
        record("PYSEC-2024-2", "PyPI", "a", &below("2.0")),
        record("PYSEC-2024-1", "PyPI", "a", &below("1.0")),
        withdrawn,
        record("PYSEC-2024-5", "PyPI", "Odd.Name", &json!({"versions": ["1.0-custom-3"]})),
        alias,
        record(
            "GHSA-2222-3333-4444",
            "npm",
            "@scope/a",
            &json!({"ranges": [
            {"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.2.3"}]}]}),
        ),
        record("PSF-2024-1", "PyPI", "from-git", &git),
        record("DSA-1-1", "Debian:12", "a", &json!({"versions": ["1.0-1"]})),
    ])
}

fn ask_in(snapshot: &Snapshot, query: &Value) -> Result<Value, ServiceError> {
    let layers = Layers { own: None, feeds: Some(snapshot) };
    super::query(layers, query.to_string().as_bytes()).map(|body| serde_json::from_str(&body).unwrap())
}

fn ids(query: &Value) -> Vec<String> {
    let answer = ask_in(&feed(), query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let vulns = answer.get("vulns").and_then(Value::as_array).cloned().unwrap_or_default();
    assert!(answer.get("vulns").is_none() || !vulns.is_empty(), "an empty list is left out: {answer}");
    vulns.iter().map(|vuln| vuln["id"].as_str().unwrap().to_owned()).collect()
}

fn refusal(query: &Value) -> String {
    let error = ask_in(&feed(), query).unwrap_err();
    assert_eq!((error.code, error.code.status()), (Code::InvalidArgument, 400));
    let body: Value = serde_json::from_str(&error.body()).unwrap();
    assert_eq!(body["code"], 3);
    body["message"].as_str().unwrap().to_owned()
}

fn package(name: &str, ecosystem: &str) -> Value {
    json!({"name": name, "ecosystem": ecosystem})
}

#[test]
fn a_package_and_a_version_are_answered_by_id() {
    let at = |version: &str| ids(&json!({"package": package("a", "PyPI"), "version": version}));
    assert_eq!(at("0.5"), ["PYSEC-2024-1", "PYSEC-2024-2"]);
    assert_eq!(at("1.0.0"), ["PYSEC-2024-2"]);
    assert!(at("2.0").is_empty());
    assert_eq!(ids(&json!({"package": package("A", "PyPI")})), ["PYSEC-2024-1", "PYSEC-2024-2"], "all of it");
    let odd = |name: &str| ids(&json!({"package": package(name, "PyPI"), "version": "1.0-custom-3"}));
    assert_eq!(
        odd("odd_name"),
        ["PYSEC-2024-5"],
        "a name is normalised, a version that no PEP reads is a text"
    );
    assert_eq!(ids(&json!({"package": package("a", "Debian"), "version": "1.0-1"})), ["DSA-1-1"]);
    assert_eq!(ids(&json!({"package": package("a", "Debian:12"), "version": "1.0-1"})), ["DSA-1-1"]);
    let nameless = ids(&json!({"package": {"name": "a"}, "version": "0.5"}));
    assert_eq!(nameless, ["PYSEC-2024-1", "PYSEC-2024-2"], "without ecosystem in each of them");
}

#[test]
fn a_package_url_is_a_package() {
    let purl = |purl: &str| {
        ids(&json!({"package": {"purl": purl, "name": null, "ecosystem": null}, "commit": null}))
    };
    assert_eq!(purl("pkg:pypi/a@0.5"), ["PYSEC-2024-1", "PYSEC-2024-2"]);
    assert_eq!(purl("pkg:npm/%40scope/a@1.2.0"), ["GHSA-2222-3333-4444"]);
    assert!(purl("pkg:npm/%40scope/a@1.2.3").is_empty());
    assert_eq!(ask_in(&feed(), &json!({"package": {"purl": "pkg:strange/a@1"}})).unwrap(), json!({}));
    let version = json!({"package": {"purl": "pkg:pypi/a"}, "version": "0.5"});
    assert_eq!(ids(&version).len(), 2);
}

#[test]
fn commits_and_tags_are_found_where_a_record_names_them() {
    assert_eq!(ids(&json!({"commit": "A".repeat(40)})), ["PSF-2024-1"]);
    assert!(ids(&json!({"commit": "b".repeat(40)})).is_empty(), "what fixes it is not affected");
    for (name, version) in [
        ("https://github.com/example/project", "v1.0"),
        ("github.com/example/project.git", "1.0"),
        ("https://github.com/example/project/", "project-2.0-rc1"),
    ] {
        let query = json!({"package": package(name, "GIT"), "version": version});
        assert_eq!(ids(&query), ["PSF-2024-1"], "{query}");
    }
}

#[test]
fn a_wrong_query_is_refused_in_the_words_of_osv_dev() {
    let a = package("a", "PyPI");
    for (query, message) in [
        (json!({}), "invalid query"),
        (json!({"version": "1"}), "invalid query"),
        (json!({"package": {"ecosystem": "PyPI"}}), "invalid query"),
        (json!({"package": {"name": "a"}}), "invalid query"),
        (json!({"package": package("a", "pypi")}), "invalid ecosystem"),
        (json!({"commit": "xyz"}), "invalid hash"),
        (json!({"commit": "abc"}), "invalid hash"),
        (json!({"package": {"purl": "pkg:pypi/a", "name": "a"}}), "name specified in a PURL query"),
        (
            json!({"package": {"purl": "pkg:pypi/a", "ecosystem": "PyPI"}}),
            "ecosystem specified in a PURL query",
        ),
        (
            json!({"package": {"purl": "pkg:pypi/a@1"}, "version": "1"}),
            "version specified in params and PURL query",
        ),
        (json!({"package": a, "page_token": "nonsense"}), "invalid cursor"),
        (json!({"package": a, "versions": "1"}), "versions: Cannot find field."),
        (json!({"package": {"nmae": "a"}}), "package.nmae: Cannot find field."),
        (json!({"package": "a"}), "package: must be an object"),
        (json!([]), "the body: must be an object"),
    ] {
        assert_eq!(refusal(&query), message, "{query}");
    }
    assert!(refusal(&json!({"package": {"purl": "not a purl"}})).starts_with("invalid PURL"));
    let layers = Layers { own: None, feeds: None };
    assert!(query(layers, b"{").unwrap_err().message.starts_with("the body is not JSON"));
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(query(layers, deep.as_bytes()).unwrap_err().code, Code::InvalidArgument);
}

#[test]
fn a_batch_answers_in_its_order_with_ids_and_instants_only() {
    let feed = feed();
    let layers = Layers { own: None, feeds: Some(&feed) };
    let ask = |body: &Value| query_batch(layers, body.to_string().as_bytes());
    let queries = json!({"queries": [
        {"package": package("none", "PyPI"), "version": "1"},
        {"package": package("a", "PyPI"), "version": "1.5"},
        {"package": {"purl": "pkg:strange/a@1"}},
        {"package": package("a", "PyPI"), "version": "1.5"},
    ]});
    let found = json!({"vulns": [{"id": "PYSEC-2024-2", "modified": "2024-05-01T10:20:30.250Z"}]});
    let answer: Value = serde_json::from_str(&ask(&queries).unwrap()).unwrap();
    assert_eq!(answer, json!({"results": [{}, found, {}, found]}));
    assert_eq!(ask(&json!({})).unwrap(), "{}");
    assert_eq!(ask(&json!({"queries": null})).unwrap(), "{}");
    let wrong = json!({"queries": [queries["queries"][0], {"package": package("a", "nowhere")}]});
    let message = "error in query at index 1: rpc error: code = InvalidArgument desc = invalid ecosystem";
    assert_eq!(ask(&wrong).unwrap_err().message, message);
    let many = json!({"queries": vec![queries["queries"][0].clone(); 1001]});
    assert_eq!(ask(&many).unwrap_err().message, "too many queries");
    assert!(ask(&json!({"queries": vec![queries["queries"][0].clone(); 1000]})).is_ok());
}

#[test]
fn what_does_not_fit_comes_on_the_next_page_and_each_record_once() {
    let long = "x".repeat(1_000_000);
    let records: Vec<Value> = (0..13)
        .map(|number| {
            let mut record = record(&format!("PYSEC-2024-{number:03}"), "PyPI", "a", &below("2.0"));
            record["details"] = json!(long);
            record
        })
        .collect();
    let feed = snapshot(&records);
    let mut query = json!({"package": package("a", "PyPI"), "version": "1"});
    let mut seen = Vec::new();
    loop {
        let answer = ask_in(&feed, &query).unwrap();
        let vulns = answer["vulns"].as_array().unwrap();
        assert!(vulns.len() <= 10, "{} records of 1 MB in one answer", vulns.len());
        seen.extend(vulns.iter().map(|vuln| vuln["id"].as_str().unwrap().to_owned()));
        match answer.get("next_page_token") {
            Some(token) => query["page_token"] = token.clone(),
            None => break,
        }
    }
    let expected: Vec<_> = (0..13).map(|number| format!("PYSEC-2024-{number:03}")).collect();
    assert_eq!(seen, expected);
    query["page_token"] = json!(FIRST_PAGE_TOKEN);
    assert_eq!(ask_in(&feed, &query).unwrap()["vulns"][0]["id"], "PYSEC-2024-000");
}

#[test]
fn a_batch_has_a_thousand_results_each_and_goes_on_behind_them() {
    let records: Vec<Value> = (0..1200)
        .map(|number| record(&format!("PYSEC-2024-{number:04}"), "PyPI", "a", &below("2.0")))
        .collect();
    let feed = snapshot(&records);
    let layers = Layers { own: None, feeds: Some(&feed) };
    let one = json!({"package": package("a", "PyPI"), "version": "1"});
    let ask = |query: &Value| -> Value {
        let answer = query_batch(layers, json!({"queries": [query]}).to_string().as_bytes()).unwrap();
        serde_json::from_str::<Value>(&answer).unwrap()["results"][0].clone()
    };
    let first = ask(&one);
    assert_eq!(first["vulns"].as_array().unwrap().len(), 1000);
    let mut second = one.clone();
    second["page_token"] = first["next_page_token"].clone();
    let rest = ask(&second);
    assert_eq!((rest["vulns"].as_array().unwrap().len(), rest.get("next_page_token")), (200, None));
    assert_eq!(rest["vulns"][0]["id"], "PYSEC-2024-1000");
}

#[test]
fn a_record_is_found_by_id_and_an_alias_is_told() {
    let feed = feed();
    let layers = Layers { own: None, feeds: Some(&feed) };
    let served: Value = serde_json::from_str(&vulnerability(layers, "PYSEC-2024-4").unwrap()).unwrap();
    assert_eq!(served["withdrawn"], "2024-06-01T00:00:00Z");
    let error = vulnerability(layers, "PYSEC-2024-99").unwrap_err();
    assert_eq!(
        (error.code.status(), error.body().as_str()),
        (404, r#"{"code":5,"message":"Vulnerability not found"}"#)
    );
    let alias = vulnerability(layers, "CVE-2024-0006").unwrap_err().message;
    assert_eq!(alias, "Vulnerability not found, but the following aliases were: CVE-2024-0006 PYSEC-2024-6");
    assert_eq!(vulnerability(layers, &"x".repeat(101)).unwrap_err().message, "ID is too long");
    assert_eq!(vulnerability(layers, "").unwrap_err().message, "ID is required");
}

#[test]
fn what_is_published_here_answers_at_once_and_in_place_of_a_feed() {
    let feed = feed();
    let fixed_here = record("PYSEC-2024-2", "PyPI", "a", &below("1.0"));
    let own = snapshot(&[fixed_here, record("PYSEC-2024-0", "PyPI", "a", &below("9"))]);
    let layers = Layers { own: Some(&own), feeds: Some(&feed) };
    let at = |version: &str| -> Vec<String> {
        let query = json!({"package": package("a", "PyPI"), "version": version});
        let answer: Value =
            serde_json::from_str(&super::query(layers, query.to_string().as_bytes()).unwrap()).unwrap();
        let vulns = answer.get("vulns").and_then(Value::as_array).cloned().unwrap_or_default();
        vulns.iter().map(|vuln| vuln["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(at("1.5"), ["PYSEC-2024-0"], "the feed still says that 1.5 is affected by PYSEC-2024-2");
    assert_eq!(at("0.5"), ["PYSEC-2024-0", "PYSEC-2024-1", "PYSEC-2024-2"]);
}

#[test]
fn a_dump_holds_each_record_of_its_ecosystem_and_the_list_begins_with_the_newest() {
    let mut new = record("PYSEC-2024-9", "PyPI", "b", &below("1"));
    new["modified"] = json!("2025-01-01T00:00:00Z");
    let own = snapshot(&[new]);
    let feed = feed();
    let layers = Layers { own: Some(&own), feeds: Some(&feed) };
    let names: Vec<String> = dump(layers, "PyPI").unwrap().map(|file| file.unwrap().0).collect();
    let expected = [
        "PSF-2024-1.json",
        "PYSEC-2024-1.json",
        "PYSEC-2024-2.json",
        "PYSEC-2024-4.json",
        "PYSEC-2024-5.json",
        "PYSEC-2024-6.json",
        "PYSEC-2024-9.json",
    ];
    assert_eq!(names, expected, "withdrawn ones too, those of npm and Debian not");
    let list = modified_ids(layers, "PyPI").unwrap();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "2025-01-01T00:00:00Z,PYSEC-2024-9");
    assert_eq!(lines[1], "2024-05-01T10:20:30.250Z,PSF-2024-1");
    assert_eq!(lines.len(), 7);
}
