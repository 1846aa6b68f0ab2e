//! What a CVE record carries of a record, as a record.

use serde_json::Map;

use super::{MAX_MEDIA, MAX_TITLE, MAX_URL, MAX_VERSION, UNKNOWN_KEY, cut, versions};
use crate::{
    Advisory,
    csaf::canonical_purl,
    osv::is_uri,
    record::{
        Affected, AffectedPackage, Assessment, Consent, Credit, Event, EventKind, Range, RangeKind, Reference,
    },
};

/// The record reduced to what a CVE record carries of it; see [`super::FIELDS`].
pub fn carried(advisory: &Advisory) -> Advisory {
    let mut kept = Advisory::draft(advisory.id.clone(), advisory.modified);
    kept.version = advisory.version;
    kept.published = advisory.published;
    kept.withdrawn = advisory.withdrawn;
    kept.withdrawal_reason.clone_from(&advisory.withdrawal_reason);
    kept.revisions.clone_from(&advisory.revisions);
    kept.aliases.clone_from(&advisory.aliases);
    let headline = advisory.headline();
    // The schema wants at least one character.
    kept.title = Some(cut(if headline.is_empty() { &advisory.id } else { &headline }, MAX_TITLE));
    kept.summary.clone_from(&advisory.summary);
    let texts = [advisory.details.as_deref(), advisory.summary.as_deref(), kept.title.as_deref()];
    kept.details = texts.into_iter().flatten().find(|text| !text.is_empty()).map(|text| cut(text, MAX_MEDIA));
    kept.workaround =
        advisory.workaround.as_deref().filter(|text| !text.is_empty()).map(|text| cut(text, MAX_MEDIA));
    kept.affected = advisory.affected.iter().map(affected).collect();
    kept.severities =
        once(advisory.severities.iter().filter(|one| matches!(one, Assessment::Cvss { .. })).cloned());
    kept.cwe_ids = once(advisory.cwe_ids.iter().filter(|id| is_short_cwe(id)).cloned());
    let mut addresses: Vec<&str> = Vec::new();
    for reference in &advisory.references {
        let good = is_uri(&reference.url) && reference.url.chars().count() <= MAX_URL;
        if good && !addresses.contains(&reference.url.as_str()) {
            addresses.push(&reference.url);
            kept.references.push(Reference { unknown: Map::new(), ..reference.clone() });
        }
    }
    let shown = advisory.credits.iter().filter(|credit| {
        credit.consent == Consent::Given && !credit.name.is_empty() && credit.name.chars().count() <= 4096
    });
    kept.credits =
        once(shown.map(|credit| Credit { contact: Vec::new(), unknown: Map::new(), ..credit.clone() }));
    let said =
        advisory.timeline.iter().filter(|event| !event.text.is_empty() && event.text.chars().count() <= 4096);
    kept.timeline = once(said.cloned());
    if let Some(fields) = advisory.unknown.get(UNKNOWN_KEY).filter(|value| value.is_object()) {
        kept.unknown.insert(UNKNOWN_KEY.to_owned(), fields.clone());
    }
    kept
}

/// Each value once, in order: the schema's lists hold nothing twice.
fn once<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

/// The schema's form of a CWE id: `CWE-` and one to five digits, no leading zero.
fn is_short_cwe(id: &str) -> bool {
    id.strip_prefix("CWE-").is_some_and(|digits| {
        (1..=5).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn fits(version: &str) -> bool {
    !version.is_empty() && version.chars().count() <= MAX_VERSION
}

/// An entry with one range per kind, in the order commits, `SemVer`, ecosystem.
fn affected(entry: &Affected) -> Affected {
    let ecosystem = entry.package.as_ref().map_or("", |package| &package.ecosystem);
    let repo = entry.ranges.iter().find_map(|range| range.repo.clone().filter(|repo| is_uri(repo)));
    let mut ranges: Vec<Range> = Vec::new();
    for kind in [RangeKind::Git, RangeKind::Semver, RangeKind::Ecosystem] {
        let of_kind = entry.ranges.iter().filter(|range| {
            versions::kind_of(versions::type_name(range.kind, ecosystem)) == kind
                && (kind != RangeKind::Git || range.repo == repo)
        });
        let events: Vec<Event> =
            of_kind.flat_map(|range| said_events(&range.events, kind, ecosystem)).collect();
        if !events.is_empty() {
            let repo = repo.clone().filter(|_| kind == RangeKind::Git);
            ranges.push(Range { kind, repo, ..Range::ecosystem(events) });
        }
    }
    let listed = if ranges.is_empty() {
        once(entry.versions.iter().filter(|text| fits(text)).cloned())
    } else {
        Vec::new()
    };
    Affected {
        package: entry.package.as_ref().map(|package| AffectedPackage {
            purl: canonical_purl(entry),
            unknown: Map::new(),
            ..package.clone()
        }),
        ranges,
        versions: listed,
        ..Affected::default()
    }
}

/// What is left of events after they were written as version entries and read back: the same, but a limit is an end.
fn said_events(events: &[Event], kind: RangeKind, ecosystem: &str) -> Vec<Event> {
    let fitting: Vec<Event> = events.iter().filter(|event| fits(&event.version)).cloned().collect();
    let range = Range { kind, ..Range::ecosystem(fitting) };
    let entries = versions::write(&range, versions::type_name(kind, ecosystem));
    let read: Vec<_> =
        entries.iter().filter_map(super::reader::version_entry).map(|(_, entry)| entry).collect();
    let mut said = versions::events_of(&read);
    said.retain(|event| (event.kind, event.version.as_str()) != (EventKind::Fixed, "*"));
    said
}
