//! A zip archive with a budget.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Read, Seek, SeekFrom},
};

use zip::{
    CompressionMethod, ZipArchive,
    read::{ArchiveOffset, Config},
    result::ZipError,
};

use crate::{ArchiveError, ErrorKind, Limits, SMALL_MEMBER_BYTES, directory_end, error::shown};

/// A member as the directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path, with `/`, relative, without `..`.
    pub name: String,
    /// Its size unpacked, as the directory says, in bytes.
    pub size: u64,
    /// Its size packed, in bytes.
    pub packed: u64,
    /// Whether it is a directory.
    pub is_directory: bool,
}

/// An archive whose directory was looked at and found unambiguous.
pub struct Archive<R> {
    name: String,
    zip: ZipArchive<R>,
    members: Vec<Member>,
    places: HashMap<String, usize>,
    limits: Limits,
    spent: u64,
}

impl<R> fmt::Debug for Archive<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Archive({}, {} members, {} bytes read)", self.name, self.members.len(), self.spent)
    }
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive and looks at all of its directory. `name` names it in errors.
    ///
    /// # Errors
    /// It is no zip, larger than the limits, or ambiguous in one of the ways that this crate's documentation lists.
    pub fn open(name: &str, mut reader: R, limits: Limits) -> Result<Self, ArchiveError> {
        let refuse = |(kind, reason): (ErrorKind, String)| error(name, "", kind, reason);
        let bytes = reader.seek(SeekFrom::End(0)).map_err(|e| refuse((ErrorKind::Io, e.to_string())))?;
        if bytes > limits.archive_bytes {
            let reason = format!("it has {bytes} bytes; at most {} are read", limits.archive_bytes);
            return Err(refuse((ErrorKind::TooLarge, reason)));
        }
        let count = directory_end::member_count(&mut reader, bytes).map_err(refuse)?;
        if count > limits.members {
            let reason = format!("it has {count} members; at most {} are read", limits.members);
            return Err(refuse((ErrorKind::TooLarge, reason)));
        }
        reader.rewind().map_err(|e| refuse((ErrorKind::Io, e.to_string())))?;
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let mut zip = ZipArchive::with_config(config, reader).map_err(|error| refuse(of_zip(&error)))?;
        zip.validate_header_consistency().map_err(|error| match error {
            ZipError::Io(_) => refuse(of_zip(&error)),
            _ => refuse((ErrorKind::Ambiguous, of_zip(&error).1)),
        })?;
        if zip.len() as u64 != count {
            let reason = format!("its end record counts {count} members and its directory has {}", zip.len());
            return Err(refuse((ErrorKind::Ambiguous, reason)));
        }
        let mut archive = Self {
            name: name.to_owned(),
            zip,
            members: Vec::new(),
            places: HashMap::new(),
            limits,
            spent: 0,
        };
        for index in 0..archive.zip.len() {
            let member = archive.look(index)?;
            archive.places.insert(member.name.clone(), index);
            archive.members.push(member);
        }
        Ok(archive)
    }

    /// The members in the order of the directory; their places are the indices of [`Archive::read`].
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// One member by its name, at most `max` bytes of it: a longer one is refused, not cut.
    pub fn read_member(&mut self, name: &str, max: u64) -> Result<Vec<u8>, ArchiveError> {
        match self.places.get(name) {
            Some(&index) => self.read(index, max),
            None => Err(error(&self.name, name, ErrorKind::Absent, "there is no such member".to_owned())),
        }
    }

    /// One member by its place in [`Archive::members`], at most `max` bytes of it: a longer one is refused, not cut.
    pub fn read(&mut self, index: usize, max: u64) -> Result<Vec<u8>, ArchiveError> {
        let Some(member) = self.members.get(index) else {
            let reason = format!("there is no member number {index}");
            return Err(error(&self.name, "", ErrorKind::Absent, reason));
        };
        let refuse = |kind, reason| error(&self.name, &member.name, kind, reason);
        let left = self.limits.total_bytes.saturating_sub(self.spent);
        let most = max.min(self.limits.member_bytes).min(left);
        if member.size > most {
            let reason = format!("it has {} bytes unpacked; at most {most} are read", member.size);
            return Err(refuse(ErrorKind::TooLarge, reason));
        }
        let size = member.size;
        let opened = self.zip.by_index(index);
        let mut bytes = Vec::new();
        let read = opened.map_err(|error| of_zip(&error)).and_then(|file| {
            // One byte more than the directory says, so that a lie is seen.
            file.take(size + 1).read_to_end(&mut bytes).map_err(|error| of_io(&error))
        });
        self.spent = self.spent.saturating_add(bytes.len() as u64);
        read.map_err(|(kind, reason)| refuse(kind, reason))?;
        if bytes.len() as u64 != size {
            let reason = format!("it does not have the {size} bytes that the directory says");
            return Err(refuse(ErrorKind::Ambiguous, reason));
        }
        Ok(bytes)
    }

    /// What the directory says of one member, if it is one that is read.
    fn look(&self, index: usize) -> Result<Member, ArchiveError> {
        let entry = self.zip.by_index_data(index);
        let entry = entry.map_err(|e| {
            let (kind, reason) = of_zip(&e);
            error(&self.name, &format!("number {index}"), kind, reason)
        })?;
        let name = entry.name().map_err(|e| {
            let (kind, reason) = of_zip(&e);
            error(&self.name, &format!("number {index}"), kind, reason)
        })?;
        let refuse = |kind, reason: String| Err(error(&self.name, &name, kind, reason));
        if !is_inside(&name) {
            let reason = "its path is absolute, leaves the archive or is written in an ambiguous way";
            return refuse(ErrorKind::Ambiguous, reason.to_owned());
        }
        if entry.is_symlink() {
            return refuse(ErrorKind::Ambiguous, "it is a link; links are not followed".to_owned());
        }
        if entry.encrypted() {
            return refuse(ErrorKind::Unsupported, "it is encrypted".to_owned());
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            let reason = format!("it is packed with {}; stored and deflated are read", entry.compression());
            return refuse(ErrorKind::Unsupported, reason);
        }
        let (size, packed) = (entry.size(), entry.compressed_size());
        if size > SMALL_MEMBER_BYTES && size / packed.max(1) > self.limits.ratio {
            let reason =
                format!("{packed} bytes unpack to {size}, more than {} times as many", self.limits.ratio);
            return refuse(ErrorKind::TooLarge, reason);
        }
        Ok(Member { name: name.to_string(), size, packed, is_directory: entry.is_dir() })
    }
}

/// Whether every reader takes a path as one below the archive's root.
fn is_inside(name: &str) -> bool {
    let path = name.strip_suffix('/').unwrap_or(name);
    let good = |part: &str| !part.is_empty() && part != "." && part != "..";
    let plain = |character: char| !matches!(character, '\\' | '\0') && !character.is_control();
    let drive = path.as_bytes().get(1) == Some(&b':');
    path.split('/').all(good) && path.chars().all(plain) && !drive
}

fn error(archive: &str, member: &str, kind: ErrorKind, reason: String) -> ArchiveError {
    ArchiveError { kind, archive: archive.to_owned(), member: shown(member), reason }
}

fn of_zip(error: &ZipError) -> (ErrorKind, String) {
    match error {
        ZipError::Io(error) => of_io(error),
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            (ErrorKind::Unsupported, error.to_string())
        }
        _ => (ErrorKind::Broken, error.to_string()),
    }
}

/// A decoder says by an I/O error that its input is no deflate stream, or that the check value differs.
fn of_io(error: &io::Error) -> (ErrorKind, String) {
    let kind = match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other => ErrorKind::Broken,
        _ => ErrorKind::Io,
    };
    (kind, error.to_string())
}
