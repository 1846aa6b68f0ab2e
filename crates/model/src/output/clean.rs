//! Text of strangers, made safe to show on one line.

/// Whether a character can deceive a reader or drive a terminal: control characters (ESC, C1, DEL), line and
/// paragraph separators, marks and isolates that change the direction of text (CVE-2021-42574, "Trojan Source"),
/// invisible formatting, and tag characters.
///
/// The joiners U+200C and U+200D are kept: several scripts cannot be written without them.
pub fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// `text` on one line: runs of white space become one space, deceptive characters are removed, ends are trimmed.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_whitespace() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !is_deceptive(character) {
            line.push(character);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// The lines of `text`, each made safe but with its indentation kept; at most `limit`, then a line that says so.
pub(super) fn lines(text: &str, limit: usize) -> Vec<String> {
    let total = text.lines().count();
    let safe = |line: &str| -> String {
        let spread = line.replace('\t', "    ");
        spread.chars().filter(|character| !is_deceptive(*character)).collect::<String>().trim_end().to_owned()
    };
    let mut shown: Vec<String> = text.lines().take(limit).map(safe).collect();
    if total > limit {
        shown.push(format!("… {} more lines", total - limit));
    }
    shown
}

/// JSON in which every deceptive character inside a string is written as an escape, so that the document says the
/// same and a terminal that shows it is not driven by it.
pub(super) fn json(document: &str) -> String {
    let mut safe = String::with_capacity(document.len());
    for character in document.chars() {
        // Line breaks can only be the document's own: inside strings they are escaped already.
        if character != '\n' && is_deceptive(character) {
            let mut units = [0_u16; 2];
            for unit in character.encode_utf16(&mut units) {
                safe.push_str(&escaped(*unit));
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

/// A unit of UTF-16 as JSON escapes it.
fn escaped(unit: u16) -> String {
    format!("\\u{unit:04x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_do_not_survive() {
        assert_eq!(one_line("a\u{1b}[31mred\u{9b}0m \u{202e}gpj.exe\u{2066}"), "a[31mred0m gpj.exe");
        assert_eq!(one_line("  two\n lines\t here\r\n"), "two lines here");
        assert_eq!(
            lines("    indented\n\tcode\u{7}\n3\n4", 3),
            ["    indented", "    code", "3", "… 1 more lines"]
        );
    }

    #[test]
    fn escaped_json_reads_back_as_the_same_value() {
        let value = serde_json::json!({"a": "\u{202e}x\u{1b}\u{9b}\u{e0041}\n"});
        let safe = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!safe.chars().any(|character| character != '\n' && is_deceptive(character)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
