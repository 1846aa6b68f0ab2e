//! The end of a zip archive's directory, looked at before the directory itself is read.
//!
//! APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16. The `zip` crate makes room for as many members as the directory has, so the
//! count is held against the limit first. An archive ends with its end record: a record that fits in two places, or bytes
//! behind it, are two archives to two readers (PyPI refuses both since 2025-08).

use std::io::{self, Read, Seek, SeekFrom};

use crate::ErrorKind;

const END: &[u8; 4] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const LOCATOR: &[u8; 4] = b"PK\x06\x07";
const LOCATOR_BYTES: usize = 20;
const END_64: &[u8; 4] = b"PK\x06\x06";
const END_64_BYTES: usize = 56;
/// The longest comment that an archive may have.
const COMMENT_BYTES: u64 = 65_535;

/// How many members the directory says that it has; or why that cannot be told.
pub(crate) fn member_count(
    reader: &mut (impl Read + Seek),
    archive_bytes: u64,
) -> Result<u64, (ErrorKind, String)> {
    let io = |error: io::Error| (ErrorKind::Io, error.to_string());
    let tail_start = archive_bytes.saturating_sub(COMMENT_BYTES + END_BYTES as u64);
    reader.seek(SeekFrom::Start(tail_start)).map_err(io)?;
    let mut tail = Vec::new();
    reader.by_ref().take(COMMENT_BYTES + END_BYTES as u64).read_to_end(&mut tail).map_err(io)?;
    let places: Vec<usize> = tail
        .windows(END_BYTES)
        .enumerate()
        .filter(|(place, record)| {
            record.starts_with(END) && place + END_BYTES + usize::from(u16_at(record, 20)) == tail.len()
        })
        .map(|(place, _)| place)
        .collect();
    let place = match places.as_slice() {
        [place] => *place,
        [] => {
            let reason = "it does not end with the end record of a zip archive: it is no zip, was cut, or has bytes behind it";
            return Err((ErrorKind::Broken, reason.to_owned()));
        }
        _ => {
            let reason = "it ends with more than one end record, so two readers see two archives";
            return Err((ErrorKind::Ambiguous, reason.to_owned()));
        }
    };
    let record = &tail[place..];
    if u16_at(record, 4) != 0 || u16_at(record, 6) != 0 {
        return Err((ErrorKind::Unsupported, "it is one part of an archive in several parts".to_owned()));
    }
    let end_at = tail_start + place as u64;
    let directory = match directory_64(reader, end_at).map_err(io)? {
        Some(directory) => directory,
        None => Directory {
            members: u64::from(u16_at(record, 10)),
            bytes: u64::from(u32_at(record, 12)),
            start: u64::from(u32_at(record, 16)),
            end: end_at,
        },
    };
    if directory.start.checked_add(directory.bytes) != Some(directory.end) {
        let reason =
            "its directory does not reach to its end record, so two readers could find two directories";
        return Err((ErrorKind::Ambiguous, reason.to_owned()));
    }
    Ok(directory.members)
}

/// What an end record says of the directory.
struct Directory {
    members: u64,
    bytes: u64,
    start: u64,
    /// Where the end record itself begins.
    end: u64,
}

/// The directory of a ZIP64 archive, from the record that its locator before the end record points to.
fn directory_64(reader: &mut (impl Read + Seek), end_at: u64) -> io::Result<Option<Directory>> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES as u64) else { return Ok(None) };
    let mut locator = [0; LOCATOR_BYTES];
    reader.seek(SeekFrom::Start(locator_at))?;
    reader.read_exact(&mut locator)?;
    if !locator.starts_with(LOCATOR) {
        return Ok(None);
    }
    let end = u64_at(&locator, 8);
    reader.seek(SeekFrom::Start(end))?;
    let mut record = [0; END_64_BYTES];
    match reader.read_exact(&mut record) {
        Ok(()) if record.starts_with(END_64) => Ok(Some(Directory {
            members: u64_at(&record, 32),
            bytes: u64_at(&record, 40),
            start: u64_at(&record, 48),
            end,
        })),
        // A locator that points nowhere: the `zip` crate refuses it with its own words.
        Ok(()) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok());
    eight.map_or(0, u64::from_le_bytes)
}
