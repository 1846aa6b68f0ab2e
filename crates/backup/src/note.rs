//! What stands beside a backup in plain, the backups of a directory, and how many of them are kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::BackupError;

/// The name's beginning and end.
pub(crate) const BEGINNING: &str = "bastide-";
pub(crate) const END: &str = ".backup";
/// The end of the note's name.
pub(crate) const NOTE_END: &str = ".backup.json";
/// No note is longer, in bytes.
const MAX_NOTE: u64 = 64 * 1024;

/// Where a log stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMark {
    /// The log's name.
    pub log: String,
    /// How many leaves it had.
    pub size: u64,
    /// Its root hash, in hexadecimal.
    pub root: String,
}

/// What stands beside a backup in plain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Note {
    /// The backup's file name.
    pub file: String,
    /// When it was made.
    pub made: String,
    /// The schema of the data.
    pub schema: i64,
    /// Where the logs stood.
    pub logs: Vec<LogMark>,
    /// The file's length in bytes.
    pub bytes: u64,
    /// The file's SHA-256, in hexadecimal.
    pub sha256: String,
}

/// A backup of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// Its note; none when it is missing or cannot be read.
    pub note: Option<Note>,
}

impl Note {
    /// The note beside a backup's file.
    pub fn beside(backup: &Path) -> Option<Self> {
        let path = PathBuf::from(format!("{}.json", backup.display()));
        if fs::metadata(&path).ok()?.len() > MAX_NOTE {
            return None;
        }
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

/// The backups of a directory, oldest first.
pub fn kept(directory: &Path) -> Result<Vec<Kept>, BackupError> {
    let mut found = Vec::new();
    let entries = fs::read_dir(directory).map_err(|error| BackupError::file(directory, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| BackupError::file(directory, &error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(BEGINNING) && name.ends_with(END) {
            found.push(Kept { note: Note::beside(&path), path });
        }
    }
    // The instant in the name sorts as time does.
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

/// Removes all but the newest backups, and what a killed program left unfinished. Gives how many backups went.
pub fn prune(directory: &Path, keep: usize) -> Result<usize, BackupError> {
    let found = kept(directory)?;
    let old = found.len().saturating_sub(keep.max(1));
    for backup in &found[..old] {
        fs::remove_file(&backup.path).map_err(|error| BackupError::file(&backup.path, &error))?;
        // The note may be missing.
        let _ = fs::remove_file(format!("{}.json", backup.path.display()));
    }
    Ok(old)
}
