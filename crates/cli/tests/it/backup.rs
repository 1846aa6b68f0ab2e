//! Backups: written while the desk serves, restored after the disk is lost, and what is said of an old one.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use age::{secrecy::ExposeSecret, x25519::Identity};

use crate::{
    bastide::Bastide,
    running::Running,
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
            assert!(
                !bytes.windows(word.len()).any(|part| part == word.as_bytes()),
                "{word} stands in a backup"
            );
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
        std::thread::sleep(Duration::from_secs(1));
    }
    back_up(&bastide);
    assert!(running.end().success());
    for path in named(&bastide) {
        let checked = restore(&bastide, path.to_str().unwrap(), &["--verify"]);
        assert!(checked.out.contains("The ledger is sound."), "{}: {checked:?}", path.display());
    }
    let unfinished = fs::read_dir(bastide.home().join("backups")).unwrap();
    let unfinished =
        unfinished.filter(|entry| entry.as_ref().unwrap().path().to_string_lossy().ends_with(".unfinished"));
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
fn a_backup_that_was_cut_or_altered_is_told_and_nothing_is_restored() {
    let bastide = Bastide::new();
    prepare(&bastide);
    let file = back_up(&bastide);
    fs::remove_dir_all(bastide.home().join("desk")).unwrap();
    let whole = fs::read(bastide.home().join(&file)).unwrap();
    let middle = whole.len() / 2;
    let altered = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let damaged = [
        ("cut", whole[..middle].to_vec()),
        ("without its end", whole[..whole.len() - 1].to_vec()),
        ("altered in its head", altered(40)),
        ("altered in the middle", altered(middle)),
        ("altered at its end", altered(whole.len() - 1)),
        ("empty", Vec::new()),
    ];
    for (how, bytes) in damaged {
        fs::write(bastide.home().join("damaged.backup"), bytes).unwrap();
        for more in [&["--verify"][..], &[]] {
            let ended = restore(&bastide, "damaged.backup", more);
            assert_eq!(ended.code, 3, "{how}: {ended:?}");
            assert!(ended.err.contains("damaged.backup"), "{how}: {}", ended.err);
            let known = ["it is damaged", "it is no file of age", "this key does not open it"];
            assert!(known.iter().any(|reason| ended.err.contains(reason)), "{how}: {}", ended.err);
        }
    }
    // The keys went with the directory: a restored database without them is told, too.
    let keyless = restore(&bastide, &file, &[]);
    assert_eq!(keyless.code, 3, "{keyless:?}");
    assert!(keyless.err.contains("put back the key file"), "{}", keyless.err);
}

#[test]
fn a_full_disk_is_told_and_neither_half_a_backup_nor_an_older_one_is_lost() {
    let bastide = Bastide::new();
    prepare(&bastide);
    // The desk runs, so that the database itself needs no new file.
    let (running, _) = serve(&bastide);
    let first = back_up(&bastide);
    std::thread::sleep(Duration::from_millis(1100));
    // A limit of the file's length stands for the full disk: the same call fails in the same place.
    let mut shell = std::process::Command::new("sh");
    shell.args([
        "-c",
        "trap '' XFSZ; ulimit -f 8; exec \"$0\" backup --config bastide.toml",
        env!("CARGO_BIN_EXE_bastide"),
    ]);
    let ended = shell.current_dir(bastide.home()).env_clear().env("HOME", bastide.home()).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{told}");
    assert!(
        told.contains("backups/bastide-") && told.contains("look at the directory and its room"),
        "{told}"
    );
    let left = fs::read_dir(bastide.home().join("backups")).unwrap().count();
    assert_eq!(left, 2, "the first backup and its note");
    back_up(&bastide);
    assert!(running.end().success());
    assert_eq!(restore(&bastide, &first, &["--verify"]).code, 0);
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
    let words = ["serve", "--data", "desk", "--database", &url, "--listen", "127.0.0.1:0"];
    let there = Running::start(&bastide, &words, "The desk is at ");
    let address = there.after("The desk is at ").to_owned();
    send_report(&bastide, &address);
    let login = bastide.run(&["login", &address, "--token-file", "token.txt"]);
    assert_eq!(login.code, 0, "{login:?}");
    let inbox: serde_json::Value =
        serde_json::from_str(&bastide.done(&["inbox", "--format", "json"])).unwrap();
    assert_eq!(inbox.as_array().unwrap().len(), 2, "the report from before and the one from after");
    let settings = fs::read_to_string(bastide.home().join("bastide.toml")).unwrap();
    bastide.file("bastide.toml", &format!("database = '{url}'\n{settings}"));
    let file = back_up(&bastide);
    assert!(there.end().success());
    bastide.file("sqlite.toml", &settings.replace("'desk'", "'back'"));
    fs::create_dir(bastide.home().join("back")).unwrap();
    fs::rename(bastide.home().join("desk/keys"), bastide.home().join("back/keys")).unwrap();
    let back = bastide.run(&["restore", &file, "--identity", "key.txt", "--config", "sqlite.toml"]);
    assert_eq!(back.code, 0, "a backup of one engine is restored on the other: {back:?}");
    assert_eq!(bastide.run(&["ledger", "verify", "--data", "back"]).code, 0);
}
