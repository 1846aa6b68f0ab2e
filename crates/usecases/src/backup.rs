//! Backups, restoring them, and moving a desk to another database: what the store reads, as files that age encrypts.

use std::path::{Path, PathBuf};

pub use bastide_backup::{BackupError, Identities, LogMark, Note, Recipients};
use bastide_backup::{Kept, Writing, kept, open, prune};
use bastide_model::time::Instant;
use bastide_store::{
    Location, Log, Store, StoreError,
    transfer::{Loader, Summary, dump},
};

/// How many lines are read from a file at once.
const LINES: usize = 200;

/// Where backups go.
#[derive(Debug, Clone)]
pub struct BackupPlan {
    /// The directory.
    pub directory: PathBuf,
    /// Who can read them.
    pub recipients: Recipients,
    /// How many are kept.
    pub keep: usize,
}

/// Why a backup was not written, restored or moved.
#[derive(Debug, thiserror::Error)]
pub enum BackupFailure {
    /// The file or its keys.
    #[error(transparent)]
    File(#[from] BackupError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Two databases that should hold the same do not.
    #[error("{0}")]
    Differs(String),
}

/// What was found when a restored desk was compared with what is known of it from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// Which log.
    pub log: String,
    /// How many leaves were restored.
    pub restored: u64,
    /// How many are known.
    pub known: u64,
    /// Whether the restored history is another one, not only a shorter one.
    pub forked: bool,
}

/// Runs what blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupFailure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(StoreError::Unavailable { reason: format!("a worker ended: {error}") }.into()),
    }
}

/// Writes a backup of the database at a place, while a desk may go on there; then removes those that are too old.
pub async fn write_backup(
    location: &Location,
    plan: &BackupPlan,
    now: Instant,
) -> Result<(PathBuf, Note), BackupFailure> {
    let mut reading = dump(location).await?;
    let made = now.to_string();
    let BackupPlan { directory, recipients, keep } = plan.clone();
    let mut writing = {
        let (directory, made) = (directory.clone(), made.clone());
        blocking(move || Writing::begin(&directory, &made, &recipients)).await?
    };
    while let Some(text) = reading.next().await? {
        writing = blocking(move || writing.write(&text).map(|()| writing)).await?;
    }
    let summary = reading.finish().await?;
    let marks =
        summary.logs.into_iter().map(|head| LogMark { log: head.log, size: head.size, root: head.root });
    let (marks, schema) = (marks.collect(), summary.schema);
    let done = blocking(move || writing.finish(&made, schema, marks)).await?;
    blocking(move || prune(&directory, keep)).await?;
    Ok(done)
}

/// Writes what a backup holds into an empty database.
pub async fn restore_backup(
    file: &Path,
    identities: Identities,
    location: &Location,
) -> Result<Summary, BackupFailure> {
    let path = file.to_owned();
    let mut lines = blocking(move || open(&path, &identities)).await?;
    let mut loader = Loader::begin(location).await?;
    loop {
        let read = blocking(move || {
            let mut batch = Vec::with_capacity(LINES);
            while batch.len() < LINES
                && let Some(line) = lines.next()?
            {
                batch.push(line);
            }
            Ok((lines, batch))
        });
        let batch = match read.await {
            Ok((rest, batch)) => {
                lines = rest;
                batch
            }
            Err(error) => {
                loader.abandon().await;
                return Err(error);
            }
        };
        if batch.is_empty() {
            return Ok(loader.finish().await?);
        }
        for line in batch {
            if let Err(error) = loader.take(&line).await {
                loader.abandon().await;
                return Err(error.into());
            }
        }
    }
}

/// Copies a desk's whole database into an empty one and reads both again: they hold the same, or this fails.
pub async fn move_desk(from: &Location, to: &Location) -> Result<Summary, BackupFailure> {
    let mut reading = dump(from).await?;
    let mut loader = Loader::begin(to).await?;
    while let Some(text) = reading.next().await? {
        let text = String::from_utf8_lossy(&text).into_owned();
        for line in text.lines() {
            if let Err(error) = loader.take(line).await {
                loader.abandon().await;
                return Err(error.into());
            }
        }
    }
    let was = reading.finish().await?;
    loader.finish().await?;
    let is = dump(to).await?.finish().await?;
    let differs = was.tables.iter().zip(&is.tables).find(|(left, right)| left != right);
    if let Some((table, _)) = differs {
        return Err(BackupFailure::Differs(format!(
            "the copy of table {} is not the same as the original",
            table.table
        )));
    }
    if was != is {
        return Err(BackupFailure::Differs("the copy is not the same as the original".to_owned()));
    }
    Ok(is)
}

/// Where the newest backup of a directory says that the logs stood.
pub fn newest_marks(directory: &Path) -> Result<Vec<LogMark>, BackupError> {
    let mut marks: Vec<LogMark> = Vec::new();
    let notes = kept(directory)?.into_iter().filter_map(|Kept { note, .. }| note);
    for mark in notes.flat_map(|note| note.logs) {
        match marks.iter_mut().find(|known| known.log == mark.log) {
            Some(known) if known.size < mark.size => *known = mark,
            Some(_) => {}
            None => marks.push(mark),
        }
    }
    Ok(marks)
}

/// When the newest backup of a directory was made; none where there is none or it is not readable.
pub fn newest_backup(directory: &Path) -> Option<Instant> {
    let notes = kept(directory).ok()?.into_iter().filter_map(|Kept { note, .. }| note);
    notes.filter_map(|note| note.made.parse().ok()).max()
}

/// Compares an open store with where its logs are known to have stood: a shorter log was set back, another root is
/// another history.
pub async fn setbacks(store: &Store, known: &[LogMark]) -> Result<Vec<Setback>, StoreError> {
    let mut found = Vec::new();
    for mark in known {
        let Some(log) = Log::ALL.into_iter().find(|log| log.name() == mark.log) else { continue };
        let restored = store.log_size(log).await?;
        let root = store.root_at(log, mark.size).await?;
        let forked = root.is_some_and(|root| root != mark.root);
        if forked || restored < mark.size {
            found.push(Setback { log: mark.log.clone(), restored, known: mark.size, forked });
        }
    }
    Ok(found)
}
