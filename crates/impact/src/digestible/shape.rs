//! Rules about the shape of a document: can a strict reader take it?

use bastide_model::{finding::Level, rule::Rule, time::Instant};
use serde_json::Value;

use super::{ServedRule, items, run};

pub(super) const SCHEMA: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-SCHEMA",
        title: "A served record is of version 1 of the OSV schema",
        why: "pip-audit passes over a record of another version without a word, so its users are told that nothing is wrong.",
        sources: &["OSV schema_version", "pip-audit"],
        severity: Level::High,
        remedy: "Bring the record into the form of OSV 1.x.",
        failing: r#"{"id": "x_T-1", "schema_version": "2.0.0"}"#,
        passing: r#"{"id": "x_T-1", "schema_version": "1.7.5"}"#,
        run: |example| run("OSV-SCHEMA", example),
    },
    check: |document| {
        let version = document.get("schema_version");
        let good = version.is_none_or(|version| version.as_str().is_some_and(|text| text.starts_with("1.")));
        complain(!good, "schema_version", "The version of the schema is not 1.")
    },
};

pub(super) const WHEN: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-WHEN",
        title: "A served record has an id and says when it was modified",
        why: "uv fails the whole audit on a record without an id or with an instant that is not RFC 3339; pip-audit reads \
              instants in UTC with at most six digits behind the second.",
        sources: &["OSV id, modified", "RFC 3339", "uv audit", "pip-audit"],
        severity: Level::High,
        remedy: "Give the id, and instants as 2024-01-01T00:00:00Z.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00.123456789Z"}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00.123456Z"}"#,
        run: |example| run("OSV-WHEN", example),
    },
    check: |document| {
        let mut complaints =
            complain(document["id"].as_str().is_none_or(str::is_empty), "id", "There is no id.");
        for key in ["modified", "published", "withdrawn"] {
            let good = match document.get(key) {
                None => key != "modified",
                Some(value) => value.as_str().is_some_and(is_instant),
            };
            complaints.extend(complain(!good, key, "This is no instant that every client reads."));
        }
        complaints
    },
};

pub(super) const FIELD: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-FIELD",
        title: "A served record has no field that the schema does not know",
        why: "osv-scanner reads the answer as protocol buffers and refuses all of it at the first unknown field. Fields of one's \
              own belong under database_specific, where any are allowed.",
        sources: &["OSV 1.7.5", "osv-scanner bindings osvdev.go"],
        severity: Level::High,
        remedy: "Move the field under database_specific.",
        failing: r#"{"id": "x_T-1", "cwe_ids": ["CWE-79"]}"#,
        passing: r#"{"id": "x_T-1", "database_specific": {"cwe_ids": ["CWE-79"]}}"#,
        run: |example| run("OSV-FIELD", example),
    },
    check: |document| {
        let mut complaints = Vec::new();
        fields(document, "", &KNOWN, &mut complaints);
        complaints
    },
};

pub(super) const EVENT: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-EVENT",
        title: "Each event of a range says one thing",
        why: "uv fails the whole audit on an event with two keys or none; other readers take one of them.",
        sources: &["OSV affected[].ranges[].events", "uv audit"],
        severity: Level::High,
        remedy: "Make two events of it: one for `introduced`, one for `fixed`.",
        failing: r#"{"id": "x_T-1", "affected": [{"ranges": [{"type": "ECOSYSTEM",
            "events": [{"introduced": "0", "fixed": "1"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "affected": [{"ranges": [{"type": "ECOSYSTEM",
            "events": [{"introduced": "0"}, {"fixed": "1"}]}]}]}"#,
        run: |example| run("OSV-EVENT", example),
    },
    check: |document| {
        let affected = items(document, "", "affected");
        let ranges = affected.iter().flat_map(|(place, one)| items(one, &format!("{place}."), "ranges"));
        let events = ranges.flat_map(|(place, range)| items(range, &format!("{place}."), "events"));
        let bad = events.filter(|(_, event)| {
            !event.as_object().is_some_and(|event| event.len() == 1 && event.values().all(Value::is_string))
        });
        bad.map(|(place, _)| (place, "This event does not say exactly one thing.".to_owned())).collect()
    },
};

pub(super) const REFERENCE: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-REFERENCE",
        title: "Each reference is an address that a client can follow",
        why: "uv reads every reference as a URL and fails the whole audit where one is none.",
        sources: &["OSV references[].url", "WHATWG URL", "uv audit"],
        severity: Level::High,
        remedy: "Write the whole address, with https:// and a host.",
        failing: r#"{"id": "x_T-1", "references": [{"type": "WEB", "url": "https://"}]}"#,
        passing: r#"{"id": "x_T-1", "references": [{"type": "WEB", "url": "https://example.org/a"}]}"#,
        run: |example| run("OSV-REFERENCE", example),
    },
    check: |document| {
        let bad = items(document, "", "references").into_iter().filter(|(_, reference)| {
            reference["url"].as_str().is_none_or(|address| url::Url::parse(address).is_err())
        });
        bad.map(|(place, _)| (format!("{place}.url"), "This is no address.".to_owned())).collect()
    },
};

fn complain(condition: bool, field: &str, message: &str) -> Vec<(String, String)> {
    if condition { vec![(field.to_owned(), message.to_owned())] } else { Vec::new() }
}

/// RFC 3339 in UTC with at most six digits behind the second.
fn is_instant(text: &str) -> bool {
    let digits = text.split_once('.').map_or(0, |(_, rest)| rest.trim_end_matches('Z').len());
    text.ends_with('Z') && digits <= 6 && text.parse::<Instant>().is_ok()
}

/// What a field may hold.
enum Field {
    /// Anything: a text, or what a database adds.
    Any,
    /// An object with these fields.
    Object(&'static [(&'static str, Field)]),
    /// A list of objects with these fields.
    List(&'static [(&'static str, Field)]),
}

const SEVERITY: Field = Field::List(&[("type", Field::Any), ("score", Field::Any)]);

/// The fields of OSV 1.7.5.
const KNOWN: [(&str, Field); 15] = [
    ("schema_version", Field::Any),
    ("id", Field::Any),
    ("modified", Field::Any),
    ("published", Field::Any),
    ("withdrawn", Field::Any),
    ("aliases", Field::Any),
    ("related", Field::Any),
    ("upstream", Field::Any),
    ("summary", Field::Any),
    ("details", Field::Any),
    ("severity", SEVERITY),
    (
        "affected",
        Field::List(&[
            (
                "package",
                Field::Object(&[("ecosystem", Field::Any), ("name", Field::Any), ("purl", Field::Any)]),
            ),
            ("severity", SEVERITY),
            (
                "ranges",
                Field::List(&[
                    ("type", Field::Any),
                    ("repo", Field::Any),
                    (
                        "events",
                        Field::List(&[
                            ("introduced", Field::Any),
                            ("fixed", Field::Any),
                            ("last_affected", Field::Any),
                            ("limit", Field::Any),
                        ]),
                    ),
                    ("database_specific", Field::Any),
                ]),
            ),
            ("versions", Field::Any),
            ("ecosystem_specific", Field::Any),
            ("database_specific", Field::Any),
        ]),
    ),
    ("references", Field::List(&[("type", Field::Any), ("url", Field::Any)])),
    ("credits", Field::List(&[("name", Field::Any), ("contact", Field::Any), ("type", Field::Any)])),
    ("database_specific", Field::Any),
];

/// Says which fields of an object nobody knows, and looks into those that are known.
fn fields(value: &Value, place: &str, known: &[(&str, Field)], complaints: &mut Vec<(String, String)>) {
    let Some(object) = value.as_object() else { return };
    for (key, inside) in object {
        let here = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        match known.iter().find(|(name, _)| name == key) {
            None => {
                let field: String = here.chars().take(200).collect();
                complaints.push((field, "The schema does not know this field.".to_owned()));
            }
            Some((_, Field::Any)) => {}
            Some((_, Field::Object(known))) => fields(inside, &here, known, complaints),
            Some((_, Field::List(known))) => {
                for (index, item) in inside.as_array().into_iter().flatten().enumerate() {
                    fields(item, &format!("{here}[{index}]"), known, complaints);
                }
            }
        }
    }
}
