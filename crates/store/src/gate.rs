//! The gates at start: an engine that is too old or that would not keep what it acknowledges is refused.
//!
//! SQLite before 3.51.3 can corrupt a database in WAL mode when a reset of the log races with a reader; with
//! `synchronous=NORMAL` it loses acknowledged writes on power loss. PostgreSQL does so with `fsync`,
//! `full_page_writes` or `synchronous_commit` off.

use crate::{StoreError, sql::Connection};

/// The oldest SQLite without the WAL-reset fault.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];
/// The oldest PostgreSQL that is tested, as `server_version_num` writes it.
const OLDEST_POSTGRES: u32 = 130_000;

/// Checks version and settings of the engine behind a connection.
pub(crate) async fn check(connection: &mut Connection) -> Result<(), StoreError> {
    if connection.is_sqlite() {
        let version = text(connection, "SELECT sqlite_version()").await?;
        sqlite_version(&version)?;
        for (pragma, wanted) in SQLITE_SETTINGS {
            let found = setting(connection, pragma).await?;
            expect(pragma, &found, wanted, "bastide sets this itself; the SQLite library does not obey")?;
        }
    } else {
        postgres_version(&text(connection, "SHOW server_version_num").await?)?;
        for (name, wanted) in POSTGRES_SETTINGS {
            let found = text(connection, name).await?;
            let remedy = "acknowledged reports could be lost; turn it on in postgresql.conf";
            expect(name, &found, wanted, remedy)?;
        }
    }
    Ok(())
}

const SQLITE_SETTINGS: [(&str, &[&str]); 7] = [
    ("PRAGMA journal_mode", &["wal"]),
    ("PRAGMA synchronous", &["2", "3"]),
    ("PRAGMA foreign_keys", &["1"]),
    ("PRAGMA trusted_schema", &["0"]),
    ("PRAGMA secure_delete", &["1"]),
    ("PRAGMA cell_size_check", &["1"]),
    ("PRAGMA mmap_size", &["0"]),
];

const POSTGRES_SETTINGS: [(&str, &[&str]); 3] = [
    ("SHOW fsync", &["on"]),
    ("SHOW full_page_writes", &["on"]),
    ("SHOW synchronous_commit", &["on", "local", "remote_write", "remote_apply"]),
];

fn expect(name: &str, found: &str, wanted: &[&str], remedy: &str) -> Result<(), StoreError> {
    if wanted.contains(&found) {
        return Ok(());
    }
    Err(StoreError::Unsafe {
        setting: name.trim_start_matches("SHOW ").to_owned(),
        found: found.to_owned(),
        remedy: remedy.to_owned(),
    })
}

async fn text(connection: &mut Connection, question: &'static str) -> Result<String, StoreError> {
    connection.row("settings", question, vec![]).await?.map_or(Ok(String::new()), |row| row.text(0))
}

/// A pragma's value as text, whether SQLite answers with a number or a word.
async fn setting(connection: &mut Connection, pragma: &'static str) -> Result<String, StoreError> {
    let Some(row) = connection.row("settings", pragma, vec![]).await? else { return Ok(String::new()) };
    row.int(0).map(|number| number.to_string()).or_else(|_| row.text(0))
}

fn sqlite_version(version: &str) -> Result<(), StoreError> {
    let parts: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    if parts.as_slice() >= OLDEST_SQLITE.as_slice() {
        return Ok(());
    }
    Err(StoreError::Unsafe {
        setting: "the SQLite library's version".to_owned(),
        found: version.to_owned(),
        remedy: "versions before 3.51.3 can corrupt a database; build bastide with its bundled SQLite"
            .to_owned(),
    })
}

fn postgres_version(number: &str) -> Result<(), StoreError> {
    if number.parse::<u32>().is_ok_and(|number| number >= OLDEST_POSTGRES) {
        return Ok(());
    }
    Err(StoreError::Unsafe {
        setting: "the PostgreSQL server's version".to_owned(),
        found: number.to_owned(),
        remedy: "use PostgreSQL 13 or newer".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_with_a_known_fault_is_refused_by_its_version() {
        for version in ["3.51.3", "3.51.10", "3.52.0", "4.0"] {
            assert!(sqlite_version(version).is_ok(), "{version}");
        }
        for version in ["3.51.2", "3.46.1", "3.7", "", "new"] {
            assert!(sqlite_version(version).is_err(), "{version}");
        }
        assert!(postgres_version("130000").is_ok() && postgres_version("170002").is_ok());
        assert!(postgres_version("120022").is_err() && postgres_version("").is_err());
    }

    #[test]
    fn a_setting_that_loses_acknowledged_writes_is_refused_by_name() {
        let refused = expect("SHOW fsync", "off", &["on"], "turn it on").unwrap_err();
        assert_eq!(refused.to_string(), "fsync is off: turn it on");
        for (name, wanted) in POSTGRES_SETTINGS.into_iter().chain(SQLITE_SETTINGS) {
            assert!(!wanted.contains(&"off"), "{name}");
        }
    }
}
