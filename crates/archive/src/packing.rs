//! Writing a zip: the same members make the same bytes.

use std::io::{Cursor, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{ArchiveError, ErrorKind, error::shown};

/// Packs members into a zip in memory.
pub struct Packer(ZipWriter<Cursor<Vec<u8>>>);

impl std::fmt::Debug for Packer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Packer")
    }
}

impl Default for Packer {
    fn default() -> Self {
        Self::new()
    }
}

impl Packer {
    /// An empty archive.
    pub fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// Adds a member.
    ///
    /// # Errors
    /// There is one of this name already, or the format cannot hold it.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let refuse = |reason: String| ArchiveError {
            kind: ErrorKind::Unsupported,
            archive: "a new archive".to_owned(),
            member: shown(name),
            reason,
        };
        self.0.start_file(name, SimpleFileOptions::default()).map_err(|error| refuse(error.to_string()))?;
        self.0.write_all(bytes).map_err(|error| refuse(error.to_string()))
    }

    /// The archive's bytes.
    pub fn finish(self) -> Result<Vec<u8>, ArchiveError> {
        let finished = self.0.finish().map_err(|error| ArchiveError {
            kind: ErrorKind::Unsupported,
            archive: "a new archive".to_owned(),
            member: String::new(),
            reason: error.to_string(),
        });
        finished.map(Cursor::into_inner)
    }
}
