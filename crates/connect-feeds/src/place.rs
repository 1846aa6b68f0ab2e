//! Where a snapshot lies: a directory with the snapshot, its lock, and what was downloaded.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use bastide_impact::database::Snapshot;

use crate::{ErrorKind, FeedError, error::shown, file::FileSource};

/// A directory for a snapshot: `advisories` in a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    directory: PathBuf,
}

/// Nobody else writes the snapshot while this lives.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File);

impl Place {
    /// The place in a data directory.
    pub fn in_data(data: &Path) -> Self {
        Self { directory: data.join("advisories") }
    }

    /// The snapshot's file.
    pub fn snapshot(&self) -> PathBuf {
        self.directory.join("snapshot")
    }

    /// Where downloads are kept.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.directory.join("downloads")
    }

    /// The snapshot, of which only the needed pages are read.
    ///
    /// # Errors
    /// There is none yet ([`ErrorKind::Absent`]), or it cannot be read.
    pub fn open(&self) -> Result<Snapshot, FeedError> {
        let path = self.snapshot();
        let source = FileSource::open(&path).map_err(|error| absent(&path, &error))?;
        Snapshot::open(source).map_err(|error| FeedError::database(&path, &error))
    }

    /// The snapshot in memory, checked whole.
    ///
    /// # Errors
    /// As [`Place::open`], and any byte of it changed.
    pub fn load(&self) -> Result<Snapshot, FeedError> {
        let path = self.snapshot();
        let bytes = fs::read(&path).map_err(|error| absent(&path, &error))?;
        Snapshot::of_bytes(bytes).map_err(|error| FeedError::database(&path, &error))
    }

    /// Makes the directory and takes its lock.
    pub(crate) fn lock(&self) -> Result<Lock, FeedError> {
        let path = self.directory.join("lock");
        fs::create_dir_all(self.downloads()).map_err(|error| FeedError::io(&self.downloads(), &error))?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| FeedError::io(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => {
                let reason = "another `bastide sync` is writing here";
                let remedy = "wait until it has ended, then run this again";
                Err(FeedError::new(ErrorKind::Busy, shown(&path), reason, remedy))
            }
            Err(TryLockError::Error(error)) => Err(FeedError::io(&path, &error)),
        }
    }

    /// Puts a snapshot in its place.
    pub(crate) fn write(&self, _lock: &Lock, bytes: &[u8]) -> Result<(), FeedError> {
        write_whole(&self.snapshot(), bytes)
    }
}

fn absent(path: &Path, error: &io::Error) -> FeedError {
    if error.kind() != io::ErrorKind::NotFound {
        return FeedError::io(path, error);
    }
    let reason = "there is no advisory database here yet";
    let remedy = "run `bastide sync`, which brings one; `--data DIR` names another place";
    FeedError::new(ErrorKind::Absent, shown(path), reason, remedy)
}

/// Writes a file beside its name, makes it durable and renames it; what a killed program left is overwritten.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FeedError> {
    let beside = path.with_extension("unfinished");
    let written = || -> io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        match path.parent() {
            Some(directory) => File::open(directory)?.sync_all(),
            None => Ok(()),
        }
    };
    written().map_err(|error| {
        // A full disk is not kept full by half a file.
        let _ = fs::remove_file(&beside);
        FeedError::io(path, &error)
    })
}
