//! A text seen as lines of prose, code, headings and tables, so that rules can count them.

use std::{fmt, sync::LazyLock};

use regex::Regex;

/// What a line of a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Prose, or nothing.
    Prose,
    /// A heading: `# …`, an underlined line, or a line that is bold as a whole.
    Heading,
    /// A row of a table.
    Table,
    /// Code: between fences, or indented by four spaces after an empty line.
    Code,
    /// Anything inside of `<details>`.
    Collapsed,
}

/// A text with the kind of each of its lines. Lines count from 1. Its `Debug` form shows counts only.
pub struct TextIndex<'t> {
    /// The lines with their kinds.
    pub lines: Vec<(&'t str, LineKind)>,
    /// Words of prose and headings.
    pub words: usize,
    /// The lines of headings.
    pub headings: Vec<u32>,
    /// The first line of each table.
    pub tables: Vec<u32>,
    /// Runs of code outside of `<details>`: first line and number of lines.
    pub code: Vec<(u32, u32)>,
}

static TABLE_RULE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(\|?\s*:?-{3,}:?\s*(\|\s*:?-{3,}:?\s*)+\|?|\+[-=]{2,}(\+[-=]{2,})+\+)\s*$")
        .expect("a constant pattern, compiled by the tests")
});

impl fmt::Debug for TextIndex<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "TextIndex(*** {} lines, {} words)", self.lines.len(), self.words)
    }
}

impl<'t> TextIndex<'t> {
    /// Reads a text once, line by line.
    pub fn new(text: &'t str) -> Self {
        let mut index =
            Self { lines: Vec::new(), words: 0, headings: Vec::new(), tables: Vec::new(), code: Vec::new() };
        let mut fence: Option<&str> = None;
        let mut collapsed = 0_usize;
        // What is never closed collapses nothing: otherwise one tag at the top would hide a whole report from counting.
        let mut closers = text.to_ascii_lowercase().matches("</details>").count();
        let mut in_table = false;
        for line in text.lines() {
            let number = u32::try_from(index.lines.len() + 1).unwrap_or(u32::MAX);
            let bare = line.trim();
            let was_collapsed = collapsed > 0;
            if fence.is_none() {
                let lower = bare.to_ascii_lowercase();
                let closed = lower.matches("</details>").count();
                collapsed =
                    (collapsed + lower.matches("<details").count()).min(closers).saturating_sub(closed);
                closers = closers.saturating_sub(closed);
            }
            let kind = if was_collapsed || collapsed > 0 {
                // Fences inside of details may hold the text `</details>`; they are followed like any other.
                toggle(&mut fence, bare);
                LineKind::Collapsed
            } else if toggle(&mut fence, bare) || fence.is_some() {
                LineKind::Code
            } else {
                index.kind_of(line, bare, number)
            };
            if kind == LineKind::Table && !in_table && TABLE_RULE.is_match(line) {
                index.tables.push(number);
            }
            // A table is counted at its rule; it lasts as long as its rows do.
            in_table = kind == LineKind::Table && (in_table || TABLE_RULE.is_match(line));
            match kind {
                LineKind::Code => index.extend_code(number),
                LineKind::Prose | LineKind::Heading => {
                    index.words +=
                        bare.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
                }
                LineKind::Table | LineKind::Collapsed => {}
            }
            index.lines.push((line, kind));
        }
        index
    }

    fn kind_of(&mut self, line: &str, bare: &str, number: u32) -> LineKind {
        let before = self.lines.last().copied();
        let after_prose =
            before.is_some_and(|(text, kind)| kind == LineKind::Prose && !text.trim().is_empty());
        let underline = bare.len() >= 3
            && (bare.bytes().all(|byte| byte == b'=') || bare.bytes().all(|byte| byte == b'-'));
        let hashes = bare.bytes().take_while(|byte| *byte == b'#').count();
        let bold =
            bare.len() > 4 && bare.starts_with("**") && (bare.ends_with("**") || bare.ends_with("**:"));
        if (1..=6).contains(&hashes) && bare[hashes..].starts_with(' ') || bold {
            self.headings.push(number);
            return LineKind::Heading;
        }
        if underline && after_prose {
            self.headings.push(number - 1);
            return LineKind::Heading;
        }
        if bare.starts_with('|') || TABLE_RULE.is_match(line) {
            return LineKind::Table;
        }
        let indented = line.starts_with("    ") || line.starts_with('\t');
        let continues = before.is_none_or(|(text, kind)| kind == LineKind::Code || text.trim().is_empty());
        if indented && !bare.is_empty() && continues { LineKind::Code } else { LineKind::Prose }
    }

    fn extend_code(&mut self, number: u32) {
        match self.code.last_mut() {
            Some((first, count)) if *first + *count == number => *count += 1,
            _ => self.code.push((number, 1)),
        }
    }
}

/// Opens or closes a fence; whether the line is one.
fn toggle<'t>(fence: &mut Option<&'t str>, bare: &'t str) -> bool {
    let marker = if bare.starts_with("```") {
        "```"
    } else if bare.starts_with("~~~") {
        "~~~"
    } else {
        return false;
    };
    match fence {
        None => *fence = Some(marker),
        Some(open) if *open == marker => *fence = None,
        Some(_) => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_that_are_never_closed_hide_nothing() {
        let index = TextIndex::new("<details>\n# Heading\nTwo words.\n");
        assert_eq!((index.headings.len(), index.words), (1, 4), "the tag itself counts as a word");
    }

    #[test]
    fn lines_are_told_apart() {
        let text = "# One\nTwo words.\n\n    code()\n```\nmore\n```\nUnder\n-----\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\
                    <details>\n# not a heading\n```\ncode\n```\n</details>\n**Bold**\n";
        let index = TextIndex::new(text);
        assert_eq!(index.headings, [1, 8, 20]);
        assert_eq!(index.tables, [11]);
        assert_eq!(index.code, [(4, 4)]);
        assert_eq!(index.words, 5, "One, Two, words, Under, Bold");
    }
}
