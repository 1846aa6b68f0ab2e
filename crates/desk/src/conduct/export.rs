//! A matter of conduct written down for the conduct team, with undisclosed vulnerability information removed (P30).
//!
//! What the reporter reported is left out as a whole. Messages stay, because they are what the matter is about, but
//! scrubbed: identifiers and versions by their form; titles, every line and sentence of the report, and the secrets
//! that the caller names, wherever they appear in whatever case and spacing. In doubt too much is removed.

use std::{fmt, sync::LazyLock};

use bastide_model::time::Instant;
use regex::Regex;

/// What stands in place of what was removed.
pub const REMOVED: &str = "[removed: undisclosed]";

/// The shortest phrase that is looked for, in characters without spaces: shorter ones hit every other word.
const SHORTEST: usize = 6;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A report, or a version of it: left out.
    Report,
    /// A title of a report or an advisory: left out.
    Title,
    /// What somebody wrote.
    Message,
    /// A measure and its reason: a strike, a ban, an appeal.
    Measure,
}

/// One entry of the export.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// What it is.
    pub kind: EntryKind,
    /// Who, as the conduct team is to read it: "the reporter", "coordinator-a".
    pub author: String,
    /// The text.
    pub text: String,
}

impl fmt::Debug for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Entry({}, {:?}, *** {} bytes)", self.at, self.kind, self.text.len())
    }
}

/// What people write for a dash, as the inside of a character class. Named one by one: the categories of Unicode are
/// not compiled in.
const DASHES: &str = r"\-\x{58a}\x{5be}\x{1806}\x{2010}-\x{2015}\x{2212}\x{2e3a}\x{2e3b}\x{301c}\x{3030}\x{fe31}\x{fe32}\x{fe58}\x{fe63}\x{ff0d}";

/// Identifiers of vulnerabilities: CVE numbers in any spacing, and those of the advisory databases.
static IDENTIFIER: LazyLock<Regex> = LazyLock::new(|| {
    let number = format!(r"\bcve[\s_:#{DASHES}]*\d{{4}}[\s_:{DASHES}]*\d{{4,}}");
    let other = format!(r"\b(?:ghsa|pysec|psf|osv|gsd|cwe)[_{DASHES}][0-9a-z_{DASHES}]+");
    Regex::new(&format!("(?i){number}|{other}")).expect("the pattern is fixed and tested")
});

/// Versions: two or more numbers with dots, and what a version may carry behind them.
static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bv?\d+(?:\s?\.\s?(?:\d+|x|\*))+(?:[.\-_+]?[0-9a-z]+)*")
        .expect("the pattern is fixed and tested")
});

/// The export: one paragraph per entry, in the order given. `secrets` are phrases that name the vulnerability (the
/// affected function, a title of the draft advisory, a version in words); those of fewer than six characters without
/// spaces are not looked for. No phrase of them is in the export, in whatever case and spacing, unless it is one of the
/// export's own words.
pub fn redacted_export(entries: &[Entry], secrets: &[String]) -> String {
    let phrases = phrases(entries, secrets);
    let export = render(entries, |text| scrub(text, &phrases));
    let folded = Folded::of(&export).text;
    if phrases.iter().any(|phrase| folded.contains(phrase)) {
        // A phrase that runs across what was put together here: rather no message than a leak.
        return render(entries, |_| REMOVED.to_owned());
    }
    export
}

fn render(entries: &[Entry], cleaned: impl Fn(&str) -> String) -> String {
    let mut export =
        String::from("Conduct matter. Undisclosed vulnerability information was removed (P30).\n");
    for Entry { at, kind, author, text } in entries {
        let (did, text) = match kind {
            EntryKind::Report => ("reported", REMOVED.to_owned()),
            EntryKind::Title => ("titled", REMOVED.to_owned()),
            EntryKind::Message => ("wrote", cleaned(text)),
            EntryKind::Measure => ("decided or appealed", cleaned(text)),
        };
        let paragraph = format!("\n{}, {} {did}:\n{text}\n", at.for_people(), cleaned(author));
        export.push_str(&paragraph);
    }
    export
}

/// Everything to be looked for, folded, longest first: the secrets, and what reports and titles say, by line and
/// sentence, because messages quote them.
fn phrases(entries: &[Entry], secrets: &[String]) -> Vec<String> {
    let hidden = entries.iter().filter(|entry| matches!(entry.kind, EntryKind::Report | EntryKind::Title));
    let said = hidden.flat_map(|entry| {
        entry.text.lines().flat_map(|line| std::iter::once(line).chain(line.split(['.', '!', '?', ';', ':'])))
    });
    let all = secrets.iter().map(String::as_str).chain(said);
    let mut phrases: Vec<String> = all
        .map(|phrase| Folded::of(phrase).text)
        .filter(|phrase| phrase.chars().count() >= SHORTEST)
        .collect();
    phrases.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    phrases.dedup();
    phrases
}

/// A text with all phrases, identifiers and versions removed.
fn scrub(text: &str, phrases: &[String]) -> String {
    let folded = Folded::of(text);
    let mut hits: Vec<(usize, usize)> = Vec::new();
    for phrase in phrases {
        let mut from = 0;
        while let Some(found) = folded.text[from..].find(phrase.as_str()) {
            let begin = from + found;
            hits.push(folded.place(begin, begin + phrase.len()));
            // Overlapping hits are hits too.
            from = begin + folded.text[begin..].chars().next().map_or(1, char::len_utf8);
        }
    }
    for pattern in [&*IDENTIFIER, &*VERSION] {
        hits.extend(pattern.find_iter(text).map(|hit| (hit.start(), hit.end())));
    }
    hits.sort_unstable();
    let mut out = String::new();
    let mut done = 0;
    for (begin, end) in hits {
        if begin >= done {
            out.push_str(&text[done..begin]);
            out.push_str(REMOVED);
        }
        done = done.max(end);
    }
    out.push_str(&text[done..]);
    out
}

/// A text in lower case without spaces and invisible characters, with the way back to the places in the text.
struct Folded {
    text: String,
    /// For every byte of `text` the bytes of the original that it comes from.
    places: Vec<(usize, usize)>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self { text: String::new(), places: Vec::new() };
        for (begin, letter) in text.char_indices() {
            if is_space(letter) {
                continue;
            }
            let end = begin + letter.len_utf8();
            // By way of upper case, so that ß meets SS and final sigmas meet others.
            for lower in letter.to_uppercase().flat_map(char::to_lowercase) {
                folded.text.push(lower);
                folded.places.resize(folded.text.len(), (begin, end));
            }
        }
        folded
    }

    /// Where the bytes `begin..end` of the folded text stand in the original.
    fn place(&self, begin: usize, end: usize) -> (usize, usize) {
        (self.places[begin].0, self.places[end - 1].1)
    }
}

/// Spaces, controls and what nobody sees: soft hyphen, joiners, direction marks, the byte order mark.
fn is_space(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
