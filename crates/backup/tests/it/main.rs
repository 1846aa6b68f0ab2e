//! Files of backups: whole or absent, readable by their recipients only, damage shows, the oldest go.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::{fs, path::Path};

use age::{secrecy::ExposeSecret, x25519::Identity};
use bastide_backup::{BackupError, Identities, LogMark, Note, Recipients, Writing, kept, open, prune};

const CANARY: &str = "canary-5b1f0c7d9e";

fn pair() -> (Recipients, Identities) {
    let identity = Identity::generate();
    let secret = format!("# a comment\n{}\n", identity.to_string().expose_secret());
    let public = identity.to_public().to_string();
    (Recipients::parse([public.as_str()]).unwrap(), Identities::parse(&secret).unwrap())
}

fn marks() -> Vec<LogMark> {
    vec![LogMark { log: "case-log".into(), size: 7, root: "00ff".into() }]
}

fn write(directory: &Path, made: &str, recipients: &Recipients) -> std::path::PathBuf {
    let mut writing = Writing::begin(directory, made, recipients).unwrap();
    for number in 0..5000 {
        writing.write(format!("{number} {CANARY}\n").as_bytes()).unwrap();
    }
    writing.finish(made, 3, marks()).unwrap().0
}

fn read(path: &Path, identities: &Identities) -> Result<Vec<String>, BackupError> {
    let mut lines = open(path, identities)?;
    let mut all = Vec::new();
    while let Some(line) = lines.next()? {
        all.push(line);
    }
    Ok(all)
}

#[test]
fn a_backup_is_read_by_its_recipients_only_and_holds_no_word_in_plain() {
    let directory = tempfile::tempdir().unwrap();
    let ((recipients, identities), (_, strangers)) = (pair(), pair());
    let path = write(directory.path(), "2027-01-31T02:00:00Z", &recipients);
    assert_eq!(path.file_name().unwrap(), "bastide-2027-01-31T02-00-00Z.backup");
    let lines = read(&path, &identities).unwrap();
    assert_eq!((lines.len(), lines[4999].as_str()), (5000, format!("4999 {CANARY}").as_str()));
    let told = read(&path, &strangers).unwrap_err().to_string();
    assert!(told.contains("this key does not open it"), "{told}");
    for file in fs::read_dir(directory.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()));
    }
    let note = Note::beside(&path).unwrap();
    assert_eq!((note.schema, note.logs, note.bytes), (3, marks(), fs::metadata(&path).unwrap().len()));
}

#[test]
fn every_cut_and_every_altered_byte_that_was_tried_shows() {
    let directory = tempfile::tempdir().unwrap();
    let (recipients, identities) = pair();
    let path = write(directory.path(), "2027-01-31T02:00:00Z", &recipients);
    let whole = fs::read(&path).unwrap();
    let damaged = directory.path().join("damaged");
    let mut tried = 0;
    for at in (0..whole.len()).step_by(997) {
        fs::write(&damaged, &whole[..at]).unwrap();
        assert!(read(&damaged, &identities).is_err(), "cut at {at}");
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(&damaged, &altered).unwrap();
        assert!(read(&damaged, &identities).is_err(), "altered at {at}");
        tried += 2;
    }
    println!("{tried} damaged files of {} bytes were refused", whole.len());
    assert!(tried > 100);
}

#[test]
fn what_was_not_finished_has_no_name_of_a_backup_and_is_swept_away() {
    let directory = tempfile::tempdir().unwrap();
    let (recipients, _) = pair();
    let mut writing = Writing::begin(directory.path(), "2027-01-31T02:00:00Z", &recipients).unwrap();
    writing.write(b"half\n").unwrap();
    // As a killed program does: nothing is tidied up.
    std::mem::forget(writing);
    assert_eq!(kept(directory.path()).unwrap(), []);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    write(directory.path(), "2027-01-31T02:00:01Z", &recipients);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "a backup and its note");
}

#[test]
fn what_ends_too_early_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (recipients, _) = pair();
    let mut writing = Writing::begin(directory.path(), "2027-01-31T02:00:00Z", &recipients).unwrap();
    writing.write(b"half\n").unwrap();
    drop(writing);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn the_newest_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let (recipients, _) = pair();
    for day in 1..=5 {
        write(directory.path(), &format!("2027-01-0{day}T02:00:00Z"), &recipients);
    }
    assert_eq!(prune(directory.path(), 2).unwrap(), 3);
    let left: Vec<String> = kept(directory.path())
        .unwrap()
        .into_iter()
        .filter_map(|kept| kept.note)
        .map(|note| note.made)
        .collect();
    assert_eq!(left, ["2027-01-04T02:00:00Z", "2027-01-05T02:00:00Z"]);
    assert_eq!(prune(directory.path(), 0).unwrap(), 1, "the last one is never removed");
}

#[test]
fn keys_that_are_none_are_told_and_not_quoted() {
    for wrong in ["", "age1nothing", "AGE-SECRET-KEY-1CANARY"] {
        let told = Recipients::parse([wrong]).unwrap_err().to_string();
        assert!(told.contains("age-keygen") && !told.contains("CANARY"), "{told}");
        let told = Identities::parse(wrong).unwrap_err().to_string();
        assert!(told.contains("age-keygen") && !told.contains("CANARY"), "{told}");
    }
    assert!(Recipients::parse([]).is_err());
}
