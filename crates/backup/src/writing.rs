//! Writing a backup: under another name, encrypted as it comes, durable before it gets its own name.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::{
    BackupError, LogMark, Note, Recipients,
    note::{BEGINNING, END, NOTE_END},
};

/// The end of an unfinished file's name.
const UNFINISHED: &str = ".unfinished";

/// A backup that is being written.
pub struct Writing {
    directory: PathBuf,
    name: String,
    output: age::stream::StreamWriter<Counted>,
    unfinished: Unfinished,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Writing({})", self.name)
    }
}

/// The file under its other name. It goes when writing ends too early: a full disk is not kept full by half a backup.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // A backup that was finished has its own name; what a killed program leaves, the next backup sweeps.
        let _ = fs::remove_file(&self.0);
    }
}

/// Counts and digests what goes into the file.
struct Counted {
    file: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let written = self.file.write(part)?;
        self.digest.update(&part[..written]);
        self.bytes += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Writing {
    /// Begins a backup in a directory, which is made when it is missing. `made` is when, as `2027-01-31T02:00:00Z`.
    pub fn begin(directory: &Path, made: &str, recipients: &Recipients) -> Result<Self, BackupError> {
        let failed = |path: &Path, error: &io::Error| BackupError::file(path, error);
        fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
        sweep(directory)?;
        let plain: String = made.chars().map(|char| if char == ':' { '-' } else { char }).collect();
        let name = format!("{BEGINNING}{plain}{END}");
        if directory.join(&name).exists() {
            let remedy = "wait a second; each backup is named after its instant";
            return Err(BackupError::new(
                directory.join(&name).display().to_string(),
                "it is there already",
                remedy,
            ));
        }
        let unfinished = directory.join(format!("{name}{UNFINISHED}"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished);
        let file = file.map_err(|error| failed(&unfinished, &error))?;
        let unfinished = Unfinished(unfinished);
        let counted = Counted { file: BufWriter::new(file), digest: Sha256::new(), bytes: 0 };
        let output =
            recipients.encryptor()?.wrap_output(counted).map_err(|error| failed(&unfinished.0, &error))?;
        Ok(Self { directory: directory.to_owned(), name, output, unfinished })
    }

    /// Takes more of its text.
    pub fn write(&mut self, text: &[u8]) -> Result<(), BackupError> {
        self.output.write_all(text).map_err(|error| BackupError::file(&self.unfinished.0, &error))
    }

    /// Makes it durable and gives it its name.
    pub fn finish(self, made: &str, schema: i64, logs: Vec<LogMark>) -> Result<(PathBuf, Note), BackupError> {
        let failed = |error: io::Error| BackupError::file(&self.unfinished.0, &error);
        let mut counted = self.output.finish().map_err(failed)?;
        counted.flush().map_err(failed)?;
        counted.file.get_ref().sync_all().map_err(failed)?;
        let note = Note {
            file: self.name.clone(),
            made: made.to_owned(),
            schema,
            logs,
            bytes: counted.bytes,
            sha256: HEXLOWER.encode(&counted.digest.finalize()[..]),
        };
        let path = self.directory.join(&self.name);
        fs::rename(&self.unfinished.0, &path).map_err(failed)?;
        let beside = self.directory.join(self.name.replace(END, NOTE_END));
        let text = serde_json::to_vec_pretty(&note).map_err(io::Error::other).map_err(failed)?;
        write_durably(&beside, &text).map_err(|error| BackupError::file(&beside, &error))?;
        File::open(&self.directory).and_then(|names| names.sync_all()).map_err(failed)?;
        Ok((path, note))
    }
}

fn write_durably(path: &Path, text: &[u8]) -> io::Result<()> {
    let unfinished = PathBuf::from(format!("{}{UNFINISHED}", path.display()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

/// Removes what a killed program left unfinished.
fn sweep(directory: &Path) -> Result<(), BackupError> {
    let entries = fs::read_dir(directory).map_err(|error| BackupError::file(directory, &error))?;
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(BEGINNING) && name.ends_with(UNFINISHED) {
            fs::remove_file(&path).map_err(|error| BackupError::file(&path, &error))?;
        }
    }
    Ok(())
}
