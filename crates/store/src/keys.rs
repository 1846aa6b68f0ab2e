//! The keys that lie outside the database: one wraps the cases' keys, two sign the logs.
//!
//! A key file holds one key, and a second one only while a rotation ([`crate::rotate`]) is on its way. Which of them is
//! the present one is written in the database, in the same transaction that makes it so.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use bastide_ledger::{Log, Salt, SigningKey, VerifierKey};
use bastide_model::time::Instant;
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    Config, KeySource, StoreError,
    seal::{Place, SealingKey},
};

/// The key-encryption key's file.
pub(crate) const SEALING_FILE: &str = "sealing-key";
/// The word before the key in that file.
const SEALING_FORMAT: &str = "bastide-sealing-key-v1";
/// No key file is longer.
const MAX_FILE_BYTES: u64 = 4096;
/// Where the check keys of former sealing keys are sealed.
const FORMER: Place<'static> = Place { case: "desk", object: "former-row-keys", version: 1, tier: "" };

/// A sealing key and what follows from it.
pub(crate) struct Sealer {
    /// Recognises the key without revealing it.
    pub(crate) id: String,
    bytes: Zeroizing<[u8; 32]>,
    key: SealingKey,
    /// Makes the check values of projections' rows, and the keyed hashes of names.
    rows: Zeroizing<[u8; 32]>,
}

impl Sealer {
    fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        let digest = Sha256::digest([b"bastide sealing key id", bytes.as_slice()].concat());
        Self {
            id: HEXLOWER.encode(&digest[..8]),
            rows: Zeroizing::new(Salt(*bytes).commit(b"bastide row check key")),
            key: SealingKey::new(bytes.clone()),
            bytes,
        }
    }

    fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{SEALING_FORMAT} {}\n", BASE64.encode(self.bytes.as_slice())))
    }
}

/// A public key of a log and what it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// The key.
    pub key: VerifierKey,
    /// Since when it signs.
    pub since: Instant,
    /// How many leaves the log had then; its checkpoints have at least as many.
    pub first_size: u64,
    /// When the next one took over; none for the present one.
    pub until: Option<Instant>,
    /// How many leaves the log had then; its checkpoints have at most as many.
    pub last_size: Option<u64>,
}

impl LogKey {
    /// Whether this key signed checkpoints of this size.
    pub fn signs(&self, size: u64) -> bool {
        self.first_size <= size && self.last_size.is_none_or(|last| size <= last)
    }
}

/// The keys of one store.
pub(crate) struct Keys {
    /// Wraps the cases' keys; also seals what belongs to no case.
    present: Sealer,
    /// The one before, as long as something may still be sealed under it.
    leaving: Option<Sealer>,
    /// The row keys of sealing keys that are gone, oldest first.
    former: Vec<Zeroizing<[u8; 32]>>,
    case_log: SigningKey,
    public_log: SigningKey,
    case_log_history: Vec<LogKey>,
    public_log_history: Vec<LogKey>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Keys({} ***)", self.present.id)
    }
}

/// What the database says about its keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownKeys {
    /// The id of the present sealing key.
    pub(crate) sealing: String,
    /// The id of the one before, while a rotation is on its way.
    pub(crate) leaving: Option<String>,
    /// The row keys of former sealing keys, sealed.
    pub(crate) former: Option<Vec<u8>>,
    /// The present public key of the case log.
    pub(crate) case_log: String,
    /// The present public key of the public log.
    pub(crate) public_log: String,
}

impl Keys {
    /// The keys that the database names, out of those in the files.
    pub(crate) fn choose(files: KeyFiles, known: &KnownKeys) -> Result<Self, StoreError> {
        let KeyFiles { sealing, case_log, public_log, .. } = files;
        let (mut present, mut leaving) = (None, None);
        for sealer in sealing {
            if sealer.id == known.sealing {
                present = Some(sealer);
            } else if Some(&sealer.id) == known.leaving.as_ref() {
                leaving = Some(sealer);
            }
        }
        let present = present.ok_or_else(|| another("sealing-key"))?;
        if known.leaving.is_some() && leaving.is_none() {
            return Err(StoreError::Key {
                place: "sealing-key".to_owned(),
                reason: "the key before this one is missing, and its rotation is not finished".to_owned(),
                remedy: "put back the file with both keys, then finish with `bastide admin keys rotate sealing-key`"
                    .to_owned(),
            });
        }
        let signing = |log: Log, keys: Vec<SigningKey>, wanted: &str| {
            let mut keys = keys.into_iter();
            let found = keys.find(|key| key.verifier_key().to_string() == wanted);
            found.ok_or_else(|| another(log.name()))
        };
        let mut keys = Self {
            case_log: signing(Log::Case, case_log, &known.case_log)?,
            public_log: signing(Log::Public, public_log, &known.public_log)?,
            present,
            leaving,
            former: Vec::new(),
            case_log_history: Vec::new(),
            public_log_history: Vec::new(),
        };
        if let Some(sealed) = &known.former {
            let opened = keys.open(&FORMER, sealed);
            let opened =
                opened.ok_or_else(|| StoreError::corrupt("the row keys of former sealing keys", "meta"))?;
            keys.former = opened
                .chunks_exact(32)
                .filter_map(|part| <[u8; 32]>::try_from(part).ok().map(Zeroizing::new))
                .collect();
        }
        Ok(keys)
    }

    /// The present sealing key's id.
    pub(crate) fn sealing_id(&self) -> &str {
        &self.present.id
    }

    /// The id of the sealing key whose rotation is not finished.
    pub(crate) fn leaving_id(&self) -> Option<&str> {
        self.leaving.as_ref().map(|sealer| sealer.id.as_str())
    }

    fn sealers(&self) -> impl Iterator<Item = &Sealer> {
        std::iter::once(&self.present).chain(&self.leaving)
    }

    /// Seals what belongs to no case. A column that is sealed with it is sealed anew in `rotate`, too, or a rotation loses it.
    pub(crate) fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.present.key.seal(place, plaintext)
    }

    /// Opens what [`Self::seal`] made, now or before a rotation that is not finished.
    pub(crate) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.sealers().find_map(|sealer| sealer.key.open(place, sealed))
    }

    /// Seals anew what is sealed under the key before; none when it is sealed under the present one already. An error
    /// when neither opens it.
    pub(crate) fn sealed_anew(
        &self,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if self.present.key.open(place, sealed).is_some() {
            return Ok(None);
        }
        let opened = self.leaving.as_ref().and_then(|sealer| sealer.key.open(place, sealed));
        let opened = opened.ok_or_else(|| StoreError::corrupt("a sealed part", place.object))?;
        self.present.key.seal(place, &opened).map(Some)
    }

    /// Wraps a case's key.
    pub(crate) fn wrap(&self, case: &str, key: &SealingKey) -> Result<Vec<u8>, StoreError> {
        self.present.key.wrap(case, key)
    }

    /// Unwraps a case's key.
    pub(crate) fn unwrap(&self, case: &str, wrapped: &[u8]) -> Option<SealingKey> {
        self.sealers().find_map(|sealer| sealer.key.unwrap(case, wrapped))
    }

    /// The check value of a row.
    pub(crate) fn row_check(&self, row: &[u8]) -> Vec<u8> {
        Salt(*self.present.rows).commit(row).to_vec()
    }

    /// Whether this is a row's check value. Rows that cannot be written anew keep the one of their time.
    pub(crate) fn is_row_check(&self, row: &[u8], check: &[u8], lasting: bool) -> bool {
        let former = self.former.iter().filter(|_| lasting);
        let keys = self.sealers().map(|sealer| &sealer.rows).chain(former);
        keys.into_iter().any(|key| Salt(**key).commit(row).as_slice() == check)
    }

    /// A name's keyed hash: by the first sealing key's row key, that again by the second's, and so on. So it changes with
    /// each rotation, although the names are nowhere to be read, and an old key alone tries out no names.
    pub(crate) fn name_hash(&self, text: &str) -> String {
        let before = self.former.iter().chain(self.leaving.as_ref().map(|sealer| &sealer.rows));
        hashed(before.chain([&self.present.rows]), text)
    }

    /// The hashes that a name may stand under: more than one while a rotation is not finished.
    pub(crate) fn name_hashes(&self, text: &str) -> Vec<String> {
        let mut hashes = vec![self.name_hash(text)];
        if let Some(leaving) = &self.leaving {
            hashes.push(hashed(self.former.iter().chain([&leaving.rows]), text));
        }
        hashes
    }

    /// The hash of a name after the rotation, from its hash before.
    pub(crate) fn name_hashed_anew(&self, hash: &str) -> String {
        hashed([&self.present.rows], hash)
    }

    /// The row keys of the sealing keys that are gone when this rotation ends, sealed.
    pub(crate) fn former_sealed(&self) -> Result<Vec<u8>, StoreError> {
        let all = self.former.iter().chain(self.leaving.as_ref().map(|sealer| &sealer.rows));
        let joined = Zeroizing::new(all.flat_map(|key| key.iter().copied()).collect::<Vec<u8>>());
        self.seal(&FORMER, &joined)
    }

    /// The key that signs this log.
    pub(crate) fn signing(&self, log: Log) -> &SigningKey {
        match log {
            Log::Case => &self.case_log,
            Log::Public => &self.public_log,
        }
    }

    /// Every public key of a log, oldest first.
    pub(crate) fn log_keys(&self, log: Log) -> &[LogKey] {
        match log {
            Log::Case => &self.case_log_history,
            Log::Public => &self.public_log_history,
        }
    }

    pub(crate) fn set_log_keys(&mut self, log: Log, keys: Vec<LogKey>) {
        match log {
            Log::Case => self.case_log_history = keys,
            Log::Public => self.public_log_history = keys,
        }
    }
}

fn hashed<'a>(keys: impl IntoIterator<Item = &'a Zeroizing<[u8; 32]>>, text: &str) -> String {
    let step =
        |text: String, key: &Zeroizing<[u8; 32]>| HEXLOWER.encode(&Salt(**key).commit(text.as_bytes()));
    keys.into_iter().fold(text.to_owned(), step)
}

fn another(place: &str) -> StoreError {
    StoreError::Key {
        place: place.to_owned(),
        reason: "it is not the key that this database was made with".to_owned(),
        remedy: "name the key directory of this database".to_owned(),
    }
}

/// What is in the key files.
pub(crate) struct KeyFiles {
    directory: PathBuf,
    pub(crate) sealing: Vec<Sealer>,
    pub(crate) case_log: Vec<SigningKey>,
    pub(crate) public_log: Vec<SigningKey>,
}

impl std::fmt::Debug for KeyFiles {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "KeyFiles({})", self.directory.display())
    }
}

impl KeyFiles {
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
        let path = directory.join(SEALING_FILE);
        let text = read_or_make(&path, new, || Ok(Sealer::new(random_key()?).text()))?;
        let sealing = lines(&text).map(|line| sealer(&path, line)).collect::<Result<Vec<_>, _>>()?;
        if sealing.is_empty() {
            return Err(wrong(&path, "there is no key in it"));
        }
        let log_keys = |log: Log| {
            let path = log_file(directory, log);
            let make =
                || Ok(Zeroizing::new(format!("{}\n", new_log_key(log, &config.origin)?.secret_text())));
            let text = read_or_make(&path, new, make)?;
            let read = |line| SigningKey::parse(line).map_err(|error| wrong(&path, error.to_string()));
            let keys = lines(&text).map(read).collect::<Result<Vec<_>, _>>()?;
            if keys.is_empty() { Err(wrong(&path, "there is no key in it")) } else { Ok(keys) }
        };
        let (case_log, public_log) = (log_keys(Log::Case)?, log_keys(Log::Public)?);
        Ok(Self { directory: directory.clone(), sealing, case_log, public_log })
    }

    /// The keys as a new database names them.
    pub(crate) fn first(&self) -> KnownKeys {
        let public =
            |keys: &[SigningKey]| keys.first().map(|key| key.verifier_key().to_string()).unwrap_or_default();
        KnownKeys {
            sealing: self.sealing.first().map(|sealer| sealer.id.clone()).unwrap_or_default(),
            case_log: public(&self.case_log),
            public_log: public(&self.public_log),
            ..KnownKeys::default()
        }
    }

    /// The log's keys.
    pub(crate) fn of(&self, log: Log) -> &[SigningKey] {
        match log {
            Log::Case => &self.case_log,
            Log::Public => &self.public_log,
        }
    }

    /// Adds a new sealing key to the file, durably; gives its id.
    pub(crate) fn add_sealing(&mut self) -> Result<String, StoreError> {
        let new = Sealer::new(random_key()?);
        let id = new.id.clone();
        self.sealing.push(new);
        self.write_sealing()?;
        Ok(id)
    }

    /// Leaves the sealing key of this id alone in the file.
    pub(crate) fn keep_sealing(&mut self, id: &str) -> Result<(), StoreError> {
        self.sealing.retain(|sealer| sealer.id == id);
        self.write_sealing()
    }

    fn write_sealing(&self) -> Result<(), StoreError> {
        let text: Zeroizing<String> =
            Zeroizing::new(self.sealing.iter().map(|sealer| sealer.text().to_string()).collect());
        rewrite(&self.directory.join(SEALING_FILE), &text)
    }

    /// Writes the sealing key of this id to a file of its own, which must not be there.
    pub(crate) fn copy_sealing(&self, id: &str, to: &Path) -> Result<(), StoreError> {
        let wanted = self.sealing.iter().find(|sealer| sealer.id == id);
        let text = wanted.ok_or_else(|| another(SEALING_FILE))?.text();
        let failed = |error: std::io::Error| StoreError::Key {
            place: to.display().to_string(),
            reason: format!("the old key cannot be written there: {error}"),
            remedy: "name a file that is not there yet, in a directory where you may write".to_owned(),
        };
        if File::open(to).and_then(read_key_file).is_ok_and(|there| there == text) {
            return Ok(());
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }

    /// Adds a new key of a log to its file, durably.
    pub(crate) fn add_log(&mut self, log: Log, origin: &str) -> Result<VerifierKey, StoreError> {
        let new = random_key().and_then(|seed| {
            SigningKey::from_seed(origin, &seed)
                .map_err(|error| StoreError::refused("the log's origin", error.to_string()))
        })?;
        let public = new.verifier_key().clone();
        self.of_mut(log).push(new);
        self.write_log(log)?;
        Ok(public)
    }

    /// Leaves this key of a log alone in the file.
    pub(crate) fn keep_log(&mut self, log: Log, key: &VerifierKey) -> Result<(), StoreError> {
        self.of_mut(log).retain(|signing| signing.verifier_key() == key);
        self.write_log(log)
    }

    fn of_mut(&mut self, log: Log) -> &mut Vec<SigningKey> {
        match log {
            Log::Case => &mut self.case_log,
            Log::Public => &mut self.public_log,
        }
    }

    fn write_log(&self, log: Log) -> Result<(), StoreError> {
        let mut text = Zeroizing::new(String::new());
        for key in self.of(log) {
            text.push_str(key.secret_text());
            text.push('\n');
        }
        rewrite(&log_file(&self.directory, log), &text)
    }
}

fn rewrite(path: &Path, text: &str) -> Result<(), StoreError> {
    write_durably(path, text).map_err(|error| StoreError::Key {
        place: path.display().to_string(),
        reason: format!("it cannot be written: {error}"),
        remedy: "look at the key directory and its room, then give the same command again".to_owned(),
    })
}

fn log_file(directory: &Path, log: Log) -> PathBuf {
    directory.join(format!("{}.key", log.name()))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn sealer(path: &Path, line: &str) -> Result<Sealer, StoreError> {
    let bytes = line.strip_prefix(SEALING_FORMAT).and_then(|rest| BASE64.decode(rest.trim().as_bytes()).ok());
    let bytes = bytes.map(Zeroizing::new);
    let bytes = bytes.as_ref().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    let bytes = bytes.ok_or_else(|| {
        wrong(path, format!("it does not hold the word {SEALING_FORMAT} and 32 bytes in base64"))
    })?;
    Ok(Sealer::new(Zeroizing::new(bytes)))
}

fn new_log_key(log: Log, origin: &str) -> Result<SigningKey, StoreError> {
    let seed = random_key()?;
    SigningKey::from_seed(&format!("{origin}/{}", log.name()), &seed)
        .map_err(|error| StoreError::refused("the desk's origin", error.to_string()))
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

fn read_key_file(file: File) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_FILE_BYTES).read_to_string(&mut text)?;
    Ok(text)
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
            read_key_file(file).map_err(|error| unreadable(path, &error))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && new => {
            let text = make()?;
            write_durably(path, &text).map_err(|error| unreadable(path, &error))?;
            Ok(text)
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Writes a key file so that after a crash it is either the new one or what was there before, and nothing is sealed under
/// a key that could be lost.
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
