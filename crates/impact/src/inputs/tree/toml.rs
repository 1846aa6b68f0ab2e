//! TOML 1.0; its parser knows the place of every value and refuses keys that stand twice and nesting that is too deep.

use toml::de::{DeTable, DeValue};
use toml_parser::{Source, lexer::TokenKind};

use super::{Count, Lines, MAX_DEPTH, MAX_VALUES, Node, Value};

pub(super) fn parse(text: &str) -> Result<Node, String> {
    let lines = Lines::of(text);
    bounded(text).map_err(|(reason, at)| format!("{reason} (line {})", lines.line(at)))?;
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| lines.line(span.start));
        format!("{} (line {line})", error.message())
    })?;
    let mut count = Count(0);
    let root = entries(table.get_ref(), &lines, &mut count, 0)?;
    Ok(Node { line: 1, value: root })
}

/// Refuses what the parser would not: a key of too many parts, because its tree is as deep as the key, and too many values,
/// because they are all there before anybody can count them.
fn bounded(text: &str) -> Result<(), (String, usize)> {
    use TokenKind::{
        Comma, Dot, Equals, LeftCurlyBracket, LeftSquareBracket, Newline, RightCurlyBracket,
        RightSquareBracket,
    };
    let (mut dots, mut values) = (0, 0);
    for token in Source::new(text).lex() {
        match token.kind() {
            Dot => dots += 1,
            Comma | Equals | LeftCurlyBracket | LeftSquareBracket => {
                dots = 0;
                values += 1;
            }
            Newline | RightCurlyBracket | RightSquareBracket => dots = 0,
            _ => {}
        }
        if dots > MAX_DEPTH {
            return Err((format!("a key has more than {MAX_DEPTH} parts"), token.span().start()));
        }
        // A value has a comma, an equals sign or a bracket before it, some have two.
        if values > 2 * MAX_VALUES {
            return Err((
                format!("it holds more than {MAX_VALUES} values, the most that is read"),
                token.span().start(),
            ));
        }
    }
    Ok(())
}

fn entries(table: &DeTable<'_>, lines: &Lines<'_>, count: &mut Count, depth: usize) -> Result<Value, String> {
    let mut all = Vec::with_capacity(table.len());
    for (key, value) in table {
        // Of a table under a heading only the heading knows the line; of a value its own place is the better one.
        let at = match value.get_ref() {
            DeValue::Table(_) => key.span().start,
            _ => value.span().start,
        };
        all.push((
            key.get_ref().clone().into_owned(),
            node(value.get_ref(), lines.line(at), lines, count, depth + 1)?,
        ));
    }
    Ok(Value::Table(all))
}

fn node(
    value: &DeValue<'_>,
    line: u32,
    lines: &Lines<'_>,
    count: &mut Count,
    depth: usize,
) -> Result<Node, String> {
    count.one_more(depth)?;
    let value = match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Other, Value::Integer)
        }
        DeValue::Boolean(value) => Value::Bool(*value),
        // A date is compared as text or read by whoever wants one.
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Float(_) => Value::Other,
        DeValue::Table(table) => entries(table, lines, count, depth)?,
        DeValue::Array(items) => {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                all.push(node(item.get_ref(), lines.line(item.span().start), lines, count, depth + 1)?);
            }
            Value::List(all)
        }
    };
    Ok(Node { line, value })
}
