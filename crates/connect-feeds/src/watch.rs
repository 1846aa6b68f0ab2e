//! The snapshot of a place in memory, and the new one when it comes.

use std::{
    fs,
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use bastide_impact::database::Snapshot;

use crate::{ErrorKind, FeedError, Place};

/// Keeps the snapshot of a place in memory.
#[derive(Debug)]
pub struct Watch {
    place: Place,
    held: RwLock<Held>,
}

#[derive(Debug, Default)]
struct Held {
    snapshot: Option<Arc<Snapshot>>,
    /// By what a new file is told from the one that was loaded.
    mark: Option<Mark>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl Watch {
    /// Watches a place; nothing is read yet.
    pub fn new(place: Place) -> Self {
        Self { place, held: RwLock::default() }
    }

    /// The snapshot that is held; nothing where there was none to load.
    pub fn current(&self) -> Option<Arc<Snapshot>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).snapshot.clone()
    }

    /// Looks whether another snapshot lies in the place, and loads it. Says whether it did. Reads a file: call it where waiting
    /// harms nobody.
    ///
    /// # Errors
    /// The new snapshot cannot be read; the one that is held stays. It is tried again when the file changes.
    pub fn refresh(&self) -> Result<bool, FeedError> {
        let mark = self.mark();
        if mark.is_none() || self.held.read().unwrap_or_else(PoisonError::into_inner).mark == mark {
            return Ok(false);
        }
        let loaded = self.place.load();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        match loaded {
            Ok(snapshot) => {
                *held = Held { snapshot: Some(Arc::new(snapshot)), mark };
                Ok(true)
            }
            Err(error) if error.kind == ErrorKind::Absent => Ok(false),
            Err(error) => {
                held.mark = mark;
                Err(error)
            }
        }
    }

    fn mark(&self) -> Option<Mark> {
        let seen = fs::metadata(self.place.snapshot()).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&seen);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Mark { modified: seen.modified().ok(), length: seen.len(), inode })
    }
}
