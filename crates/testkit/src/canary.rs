//! Words that must not be found where they do not belong, and the search for them in every spelling that a program might
//! give them.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use bastide_model::digest::Sha256Digest;
use data_encoding::{BASE64, HEXLOWER};

/// The secrets of one test, each with the field that it stands in.
#[derive(Debug, Default, Clone)]
pub struct Canaries {
    words: Vec<(String, String)>,
}

impl Canaries {
    /// A fresh word of 128 bits for a field.
    pub fn word(&mut self, field: &str) -> String {
        let digest = Sha256Digest::of(format!("canary {} {field}", self.words.len()).as_bytes());
        let word = format!("cy{}", HEXLOWER.encode(&digest.0[..16]));
        self.words.push((field.to_owned(), word.clone()));
        word
    }

    /// A secret that somebody else made: a link, a token, a number.
    pub fn given(&mut self, field: &str, word: &str) {
        self.words.push((field.to_owned(), word.to_owned()));
    }

    /// The fields, in the order in which they were named.
    pub fn fields(&self) -> BTreeSet<String> {
        self.words.iter().map(|(field, _)| field.clone()).collect()
    }

    /// The search for every word in every spelling.
    ///
    /// # Panics
    ///
    /// When the words are too many for one search.
    pub fn search(&self) -> Search {
        let (mut needles, mut meaning) = (Vec::new(), Vec::new());
        for (field, word) in &self.words {
            for (spelling, needle) in spellings(word) {
                needles.push(needle);
                meaning.push((field.clone(), spelling));
            }
        }
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(needles);
        Search { automaton: automaton.expect("so many words fit one search"), meaning }
    }
}

/// The search for the words of a test.
#[derive(Debug, Clone)]
pub struct Search {
    automaton: AhoCorasick,
    meaning: Vec<(String, &'static str)>,
}

impl Search {
    /// Whose words these bytes hold, and in which spelling.
    pub fn find(&self, bytes: &[u8]) -> BTreeSet<(&str, &'static str)> {
        self.automaton
            .find_overlapping_iter(bytes)
            .map(|found| {
                let (field, spelling) = &self.meaning[found.pattern().as_usize()];
                (field.as_str(), *spelling)
            })
            .collect()
    }

    /// How many spellings are searched for.
    pub fn len(&self) -> usize {
        self.meaning.len()
    }

    /// Whether nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.meaning.is_empty()
    }
}

/// A word as it is and in each spelling; letters are compared without their case.
fn spellings(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let each = |spell: &dyn Fn(u8) -> String| word.bytes().map(spell).collect::<String>().into_bytes();
    let mut all = vec![
        ("as it is", word.as_bytes().to_vec()),
        ("hexadecimal", HEXLOWER.encode(word.as_bytes()).into_bytes()),
        ("percent", each(&|byte| format!("%{byte:02x}"))),
        ("decimal entities", each(&|byte| format!("&#{byte};"))),
        ("hexadecimal entities", each(&|byte| format!("&#x{byte:x};"))),
        ("JSON escapes", each(&|byte| format!("\\u{byte:04x}"))),
        ("quoted-printable", each(&|byte| format!("={byte:02x}"))),
        ("UTF-16", word.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    for before in 0..3 {
        // What stands before it shifts a word within base64, and the first and last digits belong to its neighbours.
        let shifted = [&vec![b' '; before][..], word.as_bytes()].concat();
        let digits = BASE64.encode(&shifted).trim_end_matches('=').to_owned();
        let start = (before * 8).div_ceil(6);
        let end = shifted.len() * 8 / 6;
        let inner = &digits[start..end.min(digits.len())];
        all.push(("base64", inner.as_bytes().to_vec()));
        let url = inner.replace('+', "-").replace('/', "_");
        if url != inner {
            all.push(("base64url", url.into_bytes()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_every_spelling_and_at_every_place() {
        let mut canaries = Canaries::default();
        let word = canaries.word("title");
        canaries.word("body");
        let search = canaries.search();
        for (spelling, bytes) in spellings(&word) {
            let around = [b"before ".as_slice(), &bytes, b" after"].concat();
            assert!(search.find(&around).contains(&("title", spelling)), "{spelling}");
        }
        for before in 0..7 {
            for after in 0..7 {
                let text = format!("{}{word}{}", "x".repeat(before), "y".repeat(after));
                let found = search.find(BASE64.encode(text.as_bytes()).as_bytes()).len();
                assert_eq!(found, 1, "{before} before and {after} after");
            }
        }
        assert_eq!(search.find(word.to_uppercase().as_bytes()).len(), 1);
        assert!(search.find(&word.as_bytes()[1..]).is_empty(), "half a word is none");
        assert!(search.find(b"nothing of it").is_empty());
        assert_eq!(canaries.fields().len(), 2);
    }
}
