//! One way to write a JSON value, so that equal values have equal bytes.
//!
//! The encoding: UTF-8, no white space, object keys sorted by their UTF-8 bytes, strings escaped as `serde_json`
//! does (only what JSON demands), numbers are 64-bit integers in decimal. Fractions are refused: their shortest
//! form differs between programs; write `"7.5"` or a scaled integer.

use serde_json::Value;

use crate::LedgerError;

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 32;

/// A JSON value in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalJson(String);

impl CanonicalJson {
    /// The canonical form of a value.
    pub fn of(value: &Value) -> Result<Self, LedgerError> {
        let mut text = String::new();
        write(value, &mut text, &mut String::new(), 0)?;
        Ok(Self(text))
    }

    /// Reads a text that must already be canonical.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let malformed = |reason: String| LedgerError::malformed("canonical JSON", "its text", reason);
        let value: Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        let canonical = Self::of(&value)?;
        if canonical.0 == text { Ok(canonical) } else { Err(malformed("not in canonical form".to_owned())) }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value that the text writes.
    #[allow(clippy::missing_panics_doc, reason = "cannot panic: the text was written from a value")]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).expect("the text was written from a value of bounded depth")
    }
}

/// A string as JSON writes it, with its quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always valid JSON")
}

fn write(value: &Value, out: &mut String, place: &mut String, depth: usize) -> Result<(), LedgerError> {
    let refuse = |place: &str, reason| Err(LedgerError::Uncanonical { place: place.to_owned(), reason });
    if depth > MAX_DEPTH {
        return refuse(place, "arrays and objects nest deeper than 32");
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) if number.is_i64() || number.is_u64() => out.push_str(&number.to_string()),
        Value::Number(_) => {
            return refuse(place, "a number must be a 64-bit integer; write fractions as text");
        }
        Value::String(text) => out.push_str(&quoted(text)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                within(place, &index.to_string(), |place| write(item, out, place, depth + 1))?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| key.as_bytes());
            out.push('{');
            for (index, (key, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(key));
                out.push(':');
                within(place, key, |place| write(member, out, place, depth + 1))?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Runs `inner` with `step` appended to the place, for its errors.
fn within<T>(place: &mut String, step: &str, inner: impl FnOnce(&mut String) -> T) -> T {
    let length = place.len();
    place.push('/');
    place.push_str(step);
    let result = inner(place);
    place.truncate(length);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_at_every_depth_and_no_space_is_left() {
        let value = json!({"b": [1, {"z": null, "a": true}], "a": "é\n\u{1}", "B": -5, "": u64::MAX});
        assert_eq!(
            CanonicalJson::of(&value).unwrap().as_str(),
            r#"{"":18446744073709551615,"B":-5,"a":"é\n\u0001","b":[1,{"a":true,"z":null}]}"#
        );
    }

    #[test]
    fn a_fraction_is_refused_with_its_place() {
        let refused = CanonicalJson::of(&json!({"score": [1, 7.5]})).unwrap_err();
        assert!(matches!(refused, LedgerError::Uncanonical { place, .. } if place == "/score/1"));
    }

    #[test]
    fn a_text_that_is_not_canonical_is_refused() {
        assert!(CanonicalJson::parse(r#"{"a":1}"#).is_ok());
        for text in [r#"{"a": 1}"#, r#"{"b":1,"a":2}"#, r#"{"a":1,"a":1}"#, r#""\u0041""#, "1e3", "-0", "[1"]
        {
            assert!(CanonicalJson::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(CanonicalJson::parse(&deep).is_err());
    }
}
