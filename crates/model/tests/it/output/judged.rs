//! The two formats for programs, judged by schemas: our own published one, and the official one of SARIF 2.1.0.

use std::{path::PathBuf, process::Command};

use bastide_model::output::{Format, render};
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

#[test]
fn the_published_schema_accepts_what_is_written() {
    assert_eq!(complaints(&findings_schema(), &rendered(Format::Json)), [""; 0]);
}

/// The field names are a promise to programs of others: a renamed, missing or new field is refused.
#[test]
fn the_published_schema_refuses_every_renamed_field() {
    fn rename_each(value: &Value, schema: &Value, whole: &Value, path: &str, renamed: &mut usize) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    let mut changed = whole.clone();
                    let object = changed.pointer_mut(path).unwrap().as_object_mut().unwrap();
                    let moved = object.remove(name).unwrap();
                    object.insert(format!("{name}x"), moved);
                    assert!(!complaints(schema, &changed).is_empty(), "{path}/{name} was renamed unseen");
                    *renamed += 1;
                    rename_each(inner, schema, whole, &format!("{path}/{name}"), renamed);
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    rename_each(inner, schema, whole, &format!("{path}/{index}"), renamed);
                }
            }
            _ => {}
        }
    }
    let document = rendered(Format::Json);
    let mut renamed = 0;
    rename_each(&document, &findings_schema(), &document, "", &mut renamed);
    println!("findings-1.json: {renamed} renamed fields refused");
    assert!(renamed > 40, "the example exercises too few fields: {renamed}");
}

/// The frozen names themselves: whoever edits schema and code together still meets this list.
#[test]
fn the_names_in_the_schema_are_frozen() {
    let schema = findings_schema();
    let names = |pointer: &str| -> Vec<String> {
        schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    insta::assert_json_snapshot!(
        "frozen names",
        json!({
            "document": names("/properties"),
            "summary": names("/properties/summary/properties"),
            "finding": names("/$defs/finding/properties"),
            "waived": names("/$defs/status/oneOf/1/properties"),
            "evidence": names("/$defs/evidence/properties"),
            "place": names("/$defs/evidence/properties/place/properties"),
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
