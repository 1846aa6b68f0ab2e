//! The three keys that lie outside the database: one wraps the cases' keys, two sign the logs.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use bastide_ledger::{Log, Salt, SigningKey};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Config, KeySource, StoreError, seal::SealingKey};

/// The key-encryption key's file.
const SEALING_FILE: &str = "sealing-key";
/// The word before the key in that file.
const SEALING_FORMAT: &str = "bastide-sealing-key-v1";
/// No key file is longer.
const MAX_FILE_BYTES: u64 = 4096;

/// The keys of one store.
pub(crate) struct Keys {
    /// Wraps the cases' keys; also seals what belongs to no case.
    pub(crate) sealing: SealingKey,
    /// Makes the check values of projections' rows; derived from the sealing key.
    pub(crate) rows: Zeroizing<[u8; 32]>,
    /// Recognises the sealing key without revealing it.
    pub(crate) sealing_id: String,
    case_log: SigningKey,
    public_log: SigningKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Keys({} ***)", self.sealing_id)
    }
}

impl Keys {
    /// The key that signs this log.
    pub(crate) fn signing(&self, log: Log) -> &SigningKey {
        match log {
            Log::Case => &self.case_log,
            Log::Public => &self.public_log,
        }
    }

    /// Reads the keys; makes those that are missing when the database is `new`.
    pub(crate) fn load(config: &Config, new: bool) -> Result<Self, StoreError> {
        let KeySource::Directory(directory) = &config.keys;
        if new {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory)
                .map_err(|error| unreadable(directory, &error))?;
        }
        let sealing_path = directory.join(SEALING_FILE);
        let sealing_text = read_or_make(&sealing_path, new, || {
            Ok(Zeroizing::new(format!("{SEALING_FORMAT} {}\n", BASE64.encode(random_key()?.as_slice()))))
        })?;
        let bytes = sealing_text
            .trim()
            .strip_prefix(SEALING_FORMAT)
            .and_then(|rest| BASE64.decode(rest.trim().as_bytes()).ok())
            .map(Zeroizing::new);
        let bytes = bytes.as_ref().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        let sealing = Zeroizing::new(bytes.ok_or_else(|| {
            wrong(&sealing_path, format!("it does not hold the word {SEALING_FORMAT} and 32 bytes in base64"))
        })?);
        let log_key = |log: Log| {
            let path = directory.join(format!("{}.key", log.name()));
            let text = read_or_make(&path, new, || {
                let origin = format!("{}/{}", config.origin, log.name());
                let seed = random_key()?;
                let key = SigningKey::from_seed(&origin, &seed)
                    .map_err(|error| StoreError::refused("the desk's origin", error.to_string()))?;
                Ok(Zeroizing::new(format!("{}\n", key.secret_text())))
            })?;
            SigningKey::parse(&text).map_err(|error| wrong(&path, error.to_string()))
        };
        let digest = Sha256::digest([b"bastide sealing key id", sealing.as_slice()].concat());
        Ok(Self {
            rows: Zeroizing::new(Salt(*sealing).commit(b"bastide row check key")),
            sealing_id: HEXLOWER.encode(&digest[..8]),
            sealing: SealingKey::new(sealing),
            case_log: log_key(Log::Case)?,
            public_log: log_key(Log::Public)?,
        })
    }
}

fn random_key() -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut key = Zeroizing::new([0; 32]);
    fill_random(key.as_mut_slice())?;
    Ok(key)
}

/// Fills `bytes` from the operating system's source of randomness.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|error| StoreError::Unavailable {
        reason: format!("the operating system gives no random bytes: {error}"),
    })
}

fn wrong(path: &Path, reason: impl Into<String>) -> StoreError {
    StoreError::Key {
        place: path.display().to_string(),
        reason: reason.into(),
        remedy:
            "put back the key file that this database was made with (it is kept apart from the database's \
                 backups)"
                .to_owned(),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> StoreError {
    wrong(path, error.to_string())
}

fn read_or_make(
    path: &Path,
    new: bool,
    make: impl FnOnce() -> Result<Zeroizing<String>, StoreError>,
) -> Result<Zeroizing<String>, StoreError> {
    match File::open(path) {
        Ok(file) => {
            let mode = file.metadata().map_err(|error| unreadable(path, &error))?.mode();
            if mode & 0o077 != 0 {
                let place = path.display().to_string();
                let remedy = format!("run `chmod 600 {place}`");
                return Err(StoreError::Key { place, reason: "others can read it".to_owned(), remedy });
            }
            let mut text = Zeroizing::new(String::new());
            file.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(|error| unreadable(path, &error))?;
            Ok(text)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && new => {
            let text = make()?;
            write_durably(path, &text).map_err(|error| unreadable(path, &error))?;
            Ok(text)
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Writes a key so that after a crash it is either whole or absent, before anything is sealed under it.
fn write_durably(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}
