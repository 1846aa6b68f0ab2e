//! Where records come from, as somebody names it.

use std::path::{Path, PathBuf};

use url::Url;

use crate::{ErrorKind, FeedError, error::shown};

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedSource {
    /// A zip of records, as osv.dev's `all.zip`.
    Zip(PathBuf),
    /// A directory of records, or a git checkout, with all directories in it.
    Directory(PathBuf),
    /// One record, JSON or YAML.
    File(PathBuf),
    /// A zip or a JSON record at an address.
    Address(Url),
}

impl FeedSource {
    /// Reads what somebody named: an address with its scheme, or a path that is looked at.
    ///
    /// # Errors
    /// There is nothing at the path, or nothing that is read.
    pub fn read(text: &str) -> Result<Self, FeedError> {
        let refuse = |reason: &str, remedy: &str| FeedError::new(ErrorKind::Source, text, reason, remedy);
        if text.contains("://") {
            let address = Url::parse(text).map_err(|error| {
                refuse(&format!("this is no address: {error}"), "write it as https://HOST/PATH")
            })?;
            return match address.scheme() {
                "https" | "http" => Ok(Self::Address(address)),
                other => Err(refuse(
                    &format!("addresses with {other}:// are not read"),
                    "clone a repository with git and give its directory; give files over https://",
                )),
            };
        }
        let path = Path::new(text);
        let kind = path.metadata().map_err(|error| {
            let mut error = FeedError::io(path, &error);
            error.kind = ErrorKind::Source;
            error
        })?;
        if kind.is_dir() {
            if is_bare_repository(path) {
                return Err(refuse(
                    "this is a bare git repository: it has history and no files to read",
                    "make a work tree of it with `git clone` and give that",
                ));
            }
            return Ok(Self::Directory(path.to_owned()));
        }
        match extension(path).as_deref() {
            Some("zip") => Ok(Self::Zip(path.to_owned())),
            Some("json" | "yaml" | "yml") => Ok(Self::File(path.to_owned())),
            _ => Err(refuse(
                "files that end with .zip, .json, .yaml or .yml are read",
                "give a zip of OSV records, a directory of them, or one record",
            )),
        }
    }

    /// How it is called in messages: an address without what may be secret in it.
    pub fn name(&self) -> String {
        match self {
            Self::Zip(path) | Self::Directory(path) | Self::File(path) => shown(path),
            Self::Address(address) => {
                let mut plain = address.clone();
                plain.set_query(None);
                plain.set_fragment(None);
                // A scheme that has no user part cannot lose one.
                let _ = plain.set_username("");
                let _ = plain.set_password(None);
                plain.to_string()
            }
        }
    }
}

/// The end of a file's name, in small letters.
pub(crate) fn extension(path: &Path) -> Option<String> {
    path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase)
}

fn is_bare_repository(path: &Path) -> bool {
    let has = |name: &str| path.join(name).exists();
    has("HEAD") && has("objects") && has("refs") && !has(".git")
}
