//! Reading a backup line by line.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use crate::{BackupError, Identities};

/// No line is longer, in bytes: the longest stored content and what its form adds.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// The lines of a backup.
pub struct Lines {
    path: PathBuf,
    input: BufReader<age::stream::StreamReader<BufReader<File>>>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Lines({})", self.path.display())
    }
}

/// Opens a backup with the secret keys that may read it.
pub fn open(path: &Path, identities: &Identities) -> Result<Lines, BackupError> {
    let file = File::open(path).map_err(|error| BackupError::file(path, &error))?;
    let place = || path.display().to_string();
    let decryptor = age::Decryptor::new_buffered(BufReader::new(file))
        .map_err(|_| BackupError::new(place(), "it is no file of age", "name a file `bastide-….backup`"))?;
    let input = decryptor.decrypt(identities.each()).map_err(|error| match error {
        age::DecryptError::NoMatchingKeys => {
            let remedy = "name the secret key of one of the recipients that it was encrypted to";
            BackupError::new(place(), "this key does not open it", remedy)
        }
        _ => BackupError::damaged(path, "it is damaged or was altered"),
    })?;
    Ok(Lines { path: path.to_owned(), input: BufReader::new(input) })
}

impl Lines {
    /// The next line without its end; none after the last. Damage anywhere before shows here.
    #[allow(
        clippy::should_implement_trait,
        reason = "an iterator would hide that the rest is worthless after an error"
    )]
    pub fn next(&mut self) -> Result<Option<String>, BackupError> {
        let mut line = Vec::new();
        let damaged = || BackupError::damaged(&self.path, "it is damaged, cut off or was altered");
        let read = (&mut self.input).take(MAX_LINE).read_until(b'\n', &mut line).map_err(|_| damaged())?;
        if read == 0 {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            return Err(damaged());
        }
        String::from_utf8(line).map(Some).map_err(|_| damaged())
    }
}
