//! Reading what the command line names: files and standard input, bounded.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::diagnostic::{Diagnostic, chain};

/// The bytes of a file, or of standard input for `-`; at most `most`.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>, Diagnostic> {
    let name = shown(path);
    let cannot = |error: &io::Error| {
        Diagnostic::cannot(format!("it cannot be read: {}", chain(error)))
            .at(&*name)
            .remedy("name a file that exists and that you may read, or `-` for standard input")
    };
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| cannot(&error))?;
    if bytes.len() > most {
        return Err(Diagnostic::usage(format!("it has more than {most} bytes"))
            .at(name)
            .remedy("check that this is the file you mean, or shorten it"));
    }
    Ok(bytes)
}

/// The text of a file, or of standard input for `-`; at most `most` bytes.
pub(crate) fn read_text(path: &Path, most: usize) -> Result<String, Diagnostic> {
    String::from_utf8(read(path, most)?).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..offset].split(|byte| *byte == b'\n').count();
        Diagnostic::usage(format!("it is not UTF-8 text: byte {offset} on line {line} cannot be read"))
            .at(shown(path))
            .remedy("save it as UTF-8")
    })
}

/// A secret of one line, from a file or standard input.
pub(crate) fn read_secret(path: &Path) -> Result<String, Diagnostic> {
    let text = read_text(path, 4096)?;
    let secret = text.trim();
    if secret.is_empty()
        || secret.chars().any(|character| character.is_whitespace() || character.is_control())
    {
        return Err(Diagnostic::usage("this is no secret of one word")
            .at(shown(path))
            .remedy("give what you were given, on one line, with nothing else"));
    }
    Ok(secret.to_owned())
}

/// A path as people know it.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// Writes a result into a new or existing file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    std::fs::write(path, bytes).map_err(|error| {
        Diagnostic::cannot(format!("it cannot be written: {}", chain(&error)))
            .at(path.display().to_string())
            .remedy("name a place where you may write")
    })
}
