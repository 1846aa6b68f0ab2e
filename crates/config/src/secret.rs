//! Secrets: in files that only their owner can read, or handed over by systemd; never in a setting.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::PathBuf,
};

use zeroize::Zeroizing;

use crate::Value;

/// How a credential of systemd is named.
const CREDENTIAL: &str = "credential:";
/// The variable in which systemd names the directory of a unit's credentials.
const DIRECTORY: &str = "CREDENTIALS_DIRECTORY";
/// No secret's file is longer.
const MAX_BYTES: u64 = 64 * 1024;

/// Where a secret stands: a file that only its owner can read, or `credential:NAME` for a credential that systemd hands
/// over (`LoadCredential=NAME:…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFile(String);

/// Why a secret could not be read. Never holds a part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret file {place} {reason}: {remedy}")]
pub struct SecretError {
    /// Which file.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl SecretFile {
    /// The file.
    pub fn path(&self) -> Result<PathBuf, SecretError> {
        let Some(name) = self.0.strip_prefix(CREDENTIAL) else { return Ok(PathBuf::from(&self.0)) };
        let directory = std::env::var_os(DIRECTORY).ok_or_else(|| SecretError {
            place: self.0.clone(),
            reason: "is a credential, and the program was not started by systemd".to_owned(),
            remedy: format!("start it by a unit with `LoadCredential={name}:FILE`, or name a file"),
        })?;
        Ok(PathBuf::from(directory).join(name))
    }

    /// Reads the secret, without the line's end.
    pub fn read(&self) -> Result<Zeroizing<String>, SecretError> {
        let path = self.path()?;
        let wrong = |reason: String, remedy: &str| SecretError {
            place: path.display().to_string(),
            reason,
            remedy: remedy.to_owned(),
        };
        let unreadable = |error: io::Error| {
            wrong(format!("cannot be read ({error})"), "make the file, readable by the desk's user only")
        };
        let file = File::open(&path).map_err(unreadable)?;
        let mode = file.metadata().map_err(unreadable)?.mode();
        if mode & 0o077 != 0 {
            return Err(wrong(
                "can be read by others".to_owned(),
                &format!("run `chmod 600 {}`", path.display()),
            ));
        }
        let mut text = Zeroizing::new(String::new());
        file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
        let length = text.len() as u64;
        let secret = Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned());
        if secret.is_empty() || length > MAX_BYTES {
            return Err(wrong(format!("holds {length} bytes"), "write the secret into it, at most 64 KiB"));
        }
        Ok(secret)
    }
}

impl Value for SecretFile {
    const KIND: &'static str = "FILE";
    fn parse(texts: &[String]) -> Result<Self, String> {
        let text = texts.first().map_or("", String::as_str);
        let name = text.strip_prefix(CREDENTIAL);
        let plain = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if text.is_empty() || name.is_some_and(|name| !plain(name) || name.starts_with('.')) {
            return Err("write the path of a file, or `credential:NAME`".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.0.clone()))
    }
}
