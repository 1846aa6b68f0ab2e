//! Opening: what is refused at start, each with what to do about it.

use std::{fs, os::unix::fs::PermissionsExt};

use bastide_store::{KeySource, SCHEMA_VERSION, StoreError};

use crate::desk::{Desk, on_both_engines, on_sqlite, raw, report, stored};

#[test]
fn a_database_of_a_newer_schema_is_refused() {
    on_both_engines(async |desk| {
        desk.open().await.close().await;
        let newer = SCHEMA_VERSION + 1;
        raw(&desk.config, &format!("INSERT INTO schema_version (version) VALUES ({newer})")).await.unwrap();
        let refused = desk.try_open().await.unwrap_err();
        assert!(
            matches!(refused, StoreError::Newer { found, known, .. } if (found, known) == (newer, SCHEMA_VERSION)),
            "{refused}"
        );
        assert!(refused.to_string().contains("start a newer bastide"), "{refused}");
    });
}

#[test]
fn files_and_databases_of_other_programs_are_refused_and_left_alone() {
    on_sqlite(async |desk| {
        fs::create_dir_all(desk.file().parent().unwrap()).unwrap();
        fs::write(desk.file(), "Dear diary, this is no database at all. ".repeat(100)).unwrap();
        let before = fs::read(desk.file()).unwrap();
        let refused = desk.try_open().await.unwrap_err();
        assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
        assert_eq!(fs::read(desk.file()).unwrap(), before);
    });
    on_sqlite(async |desk| {
        fs::create_dir_all(desk.file().parent().unwrap()).unwrap();
        fs::write(desk.file(), "").unwrap();
        raw(&desk.config, "CREATE TABLE diary (entry TEXT)").await.unwrap();
        let before = fs::read(desk.file()).unwrap();
        let refused = desk.try_open().await.unwrap_err();
        assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
        assert_eq!(fs::read(desk.file()).unwrap(), before);
    });
    if let Some(desk) = Desk::postgres() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            raw(&desk.config, "CREATE TABLE diary (entry TEXT)").await.unwrap();
            let refused = desk.try_open().await.unwrap_err();
            assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
        });
    }
}

#[test]
fn a_second_server_on_the_same_data_directory_is_refused_until_the_first_has_ended() {
    on_sqlite(async |desk| {
        let first = desk.open().await;
        let refused = desk.try_open().await.unwrap_err();
        assert!(matches!(refused, StoreError::Locked { .. }), "{refused}");
        stored(first.append(report(1, 0, "undisturbed")).await.unwrap());
        first.close().await;
        let second = desk.open().await;
        assert!(second.verify().await.unwrap().is_sound());
        second.close().await;
    });
}

/// Several processes may share a PostgreSQL database; their appends do not interleave.
#[test]
fn two_stores_on_one_postgres_append_to_one_log() {
    let Some(desk) = Desk::postgres() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (first, second) = (desk.open().await, desk.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..40 {
            let store = if number % 2 == 0 { first.clone() } else { second.clone() };
            tasks.spawn(
                async move { stored(store.append(report(number, 0, "side by side")).await.unwrap())[0] },
            );
        }
        let mut indexes = tasks.join_all().await;
        indexes.sort_unstable();
        assert_eq!(indexes, (0..40).collect::<Vec<u64>>());
        let checked = second.verify().await.unwrap();
        assert!(checked.is_sound(), "{checked:?}");
        first.close().await;
        second.close().await;
    });
}

#[test]
fn a_missing_wrong_or_readable_key_file_is_an_error_that_names_it() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "sealed")).await.unwrap());
        store.close().await;
        let KeySource::Directory(keys) = &desk.config.keys;
        for name in ["sealing-key", "case-log.key", "public-log.key"] {
            let path = keys.join(name);
            let good = fs::read(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");

            fs::remove_file(&path).unwrap();
            expect_key_error(&desk, name, "No such file").await;
            fs::write(&path, &good).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            expect_key_error(&desk, name, "others can read it").await;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            fs::write(&path, "not a key").unwrap();
            expect_key_error(&desk, name, "").await;
            fs::write(&path, &good).unwrap();
        }
        let other = Desk::sqlite();
        other.open().await.close().await;
        let KeySource::Directory(others) = &other.config.keys;
        for name in ["sealing-key", "case-log.key", "public-log.key"] {
            let good = fs::read(keys.join(name)).unwrap();
            fs::write(keys.join(name), fs::read(others.join(name)).unwrap()).unwrap();
            expect_key_error(&desk, name.trim_end_matches(".key"), "not the key that this database").await;
            fs::write(keys.join(name), good).unwrap();
        }
        let store = desk.open().await;
        assert!(store.verify().await.unwrap().is_sound());
        store.close().await;
    });
}

async fn expect_key_error(desk: &Desk, name: &str, reason: &str) {
    let refused = desk.try_open().await.unwrap_err();
    assert!(matches!(refused, StoreError::Key { .. }), "{refused}");
    let text = refused.to_string();
    assert!(text.contains(name) && text.contains(reason), "{text}");
}

#[test]
fn files_are_for_their_owner_only() {
    on_sqlite(async |desk| {
        let store = desk.open().await;
        stored(store.append(report(1, 0, "sealed")).await.unwrap());
        let directory = desk.file().parent().unwrap().to_owned();
        assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
        let mut files = 0;
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
            files += 1;
        }
        assert!(files >= 3, "database, write-ahead log, lock");
        store.close().await;
    });
}

#[test]
fn a_postgres_that_loses_acknowledged_writes_is_refused() {
    let Some(desk) = Desk::postgres() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        raw(&desk.config, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$")
            .await
            .unwrap();
        let refused = desk.try_open().await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Unsafe { setting, .. } if setting == "synchronous_commit"),
            "{refused}"
        );
    });
}
