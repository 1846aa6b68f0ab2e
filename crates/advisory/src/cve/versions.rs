//! Ranges as the `versions` of a CVE product, and back.
//!
//! Each `introduced` with the end that follows is one entry with `lessThan` or `lessThanOrEqual`; one without an end is less
//! than `*`; an end that follows another end (a fix on a second branch) is a single unaffected version.

use serde_json::{Value, json};

use crate::record::{Event, EventKind, Range, RangeKind};

/// One version entry: its version, its end, whether it is affected.
pub(super) type Entry = (String, Option<(EventKind, String)>, bool);

/// The entries of one range.
pub(super) fn write(range: &Range, version_type: &str) -> Vec<Value> {
    let mut out = Vec::new();
    let mut open: Option<&str> = None;
    let entry = |start: &str, key: &str, end: &str| json!({"version": start, "status": "affected", key: end, "versionType": version_type});
    for event in &range.events {
        match (event.kind, open) {
            (EventKind::Introduced, _) => {
                out.extend(open.map(|start| entry(start, "lessThan", "*")));
                open = Some(&event.version);
            }
            (EventKind::LastAffected, Some(start)) => {
                out.push(entry(start, "lessThanOrEqual", &event.version));
                open = None;
            }
            (EventKind::Fixed | EventKind::Limit, Some(start)) => {
                out.push(entry(start, "lessThan", &event.version));
                open = None;
            }
            (_, None) => {
                out.push(
                    json!({"version": event.version, "status": "unaffected", "versionType": version_type}),
                );
            }
        }
    }
    out.extend(open.map(|start| entry(start, "lessThan", "*")));
    let mut once: Vec<Value> = Vec::new();
    for value in out {
        if !once.contains(&value) {
            once.push(value);
        }
    }
    once
}

/// The events of entries of one kind, in their order: pairs of affected version and end, or unaffected versions.
pub(super) fn events_of(entries: &[Entry]) -> Vec<Event> {
    let mut events = Vec::new();
    for (version, end, is_affected) in entries {
        if *is_affected {
            events.push(Event::new(EventKind::Introduced, version.clone()));
            if let Some((kind, end)) = end.as_ref().filter(|(_, end)| end != "*") {
                events.push(Event::new(*kind, end.clone()));
            }
        } else {
            events.push(Event::new(EventKind::Fixed, version.clone()));
        }
    }
    events
}

/// The name of a version scheme in CVE records.
pub(super) fn type_name(kind: RangeKind, ecosystem: &str) -> &'static str {
    match (kind, ecosystem) {
        (RangeKind::Git, _) => "git",
        (RangeKind::Semver, _) | (RangeKind::Ecosystem, "npm") => "semver",
        (RangeKind::Ecosystem, "PyPI") => "python",
        (RangeKind::Ecosystem, _) => "custom",
    }
}

/// The kind of range that a version scheme's name means.
pub(super) fn kind_of(type_name: &str) -> RangeKind {
    match type_name {
        "git" => RangeKind::Git,
        "semver" => RangeKind::Semver,
        _ => RangeKind::Ecosystem,
    }
}
