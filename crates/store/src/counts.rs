//! Counts for whoever runs the desk: how much waits, since when, and how much room there is. No word of a case.

use std::collections::BTreeMap;

use bastide_model::time::Instant;

use crate::{Location, OutboxState, Store, StoreError};

/// How much waits, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Messages by what has become of them.
    pub messages: BTreeMap<OutboxState, u64>,
    /// Since when the oldest message that is due waits.
    pub oldest_message: Option<Instant>,
    /// Since when the oldest case that the clock should look at waits.
    pub oldest_wake: Option<Instant>,
    /// Open cases whose next deadline has passed.
    pub overdue_cases: u64,
}

/// The writer's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Jobs that wait.
    pub waiting: usize,
    /// Jobs that may wait at most; more are refused as busy.
    pub most: usize,
}

impl Store {
    /// Whether the database answers.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.readers()
            .row("schema_version", "SELECT MAX(version) FROM schema_version", vec![])
            .await
            .map(drop)
    }

    /// How much waits at `now`.
    pub async fn counts(&self, now: Instant) -> Result<Counts, StoreError> {
        let pool = self.readers();
        let mut messages = BTreeMap::new();
        for row in pool.rows("outbox", "SELECT state, COUNT(*) FROM outbox GROUP BY state", vec![]).await? {
            messages.insert(row.named(0)?, row.count(1)?);
        }
        let sql = "SELECT MIN(not_before) FROM outbox WHERE state = 'waiting' AND not_before <= $1";
        let oldest_message = pool.row("outbox", sql, vec![now.into()]).await?;
        let sql = "SELECT MIN(wake_at) FROM case_summary WHERE closed = 0 AND wake_at <= $1";
        let oldest_wake = pool.row("case_summary", sql, vec![now.into()]).await?;
        let sql = "SELECT COUNT(*) FROM case_summary WHERE closed = 0 AND next_due < $1";
        let overdue = pool.row("case_summary", sql, vec![now.into()]).await?;
        Ok(Counts {
            messages,
            oldest_message: oldest_message.map_or(Ok(None), |row| row.optional_instant(0))?,
            oldest_wake: oldest_wake.map_or(Ok(None), |row| row.optional_instant(0))?,
            overdue_cases: overdue.map_or(Ok(0), |row| row.count(0))?,
        })
    }

    /// The writer's queue at this moment.
    pub fn queue(&self) -> Queue {
        let most = crate::writer::QUEUE;
        Queue { waiting: most.saturating_sub(self.queue_capacity()), most }
    }

    /// How much room is left where the database lies, in bytes; none where that is another machine's affair.
    pub fn free_bytes(&self) -> Option<u64> {
        let Location::Sqlite { directory } = self.location() else { return None };
        let room = rustix::fs::statvfs(directory).ok()?;
        Some(room.f_bavail.saturating_mul(room.f_frsize))
    }
}
