//! Core metadata: the file `METADATA` of a wheel, which an index also serves beside it (PEP 658).
//!
//! Headers as in a mail, up to the first empty line; a line that begins with a space goes on with the one before.

use super::{Import, ImportError, MAX_RECORD_BYTES};

/// Reads the metadata of one project.
pub fn metadata(bytes: &[u8], source: &str, into: &mut Import) -> Result<(), ImportError> {
    let form = |reason: &str| ImportError::Form { source_name: source.to_owned(), reason: reason.to_owned() };
    if bytes.len() as u64 > MAX_RECORD_BYTES {
        return Err(form("metadata of more than 16 MiB are no metadata of a package"));
    }
    // The long description may be written in anything; the headers that are read here are plain.
    let text = String::from_utf8_lossy(bytes);
    let mut headers: Vec<(&str, String)> = Vec::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim(), value.trim().to_owned()));
        }
    }
    let values = |wanted: &'static str| {
        headers
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    };
    let name = values("Name")
        .next()
        .ok_or_else(|| form("it has no header `Name:`; core metadata begin with one"))?;
    into.project(source, name, values("Requires-Dist"))
}
