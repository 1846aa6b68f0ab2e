//! Opening the two engines: files and their modes, the lock against a second process, connections, pools.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    str::FromStr,
    time::Duration,
};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Location, StoreError,
    config::{DATABASE_FILE, LOCK_FILE},
    gate,
    growth::Growth,
    sql::{Connection, Pool},
};

/// "bast": says that a SQLite file is ours.
pub(crate) const APPLICATION_ID: i64 = 0x6261_7374;
/// How many readers there are at most.
const READERS: u32 = 8;

/// Takes the data directory for this process. Dropping the file gives it back.
pub(crate) fn lock(directory: &Path) -> Result<File, StoreError> {
    let path = directory.join(LOCK_FILE);
    let unavailable = |error: std::io::Error| StoreError::Unavailable {
        reason: format!("{} cannot be written: {error}", path.display()),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(unavailable)?;
    let open = |path: &Path| {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
    };
    let file = open(&path).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::Locked { place: path.display().to_string() });
        }
        Err(TryLockError::Error(error)) => return Err(unavailable(error)),
    }
    // SQLite gives its journal files the mode of the database file, so that one is made here, for its owner only.
    let database = directory.join(DATABASE_FILE);
    let made = open(&database).map_err(unavailable)?;
    made.set_permissions(Permissions::from_mode(0o600)).map_err(unavailable)?;
    // A file whose name is not yet durable can be lost whole.
    for named_in in [Some(directory), directory.parent()].into_iter().flatten() {
        if !named_in.as_os_str().is_empty() {
            File::open(named_in).and_then(|names| names.sync_all()).map_err(unavailable)?;
        }
    }
    Ok(file)
}

/// Whether a SQLite file is ours, new or foreign, without changing it.
pub(crate) async fn probe_sqlite(directory: &Path) -> Result<(), StoreError> {
    let path = directory.join(DATABASE_FILE);
    let place = path.display().to_string();
    let foreign = |reason: String| StoreError::Foreign { place: place.clone(), reason };
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(false);
    let mut connection = match options.connect().await {
        Ok(connection) => Connection::Sqlite(connection),
        Err(error) => return Err(foreign(error.to_string())),
    };
    let found = async {
        let id = connection.row("pragma", "PRAGMA application_id", vec![]).await?;
        let id = id.map_or(Ok(0), |row| row.int(0))?;
        let tables = connection.row("pragma", "SELECT COUNT(*) FROM sqlite_schema", vec![]).await?;
        Ok::<_, StoreError>((id, tables.map_or(Ok(0), |row| row.int(0))?))
    };
    let found = found.await;
    connection.close().await;
    match found {
        Ok((APPLICATION_ID, _) | (0, 0)) => Ok(()),
        Ok((id, _)) => Err(foreign(format!("its application id is {id:#x}"))),
        Err(StoreError::Corrupt { place, .. }) => Err(foreign(place)),
        Err(other) => Err(other),
    }
}

/// The writer's connection.
pub(crate) async fn connect(location: &Location) -> Result<Connection, StoreError> {
    Ok(match location {
        Location::Sqlite { directory } => {
            let options = sqlite_options(directory)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full);
            Connection::Sqlite(options.connect().await?)
        }
        Location::Postgres { url } => Connection::Postgres(postgres_options(url)?.connect().await?),
    })
}

/// Beside whom a process has a PostgreSQL database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding {
    /// Desks, however many.
    Shared,
    /// Nobody: keys are rotated.
    Alone,
}

/// Holds a PostgreSQL database for as long as the connection lives; SQLite's directory has its lock. Whoever wants it alone
/// waits a moment for those who are just leaving.
pub(crate) async fn hold(connection: &mut Connection, holding: Holding) -> Result<(), StoreError> {
    if connection.is_sqlite() {
        return Ok(());
    }
    let sql = match holding {
        Holding::Shared => {
            "SELECT CAST(CASE WHEN pg_try_advisory_lock_shared(hashtextextended(current_schema()::text, 7089))
             THEN 1 ELSE 0 END AS BIGINT)"
        }
        Holding::Alone => {
            "SELECT CAST(CASE WHEN pg_try_advisory_lock(hashtextextended(current_schema()::text, 7089))
             THEN 1 ELSE 0 END AS BIGINT)"
        }
    };
    for _ in 0..40 {
        let row = connection.row("advisory lock", sql, vec![]).await?;
        if row.map_or(Ok(0), |row| row.int(0))? == 1 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(StoreError::Locked { place: "the PostgreSQL database".to_owned() })
}

/// One connection that cannot write, beside whatever desk has the database.
pub(crate) async fn connect_reading(location: &Location) -> Result<Connection, StoreError> {
    Ok(match location {
        Location::Sqlite { directory } => {
            Connection::Sqlite(sqlite_options(directory).read_only(true).connect().await?)
        }
        Location::Postgres { url } => {
            let options = postgres_options(url)?.options([("default_transaction_read_only", "on")]);
            Connection::Postgres(options.connect().await?)
        }
    })
}

/// What is looked at before the first write: versions and settings, the file as SQLite sees it, the heads of both
/// logs.
pub(crate) async fn check(connection: &mut Connection) -> Result<(), StoreError> {
    gate::check(connection).await?;
    if connection.is_sqlite() {
        for row in connection.rows("integrity_check", "PRAGMA integrity_check(3)", vec![]).await? {
            let finding = row.text(0)?;
            if finding != "ok" {
                return Err(StoreError::corrupt("the database file", finding));
            }
        }
    }
    connection.run(begin(connection)).await?;
    Growth::begin(connection).await?;
    connection.run("ROLLBACK").await
}

/// How a writing transaction begins. On SQLite a deferred one that turns to writing fails with "database is locked"
/// under load.
pub(crate) fn begin(connection: &Connection) -> &'static str {
    if connection.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" }
}

/// The readers' pool, which cannot write.
pub(crate) async fn readers(location: &Location) -> Result<Pool, StoreError> {
    Ok(match location {
        Location::Sqlite { directory } => {
            let options = sqlite_options(directory).read_only(true);
            Pool::Sqlite(SqlitePoolOptions::new().max_connections(READERS).connect_with(options).await?)
        }
        Location::Postgres { url } => {
            let options = postgres_options(url)?.options([("default_transaction_read_only", "on")]);
            Pool::Postgres(PgPoolOptions::new().max_connections(READERS).connect_with(options).await?)
        }
    })
}

fn sqlite_options(directory: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(directory.join(DATABASE_FILE))
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        // Otherwise INSERT OR REPLACE deletes without asking the triggers of append-only tables.
        .pragma("recursive_triggers", "ON")
        .disable_statement_logging()
}

fn postgres_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| {
        StoreError::refused("the database's address", "write it as postgres://user@host/database")
    })?;
    Ok(options.application_name("bastide").disable_statement_logging())
}
