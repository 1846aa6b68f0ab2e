//! `bastide ledger verify` and `prove`.

use crate::bastide::Bastide;

fn desk() -> Bastide {
    let bastide = Bastide::new();
    bastide.done(&["admin", "--data", "desk", "person", "add", "Administrator A"]);
    bastide
}

/// Proves: O02.
#[test]
fn a_sound_ledger_is_said_to_be_sound_with_what_was_counted() {
    let bastide = desk();
    let ended = bastide.run(&["ledger", "verify", "--data", "desk"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let keys = |line: &&str| !line.starts_with("  ");
    insta::assert_snapshot!("sound_ledger", ended.out.lines().filter(keys).collect::<Vec<_>>().join("\n"));
    let json = bastide.done(&["ledger", "verify", "--data", "desk", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["sound"].as_bool(), json["events"].as_u64()), (Some(true), Some(1)));
}

#[test]
fn a_flipped_bit_of_the_database_is_found() {
    let bastide = desk();
    let file = bastide.home().join("desk/bastide.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(12).position(|window| window == b"person-added").unwrap();
    bytes[place] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let ended = bastide.run(&["ledger", "verify", "--data", "desk"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.out.contains("problem: "), "{}", ended.out);
}

#[test]
fn where_no_desk_is_none_is_made() {
    let bastide = Bastide::new();
    let ended = bastide.run(&["ledger", "verify", "--data", "nowhere"]);
    assert_eq!(ended.code, 3);
    insta::assert_snapshot!("no_desk", ended.err);
    assert!(!bastide.home().join("nowhere").exists());
}

#[test]
fn a_proof_that_is_none_is_refused() {
    let bastide = Bastide::new();
    bastide.file("proof.json", "{\"format\": \"bastide-case-proof\", \"version\": 1}");
    let key = "desk.example.org/case-log+ffee1baf+ATZmQD027RHoA7OQ1tzbOhKgwAxO0KkkMJkDGsJF8Bag";
    let ended = bastide.run(&["ledger", "verify", "--proof", "proof.json", "--key", key]);
    assert_eq!(ended.code, 2, "a key that is none is a wrong command line: {ended:?}");
    let ended = bastide.run(&["ledger", "verify", "--proof", "proof.json"]);
    assert_eq!(ended.code, 2, "a proof needs a key: {ended:?}");
}
