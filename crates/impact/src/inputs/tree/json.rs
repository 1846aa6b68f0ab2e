//! JSON: the first levels are cut out of the text, so that their place in it is known; below them values are read as they are.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Count, Lines, Node, Value, twice};

/// Levels whose values know their own line. Each costs one more look at the text.
const LOCATED_LEVELS: usize = 3;

pub(super) fn parse(text: &str) -> Result<Node, String> {
    let lines = Lines::of(text);
    let mut count = Count(0);
    let mut place = Place { text, lines: &lines, count: &mut count, depth: 0, base: 0, line: 1 };
    place.read(text)
}

/// Where in the document values are read.
struct Place<'a> {
    text: &'a str,
    lines: &'a Lines<'a>,
    count: &'a mut Count,
    depth: usize,
    /// The byte of the document at which the text that is being read begins.
    base: usize,
    /// The line of the value that is being read.
    line: u32,
}

impl Place<'_> {
    /// Reads the text of one whole value.
    fn read(&mut self, text: &str) -> Result<Node, String> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let before = self.base;
        let read = Place { count: &mut *self.count, ..*self }.deserialize(&mut reader);
        let node = read.and_then(|node| reader.end().map(|()| node)).map_err(|error| {
            let line = self.lines.line(before) as usize + error.line().max(1) - 1;
            let said = error.to_string();
            let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
            // An inner value has said its own line already.
            if said.contains("(line ") { said.to_owned() } else { format!("{said} (line {line})") }
        })?;
        Ok(node)
    }

    /// Reads a value that was cut out of the text.
    fn inner<E: de::Error>(&mut self, raw: &RawValue) -> Result<Node, E> {
        let cut = raw.get();
        let base = (cut.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let line = self.lines.line(base);
        let mut place = Place { depth: self.depth + 1, base, line, count: &mut *self.count, ..*self };
        place.read(cut).map_err(de::Error::custom)
    }

    fn located(&self) -> bool {
        self.depth < LOCATED_LEVELS
    }

    fn below(&mut self) -> Place<'_> {
        Place { depth: self.depth + 1, count: &mut *self.count, ..*self }
    }

    #[expect(clippy::unnecessary_wraps, reason = "every visitor answers with a result")]
    const fn node<E>(&self, value: Value) -> Result<Node, E> {
        Ok(Node { line: self.line, value })
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Node, D::Error> {
        self.count.one_more(self.depth).map_err(de::Error::custom)?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Node;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        self.node(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        self.node(Value::Integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        self.node(i64::try_from(value).map_or(Value::Other, Value::Integer))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        self.node(Value::Other)
    }
    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        self.node(Value::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        self.node(Value::Text(value))
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        self.node(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        if self.located() {
            while let Some(raw) = list.next_element::<&RawValue>()? {
                items.push(self.inner(raw)?);
            }
        } else {
            while let Some(item) = list.next_element_seed(self.below())? {
                items.push(item);
            }
        }
        self.node(Value::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Node, A::Error> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let node = if self.located() {
                let raw = map.next_value::<&RawValue>()?;
                self.inner(raw)?
            } else {
                map.next_value_seed(self.below())?
            };
            entries.push((key, node));
        }
        if let Some(key) = twice(&entries) {
            let key: String = key.chars().filter(|sign| !sign.is_control()).take(60).collect();
            return Err(de::Error::custom(format!("the key `{key}` stands twice in one object")));
        }
        self.node(Value::Table(entries))
    }
}
