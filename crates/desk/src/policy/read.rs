//! From the text of a policy file to statements with places, collecting every problem on the way.

use std::collections::BTreeMap;
use std::ops::Range;

use bastide_model::party::Slug;
use serde_json::Value;
use toml::{Spanned, de::DeTable, de::DeValue};

use super::{
    field::{self, DISPOSITIONS, FIELDS, Field, Form, OWN_FIELDS},
    nearest::nearest,
    problem::Problems,
};
use crate::lint::rules::rule_ids;

/// The largest policy file that is read, in bytes.
pub const MAXIMUM_BYTES: usize = 256 * 1024;

/// What one file says, before inheritance.
#[derive(Debug, Default)]
pub struct Statements {
    /// The value and place of every field that the file sets, by path.
    pub(crate) fields: BTreeMap<String, Statement>,
    /// What each rule's finding leads to, by rule id.
    pub(crate) dispositions: BTreeMap<String, Statement>,
    /// The source noted for a field.
    pub(crate) sources: BTreeMap<String, String>,
}

/// One value and the bytes of the file where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) value: Value,
    pub(crate) span: Range<usize>,
}

impl Statements {
    /// The text in this field, if the file sets it.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.fields.get(path)?.value.as_str()
    }

    /// Where the field stands, or the start of the file.
    pub(crate) fn span(&self, path: &str) -> Range<usize> {
        self.fields.get(path).map_or(0..0, |statement| statement.span.clone())
    }
}

/// Reads a file. What could be read is returned even when there are problems, so that later checks add theirs.
pub(crate) fn read(text: &str, problems: &mut Problems<'_>) -> Statements {
    let mut statements = Statements::default();
    if text.len() > MAXIMUM_BYTES {
        let message = format!("the file has {} bytes; a policy has at most {MAXIMUM_BYTES}", text.len());
        problems.add(&(0..0), "", message, "check that this is a policy file");
        return statements;
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let message = format!("this is not TOML: {}", error.message().replace('\n', ", "));
        problems.add(&span, "", message, "write `key = value` lines under `[table]` headings");
    }
    for (key, value) in document.get_ref() {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("sources", DeValue::Table(table)) => read_sources(table, &mut statements, problems),
            (name, DeValue::Table(table)) if field::is_table(name) => {
                read_table(name, table, &mut statements, problems);
            }
            (name, _) => read_field(name, key, value, &mut statements, problems),
        }
    }
    for own in OWN_FIELDS.iter().filter(|own| own.required && !statements.fields.contains_key(own.path)) {
        // A key that is there but wrong has its own problem already.
        if document.get_ref().keys().all(|key| key.get_ref().as_ref() != own.path) {
            let message = format!("`{}` is missing ({})", own.path, own.meaning);
            problems.add(&(0..0), own.path, message, format!("add `{}`: {}", own.path, own.form.in_words()));
        }
    }
    statements
}

fn read_table(name: &str, table: &DeTable<'_>, statements: &mut Statements, problems: &mut Problems<'_>) {
    for (key, value) in table {
        if name == "lint"
            && key.get_ref() == "dispositions"
            && let DeValue::Table(rules) = value.get_ref()
        {
            read_dispositions(rules, statements, problems);
        } else {
            read_field(&format!("{name}.{}", key.get_ref()), key, value, statements, problems);
        }
    }
}

fn read_field(
    path: &str,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    statements: &mut Statements,
    problems: &mut Problems<'_>,
) {
    let Some(known) = field::find(path) else {
        let every = FIELDS.iter().chain(OWN_FIELDS).map(|known| known.path);
        // A key in the wrong table is looked for by its last part.
        let last = path.rsplit('.').next().unwrap_or(path);
        let meant = nearest(path, every).or_else(|| {
            FIELDS.iter().map(|known| known.path).find(|known| known.rsplit('.').next() == Some(last))
        });
        let remedy = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove it; the built-in policy `default` shows the fields".to_owned(),
        };
        problems.add(
            &key.span(),
            &shorten(path),
            format!("`{}` is no field of a policy", shorten(path)),
            remedy,
        );
        return;
    };
    match convert(known, value.get_ref()) {
        Ok(converted) => {
            statements.fields.insert(path.to_owned(), Statement { value: converted, span: value.span() });
        }
        Err(message) => {
            let remedy = format!("write {}; meaning: {}", known.form.in_words(), known.meaning);
            problems.add(&value.span(), path, message, remedy);
        }
    }
}

fn read_dispositions(rules: &DeTable<'_>, statements: &mut Statements, problems: &mut Problems<'_>) {
    for (key, value) in rules {
        let rule = key.get_ref().as_ref();
        let path = format!("lint.dispositions.{}", shorten(rule));
        if rule_ids().all(|known| known != rule) {
            let remedy = match nearest(rule, rule_ids()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`bastide rules` lists the rules".to_owned(),
            };
            problems.add(&key.span(), &path, format!("there is no lint rule `{}`", shorten(rule)), remedy);
            continue;
        }
        match value.get_ref().as_str() {
            Some(word) if DISPOSITIONS.contains(&word) => {
                let statement = Statement { value: Value::String(word.to_owned()), span: value.span() };
                statements.dispositions.insert(rule.to_owned(), statement);
            }
            _ => {
                let remedy = format!("write {}", Form::OneOf(DISPOSITIONS).in_words());
                problems.add(&value.span(), &path, "this is no disposition", remedy);
            }
        }
    }
}

fn read_sources(table: &DeTable<'_>, statements: &mut Statements, problems: &mut Problems<'_>) {
    for (key, value) in table {
        let path = key.get_ref().as_ref();
        let known = FIELDS.iter().map(|known| known.path);
        if !known.clone().any(|known| known == path) {
            let remedy = match nearest(path, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "name a field of a policy in quotes, such as \"deadlines.notice-days\"".to_owned(),
            };
            let field = format!("sources.{}", shorten(path));
            problems.add(&key.span(), &field, format!("`{}` is no field of a policy", shorten(path)), remedy);
            continue;
        }
        match value.get_ref().as_str() {
            Some(source) if is_line(source, 400) => {
                statements.sources.insert(path.to_owned(), source.to_owned());
            }
            _ => problems.add(
                &value.span(),
                &format!("sources.{path}"),
                "a source is one line of text",
                "name the document and section that the value comes from, in at most 400 characters",
            ),
        }
    }
}

/// The value in the form that the field asks for, or what is wrong with it.
fn convert(field: &Field, value: &DeValue<'_>) -> Result<Value, String> {
    let text = || value.as_str().ok_or_else(|| format!("this is {}, not text", kind(value)));
    match field.form {
        Form::Whole { least, most } => whole(value, least, most).map(Value::from),
        Form::FallingWholes { least, most } => {
            let items = list(value)?;
            let numbers: Vec<i64> =
                items.iter().map(|item| whole(item, least, most)).collect::<Result<_, _>>()?;
            if numbers.windows(2).any(|pair| pair[0] <= pair[1]) {
                return Err("the numbers do not fall".to_owned());
            }
            Ok(Value::from(numbers))
        }
        Form::Flag => value.as_bool().map(Value::Bool).ok_or_else(|| format!("this is {}", kind(value))),
        Form::OneOf(words) => {
            let word = text()?;
            if words.contains(&word) {
                return Ok(Value::from(word));
            }
            Err(match nearest(word, words.iter().copied()) {
                Some(meant) => format!("`{}` is unknown; did you mean `{meant}`?", shorten(word)),
                None => format!("`{}` is unknown", shorten(word)),
            })
        }
        Form::Line => {
            checked(text()?, |line| is_line(line, 200), "this is no single line of 1 to 200 characters")
        }
        Form::Name => checked(text()?, |name| name.parse::<Slug>().is_ok(), "this is no name"),
        Form::Address => checked(text()?, is_address, "this is no https address"),
        Form::Page => checked(text()?, is_page, "this is neither an https address nor one of this machine"),
        Form::Mail => checked(text()?, is_mail, "this is no mail address"),
        Form::Mails => texts(value, is_mail, "is no mail address"),
        Form::Languages => texts(value, is_language, "is no language tag"),
    }
}

fn whole(value: &DeValue<'_>, least: i64, most: i64) -> Result<i64, String> {
    let integer = value.as_integer().ok_or_else(|| format!("this is {}, not a whole number", kind(value)))?;
    let number = i64::from_str_radix(integer.as_str(), integer.radix())
        .map_err(|_| format!("{} is out of range", shorten(integer.as_str())))?;
    if (least..=most).contains(&number) { Ok(number) } else { Err(format!("{number} is out of range")) }
}

fn list<'v, 'i>(value: &'v DeValue<'i>) -> Result<Vec<&'v DeValue<'i>>, String> {
    let items = value.as_array().ok_or_else(|| format!("this is {}, not a list", kind(value)))?;
    if items.len() > 32 {
        return Err(format!("the list has {} items; at most 32 are read", items.len()));
    }
    Ok(items.iter().map(Spanned::get_ref).collect())
}

fn texts(value: &DeValue<'_>, good: fn(&str) -> bool, complaint: &str) -> Result<Value, String> {
    let mut out = Vec::new();
    for item in list(value)? {
        let text = item.as_str().ok_or_else(|| format!("the list holds {}, not text", kind(item)))?;
        if !good(text) {
            return Err(format!("`{}` {complaint}", shorten(text)));
        }
        out.push(text);
    }
    if out.is_empty() { Err("the list is empty".to_owned()) } else { Ok(Value::from(out)) }
}

fn checked(text: &str, good: impl Fn(&str) -> bool, complaint: &str) -> Result<Value, String> {
    if good(text) { Ok(Value::from(text)) } else { Err(complaint.to_owned()) }
}

/// The kind of a TOML value, with its article.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a broken number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// One line of 1 to `most` characters without control characters; a line break in a contact would let a policy add
/// lines to security.txt.
fn is_line(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    !rest.is_empty() && !rest.starts_with('/') && is_plain(text)
}

/// An https address, or one that never leaves the machine: a desk that is tried out has no certificate.
fn is_page(text: &str) -> bool {
    let rest = text.strip_prefix("http://").unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    let (name, port) = match host.strip_prefix("[::1]") {
        Some(port) => ("localhost", port),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok() && !port.starts_with('+'));
    let here = matches!(name, "localhost" | "127.0.0.1") && port && is_plain(text);
    here || is_address(text)
}

fn is_plain(text: &str) -> bool {
    let plain =
        |character: char| character.is_ascii_graphic() && !matches!(character, '"' | '<' | '>' | '\\');
    text.len() <= 500 && text.chars().all(plain)
}

fn is_mail(text: &str) -> bool {
    let plain = |character: char| character.is_ascii_graphic() && !"<>()[],;:\\\"?&".contains(character);
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    !local.is_empty()
        && domain.contains('.')
        && labels
        && !domain.contains('@')
        && text.len() <= 254
        && text.chars().all(plain)
}

fn is_language(text: &str) -> bool {
    let part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 35
        && text.split('-').all(part)
        && text.split('-').next().is_some_and(|first| first.len() >= 2)
}

/// A piece of input that is short enough for a message, without control characters.
fn shorten(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect()
}
