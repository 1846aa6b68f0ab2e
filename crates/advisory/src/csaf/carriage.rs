//! What CSAF carries of a record, as a record.

use serde_json::Map;

use super::{UNKNOWN_KEY, carried_assessments, filled, one_line, product_tree::canonical_purl, vers};
use crate::{
    Advisory,
    osv::is_uri,
    record::{Affected, AffectedPackage, Consent, Range, Reference, TimelineEvent},
};

/// The record reduced to what CSAF carries of it; see [`super::FIELDS`].
pub fn carried(advisory: &Advisory) -> Advisory {
    let mut kept = Advisory::draft(advisory.id.clone(), advisory.modified);
    kept.version = advisory.version;
    kept.published = Some(advisory.published.unwrap_or(advisory.modified));
    kept.withdrawn = advisory.withdrawn;
    kept.withdrawal_reason = filled(advisory.withdrawal_reason.as_ref())
        .filter(|_| advisory.withdrawn.is_some())
        .map(|text| one_line(text))
        .filter(|text| !text.is_empty());
    kept.revisions = if advisory.version == 0 { Vec::new() } else { advisory.history() };
    for alias in advisory.aliases.iter().filter(|alias| !alias.is_empty()) {
        if !kept.aliases.contains(alias) {
            kept.aliases.push(alias.clone());
        }
    }
    kept.title = Some(advisory.headline());
    kept.summary = filled(advisory.summary.as_ref()).cloned();
    kept.details = Some(details(advisory));
    kept.workaround = filled(advisory.workaround.as_ref()).cloned();
    kept.affected = advisory.affected.iter().map(affected).collect();
    kept.severities = carried_assessments(&advisory.severities);
    kept.cwe_ids =
        advisory.cwe_ids.iter().find(|id| crate::cwe::name(id).is_some()).cloned().into_iter().collect();
    kept.references = advisory
        .references
        .iter()
        .filter(|reference| is_uri(&reference.url))
        .map(|reference| Reference { unknown: Map::new(), ..reference.clone() })
        .collect();
    kept.credits.clone_from(&advisory.credits);
    kept.credits.retain(|credit| credit.consent == Consent::Given && !credit.name.is_empty());
    for credit in &mut kept.credits {
        credit.contact.retain(|contact| is_uri(contact));
        credit.unknown.clear();
    }
    kept.timeline = advisory
        .timeline
        .iter()
        .map(|event| TimelineEvent { at: event.at, text: one_line(&event.text) })
        .collect();
    if let Some(fields) = advisory.unknown.get(UNKNOWN_KEY).filter(|value| value.is_object()) {
        kept.unknown.insert(UNKNOWN_KEY.to_owned(), fields.clone());
    }
    kept
}

/// The text of the details note: the details, or the headline where there are none.
pub(super) fn details(advisory: &Advisory) -> String {
    filled(advisory.details.as_ref()).cloned().unwrap_or_else(|| advisory.headline())
}

fn affected(entry: &Affected) -> Affected {
    Affected {
        package: entry.package.as_ref().map(|package| AffectedPackage {
            purl: canonical_purl(entry),
            unknown: Map::new(),
            ..package.clone()
        }),
        ranges: entry
            .ranges
            .iter()
            .map(|range| Range {
                kind: range.kind,
                repo: range.repo.clone().filter(|repo| is_uri(repo)),
                events: vers::normalised(&range.events),
                database_specific: Map::new(),
                unknown: Map::new(),
            })
            .collect(),
        versions: entry.versions.iter().filter(|version| !version.is_empty()).cloned().collect(),
        ..Affected::default()
    }
}
