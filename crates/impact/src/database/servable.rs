//! A record in the form in which it is stored and served: nothing of it is lost, and no client stumbles over it.
//!
//! Clients made from osv.dev's protocol buffers (osv-scanner) refuse a field that they do not know, wherever it stands, and take
//! the whole answer down with it. So fields that the schema does not have move to the nearest `database_specific`, under
//! `bastide.unknown`, with the path at which they stood. At the top level [`bastide_advisory::osv::render`] does that already.

use bastide_advisory::{Advisory, record::Extra};
use serde_json::{Map, Value};

/// The record with each unknown field moved to where any field is allowed.
pub fn servable(advisory: &Advisory) -> Advisory {
    let mut record = advisory.clone();
    let mut top: Extra = Map::new();
    for (index, affected) in record.affected.iter_mut().enumerate() {
        let mut moved: Extra = Map::new();
        collect(&mut moved, "", &mut affected.unknown);
        if let Some(package) = &mut affected.package {
            collect(&mut moved, "package.", &mut package.unknown);
        }
        for (number, range) in affected.ranges.iter_mut().enumerate() {
            collect(&mut moved, &format!("ranges[{number}]."), &mut range.unknown);
            for (place, event) in range.events.iter_mut().enumerate() {
                collect(&mut moved, &format!("ranges[{number}].events[{place}]."), &mut event.unknown);
            }
        }
        if !moved.is_empty() {
            put(&mut affected.database_specific, moved, &mut top, &format!("affected[{index}]."));
        }
    }
    for (index, reference) in record.references.iter_mut().enumerate() {
        collect(&mut top, &format!("references[{index}]."), &mut reference.unknown);
    }
    for (index, credit) in record.credits.iter_mut().enumerate() {
        collect(&mut top, &format!("credits[{index}]."), &mut credit.unknown);
    }
    record.unknown.extend(top);
    record
}

fn collect(into: &mut Extra, place: &str, unknown: &mut Extra) {
    for (key, value) in std::mem::take(unknown) {
        into.insert(format!("{place}{key}"), value);
    }
}

/// Puts moved fields under `bastide.unknown`, or where that name is taken by something else, at the record's top.
fn put(database_specific: &mut Extra, moved: Extra, top: &mut Extra, place: &str) {
    let ours = database_specific.entry("bastide").or_insert_with(|| Value::Object(Map::new()));
    match ours.as_object_mut() {
        Some(ours) if !ours.contains_key("unknown") => {
            ours.insert("unknown".to_owned(), Value::Object(moved));
        }
        _ => top.extend(moved.into_iter().map(|(key, value)| (format!("{place}{key}"), value))),
    }
}
