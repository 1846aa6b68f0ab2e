//! What a file is, by its content and never by its name (P23).

use serde::{Deserialize, Serialize};

/// What the bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// UTF-8 text that can be read as it stands.
    PlainText,
    /// A PDF document.
    Pdf,
    /// A notebook: JSON with cells.
    Notebook,
    /// A word processor's or spreadsheet's document.
    Document,
    /// An archive or compressed data.
    Archive,
    /// A program or library.
    Executable,
    /// A picture.
    Picture,
    /// Text with NUL bytes, control characters or hidden marks that change the direction of reading.
    UnsafeText,
    /// Bytes that are no UTF-8 text.
    Binary,
}

/// Beginnings of files and what they mean.
const BEGINNINGS: &[(&[u8], Content)] = &[
    (b"PK\x03\x04", Content::Archive),
    (b"PK\x05\x06", Content::Archive),
    (b"\x1f\x8b", Content::Archive),
    (b"BZh", Content::Archive),
    (b"\xfd7zXZ\x00", Content::Archive),
    (b"\x28\xb5\x2f\xfd", Content::Archive),
    (b"7z\xbc\xaf\x27\x1c", Content::Archive),
    (b"Rar!\x1a\x07", Content::Archive),
    (b"\x7fELF", Content::Executable),
    (b"\xfe\xed\xfa\xce", Content::Executable),
    (b"\xfe\xed\xfa\xcf", Content::Executable),
    (b"\xcf\xfa\xed\xfe", Content::Executable),
    (b"\xce\xfa\xed\xfe", Content::Executable),
    (b"\xca\xfe\xba\xbe", Content::Executable),
    (b"\x00asm", Content::Executable),
    (b"\x89PNG\r\n\x1a\n", Content::Picture),
    (b"\xff\xd8\xff", Content::Picture),
    (b"GIF87a", Content::Picture),
    (b"GIF89a", Content::Picture),
    (b"\xd0\xcf\x11\xe0", Content::Document),
    (b"{\\rtf", Content::Document),
];

impl Content {
    /// Judges the bytes of a file.
    pub fn of(bytes: &[u8]) -> Self {
        // Readers of PDF accept its mark anywhere in the first kilobyte, so a text in front of it hides nothing.
        if bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-") {
            return Self::Pdf;
        }
        if let Some((_, content)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
            return *content;
        }
        // `MZ` alone may begin a text; a program has bytes that no text has.
        if bytes.starts_with(b"MZ") && bytes.contains(&0) {
            return Self::Executable;
        }
        // A tar archive has its mark behind the first name.
        if bytes.get(257..262) == Some(b"ustar") {
            return Self::Archive;
        }
        // A ZIP archive is found from its end: bytes in front of it make a file that is two things at once.
        let tail = &bytes[bytes.len().saturating_sub(66_000)..];
        if tail.windows(4).any(|window| window == b"PK\x05\x06") {
            return Self::Archive;
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Self::Binary };
        if is_notebook(text) {
            return Self::Notebook;
        }
        if text.chars().any(is_unsafe) { Self::UnsafeText } else { Self::PlainText }
    }

    /// What it is, in words that follow "is".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::PlainText => "plain text",
            Self::Pdf => "a PDF document",
            Self::Notebook => "a notebook",
            Self::Document => "an office document",
            Self::Archive => "an archive or compressed data",
            Self::Executable => "a program",
            Self::Picture => "a picture",
            Self::UnsafeText => "text with control characters or hidden direction marks",
            Self::Binary => "binary data",
        }
    }

    /// Whether it is special input that a script could construct instead (P24).
    pub const fn could_be_constructed(self) -> bool {
        matches!(self, Self::Archive | Self::Executable | Self::Binary | Self::UnsafeText | Self::Picture)
    }
}

/// Whether a text is a notebook, whatever its depth: its keys are looked for, it is not parsed.
fn is_notebook(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('{')
        && text.contains("\"cells\"")
        && (text.contains("\"cell_type\"") || text.contains("\"nbformat\""))
}

/// Control characters but tab, line breaks and form feed, and marks that reorder what is read (Trojan Source).
pub(super) fn is_unsafe(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\x0c' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves: P23.
    #[test]
    fn a_file_is_judged_by_its_content() {
        let mut tar = vec![b'a'; 257];
        tar.extend_from_slice(b"ustar\0");
        let table: [(&[u8], Content); 16] = [
            (b"print('hello')\n", Content::PlainText),
            ("Grüße\r\n\tx".as_bytes(), Content::PlainText),
            (b"", Content::PlainText),
            (b"# a script\n%PDF-1.7 and so on", Content::Pdf),
            (b"PK\x03\x04rest", Content::Archive),
            (b"text in front\nPK\x05\x06rest", Content::Archive),
            (b"\x1f\x8b\x08", Content::Archive),
            (&tar, Content::Archive),
            (b"\x7fELF\x02", Content::Executable),
            (b"MZ\x90\x00", Content::Executable),
            (b"MZ is a prefix", Content::PlainText),
            (b"{\"cells\": [], \"nbformat\": 4}", Content::Notebook),
            (b"{\"cells\": 3}", Content::PlainText),
            (b"a\x00b", Content::UnsafeText),
            ("a\u{202e}b".as_bytes(), Content::UnsafeText),
            (b"\xff\xfea\x00", Content::Binary),
        ];
        for (bytes, content) in table {
            assert_eq!(Content::of(bytes), content, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
