//! The documents of a source, one after the other, in an order that does not change.

use std::{
    fs::{self, File},
    io::{BufReader, Read as _},
    path::{Path, PathBuf},
};

use bastide_advisory::{Format, MAX_DOCUMENT_BYTES};
use bastide_archive::{Archive, Limits};

use crate::{ErrorKind, FeedError, error::shown, source::extension};

/// How deep directories are followed. Published databases have five levels.
const MAX_DEPTH: usize = 32;
/// The most files of one source.
const MAX_FILES: usize = 2_000_000;

/// A document that may be a record.
pub(crate) struct Document {
    /// Its name in messages: the source's, then its own.
    pub(crate) name: String,
    pub(crate) format: Format,
    /// What is in it, or why it could not be read; one broken document costs no other.
    pub(crate) bytes: Result<Vec<u8>, String>,
}

/// Gives each document of a zip.
pub(crate) fn zip(
    path: &Path,
    take: &mut dyn FnMut(Document) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let file = File::open(path).map_err(|error| FeedError::io(path, &error))?;
    let failed = |error: bastide_archive::ArchiveError| {
        let remedy = "fetch it again; if that does not help, tell whoever publishes it";
        let reason = if error.member.is_empty() {
            error.reason.clone()
        } else {
            format!("member `{}`: {}", error.member, error.reason)
        };
        FeedError::new(ErrorKind::Failed, shown(path), reason, remedy)
    };
    let mut archive =
        Archive::open(&shown(path), BufReader::new(file), Limits::ADVISORIES).map_err(failed)?;
    let mut members: Vec<(String, usize, Format)> = Vec::new();
    for (index, member) in archive.members().iter().enumerate() {
        if let Some(format) = format_of(Path::new(&member.name)).filter(|_| !member.is_directory) {
            members.push((member.name.clone(), index, format));
        }
    }
    members.sort_by(|one, other| one.0.cmp(&other.0));
    for (name, index, format) in members {
        let bytes = archive.read(index, MAX_DOCUMENT_BYTES as u64).map_err(|error| error.reason);
        take(Document { name: format!("{}: {name}", shown(path)), format, bytes })?;
    }
    Ok(())
}

/// Gives each document of a directory and of the directories in it. Links are not followed, and names that begin with a dot
/// (`.git`) are passed over.
pub(crate) fn directory(
    root: &Path,
    take: &mut dyn FnMut(Document) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let mut files = Vec::new();
    walk(root, 0, &mut files)?;
    files.sort_by(|one, other| one.0.cmp(&other.0));
    for (path, format) in files {
        take(Document { name: shown(&path), format, bytes: read(&path) })?;
    }
    Ok(())
}

/// Gives the one document of a file.
pub(crate) fn file(
    path: &Path,
    take: &mut dyn FnMut(Document) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let format = format_of(path).unwrap_or(Format::Json);
    take(Document { name: shown(path), format, bytes: read(path) })
}

fn walk(directory: &Path, depth: usize, files: &mut Vec<(PathBuf, Format)>) -> Result<(), FeedError> {
    let refuse = |reason: String| {
        let remedy = "give the directory of the records themselves";
        FeedError::new(ErrorKind::Source, shown(directory), reason, remedy)
    };
    if depth > MAX_DEPTH {
        return Err(refuse(format!("directories are more than {MAX_DEPTH} levels deep")));
    }
    let entries = fs::read_dir(directory).map_err(|error| FeedError::io(directory, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| FeedError::io(directory, &error))?;
        let kind = entry.file_type().map_err(|error| FeedError::io(&entry.path(), &error))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            walk(&entry.path(), depth + 1, files)?;
        } else if let Some(format) = format_of(&entry.path()).filter(|_| kind.is_file()) {
            if files.len() == MAX_FILES {
                return Err(refuse(format!("there are more than {MAX_FILES} files")));
            }
            files.push((entry.path(), format));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    // One byte more than is read, so that the reader says that it is too long.
    let bound = MAX_DOCUMENT_BYTES as u64 + 1;
    file.take(bound).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn format_of(path: &Path) -> Option<Format> {
    match extension(path).as_deref() {
        Some("json") => Some(Format::Json),
        Some("yaml" | "yml") => Some(Format::Yaml),
        _ => None,
    }
}
