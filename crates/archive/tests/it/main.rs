//! Archives as they should be, and as attackers make them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test fails by panicking and prints what it skips"
)]

mod attacks;
mod reading;

use std::io::{Cursor, Write as _};

use bastide_archive::{Archive, ArchiveError, Limits};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A zip of these members, deflated.
fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn open(bytes: &[u8]) -> Result<Archive<Cursor<&[u8]>>, ArchiveError> {
    open_within(bytes, Limits::WHEEL)
}

fn open_within(bytes: &[u8], limits: Limits) -> Result<Archive<Cursor<&[u8]>>, ArchiveError> {
    Archive::open("test.zip", Cursor::new(bytes), limits)
}
