use serde_json::json;

use super::*;
use crate::{ErrorKind, Format};

fn refusal(change: impl Fn(&mut serde_json::Value)) -> crate::AdvisoryError {
    let mut document = json!({
        "id": "PYSEC-2024-1", "modified": "2024-01-02T03:04:05Z",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L"}],
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0"}]}],
        }],
        "references": [{"type": "WEB", "url": "https://example.org/"}],
        "credits": [{"name": "A Reporter", "type": "REPORTER"}],
    });
    read(document.to_string().as_bytes(), Format::Json, "good.json").unwrap();
    change(&mut document);
    read(document.to_string().as_bytes(), Format::Json, "bad.json").unwrap_err()
}

#[test]
fn a_record_that_breaks_the_schema_is_refused_with_file_field_and_reason() {
    type Change = fn(&mut serde_json::Value);
    let cases: [(Change, &str, &str); 16] = [
        (|doc| doc["id"] = json!("JUNK-1"), "id", "home database"),
        (|doc| doc["id"] = json!(7), "id", "must be a text"),
        (|doc| doc["modified"] = json!("2024-01-02"), "modified", "not an instant"),
        (|doc| doc["modified"] = json!("2024-01-02T03:04:05+01:00"), "modified", "not in UTC"),
        (|doc| doc["schema_version"] = json!("2.0.0"), "schema_version", "version 1"),
        (|doc| doc["severity"][0]["score"] = json!("9.8"), "severity[0].score", "not a CVSS vector"),
        (|doc| doc["severity"][0]["type"] = json!("CVSS_V4"), "severity[0].score", "vector of CVSS 3.1"),
        (
            |doc| doc["affected"][0]["package"]["ecosystem"] = json!("pip"),
            "affected[0].package.ecosystem",
            "OSV 1.7.5",
        ),
        (|doc| doc["affected"][0]["versions"] = json!([1.0]), "affected[0].versions[0]", "quote it"),
        (
            |doc| doc["affected"][0]["ranges"][0]["type"] = json!("GIT"),
            "affected[0].ranges[0].repo",
            "missing",
        ),
        (
            |doc| doc["affected"][0]["ranges"][0]["events"][0] = json!({"fixed": "1"}),
            "affected[0].ranges[0].events",
            "no `introduced`",
        ),
        (
            |doc| doc["affected"][0]["ranges"][0]["events"][1] = json!({}),
            "affected[0].ranges[0].events[1]",
            "exactly one",
        ),
        (|doc| doc["affected"][0]["severity"] = doc["severity"].clone(), "affected[0].severity", "keep one"),
        (|doc| doc["references"][0]["url"] = json!("example.org"), "references[0].url", "absolute address"),
        (|doc| doc["references"][0]["type"] = json!("LINK"), "references[0].type", "no type of reference"),
        (|doc| doc["credits"][0]["type"] = json!("HERO"), "credits[0].type", "no type of credit"),
    ];
    for (change, field, reason) in cases {
        let error = refusal(change);
        assert_eq!(error.field, field, "{error}");
        assert!(error.reason.contains(reason) && error.to_string().starts_with("bad.json: "), "{error}");
    }
    let missing = refusal(|doc| drop(doc.as_object_mut().unwrap().remove("modified")));
    assert_eq!((missing.kind, missing.field.as_str()), (ErrorKind::Missing, "modified"));
}

#[test]
fn unknown_fields_inside_are_kept_where_they_were() {
    let document = json!({
        "schema_version": SCHEMA_VERSION, "id": "x_TEST-1", "modified": "2024-01-02T03:04:05Z",
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "a", "new": 1},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0", "new": 2}], "new": 3}],
            "new": 4,
        }],
        "references": [{"type": "WEB", "url": "https://example.org/", "new": 5}],
        "credits": [{"name": "reporter-a", "new": 6}],
    });
    let record = read(document.to_string().as_bytes(), Format::Json, "x").unwrap();
    assert_eq!(render(&record), document);
}

#[test]
fn nulls_and_unknown_fields_are_accepted_and_kept() {
    let document = json!({
        "id": "x_TEST-1", "modified": "2024-01-02T03:04:05Z", "aliases": null, "affected": null, "references": null,
        "severity": null, "novelty": {"a": [1, 2]}, "database_specific": {"cwe_ids": ["CWE-79"], "house": true},
    });
    let record = read(document.to_string().as_bytes(), Format::Json, "x").unwrap();
    assert_eq!(record.unknown["novelty"], json!({"a": [1, 2]}));
    assert_eq!(record.cwe_ids, ["CWE-79"]);
    let rendered = render(&record);
    assert_eq!(rendered["database_specific"]["house"], true);
    assert!(rendered.get("novelty").is_none(), "strict readers refuse unknown fields at the top level");
    assert_eq!(read_value(&rendered, "x").unwrap(), record);
}

#[test]
fn a_full_record_reads_back_as_what_is_carried_of_it() {
    let record = crate::sample::full();
    assert_eq!(read_value(&render(&record), "full").unwrap(), carried(&record));
}

proptest::proptest! {
    #[test]
    fn any_record_reads_back_as_what_is_carried_of_it(record in crate::sample::any_record()) {
        let text = crate::json_text(&render(&record));
        proptest::prop_assert_eq!(read(text.as_bytes(), Format::Json, "any").unwrap(), carried(&record));
    }
}
