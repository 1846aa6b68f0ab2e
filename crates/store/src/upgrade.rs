//! Before a migration: a copy of the whole SQLite database beside it, whole or not there.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::{
    Location, StoreError,
    schema::{self, SCHEMA_VERSION},
    sql::Connection,
};

/// Copies the database to `bastide-before-schema-N.db` when steps are missing that this program will take. A copy that
/// is there already is kept: it is older than what a second try would copy.
///
/// On PostgreSQL there is no file to copy; who runs the server makes a backup, `bastide backup` for one.
pub(crate) async fn copy_before(connection: &mut Connection, location: &Location) -> Result<(), StoreError> {
    let version = schema::version(connection).await?;
    if version == 0 || version >= SCHEMA_VERSION {
        return Ok(());
    }
    let Location::Sqlite { directory } = location else {
        tracing::warn!(
            from = version,
            to = SCHEMA_VERSION,
            "the schema is brought up to date; a backup from before is yours to make"
        );
        return Ok(());
    };
    let name = format!("bastide-before-schema-{SCHEMA_VERSION}.db");
    let (copy, unfinished) = (directory.join(&name), directory.join(format!("{name}.unfinished")));
    if copy.exists() {
        return Ok(());
    }
    let failed = |error: io::Error| StoreError::Unavailable {
        reason: format!(
            "{} cannot be written ({error}); nothing was changed: make room and start again",
            copy.display()
        ),
    };
    if unfinished.exists() {
        fs::remove_file(&unfinished).map_err(failed)?;
    }
    // SQLite writes into an empty file and leaves its mode alone.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished).map_err(failed)?;
    connection.execute("VACUUM INTO $1", vec![path_text(&unfinished)?.into()]).await?;
    File::open(&unfinished).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, &copy).map_err(failed)?;
    File::open(directory).and_then(|names| names.sync_all()).map_err(failed)?;
    tracing::info!(copy = %copy.display(), "the database was copied before its schema is brought up to date");
    Ok(())
}

fn path_text(path: &Path) -> Result<String, StoreError> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| StoreError::refused("the data directory's name", "it is not UTF-8"))
}
