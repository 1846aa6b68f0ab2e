//! The public keys of both logs, one row for each, with when and from which size on it signs. A row stays for ever: proofs
//! that an old key signed are checked with it.

use bastide_ledger::{Log, VerifierKey};
use bastide_model::time::Instant;

use crate::{
    StoreError,
    growth::stored_integer,
    keys::{Keys, LogKey},
    row::{Kind, Table},
    sql::Connection,
};

pub(crate) const TABLE: Table = Table {
    name: "log_key",
    columns: &[
        ("log", Kind::Text),
        ("number", Kind::Int),
        ("verifier", Kind::Text),
        ("first_size", Kind::Int),
        ("since", Kind::Int),
    ],
    key: 2,
};

/// The keys of a log, oldest first.
pub(crate) async fn all(
    connection: &mut Connection,
    keys: &Keys,
    log: Log,
) -> Result<Vec<LogKey>, StoreError> {
    let rows =
        TABLE.rows_in(connection, keys, "WHERE log = $1 ORDER BY number", vec![log.name().into()]).await?;
    let mut found: Vec<LogKey> = Vec::new();
    for row in &rows {
        let key = VerifierKey::parse(&row.text(2)?).map_err(|_| row.damaged(log.name()))?;
        let (first_size, since) = (row.count(3)?, row.instant(4)?);
        if let Some(before) = found.last_mut() {
            (before.until, before.last_size) = (Some(since), Some(first_size));
        }
        found.push(LogKey { key, since, first_size, until: None, last_size: None });
    }
    Ok(found)
}

/// Adds the key that signs from now on.
pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    log: Log,
    key: &VerifierKey,
    first_size: u64,
    since: Instant,
) -> Result<(), StoreError> {
    let number = all(connection, keys, log).await?.len() as u64 + 1;
    let values = vec![
        log.name().into(),
        stored_integer(number),
        key.to_string().into(),
        stored_integer(first_size),
        since.into(),
    ];
    TABLE.add(connection, keys, values).await
}
