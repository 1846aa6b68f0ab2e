//! How the two logs grow within one transaction: leaves are collected, hashes and heads written at its end.

use std::collections::BTreeMap;

use bastide_ledger::{
    Log,
    tree::{self, Hash, Known},
};

use crate::{
    StoreError,
    sql::{Connection, Value, assembled, placeholders},
};

/// How many rows one INSERT holds.
const ROWS: usize = 64;

/// Both logs as of the beginning of the transaction, and what comes after.
#[derive(Debug)]
pub(crate) struct Growth {
    logs: [LogGrowth; 2],
}

#[derive(Debug)]
struct LogGrowth {
    log: Log,
    size: u64,
    frontier: Known,
    pending: Vec<Vec<u8>>,
}

/// How far the logs had grown at some moment, to go back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark([usize; 2]);

impl Growth {
    /// Takes the heads of both logs for this transaction. On PostgreSQL other processes now wait here, always in
    /// the same order, so appends never interleave.
    pub(crate) async fn begin(connection: &mut Connection) -> Result<Self, StoreError> {
        let case = LogGrowth::begin(connection, Log::Case).await?;
        let public = LogGrowth::begin(connection, Log::Public).await?;
        Ok(Self { logs: [case, public] })
    }

    fn of(&mut self, log: Log) -> &mut LogGrowth {
        match log {
            Log::Case => &mut self.logs[0],
            Log::Public => &mut self.logs[1],
        }
    }

    /// The index that the next leaf of a log will have.
    pub(crate) fn next_index(&mut self, log: Log) -> u64 {
        let growth = self.of(log);
        growth.size + growth.pending.len() as u64
    }

    /// Adds a leaf.
    pub(crate) fn push(&mut self, log: Log, leaf: Vec<u8>) {
        self.of(log).pending.push(leaf);
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark([self.logs[0].pending.len(), self.logs[1].pending.len()])
    }

    /// Forgets the leaves since `mark`.
    pub(crate) fn reset(&mut self, mark: Mark) {
        for (growth, length) in self.logs.iter_mut().zip(mark.0) {
            growth.pending.truncate(length);
        }
    }

    /// Writes what has been collected. The logs then stand at their new heads, for more.
    pub(crate) async fn finish(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        for growth in &mut self.logs {
            growth.finish(connection).await?;
        }
        Ok(())
    }

    /// The size and root of a log; only after [`Self::finish`], when nothing is pending.
    pub(crate) fn head(&self, log: Log) -> Result<(u64, Hash), StoreError> {
        let growth = &self.logs[usize::from(log == Log::Public)];
        debug_assert!(growth.pending.is_empty(), "a head is asked for after the leaves were written");
        Ok((growth.size, root(growth)?))
    }
}

fn root(growth: &LogGrowth) -> Result<Hash, StoreError> {
    tree::root(growth.size, &growth.frontier)
        .map_err(|error| StoreError::corrupt(format!("the {}", growth.log.name()), error.to_string()))
}

impl LogGrowth {
    async fn begin(connection: &mut Connection, log: Log) -> Result<Self, StoreError> {
        // An update that changes nothing takes the row's lock on PostgreSQL; the same text serves SQLite.
        let head = connection
            .row(
                "log_head",
                "UPDATE log_head SET size = size WHERE log = $1 RETURNING size, root",
                vec![log.name().into()],
            )
            .await?
            .ok_or_else(|| StoreError::corrupt("the head", log.name()))?;
        let (size, stored_root) = (head.count(0)?, head.bytes(1)?);
        let mut frontier = BTreeMap::new();
        let indexes = tree::frontier(size);
        if !indexes.is_empty() {
            let sql = format!(
                "SELECT position, hash FROM log_hash WHERE log = $1 AND position IN ({})",
                placeholders(2, indexes.len())
            );
            let mut values: Vec<Value> = vec![log.name().into()];
            values.extend(indexes.iter().map(|index| stored_integer(*index)));
            for row in connection.rows("log_hash", assembled(sql), values).await? {
                frontier.insert(row.count(0)?, stored_hash(log, &row.bytes(1)?)?);
            }
        }
        let growth = Self { log, size, frontier: Known(frontier), pending: Vec::new() };
        if root(&growth)?.0.as_slice() != stored_root {
            return Err(StoreError::corrupt(
                format!("the head of the {}", log.name()),
                format!("size {size}"),
            ));
        }
        Ok(growth)
    }

    async fn finish(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let broken = |error: bastide_ledger::LedgerError| {
            StoreError::corrupt(format!("the {}", self.log.name()), error.to_string())
        };
        let mut leaves = Vec::new();
        let mut hashes = Vec::new();
        for leaf in std::mem::take(&mut self.pending) {
            let first = tree::stored_hash_count(self.size);
            for (position, hash) in
                (first..).zip(tree::append(self.size, &leaf, &self.frontier).map_err(broken)?)
            {
                self.frontier.0.insert(position, hash);
                hashes.push((position, hash.0.to_vec()));
            }
            leaves.push((self.size, leaf));
            self.size += 1;
        }
        insert(connection, "INSERT INTO log_leaf (log, position, leaf) VALUES", self.log, leaves).await?;
        insert(connection, "INSERT INTO log_hash (log, position, hash) VALUES", self.log, hashes).await?;
        let root = root(self)?;
        connection
            .execute(
                "UPDATE log_head SET size = $2, root = $3 WHERE log = $1",
                vec![self.log.name().into(), stored_integer(self.size), root.0.to_vec().into()],
            )
            .await?;
        let keep = tree::frontier(self.size);
        self.frontier.0.retain(|position, _| keep.contains(position));
        Ok(())
    }
}

async fn insert(
    connection: &mut Connection,
    beginning: &str,
    log: Log,
    rows: Vec<(u64, Vec<u8>)>,
) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS) {
        let groups: Vec<String> =
            (0..chunk.len()).map(|row| format!("({})", placeholders(3 * row + 1, 3))).collect();
        let values = chunk
            .iter()
            .flat_map(|(position, bytes)| {
                [log.name().into(), stored_integer(*position), bytes.clone().into()]
            })
            .collect();
        connection.execute(assembled(format!("{beginning} {}", groups.join(","))), values).await?;
    }
    Ok(())
}

/// A position as a column holds it.
pub(crate) fn stored_integer(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// A hash as a column holds it.
pub(crate) fn stored_hash(log: Log, bytes: &[u8]) -> Result<Hash, StoreError> {
    let hash = bytes.try_into().map(Hash);
    hash.map_err(|_| StoreError::corrupt("a hash", log.name()))
}
