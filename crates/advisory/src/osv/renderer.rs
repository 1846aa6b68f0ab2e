//! Writing OSV.

use serde_json::{Map, Value, json};

use super::{OURS, SCHEMA_VERSION, package_severities};
use crate::{
    Advisory,
    record::{Affected, AffectedPackage, Assessment, Credit, EventKind, Extra, Range, RangeKind, Reference},
};

/// The record as an OSV document. Credits without consent are left out.
pub fn render(advisory: &Advisory) -> Value {
    let mut out = Map::new();
    out.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
    out.insert("id".to_owned(), json!(advisory.id));
    out.insert("modified".to_owned(), json!(advisory.modified));
    put(&mut out, "published", advisory.published);
    put(&mut out, "withdrawn", advisory.withdrawn);
    put_list(&mut out, "aliases", &advisory.aliases, |id| json!(id));
    put_list(&mut out, "related", &advisory.related, |id| json!(id));
    put_list(&mut out, "upstream", &advisory.upstream, |id| json!(id));
    put(&mut out, "summary", advisory.summary.as_ref());
    put(&mut out, "details", advisory.details.as_ref());
    put_list(&mut out, "severity", &advisory.severities, severity);
    put_list(&mut out, "affected", &advisory.affected, |one| affected(advisory, one));
    put_list(&mut out, "references", &advisory.references, reference);
    let credits: Vec<&Credit> = advisory.shown_credits().collect();
    put_list(&mut out, "credits", &credits, |one| credit(one));
    put_object(&mut out, "database_specific", &database_specific(advisory));
    Value::Object(out)
}

fn put(out: &mut Extra, key: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        out.insert(key.to_owned(), json!(value));
    }
}

fn put_list<T>(out: &mut Extra, key: &str, list: &[T], one: impl Fn(&T) -> Value) {
    if !list.is_empty() {
        out.insert(key.to_owned(), Value::Array(list.iter().map(one).collect()));
    }
}

fn put_object(out: &mut Extra, key: &str, object: &Extra) {
    if !object.is_empty() {
        out.insert(key.to_owned(), Value::Object(object.clone()));
    }
}

/// Fields that a reader did not know go back where they were.
fn with_unknown(mut out: Extra, unknown: &Extra) -> Value {
    out.extend(unknown.iter().map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(out)
}

fn severity(assessment: &Assessment) -> Value {
    match assessment {
        Assessment::Cvss { vector } => {
            let kind = match vector.version() {
                bastide_model::severity::CvssVersion::V2 => "CVSS_V2",
                bastide_model::severity::CvssVersion::V30 | bastide_model::severity::CvssVersion::V31 => {
                    "CVSS_V3"
                }
                bastide_model::severity::CvssVersion::V4 => "CVSS_V4",
            };
            json!({"type": kind, "score": vector.vector()})
        }
        Assessment::Other { name, score } => json!({"type": name, "score": score}),
    }
}

fn affected(advisory: &Advisory, affected: &Affected) -> Value {
    let mut out = Map::new();
    put(&mut out, "package", affected.package.as_ref().map(package));
    put_list(&mut out, "severity", package_severities(advisory, affected), severity);
    put_list(&mut out, "ranges", &affected.ranges, range);
    put_list(&mut out, "versions", &affected.versions, |version| json!(version));
    put_object(&mut out, "ecosystem_specific", &affected.ecosystem_specific);
    put_object(&mut out, "database_specific", &affected.database_specific);
    with_unknown(out, &affected.unknown)
}

fn package(package: &AffectedPackage) -> Value {
    let mut out = Map::new();
    put(&mut out, "ecosystem", Some(&package.ecosystem));
    put(&mut out, "name", Some(&package.name));
    put(&mut out, "purl", package.purl.as_ref());
    with_unknown(out, &package.unknown)
}

fn range(range: &Range) -> Value {
    let mut out = Map::new();
    let kind = match range.kind {
        RangeKind::Git => "GIT",
        RangeKind::Semver => "SEMVER",
        RangeKind::Ecosystem => "ECOSYSTEM",
    };
    put(&mut out, "type", Some(kind));
    put(&mut out, "repo", range.repo.as_ref());
    put_list(&mut out, "events", &range.events, |event| {
        let key = match event.kind {
            EventKind::Introduced => "introduced",
            EventKind::Fixed => "fixed",
            EventKind::LastAffected => "last_affected",
            EventKind::Limit => "limit",
        };
        let mut one = Map::new();
        put(&mut one, key, Some(&event.version));
        with_unknown(one, &event.unknown)
    });
    put_object(&mut out, "database_specific", &range.database_specific);
    with_unknown(out, &range.unknown)
}

fn reference(reference: &Reference) -> Value {
    let mut out = Map::new();
    put(&mut out, "type", Some(reference.kind.osv_name()));
    put(&mut out, "url", Some(&reference.url));
    with_unknown(out, &reference.unknown)
}

fn credit(credit: &Credit) -> Value {
    let mut out = Map::new();
    put(&mut out, "name", Some(&credit.name));
    put_list(&mut out, "contact", &credit.contact, |url| json!(url));
    put(&mut out, "type", credit.kind.map(crate::record::CreditType::osv_name));
    with_unknown(out, &credit.unknown)
}

/// The database's own fields, CWE ids, and what OSV has no field for.
fn database_specific(advisory: &Advisory) -> Extra {
    let mut out = advisory.database_specific.clone();
    put_list(&mut out, "cwe_ids", &advisory.cwe_ids, |id| json!(id));
    let mut ours = Map::new();
    // A record with one version and no history is what any imported record is: nothing to say.
    put(&mut ours, "version", Some(advisory.version).filter(|version| *version != 1));
    put(&mut ours, "title", advisory.title.as_ref());
    put(&mut ours, "workaround", advisory.workaround.as_ref());
    put_list(&mut ours, "timeline", &advisory.timeline, |event| json!(event));
    put_list(&mut ours, "revisions", &advisory.revisions, |revision| json!(revision));
    put(&mut ours, "withdrawal_reason", advisory.withdrawal_reason.as_ref());
    put_object(&mut ours, "unknown", &advisory.unknown);
    put_object(&mut out, OURS, &ours);
    out
}
