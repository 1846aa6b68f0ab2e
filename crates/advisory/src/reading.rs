//! Reading documents safely: bounded bytes, depth and count, then a cursor that knows where it is.
//!
//! A document becomes a tree of JSON values first; a key that stands twice in an object is refused, because two readers
//! would choose differently. The readers of the formats then walk it with a [`Node`], whose errors name file and field.

use std::fmt;

use bastide_model::time::Instant;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::{AdvisoryError, ErrorKind, record::Extra};

/// The largest document that is read, in bytes. The largest public records have some hundred kilobytes.
pub const MAX_DOCUMENT_BYTES: usize = 4 * 1024 * 1024;
/// The deepest nesting that is read; OSV needs 8, CSAF 20.
pub const MAX_DEPTH: usize = 64;
/// The most values (texts, numbers, lists, objects) in one document.
pub const MAX_ITEMS: usize = 200_000;
/// The longest part of a bad value that an error repeats, in characters.
const SHOWN_CHARS: usize = 80;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML 1.2.
    Yaml,
}

/// The tree of a document, within bounds.
pub(crate) fn parse(bytes: &[u8], format: Format, document: &str) -> Result<Value, AdvisoryError> {
    let refuse = |kind, reason: String| AdvisoryError {
        kind,
        document: document.to_owned(),
        field: String::new(),
        reason,
    };
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let reason = format!("it has {} bytes; at most {MAX_DOCUMENT_BYTES} are read", bytes.len());
        return Err(refuse(ErrorKind::TooLarge, reason));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refuse(ErrorKind::Syntax, format!("it is not UTF-8 from byte {} on", error.valid_up_to()))
    })?;
    let mut count = 0;
    let value = match format {
        Format::Json => {
            let mut reader = serde_json::Deserializer::from_str(text);
            let value = Bounded { depth: 0, count: &mut count }.deserialize(&mut reader);
            value.and_then(|value| reader.end().map(|()| value)).map_err(|error| error.to_string())
        }
        Format::Yaml => serde_saphyr::with_deserializer_from_str(text, |reader| {
            Bounded { depth: 0, count: &mut count }.deserialize(reader)
        })
        .map_err(|error| error.to_string().lines().next().unwrap_or("it is not YAML").to_owned()),
    };
    value.map_err(|reason| {
        let kind = if reason.contains(BOUND) { ErrorKind::TooLarge } else { ErrorKind::Syntax };
        refuse(kind, reason)
    })
}

/// Marks the errors of a bound among a parser's other errors.
const BOUND: &str = "more than is read";

/// Reads any value, counting.
struct Bounded<'count> {
    depth: usize,
    count: &'count mut usize,
}

impl Bounded<'_> {
    fn inner(&mut self) -> Bounded<'_> {
        Bounded { depth: self.depth + 1, count: self.count }
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        *self.count += 1;
        if *self.count > MAX_ITEMS {
            return Err(de::Error::custom(format!("more than {MAX_ITEMS} values, {BOUND}")));
        }
        if self.depth > MAX_DEPTH {
            return Err(de::Error::custom(format!("more than {MAX_DEPTH} levels deep, {BOUND}")));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.inner())? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self.inner())?;
            if object.contains_key(&key) {
                return Err(de::Error::custom(format!(
                    "the key `{}` stands twice in one object",
                    shown(&key)
                )));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// A short form of a value for an error.
pub(crate) fn shown(text: &str) -> String {
    let mut cut: String =
        text.chars().take(SHOWN_CHARS).filter(|character| !character.is_control()).collect();
    if text.chars().count() > SHOWN_CHARS {
        cut.push('…');
    }
    cut
}

/// A value in a document, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node<'tree> {
    value: &'tree Value,
    path: String,
    document: &'tree str,
}

impl<'tree> Node<'tree> {
    /// The whole document.
    pub(crate) fn root(value: &'tree Value, document: &'tree str) -> Self {
        Self { value, path: String::new(), document }
    }

    pub(crate) fn value(&self) -> &'tree Value {
        self.value
    }

    /// An error about this value.
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> AdvisoryError {
        self.error(ErrorKind::Invalid, self.path.clone(), reason.into())
    }

    fn error(&self, kind: ErrorKind, field: String, reason: String) -> AdvisoryError {
        AdvisoryError { kind, document: self.document.to_owned(), field, reason }
    }

    fn place_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(crate) fn object(&self) -> Result<&'tree Map<String, Value>, AdvisoryError> {
        self.value.as_object().ok_or_else(|| self.wrong("an object"))
    }

    /// The field of an object; nothing where it is absent or null.
    pub(crate) fn get(&self, key: &str) -> Result<Option<Self>, AdvisoryError> {
        let found = self.object()?.get(key).filter(|value| !value.is_null());
        Ok(found.map(|value| Self { value, path: self.place_of(key), document: self.document }))
    }

    /// The field of an object, which must be there.
    pub(crate) fn need(&self, key: &str) -> Result<Self, AdvisoryError> {
        self.get(key)?.ok_or_else(|| {
            self.error(
                ErrorKind::Missing,
                self.place_of(key),
                "is missing, and the format requires it".to_owned(),
            )
        })
    }

    pub(crate) fn list(&self) -> Result<Vec<Self>, AdvisoryError> {
        let values = self.value.as_array().ok_or_else(|| self.wrong("a list"))?;
        let item =
            |(index, value)| Self { value, path: format!("{}[{index}]", self.path), document: self.document };
        Ok(values.iter().enumerate().map(item).collect())
    }

    /// The items of a list field; none where it is absent or null.
    pub(crate) fn items(&self, key: &str) -> Result<Vec<Self>, AdvisoryError> {
        self.get(key)?.map_or_else(|| Ok(Vec::new()), |node| node.list())
    }

    pub(crate) fn text(&self) -> Result<&'tree str, AdvisoryError> {
        self.value.as_str().ok_or_else(|| self.wrong("a text"))
    }

    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, AdvisoryError> {
        self.items(key)?.iter().map(|item| item.text().map(str::to_owned)).collect()
    }

    pub(crate) fn text_of(&self, key: &str) -> Result<Option<String>, AdvisoryError> {
        self.get(key)?.map(|node| node.text().map(str::to_owned)).transpose()
    }

    pub(crate) fn instant(&self) -> Result<Instant, AdvisoryError> {
        let text = self.text()?;
        text.parse().map_err(|error: bastide_model::time::InstantError| self.refuse(error.to_string()))
    }

    pub(crate) fn instant_of(&self, key: &str) -> Result<Option<Instant>, AdvisoryError> {
        self.get(key)?.map(|node| node.instant()).transpose()
    }

    /// A field that is an object, as it is.
    pub(crate) fn extra(&self, key: &str) -> Result<Extra, AdvisoryError> {
        self.get(key)?.map_or_else(|| Ok(Map::new()), |node| node.object().cloned())
    }

    /// The fields of an object besides the known ones.
    pub(crate) fn unknown(&self, known: &[&str]) -> Result<Extra, AdvisoryError> {
        let besides = self.object()?.iter().filter(|(key, _)| !known.contains(&key.as_str()));
        Ok(besides.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// A part of this value read by serde, where the shape is ours.
    pub(crate) fn typed<T: de::DeserializeOwned>(&self) -> Result<T, AdvisoryError> {
        serde_json::from_value(self.value.clone()).map_err(|error| self.refuse(error.to_string()))
    }

    fn wrong(&self, wanted: &str) -> AdvisoryError {
        let is = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number; quote it if it is a version",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.refuse(format!("must be {wanted}, not {is}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str, format: Format) -> AdvisoryError {
        parse(text.as_bytes(), format, "example").unwrap_err()
    }

    #[test]
    fn bounds_hold_for_json_and_yaml() {
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        let long = format!("[{}1]", "1,".repeat(MAX_ITEMS));
        let large = " ".repeat(MAX_DOCUMENT_BYTES + 1);
        for format in [Format::Json, Format::Yaml] {
            for text in [&deep, &long, &large] {
                let error = refusal(text, format);
                assert!(matches!(error.kind, ErrorKind::TooLarge | ErrorKind::Syntax), "{format:?}: {error}");
                assert!(error.to_string().len() < 400, "{error}");
            }
        }
        assert_eq!(refusal(&deep, Format::Json).kind, ErrorKind::TooLarge);
        assert_eq!(refusal(&long, Format::Json).kind, ErrorKind::TooLarge);
    }

    #[test]
    fn a_key_that_stands_twice_and_a_second_document_are_refused() {
        for format in [Format::Json, Format::Yaml] {
            let error = refusal(r#"{"id": "a", "id": "b"}"#, format).to_string();
            assert!(error.to_lowercase().contains("id") && error.starts_with("example: "), "{error}");
        }
        assert_eq!(refusal("{} {}", Format::Json).kind, ErrorKind::Syntax);
        assert_eq!(refusal("a: 1\n---\nb: 2\n", Format::Yaml).kind, ErrorKind::Syntax);
        let error = parse(b"{\"id\": \"\xff\"}", Format::Json, "example").unwrap_err();
        assert!(error.reason.contains("UTF-8 from byte 8"), "{error}");
    }

    /// An alias bomb: nine levels of ten references each.
    #[test]
    fn a_yaml_alias_bomb_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let names = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb += &["a", &level.to_string(), ": &a", &level.to_string(), " [", &names, "]\n"].concat();
        }
        parse(bomb.as_bytes(), Format::Yaml, "bomb").unwrap_err();
    }

    #[test]
    fn a_yaml_instant_and_version_stay_texts() {
        let value =
            parse(b"modified: 2023-07-24T14:58:05.562874Z\nversions: ['1.10']\n", Format::Yaml, "x").unwrap();
        assert_eq!(value["modified"], "2023-07-24T14:58:05.562874Z");
        assert_eq!(value["versions"][0], "1.10");
    }
}
