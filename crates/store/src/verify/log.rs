//! The check of one log: its tree rebuilt from its leaves, every stored hash, the head, every checkpoint.

use std::collections::{BTreeMap, BTreeSet};

use bastide_ledger::{
    Log,
    tree::{self, Hash, Known},
};

use super::{PAGE, VerifyReport};
use crate::{Store, StoreError, growth::stored_integer, table::checkpoint};

/// Where a log stood when its check began.
pub(super) struct Extent {
    pub(super) size: u64,
    root: Vec<u8>,
    notes: Vec<(u64, String)>,
}

impl Store {
    /// Where a log stands: its checkpoints so far and then its head, which is never behind them.
    pub(super) async fn extent(&self, log: Log) -> Result<Extent, StoreError> {
        let notes = checkpoint::all(self.readers(), log).await?;
        let sql = "SELECT size, root FROM log_head WHERE log = $1";
        let head = self.readers().row("log_head", sql, vec![log.name().into()]).await?;
        let head = head.ok_or_else(|| StoreError::corrupt("the head", log.name()))?;
        Ok(Extent { size: head.count(0)?, root: head.bytes(1)?, notes })
    }

    /// Rebuilds a log's tree from its leaves and compares every stored hash, the head and every checkpoint.
    pub(super) async fn check_log(
        &self,
        log: Log,
        extent: Extent,
        report: &mut VerifyReport,
    ) -> Result<u64, StoreError> {
        let name = log.name();
        let mut notes = extent.notes.into_iter().peekable();
        let mut known = Known::default();
        let (mut count, mut stored) = (0, 0);
        loop {
            while let Some((at, note)) = notes.next_if(|(at, _)| *at == count) {
                self.check_checkpoint(log, at, &note, &known, report);
            }
            if count == extent.size {
                break;
            }
            // Pages end where a checkpoint is due.
            let due = notes.peek().map_or(u64::MAX, |(at, _)| *at);
            let end = due.min(count + PAGE.unsigned_abs()).min(extent.size);
            let hashes = self.rebuild(log, count..end, &mut known).await?;
            count = end;
            let until = tree::stored_hash_count(count);
            self.compare_hashes(log, stored..until, hashes, report).await?;
            stored = until;
        }
        for (at, _) in notes {
            report.problem(format!("the {name} was signed with {at} leaves, but has only {count}"));
        }
        let computed =
            tree::root(count, &known).map_err(|error| StoreError::corrupt(name, error.to_string()))?;
        if computed.0.as_slice() != extent.root {
            report.problem(format!("the head of the {name} does not follow from its {count} leaves"));
        }
        Ok(count)
    }

    /// The hashes that follow from these leaves; `known` then holds what the next leaves need.
    async fn rebuild(
        &self,
        log: Log,
        leaves: std::ops::Range<u64>,
        known: &mut Known,
    ) -> Result<BTreeMap<u64, Hash>, StoreError> {
        let name = log.name();
        let sql = "SELECT position, leaf FROM log_leaf WHERE log = $1 AND position >= $2 AND position < $3
                   ORDER BY position";
        let values = vec![name.into(), stored_integer(leaves.start), stored_integer(leaves.end)];
        let rows = self.readers().rows("log_leaf", sql, values).await?;
        let mut rows = rows.iter();
        let mut hashes = BTreeMap::new();
        for index in leaves.clone() {
            let missing = || StoreError::corrupt(format!("leaf {index} of the {name}"), "which is missing");
            let row = rows.next().ok_or_else(missing)?;
            if row.count(0)? != index {
                return Err(missing());
            }
            let new = tree::append(index, &row.bytes(1)?, known)
                .map_err(|error| StoreError::corrupt(name, error.to_string()))?;
            for (position, hash) in (tree::stored_hash_count(index)..).zip(new) {
                known.0.insert(position, hash);
                hashes.insert(position, hash);
            }
        }
        let frontier: BTreeSet<u64> = tree::frontier(leaves.end).into_iter().collect();
        known.0.retain(|position, _| frontier.contains(position));
        Ok(hashes)
    }

    async fn compare_hashes(
        &self,
        log: Log,
        positions: std::ops::Range<u64>,
        mut hashes: BTreeMap<u64, Hash>,
        report: &mut VerifyReport,
    ) -> Result<(), StoreError> {
        let name = log.name();
        let sql = "SELECT position, hash FROM log_hash WHERE log = $1 AND position >= $2 AND position < $3
                   ORDER BY position";
        let values = vec![name.into(), stored_integer(positions.start), stored_integer(positions.end)];
        for row in self.readers().rows("log_hash", sql, values).await? {
            let position = row.count(0)?;
            match hashes.remove(&position) {
                Some(hash) if hash.0.as_slice() == row.bytes(1)? => {}
                _ => report
                    .problem(format!("stored hash {position} of the {name} does not follow from its leaves")),
            }
        }
        for position in hashes.keys() {
            report.problem(format!("stored hash {position} of the {name} is missing"));
        }
        Ok(())
    }

    /// That nothing stands beyond a log's head. The rows are looked at before the head, which grows with them.
    pub(super) async fn check_strays(&self, log: Log, report: &mut VerifyReport) -> Result<(), StoreError> {
        let name = log.name();
        let newest = async |sql: &'static str, values| -> Result<i64, StoreError> {
            self.readers().row("log_leaf", sql, values).await?.map_or(Ok(-1), |row| row.int(0))
        };
        let leaf =
            newest("SELECT COALESCE(MAX(position), -1) FROM log_leaf WHERE log = $1", vec![name.into()]);
        let leaf = leaf.await?;
        let hash =
            newest("SELECT COALESCE(MAX(position), -1) FROM log_hash WHERE log = $1", vec![name.into()]);
        let hash = hash.await?;
        let event = newest("SELECT COALESCE(MAX(log_index), -1) FROM event", vec![]).await?;
        let size = self.extent(log).await?.size;
        let beyond = |newest: i64, bound: u64| u64::try_from(newest).is_ok_and(|newest| newest >= bound);
        if beyond(leaf, size) || beyond(hash, tree::stored_hash_count(size)) {
            report.problem(format!("the {name} has leaves or hashes beyond its head (size {size})"));
        }
        if log == Log::Case && beyond(event, size) {
            report.problem(format!("event {event} stands beyond the head of the case log (size {size})"));
        }
        Ok(())
    }

    fn check_checkpoint(&self, log: Log, size: u64, note: &str, known: &Known, report: &mut VerifyReport) {
        let name = log.name();
        match self.opened(log, note) {
            Ok(signed)
                if signed.size == size && tree::root(size, known).is_ok_and(|root| root == signed.root) =>
            {
                report.checkpoints += 1;
            }
            Ok(_) => report.problem(format!(
                "the {name} was rewritten since its checkpoint of {size} leaves was signed"
            )),
            Err(error) => report.problem(format!("the {name}'s checkpoint of {size} leaves: {error}")),
        }
    }
}
