//! One tree for JSON, TOML and YAML, within bounds, that knows the line of what it holds.
//!
//! The readers of formats walk it leniently: an entry that is not as it should be becomes something unread, with its line,
//! and the rest is read. What makes a whole document unreadable is found here: size, depth, count, syntax, a key that stands
//! twice in one object (two readers would choose differently), a YAML document that grows out of its aliases.

mod json;
mod toml;
mod yaml;

/// The largest document that is read, in bytes. Lockfiles of thousands of packages have three megabytes, SBOMs of whole
/// container images thirty.
pub const MAX_DOCUMENT_BYTES: usize = 48 * 1024 * 1024;
/// The deepest nesting that is read; nested components of an SBOM need about twenty.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most values (texts, numbers, lists, objects) in one document.
pub(crate) const MAX_VALUES: usize = 2_000_000;

/// The syntax of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    Json,
    Toml,
    Yaml,
}

/// A value and the line it stands on, from 1; for JSON below the third level it is the line of what it stands in.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) value: Value,
}

/// What a document can hold. Numbers that a format writes as numbers are texts here, as far as the parser keeps them.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, a date: nothing that a reader here wants.
    Other,
    Text(String),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
}

/// The tree of a document, or why it cannot be read.
pub(crate) fn parse(bytes: &[u8], syntax: Syntax) -> Result<Node, String> {
    let text = text(bytes)?;
    match syntax {
        Syntax::Json => json::parse(text),
        Syntax::Toml => toml::parse(text),
        Syntax::Yaml => yaml::parse(text),
    }
}

/// The text of a document within its bound, without a byte order mark.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, String> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(format!("it has more than {MAX_DOCUMENT_BYTES} bytes, the most that is read"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("it is not UTF-8 from byte {} on; save it as UTF-8", error.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// How far apart the places are whose line is known, in bytes.
const STRIDE: usize = 64;

/// The lines of a text: for every 64th byte how many lines end before it, so that a text of nothing but line breaks costs no
/// more than another.
pub(crate) struct Lines<'text> {
    text: &'text [u8],
    before: Vec<u32>,
}

impl<'text> Lines<'text> {
    pub(crate) fn of(text: &'text str) -> Self {
        let text = text.as_bytes();
        let mut ended = 0;
        let before = text.chunks(STRIDE).map(|chunk| {
            let here = ended;
            ended += breaks(chunk);
            here
        });
        Self { before: before.collect(), text }
    }

    /// The line, from 1, in which this byte stands.
    pub(crate) fn line(&self, byte: usize) -> u32 {
        let byte = byte.min(self.text.len());
        let chunk = byte / STRIDE;
        let known = self.before.get(chunk).copied();
        let known = known.unwrap_or_else(|| breaks(self.text));
        let rest = self.text.get(chunk * STRIDE..byte).unwrap_or_default();
        1 + known + breaks(rest)
    }
}

fn breaks(text: &[u8]) -> u32 {
    text.iter().map(|byte| u32::from(*byte == b'\n')).sum()
}

/// A count of values that stops at its bound.
struct Count(usize);

impl Count {
    fn one_more(&mut self, depth: usize) -> Result<(), String> {
        self.0 += 1;
        if self.0 > MAX_VALUES {
            return Err(format!("it holds more than {MAX_VALUES} values, the most that is read"));
        }
        if depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} levels deep, the most that is read"));
        }
        Ok(())
    }
}

/// The first key that stands twice.
fn twice(entries: &[(String, Node)]) -> Option<&str> {
    if entries.len() <= 8 {
        let earlier = |place: usize, key: &str| entries[..place].iter().any(|(other, _)| other == key);
        return entries
            .iter()
            .enumerate()
            .find(|(place, (key, _))| earlier(*place, key))
            .map(|(_, (key, _))| &**key);
    }
    let mut seen = std::collections::HashSet::with_capacity(entries.len());
    entries.iter().find(|(key, _)| !seen.insert(key.as_str())).map(|(key, _)| key.as_str())
}

impl Node {
    /// The entry of a table; nothing where it is absent or null, or this is no table.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let found = self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node);
        found.filter(|node| !matches!(node.value, Value::Null))
    }

    /// The entries of a table in their order; none where this is no table.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.value, Value::Table(_))
    }

    /// The items of a list; none where this is no list.
    pub(crate) fn list(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list in a table; none where it is absent or no list.
    pub(crate) fn items(&self, key: &str) -> &[Self] {
        self.get(key).map_or(&[], Self::list)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of an entry of a table.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    /// The texts of a list in a table; what is no text is left out.
    pub(crate) fn texts_of(&self, key: &str) -> impl Iterator<Item = &str> {
        self.items(key).iter().filter_map(Self::text)
    }

    /// A text, or a whole number as text: `1` where some tools write `"1"`.
    pub(crate) fn word_of(&self, key: &str) -> Option<String> {
        match &self.get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self, key: &str) -> bool {
        matches!(self.get(key), Some(Self { value: Value::Bool(true), .. }))
    }
}

#[cfg(test)]
mod tests;
