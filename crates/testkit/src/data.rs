//! Real data for tests: archives in the directory that `BASTIDE_TEST_DATA` names.
//!
//! They are too large for the repository, and the project must build and pass without them: where the variable is
//! unset, a test prints that it is skipped and returns.

use std::{fs, io::Read as _, path::PathBuf};

/// The most bytes that an archive may unpack to.
const UNPACKED_LIMIT: u64 = 256 << 20;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Its path in the archive, with `/`.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The regular files of `name` (a `.tar.xz` of the test data), sorted by path.
///
/// `None` where `BASTIDE_TEST_DATA` is unset; a line that says so is then printed, and the test should return.
///
/// # Panics
/// Where the variable is set and the archive is missing, broken or larger than 256 MiB unpacked: data that were
/// promised are not skipped.
#[allow(clippy::print_stdout, reason = "a skipped test must be seen")]
pub fn archive(name: &str) -> Option<Vec<ArchivedFile>> {
    let Some(directory) = directory() else {
        println!("SKIPPED: {name} is not read because BASTIDE_TEST_DATA is unset");
        return None;
    };
    let path = directory.join(name);
    let packed = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let stream = lzma_rust2::XzReader::new(std::io::BufReader::new(packed), true).take(UNPACKED_LIMIT + 1);
    let mut archive = tar::Archive::new(stream);
    let mut files = Vec::new();
    let mut unpacked = 0;
    for entry in archive.entries().expect("a tar archive begins with an entry") {
        let mut entry = entry.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if !entry.header().entry_type().is_file() {
            continue;
        }
        unpacked += entry.size();
        assert!(unpacked <= UNPACKED_LIMIT, "{} unpacks to more than 256 MiB", path.display());
        let inner = entry.path().expect("the path of an entry is text").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{inner}: {error}"));
        files.push(ArchivedFile { path: inner, bytes });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Some(files)
}

/// What is in `name` (one file, packed as `.xz`, of the test data).
///
/// `None` where `BASTIDE_TEST_DATA` is unset; a line that says so is then printed, and the test should return.
///
/// # Panics
/// Where the variable is set and the file is missing, broken or larger than 256 MiB unpacked.
#[allow(clippy::print_stdout, reason = "a skipped test must be seen")]
pub fn unpacked(name: &str) -> Option<Vec<u8>> {
    let Some(directory) = directory() else {
        println!("SKIPPED: {name} is not read because BASTIDE_TEST_DATA is unset");
        return None;
    };
    let path = directory.join(name);
    let packed = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let stream = lzma_rust2::XzReader::new(std::io::BufReader::new(packed), true);
    let mut bytes = Vec::new();
    let read = stream.take(UNPACKED_LIMIT + 1).read_to_end(&mut bytes);
    read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(bytes.len() as u64 <= UNPACKED_LIMIT, "{} unpacks to more than 256 MiB", path.display());
    Some(bytes)
}

/// Where the test data are; nothing where `BASTIDE_TEST_DATA` is unset.
#[allow(clippy::disallowed_methods, reason = "tests are configured by this one variable")]
pub fn directory() -> Option<PathBuf> {
    std::env::var_os("BASTIDE_TEST_DATA").filter(|value| !value.is_empty()).map(PathBuf::from)
}
