//! Versions compared as texts, for those that their ecosystem cannot parse.
//!
//! osv.dev compares a version that it cannot parse with the listed versions of a record as they are, then by two simplified
//! forms: the numbers and pre-release words of a tag (`v1.0-rc1`, `release_1_0_rc1`), and the text in small letters with its
//! separators made equal.

/// A version as text, in the forms in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FuzzyVersion {
    text: String,
    tag: String,
    canonical: String,
}

impl FuzzyVersion {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), tag: tag(text), canonical: canonical(text) }
    }

    /// Whether a listed version is the same in one of the forms.
    pub(crate) fn equals(&self, listed: &str) -> bool {
        self.text == listed || self.tag == tag(listed) || self.canonical == canonical(listed)
    }
}

/// The numbers and pre-release words of a tag, joined by dashes; the tag itself where it has none.
fn tag(text: &str) -> String {
    let text = if text.starts_with('.') { format!("0{text}") } else { text.to_owned() };
    let bytes = text.as_bytes();
    let digits_from = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut parts: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let digits = digits_from(at);
        if digits > 0 {
            parts.push(&text[at..at + digits]);
            at += digits;
            continue;
        }
        let word = ["rc", "alpha", "beta", "preview"].into_iter().find(|word| {
            bytes[at..].get(..word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        });
        if let Some(word) = word {
            let end = at + word.len();
            let end = end + digits_from(end);
            // `arc1` is a name that ends like a pre-release.
            if at == 0 || !bytes[at - 1].is_ascii_alphabetic() {
                parts.push(&text[at..end]);
            }
            at = end;
        } else {
            at += 1;
        }
    }
    if parts.is_empty() { text } else { parts.join("-") }
}

/// The text in small letters, runs of `-`, `_`, `.` as one dot, none at the ends.
fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '-' | '_' | '.' => {
                if !out.ends_with('.') {
                    out.push('.');
                }
            }
            other => out.extend(other.to_lowercase()),
        }
    }
    out.trim_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_by_their_numbers_and_words() {
        for (text, expected) in [
            ("v1.0-rc1", "1-0-rc1"),
            ("release_1_0_RC1", "1-0-RC1"),
            ("arc1", "arc1"),
            ("arc-1", "1"),
            (".5", "0-5"),
            ("master", "master"),
            ("ünicode-2", "2"),
        ] {
            assert_eq!(tag(text), expected, "{text}");
        }
        assert_eq!(canonical("-1_0..RC1."), "1.0.rc1");
        assert!(FuzzyVersion::new("v2.0").equals("2_0"));
        assert!(!FuzzyVersion::new("v2.0").equals("2.0.1"));
    }
}
