//! `bastide sync`: what people read, and where it ends.

use std::fs;

use crate::bastide::Bastide;

const RECORD: &str = r#"{"id": "PYSEC-2024-1", "modified": "2024-05-02T00:00:00Z", "affected": [
  {"package": {"ecosystem": "PyPI", "name": "a"},
   "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]}]}"#;

#[test]
fn a_directory_of_records_becomes_a_database_and_what_is_broken_is_named() {
    let bastide = Bastide::new();
    fs::create_dir(bastide.home().join("records")).unwrap();
    bastide.file("records/one.json", RECORD);
    let said = bastide.done(&["sync", "records", "--data", "data"]);
    assert_eq!(
        said,
        "1 advisory on 1 package (0 withdrawn) in data/advisories/snapshot; 1 new or changed.\n"
    );
    bastide.file("records/two.json", r#"{"id": "PYSEC-2024-2"}"#);
    bastide.file("records/settings.json", "{}");
    let ended = bastide.run(&["sync", "records", "--data", "data"]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    insta::assert_snapshot!("sync_with_a_broken_record", ended.out);
    let json = bastide.run(&["sync", "records", "--data", "data", "--format", "json"]);
    let findings: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(findings["findings"][0]["rule"], "OSV-READABLE");
}

#[test]
fn a_feed_that_goes_back_in_time_is_refused_and_a_source_that_is_none_too() {
    let bastide = Bastide::new();
    bastide.file("one.json", RECORD);
    bastide.done(&["sync", "one.json", "--data", "data"]);
    bastide.file("one.json", &RECORD.replace("2024-05-02", "2024-05-01"));
    let ended = bastide.run(&["sync", "one.json", "--data", "data"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    insta::assert_snapshot!("sync_back_in_time", ended.err);
    bastide.done(&["sync", "one.json", "--data", "data", "--accept-loss"]);
    let ended = bastide.run(&["sync", "nowhere.json", "--data", "data"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("nowhere.json") && ended.err.contains("what to do"), "{}", ended.err);
}
