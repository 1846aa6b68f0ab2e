//! Backups: written while the desk serves, restored after the disk is lost, and what is said of an old one.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use age::{secrecy::ExposeSecret, x25519::Identity};

use crate::{
    bastide::Bastide,
    serve::{REPORT, serve, set_up},
};

/// Sets up a desk, a key pair, and a configuration that names both.
fn prepare(bastide: &Bastide) {
    set_up(bastide);
    let identity = Identity::generate();
    bastide.file("key.txt", identity.to_string().expose_secret());
    fs::set_permissions(bastide.home().join("key.txt"), PermissionsExt::from_mode(0o600)).unwrap();
    let settings = format!(
        "data = 'desk'\n[backup]\ndirectory = 'backups'\nrecipients = ['{}']\nkeep = 40\n",
        identity.to_public()
    );
    bastide.file("bastide.toml", &settings);
    bastide.file("report.txt", REPORT);
}

fn send_report(bastide: &Bastide, address: &str) {
    let sent = bastide.run(&["report", "send", "--desk", address, "--project", "jupyterlab", "report.txt"]);
    assert_eq!(sent.code, 0, "{sent:?}");
}

fn back_up(bastide: &Bastide) -> String {
    let told = bastide.done(&["backup", "--config", "bastide.toml"]);
    told.lines().next().unwrap().to_owned()
}

/// The backups that have their name.
fn named(bastide: &Bastide) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(bastide.home().join("backups")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "backup")).collect()
}

fn restore(bastide: &Bastide, file: &str, more: &[&str]) -> crate::bastide::Ended {
    let words = ["restore", file, "--identity", "key.txt", "--config", "bastide.toml"];
    bastide.run(&[&words[..], more].concat())
}

#[test]
fn a_desk_whose_disk_is_lost_is_restored_from_what_was_written_while_it_served() {
    let bastide = Bastide::new();
    prepare(&bastide);
    let (running, address) = serve(&bastide);
    send_report(&bastide, &address);
    let first = back_up(&bastide);
    send_report(&bastide, &address);
    std::thread::sleep(Duration::from_millis(1100));
    let second = back_up(&bastide);
    assert!(running.end().success());
    for file in fs::read_dir(bastide.home().join("backups")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for word in ["notebook", "coordinator-a", "jupyterlab", "message-sent"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word} stands in a backup");
        }
    }
    let occupied = restore(&bastide, &second, &[]);
    assert_eq!(occupied.code, 3, "{occupied:?}");
    assert!(occupied.err.contains("exists already"), "{}", occupied.err);
    let verified = restore(&bastide, &second, &["--verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    assert!(verified.out.contains("The ledger is sound."), "{}", verified.out);

    for file in ["bastide.db", "bastide.db-wal", "bastide.db-shm"] {
        let _ = fs::remove_file(bastide.home().join("desk").join(file));
    }
    let rolled_back = restore(&bastide, &first, &["--verify"]);
    assert_eq!(rolled_back.code, 1, "{rolled_back:?}");
    assert!(rolled_back.out.contains("ROLLED BACK: the case-log ends at"), "{}", rolled_back.out);
    let restored = restore(&bastide, &second, &[]);
    assert_eq!(restored.code, 0, "{restored:?}");
    println!("restored: {}", restored.out.lines().last().unwrap());
    let (again, address) = serve(&bastide);
    assert_eq!(again.printed.len(), 1, "its administrator is there: {:?}", again.printed);
    send_report(&bastide, &address);
    assert!(again.end().success());
    assert_eq!(bastide.run(&["ledger", "verify", "--data", "desk"]).code, 0);
}

#[test]
fn a_backup_that_is_killed_leaves_none_or_a_whole_one() {
    let bastide = Bastide::new();
    prepare(&bastide);
    let (running, address) = serve(&bastide);
    send_report(&bastide, &address);
    let (mut whole, mut none) = (0, 0);
    for round in 0..12_u64 {
        let before = named(&bastide).len();
        let mut child = bastide.command(&["backup", "--config", "bastide.toml"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(10 + 23 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        if named(&bastide).len() > before {
            whole += 1;
        } else {
            none += 1;
        }
        std::thread::sleep(Duration::from_millis(1000));
    }
    back_up(&bastide);
    assert!(running.end().success());
    for path in named(&bastide) {
        let checked = restore(&bastide, path.to_str().unwrap(), &["--verify"]);
        assert!(checked.out.contains("The ledger is sound."), "{}: {checked:?}", path.display());
    }
    let unfinished = fs::read_dir(bastide.home().join("backups")).unwrap();
    let unfinished = unfinished.filter(|entry| entry.as_ref().unwrap().path().to_string_lossy().ends_with(".unfinished"));
    assert_eq!(unfinished.count(), 0, "the next backup sweeps");
    println!("12 kills: {whole} whole backups, {none} none");
}

#[test]
fn a_wrong_key_a_missing_setting_and_a_key_that_others_read_are_told() {
    let bastide = Bastide::new();
    prepare(&bastide);
    let without = bastide.run(&["backup", "--data", "desk"]);
    assert_eq!(without.code, 2, "{without:?}");
    assert!(without.err.contains("`backup.directory`"), "{}", without.err);
    let file = back_up(&bastide);
    bastide.file("other.txt", Identity::generate().to_string().expose_secret());
    let words = ["restore", &file, "--identity", "other.txt", "--config", "bastide.toml", "--verify"];
    let readable = bastide.run(&words);
    assert!(readable.code == 3 && readable.err.contains("chmod 600"), "{readable:?}");
    fs::set_permissions(bastide.home().join("other.txt"), PermissionsExt::from_mode(0o600)).unwrap();
    let wrong = bastide.run(&words);
    assert!(wrong.code == 3 && wrong.err.contains("this key does not open it"), "{wrong:?}");
}

#[test]
fn a_desk_moves_to_postgresql_and_goes_on_there() {
    let Some(url) = bastide_testkit::postgres::database() else { return };
    let bastide = Bastide::new();
    prepare(&bastide);
    let (running, address) = serve(&bastide);
    send_report(&bastide, &address);
    let busy = bastide.run(&["migrate", "--data", "desk", "--to-database", &url]);
    assert_eq!(busy.code, 3, "the desk runs: {busy:?}");
    assert!(running.end().success());
    let moved = bastide.done(&["migrate", "--data", "desk", "--to-database", &url]);
    assert!(moved.contains("Both hold the same."), "{moved}");
    let twice = bastide.run(&["migrate", "--data", "desk", "--to-database", &url]);
    assert!(twice.code == 3 && twice.err.contains("exists already"), "{twice:?}");
    let verified = bastide.run(&["ledger", "verify", "--data", "desk", "--database", &url]);
    assert_eq!(verified.code, 0, "{verified:?}");
}
