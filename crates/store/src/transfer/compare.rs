//! Where a log stands now and where it stood, to compare a restored desk with what others know of it.

use std::collections::BTreeMap;

use bastide_ledger::{
    Log,
    tree::{self, Known},
};
use data_encoding::HEXLOWER;

use crate::{
    Store, StoreError,
    growth::{stored_hash, stored_integer},
    sql::{Value, assembled, placeholders},
};

impl Store {
    /// How many leaves a log has.
    pub async fn log_size(&self, log: Log) -> Result<u64, StoreError> {
        let sql = "SELECT size FROM log_head WHERE log = $1";
        let row = self.readers().row("log_head", sql, vec![log.name().into()]).await?;
        row.map_or(Ok(0), |row| row.count(0))
    }

    /// The root that a log had when it had `size` leaves, in hexadecimal; none when it never had so many.
    pub async fn root_at(&self, log: Log, size: u64) -> Result<Option<String>, StoreError> {
        if size > self.log_size(log).await? {
            return Ok(None);
        }
        let positions = tree::frontier(size);
        let mut known = BTreeMap::new();
        if !positions.is_empty() {
            let marks = placeholders(2, positions.len());
            let sql = format!("SELECT position, hash FROM log_hash WHERE log = $1 AND position IN ({marks})");
            let mut values: Vec<Value> = vec![log.name().into()];
            values.extend(positions.iter().map(|position| stored_integer(*position)));
            for row in self.readers().rows("log_hash", assembled(sql), values).await? {
                known.insert(row.count(0)?, stored_hash(log, &row.bytes(1)?)?);
            }
        }
        let root = tree::root(size, &Known(known));
        let root =
            root.map_err(|error| StoreError::corrupt(format!("the {}", log.name()), error.to_string()))?;
        Ok(Some(HEXLOWER.encode(&root.0)))
    }
}
