//! The file: TOML, its keys with their lines.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::Problem;

/// How deep sections may be nested.
const DEPTH: usize = 4;

/// A key with its values and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) texts: Vec<String>,
    pub(crate) line: usize,
}

/// Reads a file's text.
pub(crate) fn entries(name: &str, text: &str) -> Result<Vec<Entry>, Vec<Problem>> {
    let problem = |line: usize, what: String, remedy: &str| {
        vec![Problem { place: format!("{name}:{line}"), what, remedy: remedy.to_owned() }]
    };
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_of(text, error.span().map_or(0, |span| span.start));
        let what = format!("this is no TOML: {}", error.message().replace('\n', "; "));
        problem(line, what, "write `key = \"value\"`, and sections as `[name]`")
    })?;
    let mut found = Vec::new();
    walk("", table.get_ref(), 0, &mut |key, at, value| {
        let line = line_of(text, at);
        match texts(value) {
            Some(texts) => found.push(Entry { key, texts, line }),
            None => {
                return Err(problem(
                    line,
                    format!("`{key}` holds a value of a kind that no setting has"),
                    "write text in quotation marks, a whole number, true or false, or a list of texts",
                ));
            }
        }
        Ok(())
    })?;
    Ok(found)
}

fn walk<'t>(
    section: &str,
    table: &'t DeTable<'t>,
    depth: usize,
    leaf: &mut dyn FnMut(String, usize, &'t DeValue<'t>) -> Result<(), Vec<Problem>>,
) -> Result<(), Vec<Problem>> {
    for (name, value) in table {
        let key = if section.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{section}.{}", name.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) if depth < DEPTH => walk(&key, inner, depth + 1, leaf)?,
            other => leaf(key, name.span().start, other)?,
        }
    }
    Ok(())
}

/// The value as text, for the one parser that serves every source.
fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    let one = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    };
    match value {
        DeValue::Array(values) => {
            values.iter().map(|value: &Spanned<DeValue<'_>>| one(value.get_ref())).collect()
        }
        value => one(value).map(|text| vec![text]),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
