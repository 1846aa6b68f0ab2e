//! The headline of an advisory that has none of its own.

use crate::record::Advisory;

/// The longest derived title, in characters.
pub const MAX_TITLE_CHARS: usize = 120;

/// A headline for a record without one. The rule, in this order:
///
/// 1. the summary's first line;
/// 2. else the first sentence of the details, Markdown signs at its start and emphasis removed, headings skipped unless there
///    is nothing else;
/// 3. else `Vulnerability in` and the names of the affected packages, at most three;
/// 4. else `Advisory` and the id.
///
/// A text over [`MAX_TITLE_CHARS`] is cut at a word and ends in `…`.
pub fn derived_title(advisory: &Advisory) -> String {
    let summary = advisory
        .summary
        .as_deref()
        .and_then(|text| clean(text.lines().find(|line| !line.trim().is_empty())?));
    let sentence = || advisory.details.as_deref().and_then(first_sentence);
    let packages = || {
        let mut names: Vec<&str> = Vec::new();
        for package in advisory.affected.iter().filter_map(|affected| affected.package.as_ref()) {
            if !names.contains(&package.name.as_str()) {
                names.push(&package.name);
            }
        }
        let more = if names.len() > 3 { " and others" } else { "" };
        names.truncate(3);
        (!names.is_empty()).then(|| format!("Vulnerability in {}{more}", names.join(", ")))
    };
    let title =
        summary.or_else(sentence).or_else(packages).unwrap_or_else(|| format!("Advisory {}", advisory.id));
    cut(&title)
}

/// The first sentence of a Markdown text; a heading only where there is no other line.
fn first_sentence(markdown: &str) -> Option<String> {
    let lines = || markdown.lines().map(str::trim).filter(|line| line.chars().any(char::is_alphanumeric));
    let line = lines().find(|line| !line.starts_with('#')).or_else(|| lines().next())?;
    let line = clean(line)?;
    let end = line.find(". ").unwrap_or(line.len());
    Some(line[..end].trim_end_matches('.').to_owned())
}

/// One line without the signs of headings, quotes, lists and emphasis.
fn clean(line: &str) -> Option<String> {
    let plain: String = line
        .trim_start_matches(['#', '>', '-', '*', ' ', '\t'])
        .chars()
        .filter(|character| !matches!(character, '`' | '*') && !character.is_control())
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!plain.is_empty()).then_some(plain)
}

fn cut(title: &str) -> String {
    if title.chars().count() <= MAX_TITLE_CHARS {
        return title.to_owned();
    }
    let head: String = title.chars().take(MAX_TITLE_CHARS - 1).collect();
    let whole_words = head.rsplit_once(' ').map_or(head.as_str(), |(words, _)| words);
    format!("{}…", whole_words.trim_end_matches([',', ';', ':']))
}

#[cfg(test)]
mod tests {
    use bastide_model::time::Instant;

    use super::*;
    use crate::record::{Affected, AffectedPackage};

    #[test]
    fn a_title_is_taken_from_the_first_text_that_there_is() {
        let mut record = Advisory::draft("x_T-1", Instant::EPOCH);
        assert_eq!(derived_title(&record), "Advisory x_T-1");
        for name in ["a", "b", "a", "c", "d"] {
            let package = Some(AffectedPackage::new("PyPI", name));
            record.affected.push(Affected { package, ..Affected::default() });
        }
        assert_eq!(derived_title(&record), "Vulnerability in a, b, c and others");
        record.details =
            Some("### Impact\n\n* The `tarfile` module **follows** links. Then more.".to_owned());
        assert_eq!(derived_title(&record), "The tarfile module follows links");
        record.summary = Some("\nLinks are followed.\nsecond line".to_owned());
        assert_eq!(derived_title(&record), "Links are followed.");
    }

    #[test]
    fn a_long_title_is_cut_at_a_word() {
        let mut record = Advisory::draft("x_T-1", Instant::EPOCH);
        record.summary = Some("überlang, ".repeat(40));
        let title = derived_title(&record);
        assert!(title.chars().count() <= MAX_TITLE_CHARS && title.ends_with("überlang…"), "{title}");
    }
}
