//! Databases of older schemas: each opens, is copied first, migrates and verifies; killed at any moment, too.
//!
//! `tests/data/schema-N` holds a database as lines and the keys it was made with (test keys, used for nothing else). When
//! the schema has grown, `BASTIDE_BLESS=1 cargo test -p bastide-store upgrading` adds one of the present schema; do that
//! for each release. A directory that is there never changes. The oldest, 43, is what a program of that schema would have
//! left: the database of 64 without the tables that the steps between them add, which were empty.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use bastide_store::{
    Append, Change, Config, KeySource, Location, Log, SCHEMA_VERSION, Store, StoreError,
    transfer::{Loader, dump},
};

use crate::{
    desk::{Desk, case, now, on_sqlite, report, stored},
    proving::publication,
};

const DIRECTORY: &str = "BASTIDE_KILL_TEST_DIRECTORY";
const KEYS: [&str; 3] = ["sealing-key", "case-log.key", "public-log.key"];

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// The schemas of which a database is kept, oldest first.
fn kept() -> Vec<i64> {
    let entries = fs::read_dir(data()).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut found: Vec<i64> = names.filter_map(|name| name.strip_prefix("schema-")?.parse().ok()).collect();
    found.sort_unstable();
    found
}

fn config(directory: &Path) -> Config {
    Config {
        location: Location::Sqlite { directory: directory.join("data") },
        keys: KeySource::Directory(directory.join("keys")),
        origin: "desk.example.org".to_owned(),
    }
}

/// Loads a kept database and its keys.
async fn set_up(schema: i64, config: &Config) {
    let source = data().join(format!("schema-{schema}"));
    let KeySource::Directory(keys) = &config.keys;
    fs::create_dir_all(keys).unwrap();
    for name in KEYS {
        fs::copy(source.join(name), keys.join(name)).unwrap();
        fs::set_permissions(keys.join(name), PermissionsExt::from_mode(0o600)).unwrap();
    }
    let text = fs::read_to_string(source.join("lines.json")).unwrap();
    let mut loader = Loader::begin(&config.location).await.unwrap();
    for line in text.lines() {
        loader.take(line).await.unwrap();
    }
    assert_eq!(loader.finish().await.unwrap().schema, schema);
}

async fn check(store: &Store) {
    let checked = store.verify().await.unwrap();
    assert!(checked.is_sound(), "{checked:?}");
    assert!(checked.events >= 13 && checked.bodies > 0 && checked.erased > 0 && checked.publications > 0);
}

#[test]
fn a_database_of_every_kept_schema_opens_migrates_and_verifies_on_both_engines() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let schemas = kept();
        assert!(
            !schemas.is_empty(),
            "no database is kept: BASTIDE_BLESS=1 cargo test -p bastide-store upgrading"
        );
        for schema in &schemas {
            for place in [Some(Desk::sqlite()), Desk::postgres()].into_iter().flatten() {
                set_up(*schema, &place.config).await;
                let store = place.open().await;
                check(&store).await;
                stored(store.append(report(9, 0, "after the update")).await.unwrap());
                store.close().await;
                let sqlite = matches!(place.config.location, Location::Sqlite { .. });
                let copy =
                    place.directory.path().join(format!("data/bastide-before-schema-{SCHEMA_VERSION}.db"));
                assert_eq!(copy.exists(), sqlite && *schema < SCHEMA_VERSION, "{}", copy.display());
                if copy.exists() {
                    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
                    let old = tempfile::tempdir().unwrap();
                    fs::copy(&copy, old.path().join("bastide.db")).unwrap();
                    let copied = dump(&Location::Sqlite { directory: old.path().to_owned() }).await.unwrap();
                    assert_eq!(copied.schema(), *schema, "the copy is of before");
                }
            }
        }
        println!("schemas {schemas:?} were brought to {SCHEMA_VERSION}");
    });
}

/// Not a test by itself: the process that is killed while it migrates.
#[test]
fn child_that_migrates_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(config(Path::new(&directory)), now()).await.unwrap();
        store.close().await;
    });
}

#[test]
fn a_migration_that_is_killed_at_any_moment_is_finished_by_the_next_start() {
    let schema = kept()[0];
    assert!(schema < SCHEMA_VERSION, "there is nothing to migrate");
    on_sqlite(async |_| {
        let (mut before, mut between) = (0, 0);
        for round in 0..24_u64 {
            let directory = tempfile::tempdir().unwrap();
            set_up(schema, &config(directory.path())).await;
            let copy = directory.path().join(format!("data/bastide-before-schema-{SCHEMA_VERSION}.db"));
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "upgrading::child_that_migrates_until_it_is_killed", "--nocapture"])
                .env(DIRECTORY, directory.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // A third of the kills come anywhere, the others when the copy stands and the steps are on their way.
            if round % 3 == 0 {
                std::thread::sleep(Duration::from_millis(5 + 5 * round));
            } else {
                let waited = (0..200_000).take_while(|_| !copy.exists());
                waited.for_each(|_| std::thread::sleep(Duration::from_micros(50)));
                std::thread::sleep(Duration::from_micros(150 * round));
            }
            child.kill().unwrap();
            child.wait().unwrap();
            let found = dump(&config(directory.path()).location).await.unwrap().schema();
            assert!(found == schema || found == SCHEMA_VERSION, "half a migration: {found}");
            before += u32::from(found == schema);
            between += u32::from(found == schema && copy.exists());
            let store = Store::open(config(directory.path()), now()).await.unwrap();
            check(&store).await;
            store.close().await;
            let old = tempfile::tempdir().unwrap();
            fs::copy(&copy, old.path().join("bastide.db")).unwrap();
            let copied = dump(&Location::Sqlite { directory: old.path().to_owned() }).await.unwrap();
            assert_eq!(copied.schema(), schema, "the copy is of before, whichever start made it");
        }
        assert!(between > 0, "no kill came between the copy and the migration's end");
        println!(
            "24 kills: {before} before the migration's end, {between} of them after the copy; all finished"
        );
    });
}

#[test]
fn a_backup_of_a_newer_schema_is_refused() {
    on_sqlite(async |desk| {
        let mut loader = Loader::begin(&desk.config.location).await.unwrap();
        let newer =
            format!("{{\"format\":\"bastide-transfer-1\",\"schema\":{},\"logs\":[]}}", SCHEMA_VERSION + 1);
        let refused = loader.take(&newer).await;
        assert!(matches!(refused, Err(StoreError::Newer { .. })), "{refused:?}");
        loader.abandon().await;
    });
}

/// Writes a database of the present schema beside the others, when asked to.
#[test]
fn a_database_of_the_present_schema_is_kept_when_asked() {
    let place = data().join(format!("schema-{SCHEMA_VERSION}"));
    if std::env::var_os("BASTIDE_BLESS").is_none() || place.exists() {
        return;
    }
    on_sqlite(async |desk| {
        let store = desk.open().await;
        for round in 0..4 {
            for number in 1..4 {
                stored(store.append(report(number, round, "said")).await.unwrap());
            }
        }
        let mut append = Append::at(now());
        append.changes.push(Change::AddPublication(Box::new(publication(1, "text"))));
        append.changes.push(Change::AddSnapshot { kind: "policy".to_owned(), bytes: b"rules".to_vec() });
        store.append(append).await.unwrap();
        store.checkpoint(Log::Case).await.unwrap();
        store.checkpoint(Log::Public).await.unwrap();
        store.erase_case_bodies(case(3), now(), None).await.unwrap();
        store.close().await;
        fs::create_dir_all(&place).unwrap();
        let KeySource::Directory(keys) = &desk.config.keys;
        for name in KEYS {
            fs::copy(keys.join(name), place.join(name)).unwrap();
        }
        let mut reading = dump(&desk.config.location).await.unwrap();
        let mut text = Vec::new();
        while let Some(more) = reading.next().await.unwrap() {
            text.extend(more);
        }
        fs::write(place.join("lines.json"), text).unwrap();
    });
}
