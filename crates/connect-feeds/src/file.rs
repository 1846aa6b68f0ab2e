//! A file as a source of a snapshot.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::{Mutex, PoisonError},
};

use bastide_impact::database::Source;

/// An open file, read from any place. The file that was opened stays the one that is read when another takes its name.
pub(crate) struct FileSource {
    length: u64,
    file: Mutex<File>,
}

impl FileSource {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { length: file.metadata()?.len(), file: Mutex::new(file) })
    }
}

impl Source for FileSource {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(into)
    }
}
