//! The two formats for programs, judged by schemas: our own published one, and the official one of SARIF 2.1.0.

use std::{path::PathBuf, process::Command};

use bastide_model::output::{Format, RuleFormat, list_rules, render};
use serde_json::{Value, json};

use super::{one_of_each_status, registry};

fn rendered(format: Format) -> Value {
    serde_json::from_str(&render(format, &one_of_each_status(), &registry())).unwrap()
}

fn complaints(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn findings_schema() -> Value {
    serde_json::from_str(include_str!("../../../schemas/findings-1.json")).unwrap()
}

fn rules_schema() -> Value {
    serde_json::from_str(include_str!("../../../schemas/rules-1.json")).unwrap()
}

fn listed_rules() -> Value {
    serde_json::from_str(&list_rules(RuleFormat::Json, &registry())).unwrap()
}

#[test]
fn the_published_schema_accepts_what_is_written() {
    assert_eq!(complaints(&findings_schema(), &rendered(Format::Json)), [""; 0]);
}

#[test]
fn the_published_schema_accepts_the_list_of_rules() {
    assert_eq!(complaints(&rules_schema(), &listed_rules()), [""; 0]);
}

/// The field names are a promise to programs of others: a renamed, missing or new field is refused.
#[test]
fn the_published_schemas_refuse_every_renamed_field() {
    let findings = every_field_renamed(&rendered(Format::Json), &findings_schema());
    let rules = every_field_renamed(&listed_rules(), &rules_schema());
    println!("findings-1.json: {findings} renamed fields refused; rules-1.json: {rules}");
    assert!(findings > 40 && rules > 10, "the examples exercise too few fields: {findings}, {rules}");
}

/// Renames each field of `document` in turn, sees that `schema` refuses, and says how many there were.
fn every_field_renamed(document: &Value, schema: &Value) -> usize {
    let mut paths = Vec::new();
    field_paths(document, "", &mut paths);
    for (owner, name) in &paths {
        let mut changed = document.clone();
        let fields = changed.pointer_mut(owner).unwrap().as_object_mut().unwrap();
        let moved = fields.remove(name).unwrap();
        fields.insert(format!("{name}x"), moved);
        assert!(!complaints(schema, &changed).is_empty(), "{owner}/{name} was renamed unseen");
    }
    paths.len()
}

/// Every field of a document, as the pointer to its owner and its name.
fn field_paths(value: &Value, path: &str, paths: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                paths.push((path.to_owned(), name.clone()));
                field_paths(inner, &format!("{path}/{name}"), paths);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                field_paths(inner, &format!("{path}/{index}"), paths);
            }
        }
        _ => {}
    }
}

/// The frozen names themselves: whoever edits schema and code together still meets this list.
#[test]
fn the_names_in_the_schema_are_frozen() {
    let (schema, rules) = (findings_schema(), rules_schema());
    let names = |schema: &Value, pointer: &str| -> Vec<String> {
        schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    insta::assert_json_snapshot!(
        "frozen names",
        json!({
            "document": names(&schema, "/properties"),
            "summary": names(&schema, "/properties/summary/properties"),
            "finding": names(&schema, "/$defs/finding/properties"),
            "waived": names(&schema, "/$defs/status/oneOf/1/properties"),
            "evidence": names(&schema, "/$defs/evidence/properties"),
            "place": names(&schema, "/$defs/evidence/properties/place/properties"),
            "list of rules": names(&rules, "/properties"),
            "rule": names(&rules, "/properties/rules/items/properties"),
        })
    );
}

/// The official schema as the crate `serde-sarif` carries it; `cargo metadata` says where cargo unpacked it.
fn sarif_schema() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--filter-platform", "host-tuple"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // The published schema holds a pattern with a bracket too many, which only JavaScript's older syntax accepts.
    // It is for languages, which we do not write.
    for owner in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{owner}/properties/language")).unwrap();
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    schema
}

#[test]
fn the_official_sarif_schema_accepts_what_is_written() {
    let schema = sarif_schema();
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    let log = rendered(Format::Sarif);
    assert_eq!(complaints(&schema, &log), [""; 0]);
    // The judge can say no: a result without a message is no SARIF.
    let mut broken = log;
    broken.pointer_mut("/runs/0/results/0").unwrap().as_object_mut().unwrap().remove("message");
    assert!(!complaints(&schema, &broken).is_empty());
}

#[test]
fn every_sarif_result_points_at_its_rule_and_only_waivers_are_suppressed() {
    let log = rendered(Format::Sarif);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), registry().rules().len());
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let failed = result["kind"] == "fail";
        assert_eq!(result["level"] != "none", failed, "only failures have a level: {result}");
    }
    let suppressed = log["runs"][0]["results"].as_array().unwrap().iter();
    assert_eq!(suppressed.filter(|result| !result["suppressions"].is_null()).count(), 1);
}
