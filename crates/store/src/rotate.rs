//! New keys in place of old ones, while the desk is stopped: the key that wraps the cases' keys, and those that sign the
//! logs. Each is done in steps that can be killed anywhere: a desk opens in between, and the same command goes on.
//!
//! The sealing key: the new one is written beside the old one in its file, before anything is sealed under it. One
//! transaction makes it the present one; then, some hundred rows a transaction, the cases' keys are wrapped anew, what
//! belongs to no case is sealed anew and rows get their check values anew. The last transaction says that it is done, and
//! only then the old key goes out of the file. Rows that nobody may write again (publications, snapshots, public keys)
//! keep their check values; the key of these is kept for them alone, sealed under the new one.
//!
//! A log's key: one transaction writes the event that names the new key, lets the old key sign the log that this event is
//! in, and makes the new one the present one. The old public key stays, with the sizes that it signed.

use std::{fs::File, path::Path, sync::Arc};

use bastide_ledger::{Log, VerifierKey};
use bastide_model::time::Instant;
use serde_json::json;

use crate::{
    Config, Location, NewEvent, SCHEMA_VERSION, Store, StoreError, Stream, StreamKind, engine, event, gate,
    growth::Growth,
    keys::{KeyFiles, Keys},
    row::{Rewritten, Table},
    schema,
    sql::{Connection, Value},
    store,
    table::{
        account_link, case_key::CaseKeys, checkpoint, claim, idempotency, log_key, outbox, proposal,
        sign_in_name, subscription,
    },
    verify::TABLES,
    writer::truncate_log,
};

/// How many rows one transaction changes at most.
const ROWS: usize = 200;
/// The old key's id while its rotation is on its way.
const LEAVING: &str = "sealing-key-leaving";
/// The ids of the keys that are gone.
const ENDED: &str = "sealing-keys-ended";

/// What became of the rotation of the sealing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingRotation {
    /// The old key's id.
    pub old: String,
    /// The new key's id.
    pub new: String,
    /// How many keys of cases were wrapped anew, now.
    pub cases: u64,
    /// How many rows were sealed or checked anew, now.
    pub rows: u64,
    /// Whether it had begun before.
    pub resumed: bool,
}

/// What became of the rotation of a log's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRotation {
    /// The old public key, which stays known.
    pub old: VerifierKey,
    /// The new one.
    pub new: VerifierKey,
    /// Whether it had begun before.
    pub resumed: bool,
}

/// A database that this process has for itself.
struct Held {
    connection: Connection,
    files: KeyFiles,
    keys: Arc<Keys>,
    /// Given back at the end.
    _lock: Option<File>,
}

/// The stream of what happens to keys.
fn stream() -> Stream {
    Stream::new(StreamKind::Programme, "keys")
}

impl Held {
    async fn take(config: &Config) -> Result<Self, StoreError> {
        let mut lock = None;
        if let Location::Sqlite { directory } = &config.location {
            lock = Some(engine::lock(directory)?);
            engine::probe_sqlite(directory).await?;
        }
        let mut connection = engine::connect(&config.location).await?;
        engine::hold(&mut connection, engine::Holding::Alone).await?;
        gate::check(&mut connection).await?;
        let found = schema::version(&mut connection).await?;
        if found != SCHEMA_VERSION {
            // Opened a moment ago, so another program has it since.
            let place = config.location.place();
            return Err(StoreError::Newer { place, found, known: SCHEMA_VERSION });
        }
        let files = KeyFiles::load(config, false)?;
        let keys = Arc::new(store::keys_in(&mut connection, KeyFiles::load(config, false)?).await?);
        Ok(Self { connection, files, keys, _lock: lock })
    }

    async fn read_keys(&mut self, config: &Config) -> Result<(), StoreError> {
        self.keys = Arc::new(store::keys_in(&mut self.connection, KeyFiles::load(config, false)?).await?);
        Ok(())
    }

    async fn meta(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        store::meta(&mut self.connection, name).await
    }

    async fn set_meta(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.connection.execute(sql, vec![name.into(), value.into()]).await?;
        Ok(())
    }

    /// Writes the old key to where somebody wants it kept.
    fn copy(&self, old: &str, to: Option<&Path>) -> Result<(), StoreError> {
        to.map_or(Ok(()), |path| self.files.copy_sealing(old, path))
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.run(engine::begin(&self.connection)).await
    }

    /// Writes an event about keys; the logs grow by it.
    async fn note(
        &mut self,
        growth: &mut Growth,
        kind: &str,
        at: Instant,
        header: serde_json::Value,
    ) -> Result<(), StoreError> {
        let sequence = event::length(&mut self.connection, &stream()).await? + 1;
        let new = NewEvent { kind: kind.to_owned(), at, actor: None, header, body: None };
        let mut case_keys = CaseKeys::new(Arc::clone(&self.keys));
        event::insert(&mut self.connection, growth, &mut case_keys, &stream(), sequence, new).await?;
        growth.finish(&mut self.connection).await
    }
}

/// Makes a new sealing key and puts everything under it; goes on where a rotation was killed. The old key is written to
/// `old_key`, where one is named, before it goes: backups from before open with nothing else.
pub async fn sealing_key(
    config: &Config,
    old_key: Option<&Path>,
    now: Instant,
) -> Result<SealingRotation, StoreError> {
    // Applies what is missing of the schema, and refuses a database that does not open.
    Store::open(config.clone(), now).await?.close().await;
    let mut held = Held::take(config).await?;
    let present = held.keys.sealing_id().to_owned();
    let ended = held.meta(ENDED).await?.unwrap_or_default();
    let others: Vec<String> =
        held.files.sealing.iter().map(|sealer| sealer.id.clone()).filter(|id| *id != present).collect();
    // Killed between the last transaction and the file: only the file is left to do.
    if let Some(old) = others.iter().find(|id| ended.split(' ').any(|gone| gone == *id)).cloned() {
        held.copy(&old, old_key)?;
        return finish(held, old, present, SealingRotation::nothing(true)).await;
    }
    let resumed = held.keys.leaving_id().is_some() || !others.is_empty();
    let old = held.keys.leaving_id().unwrap_or(&present).to_owned();
    held.copy(&old, old_key)?;
    if held.keys.leaving_id().is_none() {
        let new = match others.into_iter().next() {
            Some(prepared) => prepared,
            None => held.files.add_sealing()?,
        };
        held.begin().await?;
        let mut growth = Growth::begin(&mut held.connection).await?;
        held.note(&mut growth, "sealing-key-rotation-began", now, json!({ "from": present, "to": new }))
            .await?;
        held.set_meta(LEAVING, &present).await?;
        held.set_meta("sealing-key", &new).await?;
        held.connection.run("COMMIT").await?;
        held.read_keys(config).await?;
    }
    let new = held.keys.sealing_id().to_owned();
    let cases = wrap_cases(&mut held).await?;
    let mut rows = answers(&mut held).await?;
    for table in TABLES.iter().filter(|table| !table.lasts()) {
        rows += rewrite(&mut held, table).await?;
    }
    // The last step: nothing is under the old key any more.
    held.begin().await?;
    let mut growth = Growth::begin(&mut held.connection).await?;
    let header = json!({ "from": old, "to": new });
    held.note(&mut growth, "sealing-key-rotated", now, header).await?;
    let former = data_encoding::BASE64.encode(&held.keys.former_sealed()?);
    held.set_meta("former-row-keys", &former).await?;
    held.set_meta(ENDED, format!("{ended} {old}").trim()).await?;
    held.connection.execute("DELETE FROM meta WHERE name = $1", vec![LEAVING.into()]).await?;
    held.connection.run("COMMIT").await?;
    finish(held, old, new, SealingRotation { cases, rows, ..SealingRotation::nothing(resumed) }).await
}

impl SealingRotation {
    fn nothing(resumed: bool) -> Self {
        Self { old: String::new(), new: String::new(), cases: 0, rows: 0, resumed }
    }
}

/// Takes the old key out of its file.
async fn finish(
    mut held: Held,
    old: String,
    new: String,
    done: SealingRotation,
) -> Result<SealingRotation, StoreError> {
    if held.connection.is_sqlite() {
        // What was wrapped by the old key stands in SQLite's log, too.
        truncate_log(&mut held.connection).await;
    }
    held.files.keep_sealing(&new)?;
    held.connection.close().await;
    Ok(SealingRotation { old, new, ..done })
}

/// Wraps the cases' keys anew, some a transaction.
async fn wrap_cases(held: &mut Held) -> Result<u64, StoreError> {
    let keys = Arc::clone(&held.keys);
    let mut count = 0;
    loop {
        held.begin().await?;
        let sql = "SELECT case_id, wrapped FROM case_key WHERE wrapped_by <> $1 ORDER BY case_id LIMIT $2";
        let values = vec![keys.sealing_id().into(), limit()];
        let rows = held.connection.rows("case_key", sql, values).await?;
        for row in &rows {
            let case = row.text(0)?;
            let key = keys.unwrap(&case, &row.bytes(1)?);
            let key = key.ok_or_else(|| StoreError::corrupt("the key of a case", case.as_str()))?;
            let values = vec![case.as_str().into(), keys.wrap(&case, &key)?.into(), keys.sealing_id().into()];
            let sql = "UPDATE case_key SET wrapped = $2, wrapped_by = $3 WHERE case_id = $1";
            held.connection.execute(sql, values).await?;
        }
        held.connection.run("COMMIT").await?;
        if rows.is_empty() {
            return Ok(count);
        }
        count += rows.len() as u64;
    }
}

fn limit() -> Value {
    i64::try_from(ROWS).unwrap_or(i64::MAX).into()
}

/// Seals the answers kept for retries anew.
async fn answers(held: &mut Held) -> Result<u64, StoreError> {
    let keys = Arc::clone(&held.keys);
    let (mut after, mut count) = (None, 0);
    loop {
        held.begin().await?;
        let page = idempotency::seal_anew(&mut held.connection, &keys, after.take(), limit()).await?;
        held.connection.run("COMMIT").await?;
        count += page.1;
        match page.0 {
            Some(last) => after = Some(last),
            None => return Ok(count),
        }
    }
}

/// Writes the rows of a table with their check values anew, and what is sealed in them.
async fn rewrite(held: &mut Held, table: &Table) -> Result<u64, StoreError> {
    let keys = Arc::clone(&held.keys);
    let anew = |values: &mut Vec<Value>| match table.name {
        "proposal" => proposal::seal_anew(&keys, values),
        "outbox" => outbox::seal_anew(&keys, values),
        "subscription" => subscription::seal_anew(&keys, values),
        "account_link" => account_link::seal_anew(&keys, values),
        "claim" => claim::hash_anew(&keys, values),
        "sign_in_name" => sign_in_name::hash_anew(&keys, values),
        _ => Ok(()),
    };
    let (mut after, mut count) = (None, 0);
    loop {
        held.begin().await?;
        let Rewritten { last, changed } =
            table.rewrite(&mut held.connection, &keys, after.take(), ROWS, &anew).await?;
        held.connection.run("COMMIT").await?;
        count += changed;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(count),
        }
    }
}

/// Makes a new key for a log; goes on where a rotation was killed.
pub async fn log_key(config: &Config, log: Log, now: Instant) -> Result<LogRotation, StoreError> {
    Store::open(config.clone(), now).await?.close().await;
    let mut held = Held::take(config).await?;
    let present = held.keys.signing(log).verifier_key().clone();
    let known = held.keys.log_keys(log).to_vec();
    let others: Vec<VerifierKey> = held.files.of(log).iter().map(|key| key.verifier_key().clone()).collect();
    let mut others = others.into_iter().filter(|key| *key != present);
    let other = others.next();
    let is_known = |key: &VerifierKey| known.iter().any(|known| known.key == *key);
    // Killed between the transaction and the file: only the file is left to do.
    if let Some(old) = other.clone().filter(is_known) {
        held.files.keep_log(log, &present)?;
        held.connection.close().await;
        return Ok(LogRotation { old, new: present, resumed: true });
    }
    let resumed = other.is_some();
    let new = match other {
        Some(prepared) => prepared,
        None => held.files.add_log(log, present.origin())?,
    };
    held.begin().await?;
    let mut growth = Growth::begin(&mut held.connection).await?;
    let header = json!({ "log": log.name(), "from": present.to_string(), "to": new.to_string() });
    held.note(&mut growth, "log-key-rotated", now, header).await?;
    // The old key's last word: the log as it is, and in the case log its successor's name.
    let keys = Arc::clone(&held.keys);
    for each in Log::ALL {
        checkpoint::sign(&mut held.connection, &mut growth, &keys, each).await?;
    }
    let (size, _) = growth.head(log)?;
    log_key::add(&mut held.connection, &keys, log, &new, size, now).await?;
    held.set_meta(log.name(), &new.to_string()).await?;
    held.connection.run("COMMIT").await?;
    held.files.keep_log(log, &new)?;
    held.connection.close().await;
    Ok(LogRotation { old: present, new, resumed })
}
