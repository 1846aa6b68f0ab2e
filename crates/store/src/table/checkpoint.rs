//! Signed checkpoints of the two logs.

use bastide_ledger::{Checkpoint, Log};

use crate::{
    StoreError,
    growth::{Growth, stored_integer},
    keys::Keys,
    sql::{Connection, Pool},
};

/// Signs the log's present head and stores the note; the stored note when this size was signed before.
pub(crate) async fn sign(
    connection: &mut Connection,
    growth: &mut Growth,
    keys: &Keys,
    log: Log,
) -> Result<String, StoreError> {
    growth.finish(connection).await?;
    let (size, root) = growth.head(log)?;
    let sql = "SELECT note FROM checkpoint WHERE log = $1 AND size = $2";
    let values = vec![log.name().into(), stored_integer(size)];
    let stored = connection.row("checkpoint", sql, values).await?.map(|row| row.text(0)).transpose()?;
    let key = keys.signing(log);
    if let Some(note) = stored {
        // The key may be another since; what it signed stays as it is, and the new one's word is the same each time.
        let own = Checkpoint::open(&note, std::slice::from_ref(key.verifier_key())).is_ok();
        return Ok(if own { note } else { Checkpoint::sign(size, root, key) });
    }
    let note = Checkpoint::sign(size, root, key);
    connection
        .execute(
            "INSERT INTO checkpoint (log, size, note) VALUES ($1, $2, $3)",
            vec![log.name().into(), stored_integer(size), note.as_str().into()],
        )
        .await?;
    Ok(note)
}

/// The note of the newest checkpoint, and its size.
pub(crate) async fn newest(pool: &Pool, log: Log) -> Result<Option<(u64, String)>, StoreError> {
    let sql = "SELECT size, note FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1";
    let row = pool.row("checkpoint", sql, vec![log.name().into()]).await?;
    row.map(|row| Ok((row.count(0)?, row.text(1)?))).transpose()
}

/// All notes of a log, oldest first.
pub(crate) async fn all(pool: &Pool, log: Log) -> Result<Vec<(u64, String)>, StoreError> {
    let sql = "SELECT size, note FROM checkpoint WHERE log = $1 ORDER BY size";
    let rows = pool.rows("checkpoint", sql, vec![log.name().into()]).await?;
    rows.iter().map(|row| Ok((row.count(0)?, row.text(1)?))).collect()
}
