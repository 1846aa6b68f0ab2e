//! `bastide policy check`.

use crate::bastide::Bastide;

const WRONG: &str = "schema = 1\nname = \"ours\"\ntitle = \"Ours\"\nversion = 1\ninherits = \"default\"\n\n[deadlines]\n\
                     acknowledge-dys = 3\nnotice-days = \"seven\"\n\n[contact]\nmail = [\"security@example.org\"]\n";

#[test]
fn every_mistake_of_a_policy_is_named_with_its_place_and_what_to_write() {
    let bastide = Bastide::new();
    bastide.file("ours.toml", WRONG);
    let ended = bastide.run(&["policy", "check", "ours.toml"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    insta::assert_snapshot!("policy_with_mistakes", ended.out);
    let ended = bastide.run(&["policy", "check", "--format", "github", "ours.toml"]);
    assert!(ended.out.starts_with("::error file=ours.toml,line=8,col=1::"), "{}", ended.out);
    let ended = bastide.run(&["policy", "check", "--format", "json", "ours.toml"]);
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((json["problems"][0]["line"].as_u64(), ended.code), (Some(8), 1));
}

#[test]
fn a_good_policy_is_summed_up_and_read_from_standard_input_too() {
    let bastide = Bastide::new();
    let good = WRONG.replace("acknowledge-dys", "acknowledge-days").replace("\"seven\"", "7");
    let ended = bastide.run_with(&["policy", "check", "-"], &good);
    assert_eq!(ended.code, 0, "{}", ended.out);
    assert!(ended.out.starts_with("Ours (ours), version 1: no mistakes\n"), "{}", ended.out);
}

#[test]
fn a_file_that_cannot_be_read_ends_with_3_and_one_that_is_no_text_with_2() {
    let bastide = Bastide::new();
    let ended = bastide.run(&["policy", "check", "missing.toml"]);
    assert_eq!(ended.code, 3);
    insta::assert_snapshot!("policy_that_is_missing", ended.err);
    std::fs::write(bastide.home().join("binary.toml"), b"title = 1\n\xff\xfe").unwrap();
    let ended = bastide.run(&["policy", "check", "binary.toml"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("byte 10 on line 2"), "{}", ended.err);
    std::fs::write(bastide.home().join("large.toml"), vec![b'#'; 300 * 1024]).unwrap();
    assert_eq!(bastide.run(&["policy", "check", "large.toml"]).code, 2);
}
