//! `bastide advisory render` and `lint`.

use crate::bastide::Bastide;

const RECORD: &str = r#"{
  "schema_version": "1.7.5", "id": "GHSA-9q39-rmj3-p4r2", "modified": "2024-08-28T19:21:55Z",
  "published": "2024-08-28T19:21:55Z", "aliases": ["CVE-2024-43805"],
  "summary": "HTML injection in Jupyter Notebook and JupyterLab leading to DOM clobbering",
  "details": "Opening a prepared notebook lets its author act as you.",
  "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L" }],
  "references": [{ "type": "ADVISORY", "url": "https://github.com/jupyterlab/jupyterlab/security/advisories/GHSA-9q39-rmj3-p4r2" }],
  "affected": [
    { "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
      "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "4.0.0" }, { "fixed": "4.2.5" }] }] }
  ]
}"#;

/// Proves: O03.
#[test]
fn one_record_becomes_every_document() {
    let bastide = Bastide::new();
    bastide.file("record.json", RECORD);
    let render = |more: &[&str]| {
        let words: Vec<&str> =
            ["advisory", "render", "record.json", "--to"].iter().chain(more).copied().collect();
        bastide.done(&words)
    };
    let text = render(&["text"]);
    assert!(text.contains("python -m pip install --upgrade 'jupyterlab>=4.2.5'"), "{text}");
    let json = |text: String| -> serde_json::Value { serde_json::from_str(&text).unwrap() };
    assert_eq!(json(render(&["osv"]))["id"], "GHSA-9q39-rmj3-p4r2");
    assert_eq!(json(render(&["cve"]))["cveMetadata"]["cveId"], "CVE-2024-43805");
    let csaf = render(&["csaf", "--publisher", "Project Jupyter", "--namespace", "https://jupyter.org"]);
    assert_eq!(json(csaf)["document"]["publisher"]["name"], "Project Jupyter");
    assert!(render(&["html"]).to_lowercase().starts_with("<!doctype html>"));
    render(&["text", "-o", "advisory.txt"]);
    assert_eq!(std::fs::read_to_string(bastide.home().join("advisory.txt")).unwrap(), text);
}

#[test]
fn what_a_format_cannot_say_is_a_refusal_with_the_reason() {
    let bastide = Bastide::new();
    bastide.file("record.json", &RECORD.replace("\"CVE-2024-43805\"", ""));
    let ended = bastide.run(&["advisory", "render", "record.json", "--to", "cve"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(ended.err.contains("CVE"), "{}", ended.err);
}

#[test]
fn a_record_that_is_none_is_answered_with_file_field_and_reason() {
    let bastide = Bastide::new();
    bastide.file("record.json", &RECORD.replace("\"CVSS_V3\"", "\"CVSS_V9\""));
    let ended = bastide.run(&["advisory", "lint", "record.json"]);
    assert_eq!(ended.code, 2);
    insta::assert_snapshot!("advisory_that_is_none", ended.err);
}

#[test]
fn an_advisory_that_users_cannot_act_on_is_told_so() {
    let bastide = Bastide::new();
    bastide.file("record.json", &RECORD.replace(", { \"fixed\": \"4.2.5\" }", ""));
    let ended = bastide.run(&["advisory", "lint", "record.json"]);
    assert_eq!(ended.code, 1);
    insta::assert_snapshot!("advisory_with_findings", ended.out);
}
