//! The keys of age: public ones on the server, secret ones wherever a backup is read.

use std::{fmt, str::FromStr};

use age::{Identity, Recipient, x25519};

use crate::BackupError;

/// To whom backups are encrypted; each of them can read all of it.
#[derive(Clone)]
pub struct Recipients(Vec<x25519::Recipient>);

impl fmt::Debug for Recipients {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Recipients({})", self.0.len())
    }
}

impl Recipients {
    /// Reads public keys, `age1…`; at least one.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, BackupError> {
        let read = |text: &str| {
            x25519::Recipient::from_str(text.trim()).map_err(|_| {
                let remedy = "write a public key as `age-keygen -y` prints it: `age1…`";
                BackupError::new("a recipient of backups", "it is no public key of age", remedy)
            })
        };
        let keys: Vec<_> = texts.into_iter().map(read).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            let remedy = "make a key pair on another machine with `age-keygen` and name its public key";
            return Err(BackupError::new("the recipients of backups", "there is none", remedy));
        }
        Ok(Self(keys))
    }

    pub(crate) fn encryptor(&self) -> Result<age::Encryptor, BackupError> {
        let keys = self.0.iter().map(|key| key as &dyn Recipient);
        age::Encryptor::with_recipients(keys).map_err(|error| {
            BackupError::new("the recipients of backups", error.to_string(), "name public keys of one kind")
        })
    }
}

/// The secret keys that a backup is tried with.
pub struct Identities(Vec<x25519::Identity>);

impl fmt::Debug for Identities {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Identities({} ***)", self.0.len())
    }
}

impl Identities {
    /// Reads a key file of age: secret keys, one a line, and comments.
    pub fn parse(text: &str) -> Result<Self, BackupError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let read = |line: &str| {
            x25519::Identity::from_str(line).map_err(|_| {
                let remedy = "name the file that `age-keygen` wrote";
                BackupError::new("the key file", "a line is no secret key of age", remedy)
            })
        };
        let keys: Vec<_> = lines.map(read).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            let remedy = "name the file that `age-keygen` wrote";
            return Err(BackupError::new("the key file", "there is no key in it", remedy));
        }
        Ok(Self(keys))
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = &dyn Identity> {
        self.0.iter().map(|key| key as &dyn Identity)
    }
}
