//! The store as its users see it.

use std::sync::{Arc, Mutex, PoisonError, atomic::Ordering};

use bastide_ledger::{Log, VerifierKey};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    time::Instant,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    Append, Appended, Config, Location, SealedEvent, StoreError, StoredEvent, Stream, engine, event, gate,
    keys::{KeyFiles, Keys, KnownKeys, LogKey},
    schema::{self, SCHEMA_VERSION},
    sql::{Connection, Pool},
    table::{
        idempotency, log_key,
        outbox::{OutboxChannel, OutboxMessage},
    },
    upgrade,
    writer::{Counters, Done, Job, QUEUE, Task, Writer},
};

/// A desk's data. Cheap to clone; all clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    location: Location,
    keys: Arc<Keys>,
    readers: Pool,
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    counters: Arc<Counters>,
}

/// Counts since the store was opened, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Jobs taken by the writer.
    pub jobs: u64,
    /// Transactions that held them.
    pub commits: u64,
    /// How often a failed connection was replaced.
    pub reopened: u64,
}

impl Store {
    /// Opens the store, making it when there is none: takes the directory's lock, refuses foreign and newer
    /// databases and unsafe settings, applies missing migration steps, reads the keys, checks the file and the
    /// heads of both logs. `now` is when.
    pub async fn open(config: Config, now: Instant) -> Result<Self, StoreError> {
        let mut lock = None;
        if let Location::Sqlite { directory } = &config.location {
            lock = Some(engine::lock(directory)?);
            engine::probe_sqlite(directory).await?;
        }
        let mut connection = engine::connect(&config.location).await?;
        engine::hold(&mut connection, engine::Holding::Shared).await?;
        gate::check(&mut connection).await?;
        upgrade::copy_before(&mut connection, &config.location).await?;
        let keys = Arc::new(prepare(&mut connection, &config, now).await?);
        engine::check(&mut connection).await?;
        let readers = engine::readers(&config.location).await?;
        let counters = Arc::new(Counters::default());
        let (sender, receiver) = mpsc::channel(QUEUE);
        let writer = Writer {
            connection: Some(connection),
            location: config.location.clone(),
            keys: Arc::clone(&keys),
            counters: Arc::clone(&counters),
            truncate: false,
            lock,
        };
        let writer = tokio::spawn(writer.run(receiver));
        Ok(Self {
            inner: Arc::new(Inner {
                location: config.location,
                keys,
                readers,
                jobs: Mutex::new(Some(sender)),
                writer: Mutex::new(Some(writer)),
                counters,
            }),
        })
    }

    /// Ends the store: what is queued is written, connections are closed, the directory is given back.
    pub async fn close(&self) {
        // The writer's connection goes last: it moves what is in SQLite's log into the database file.
        self.inner.readers.close().await;
        drop(self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the writer ended with a panic");
        }
    }

    pub(crate) fn readers(&self) -> &Pool {
        &self.inner.readers
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    pub(crate) fn location(&self) -> &Location {
        &self.inner.location
    }

    /// How many more jobs may wait now.
    pub(crate) fn queue_capacity(&self) -> usize {
        let jobs = self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().map_or(0, mpsc::Sender::capacity)
    }

    /// What the writer has done so far.
    pub fn figures(&self) -> Figures {
        let counters = &self.inner.counters;
        Figures {
            jobs: counters.jobs.load(Ordering::Relaxed),
            commits: counters.commits.load(Ordering::Relaxed),
            reopened: counters.reopened.load(Ordering::Relaxed),
        }
    }

    /// The key by which anybody checks this log's checkpoints.
    pub fn verifier_key(&self, log: Log) -> VerifierKey {
        self.keys().signing(log).verifier_key().clone()
    }

    /// Every public key that a log had, oldest first, with what each signed.
    pub fn log_keys(&self, log: Log) -> &[LogKey] {
        self.keys().log_keys(log)
    }

    /// Recognises the present sealing key without revealing it.
    pub fn sealing_key_id(&self) -> &str {
        self.keys().sealing_id()
    }

    /// The id of the sealing key before, when its rotation was interrupted.
    pub fn leaving_key_id(&self) -> Option<&str> {
        self.keys().leaving_id()
    }

    async fn ask(&self, task: Task) -> Result<Done, StoreError> {
        let sender = self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let closed = || StoreError::Unavailable { reason: "the store is closed".to_owned() };
        let (answer, outcome) = oneshot::channel();
        sender.ok_or_else(closed)?.try_send(Job { task, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        outcome.await.map_err(|_| closed())?
    }

    /// Stores one command's effects, all or none. When this returns [`Appended`], they are durable.
    pub async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        append.check()?;
        match self.ask(Task::Append(Box::new(append))).await? {
            Done::Appended(appended) => Ok(appended),
            other => Err(unexpected(&other)),
        }
    }

    /// The answer that was given to this request, if it was made before under this key.
    /// [`StoreError::IdempotencyMismatch`] when the key was used for another request.
    pub async fn replayed(
        &self,
        scope: &str,
        key: &str,
        request: &Sha256Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        idempotency::read(self.readers(), self.keys(), scope, key, request).await
    }

    /// All events of a stream, in order; empty when there is none. Every event is checked against its ledger leaf
    /// and its body commitment while it is read.
    pub async fn stream(&self, stream: &Stream) -> Result<Vec<StoredEvent>, StoreError> {
        let records = event::stream(self.readers(), self.keys(), stream).await?;
        Ok(records.into_iter().map(event::EventRecord::into_stored).collect())
    }

    /// The events of a stream after a number, in order, each checked against its ledger leaf; their bodies stay under
    /// seal until somebody looks at one.
    pub async fn sealed_stream(&self, stream: &Stream, after: u64) -> Result<Vec<SealedEvent>, StoreError> {
        event::sealed(self.readers(), &self.inner.keys, stream, after).await
    }

    /// How many events a case has, and whether its contents were erased: what whoever keeps a case in memory asks
    /// before they use it.
    pub async fn case_mark(&self, case: CaseId) -> Result<(u64, bool), StoreError> {
        let sql = "SELECT COALESCE(MAX(sequence), 0), (SELECT COUNT(*) FROM erasure WHERE case_id = $1)
                   FROM event WHERE stream_kind = 'case' AND stream_id = $1";
        let row = self.readers().row("event", sql, vec![case.to_string().into()]).await?;
        row.map_or(Ok((0, false)), |row| Ok((row.count(0)?, row.count(1)? > 0)))
    }

    /// A number that has changed when anything in the database may have: what was read before it was asked for is
    /// still so while it stays. Nothing where other processes may write, too.
    pub fn epoch(&self) -> Option<u64> {
        match self.inner.location {
            Location::Sqlite { .. } => Some(self.inner.counters.epoch.load(Ordering::Acquire)),
            Location::Postgres { .. } => None,
        }
    }

    /// Erases what a case has under seal (bodies, objects, title) and its key. Its events keep folding, its proofs
    /// keep holding; the ledger says when and by whom. Returns that record's index in the case log; erasing again
    /// returns the same.
    pub async fn erase_case_bodies(
        &self,
        case: CaseId,
        at: Instant,
        actor: Option<PersonId>,
    ) -> Result<u64, StoreError> {
        match self.ask(Task::EraseCase { case, at, actor }).await? {
            Done::Erased(log_index) => Ok(log_index),
            other => Err(unexpected(&other)),
        }
    }

    /// Signs the present head of a log and stores the checkpoint; returns the signed note.
    pub async fn checkpoint(&self, log: Log) -> Result<String, StoreError> {
        match self.ask(Task::SignCheckpoint(log)).await? {
            Done::Checkpoint(note) => Ok(note),
            other => Err(unexpected(&other)),
        }
    }

    /// Takes up to `limit` messages of a channel that are due at `now`, for sending; nobody else gets them before `lease_until`.
    /// Afterwards each is settled by a [`Change`](crate::Change), or comes again when the lease ends.
    pub async fn claim_outbox(
        &self,
        channel: OutboxChannel,
        now: Instant,
        lease_until: Instant,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, StoreError> {
        match self.ask(Task::ClaimOutbox { channel, now, lease_until, limit }).await? {
            Done::Claimed(messages) => Ok(messages),
            other => Err(unexpected(&other)),
        }
    }

    /// Forgets the answers kept for retries of requests before an instant; returns how many.
    pub async fn prune_answers(&self, before: Instant) -> Result<u64, StoreError> {
        match self.ask(Task::PruneAnswers { before }).await? {
            Done::Pruned(count) => Ok(count),
            other => Err(unexpected(&other)),
        }
    }
}

fn unexpected(done: &Done) -> StoreError {
    debug_assert!(false, "the writer answered another question: {done:?}");
    StoreError::Unavailable { reason: "the writer answered another question".to_owned() }
}

/// Brings the schema up to date, reads or makes the keys, and ties database and keys together.
async fn prepare(connection: &mut Connection, config: &Config, now: Instant) -> Result<Keys, StoreError> {
    let place = config.location.place();
    connection.run(engine::begin(connection)).await?;
    if !connection.is_sqlite() {
        // Two processes that open a new database at once: the second waits here and finds it made.
        connection.run("SELECT pg_advisory_xact_lock(7089063228440191092)").await?;
    }
    let version = schema::version(connection).await?;
    if version > SCHEMA_VERSION {
        return Err(StoreError::Newer { place, found: version, known: SCHEMA_VERSION });
    }
    if version == 0 && !connection.is_sqlite() {
        let tables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()";
        if connection.row("tables", tables, vec![]).await?.map_or(Ok(0), |row| row.int(0))? > 0 {
            let reason = "its schema holds another program's tables".to_owned();
            return Err(StoreError::Foreign { place, reason });
        }
    }
    let files = KeyFiles::load(config, version == 0)?;
    schema::migrate(connection, version).await?;
    if version < SCHEMA_VERSION && connection.is_sqlite() {
        connection
            .run(crate::sql::assembled(format!("PRAGMA application_id = {}", engine::APPLICATION_ID)))
            .await?;
    }
    if version == 0 {
        let KnownKeys { sealing, case_log, public_log, .. } = files.first();
        let made = [
            ("application", "bastide".to_owned()),
            ("sealing-key", sealing),
            (Log::Case.name(), case_log),
            (Log::Public.name(), public_log),
            ("made", now.to_string()),
        ];
        for (name, value) in made {
            connection
                .execute("INSERT INTO meta (name, value) VALUES ($1, $2)", vec![name.into(), value.into()])
                .await?;
        }
    }
    if meta(connection, "application").await?.as_deref() != Some("bastide") {
        return Err(StoreError::Foreign { place, reason: "it was made by another program".to_owned() });
    }
    let mut keys = keys_in(connection, files).await?;
    if version == 0 {
        for log in Log::ALL {
            let root = bastide_ledger::tree::root(0, &bastide_ledger::tree::Known::default());
            let root = root.map_err(|error| StoreError::corrupt("the empty log", error.to_string()))?;
            connection
                .execute(
                    "INSERT INTO log_head (log, size, root) VALUES ($1, 0, $2)",
                    vec![log.name().into(), root.0.to_vec().into()],
                )
                .await?;
        }
    }
    for log in Log::ALL {
        if keys.log_keys(log).is_empty() {
            // The first one signs since the database was made.
            let made = meta(connection, "made").await?.and_then(|made| made.parse().ok());
            let made =
                made.ok_or_else(|| StoreError::corrupt("the instant at which this was made", "meta"))?;
            let first = keys.signing(log).verifier_key().clone();
            log_key::add(connection, &keys, log, &first, 0, made).await?;
            let known = log_key::all(connection, &keys, log).await?;
            keys.set_log_keys(log, known);
        }
    }
    connection.run("COMMIT").await?;
    Ok(keys)
}

/// A value of the table of what is known about the database itself.
pub(crate) async fn meta(connection: &mut Connection, name: &str) -> Result<Option<String>, StoreError> {
    let row = connection.row("meta", "SELECT value FROM meta WHERE name = $1", vec![name.into()]).await?;
    row.map(|row| row.text(0)).transpose()
}

/// The keys that the database names, out of the files.
pub(crate) async fn keys_in(connection: &mut Connection, files: KeyFiles) -> Result<Keys, StoreError> {
    let former = meta(connection, "former-row-keys").await?;
    let former = former.map(|text| data_encoding::BASE64.decode(text.as_bytes())).transpose();
    let known = KnownKeys {
        sealing: meta(connection, "sealing-key").await?.unwrap_or_default(),
        leaving: meta(connection, "sealing-key-leaving").await?,
        former: former.map_err(|_| StoreError::corrupt("the row keys of former sealing keys", "meta"))?,
        case_log: meta(connection, Log::Case.name()).await?.unwrap_or_default(),
        public_log: meta(connection, Log::Public.name()).await?.unwrap_or_default(),
    };
    let mut keys = Keys::choose(files, &known)?;
    for log in Log::ALL {
        let known = log_key::all(connection, &keys, log).await?;
        keys.set_log_keys(log, known);
    }
    Ok(keys)
}

/// Refuses to go on when the keys were rotated since they were read.
pub(crate) async fn same_keys(connection: &mut Connection, keys: &Keys) -> Result<(), StoreError> {
    let mut same = meta(connection, "sealing-key").await?.as_deref() == Some(keys.sealing_id());
    for log in Log::ALL {
        same &= meta(connection, log.name()).await? == Some(keys.signing(log).verifier_key().to_string());
    }
    if same {
        Ok(())
    } else {
        Err(StoreError::Unavailable { reason: "its keys were rotated: start the desk anew".to_owned() })
    }
}
