//! Which desk and token `bastide login` has noted: one file that only its owner can read.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use bastide_usecases::Secret;
use etcetera::BaseStrategy;
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, chain};

/// A desk and a person's token for it.
#[derive(Debug)]
pub(crate) struct Login {
    /// The desk's address.
    pub(crate) desk: String,
    /// The token.
    pub(crate) token: Secret,
}

/// The file: `bastide/login.json` under `$XDG_CONFIG_HOME`, or `~/.config`.
pub(crate) fn path() -> Result<PathBuf, Diagnostic> {
    let base = etcetera::choose_base_strategy().map_err(|error| {
        Diagnostic::cannot(format!("your home directory is not known: {}", chain(&error)))
    })?;
    Ok(base.config_dir().join("bastide").join("login.json"))
}

/// What was noted; nothing when nobody has signed in here.
pub(crate) fn read() -> Result<Option<Login>, Diagnostic> {
    let path = path()?;
    match load(&path) {
        Ok(text) => {
            let document: Value = serde_json::from_str(&text).unwrap_or_default();
            match (document["desk"].as_str(), document["token"].as_str()) {
                (Some(desk), Some(token)) => {
                    Ok(Some(Login { desk: desk.to_owned(), token: Secret::given(token) }))
                }
                _ => Err(damaged(&path, "it does not hold a desk and a token")),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(damaged(&path, &chain(&error))),
    }
}

fn load(path: &Path) -> std::io::Result<String> {
    let file = fs::File::open(path)?;
    if file.metadata()?.mode() & 0o077 != 0 {
        return Err(std::io::Error::other("others can read it, so its token may be known"));
    }
    let mut text = String::new();
    file.take(16 * 1024).read_to_string(&mut text)?;
    Ok(text)
}

fn damaged(path: &Path, reason: &str) -> Diagnostic {
    Diagnostic::cannot(format!("your sign-in cannot be used: {reason}"))
        .at(path.display().to_string())
        .remedy("sign in again: bastide login URL")
}

/// Notes a desk and a token, whole or not at all.
pub(crate) fn write(login: &Login) -> Result<PathBuf, Diagnostic> {
    let path = path()?;
    let document = json!({ "desk": login.desk, "token": login.token.reveal() });
    save(&path, &format!("{document:#}\n")).map_err(|error| {
        Diagnostic::cannot(format!("the sign-in cannot be noted: {}", chain(&error)))
            .at(path.display().to_string())
    })?;
    Ok(path)
}

fn save(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let unfinished = path.with_extension("unfinished");
    // A file that an interrupted run left behind may have any mode: it is made anew.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}
