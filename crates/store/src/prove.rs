//! Proofs for who takes part, and the log's public files, from the stored hashes.

use std::collections::BTreeMap;

use bastide_authz::Permit;
use bastide_ledger::{
    Bundle, BundleEvent, Checkpoint, ConsistencyProof, LedgerError, Log, RevealedBody,
    proof::{self, BUNDLE_FORMAT, Base64, MAX_EVENTS, VERSION},
    tiles::{TileKind, TilePath, entry_bundle},
    tree::{self, Asked, Known},
};
use bastide_model::id::CaseId;

use crate::{
    Store, StoreError, Stream,
    event::{self, RecordBody},
    growth::{stored_hash, stored_integer},
    sql::{Value, assembled, placeholders},
    table::checkpoint,
};

/// How many hashes one query asks for.
const HASHES_PER_QUERY: usize = 500;

impl Store {
    /// The proof of a case's whole history against a fresh checkpoint, to be checked offline with
    /// [`bastide_ledger::verify`]. Bodies that `permit` opens are laid open in it; without one, none.
    pub async fn prove(&self, case: CaseId, permit: Option<&Permit>) -> Result<Bundle, StoreError> {
        let records = event::stream(self.readers(), self.keys(), &Stream::case(case)).await?;
        if records.is_empty() {
            return Err(StoreError::Absent { what: case.to_string() });
        }
        if records.len() > MAX_EVENTS {
            return Err(StoreError::refused("the proof of a case", format!("more than {MAX_EVENTS} events")));
        }
        let note = self.checkpoint(Log::Case).await?;
        let size = self.opened(Log::Case, &note)?.size;
        let mut needed = Vec::new();
        for record in &records {
            needed.extend(ask(|asked| tree::prove_inclusion(size, record.log_index, asked))?);
        }
        let known = self.hashes(Log::Case, needed).await?;
        let mut events = Vec::new();
        for record in records {
            let hashes = tree::prove_inclusion(size, record.log_index, &known).map_err(damaged)?;
            let body = match (&record.body, permit) {
                (RecordBody::Sealed { salt, plaintext }, Some(permit)) => {
                    plaintext.open(permit).ok().map(|plaintext| RevealedBody {
                        salt: Base64(salt.0.to_vec()),
                        plaintext: Base64(plaintext.clone()),
                    })
                }
                _ => None,
            };
            let entry = String::from_utf8(record.entry.canonical_bytes())
                .map_err(|_| StoreError::corrupt("an event", record.stream.to_string()))?;
            let salt = Base64(record.salt.0.to_vec());
            events.push(BundleEvent {
                index: record.log_index,
                salt,
                entry,
                proof: proof::encode(&hashes),
                body,
            });
        }
        Ok(Bundle {
            format: BUNDLE_FORMAT.to_owned(),
            version: VERSION,
            case: case.to_string(),
            checkpoint: note,
            events,
        })
    }

    /// The proof that the newest checkpoint of a log continues an older one (a signed note of this log).
    pub async fn prove_consistency(&self, log: Log, old: &str) -> Result<ConsistencyProof, StoreError> {
        let from = self.opened(log, old)?.size;
        let note = self.checkpoint(log).await?;
        let size = self.opened(log, &note)?.size;
        if from > size {
            return Err(StoreError::corrupt(
                format!("the {}", log.name()),
                format!("it has shrunk from {from} to {size}"),
            ));
        }
        let known = self.hashes(log, ask(|asked| tree::prove_consistency(size, from, asked))?).await?;
        let hashes = tree::prove_consistency(size, from, &known).map_err(damaged)?;
        Ok(ConsistencyProof::new(old.to_owned(), note, &hashes))
    }

    /// The newest signed note of a log, if one was signed.
    pub async fn newest_checkpoint(&self, log: Log) -> Result<Option<String>, StoreError> {
        Ok(checkpoint::newest(self.readers(), log).await?.map(|(_, note)| note))
    }

    /// The proof hashes of one leaf against the newest checkpoint, with that note.
    pub async fn prove_leaf(&self, log: Log, index: u64) -> Result<(String, Vec<tree::Hash>), StoreError> {
        let note = self.checkpoint(log).await?;
        let size = self.opened(log, &note)?.size;
        if index >= size {
            return Err(StoreError::Absent { what: format!("leaf {index} in the {}", log.name()) });
        }
        let known = self.hashes(log, ask(|asked| tree::prove_inclusion(size, index, asked))?).await?;
        Ok((note, tree::prove_inclusion(size, index, &known).map_err(damaged)?))
    }

    /// The bytes of a C2SP tile or entry bundle, if the newest checkpoint covers it.
    pub async fn tile(&self, log: Log, path: &TilePath) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((size, _)) = checkpoint::newest(self.readers(), log).await? else { return Ok(None) };
        if !path.exists_in(size) {
            return Ok(None);
        }
        if let TileKind::Hashes { .. } = path.kind() {
            let known = self.hashes(log, ask(|asked| path.hash_bytes(asked))?).await?;
            return path.hash_bytes(&known).map(Some).map_err(damaged);
        }
        let range = path.leaves();
        let sql =
            "SELECT leaf FROM log_leaf WHERE log = $1 AND position >= $2 AND position < $3 ORDER BY position";
        let values = vec![log.name().into(), stored_integer(range.start), stored_integer(range.end)];
        let rows = self.readers().rows("log_leaf", sql, values).await?;
        let leaves = rows.iter().map(|row| row.bytes(0)).collect::<Result<Vec<_>, _>>()?;
        entry_bundle(leaves.iter().map(Vec::as_slice)).map(Some).map_err(damaged)
    }

    /// Opens a checkpoint of ours: signed by the key that signed logs of its size.
    pub(crate) fn opened(&self, log: Log, note: &str) -> Result<Checkpoint, StoreError> {
        let keys = self.keys().log_keys(log);
        let opened =
            keys.iter().rev().map(|key| (key, Checkpoint::open(note, std::slice::from_ref(&key.key))));
        let mut problem = "this log has no key".to_owned();
        for (key, found) in opened {
            match found {
                Ok(checkpoint) if key.signs(checkpoint.size) => return Ok(checkpoint),
                Ok(_) => "it is signed by a key that did not sign logs of this size".clone_into(&mut problem),
                Err(error) => problem = error.to_string(),
            }
        }
        Err(StoreError::refused("a checkpoint", problem))
    }

    async fn hashes(&self, log: Log, mut indexes: Vec<u64>) -> Result<Known, StoreError> {
        indexes.sort_unstable();
        indexes.dedup();
        let mut known = BTreeMap::new();
        for chunk in indexes.chunks(HASHES_PER_QUERY) {
            let sql = format!(
                "SELECT position, hash FROM log_hash WHERE log = $1 AND position IN ({})",
                placeholders(2, chunk.len())
            );
            let mut values: Vec<Value> = vec![log.name().into()];
            values.extend(chunk.iter().map(|index| stored_integer(*index)));
            for row in self.readers().rows("log_hash", assembled(sql), values).await? {
                known.insert(row.count(0)?, stored_hash(log, &row.bytes(1)?)?);
            }
        }
        Ok(Known(known))
    }
}

fn ask<T>(question: impl FnOnce(&Asked) -> Result<T, LedgerError>) -> Result<Vec<u64>, StoreError> {
    tree::needed(question).map_err(damaged)
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn damaged(error: LedgerError) -> StoreError {
    StoreError::corrupt("the ledger", error.to_string())
}
