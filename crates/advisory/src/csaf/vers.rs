//! Ranges as `vers:` texts, the way CSAF names a product version range.
//!
//! `vers:pypi/>=4.0.0|<4.2.5`: introduced, fixed and last-affected events in their order, each version percent-encoded.

use crate::record::{Event, EventKind, Range, RangeKind};

/// The range as a `vers:` text of this scheme (`pypi`, `npm`, …). A `limit` is said as an end.
pub(super) fn write(range: &Range, scheme: &str) -> String {
    let scheme = match range.kind {
        RangeKind::Git => "git",
        RangeKind::Semver => "semver",
        RangeKind::Ecosystem => scheme,
    };
    let constraints: Vec<String> = normalised(&range.events)
        .iter()
        .map(|event| {
            let operator = match event.kind {
                EventKind::Introduced => ">=",
                EventKind::Fixed | EventKind::Limit => "<",
                EventKind::LastAffected => "<=",
            };
            format!("{operator}{}", encode(&event.version))
        })
        .collect();
    format!("vers:{scheme}/{}", constraints.join("|"))
}

/// The events that a `vers:` text can say: a limit ends the range like a fix, and no limit is no event.
pub(super) fn normalised(events: &[Event]) -> Vec<Event> {
    let kept = events.iter().filter(|event| (event.kind, event.version.as_str()) != (EventKind::Limit, "*"));
    kept.map(|event| match event.kind {
        EventKind::Limit => Event::new(EventKind::Fixed, event.version.clone()),
        kind => Event::new(kind, event.version.clone()),
    })
    .collect()
}

/// Reads what [`write`] wrote, and `vers:` texts of others with the same operators. Nothing for other texts.
pub(super) fn read(text: &str) -> Option<(RangeKind, Vec<Event>)> {
    let (scheme, constraints) = text.strip_prefix("vers:")?.split_once('/')?;
    let kind = match scheme {
        "git" => RangeKind::Git,
        "semver" => RangeKind::Semver,
        _ => RangeKind::Ecosystem,
    };
    let mut events = Vec::new();
    for constraint in constraints.split('|').filter(|constraint| !constraint.is_empty()) {
        let (event, version) = if constraint == "*" {
            (EventKind::Introduced, "0")
        } else if let Some(version) = constraint.strip_prefix(">=") {
            (EventKind::Introduced, version)
        } else if let Some(version) = constraint.strip_prefix("<=") {
            (EventKind::LastAffected, version)
        } else if let Some(version) = constraint.strip_prefix('<') {
            (EventKind::Fixed, version)
        } else {
            return None;
        };
        if events.is_empty() && event != EventKind::Introduced {
            events.push(Event::new(EventKind::Introduced, "0"));
        }
        events.push(Event::new(event, decode(version)?));
    }
    Some((kind, events))
}

/// Percent-encodes everything but letters, digits and the signs that versions are made of.
pub(super) fn encode(version: &str) -> String {
    let mut out = String::with_capacity(version.len());
    for byte in version.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]);
        }
    }
    out
}

fn hex_digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_reads_back_from_its_text() {
        use EventKind::{Fixed, Introduced, LastAffected};
        let events = vec![
            Event::new(Introduced, "0"),
            Event::new(Fixed, "1!3.6.8+local|x"),
            Event::new(Introduced, "4"),
            Event::new(LastAffected, "ü"),
        ];
        let text = write(&Range::ecosystem(events.clone()), "pypi");
        assert_eq!(text, "vers:pypi/>=0|<1%213.6.8%2Blocal%7Cx|>=4|<=%C3%BC");
        assert_eq!(read(&text), Some((RangeKind::Ecosystem, events)));
        assert_eq!(read("vers:npm/<2").unwrap().1[0], Event::new(Introduced, "0"));
        assert_eq!((read("before 2.0"), read("vers:pypi/~=2"), read("vers:pypi/<%zz")), (None, None, None));
    }
}
