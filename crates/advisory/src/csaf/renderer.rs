//! Writing CSAF.

use bastide_model::severity::{CvssVersion, Severity};
use serde_json::{Map, Value, json};

use super::{
    NOTE_CVSS4, NOTE_DETAILS, NOTE_SUMMARY, NOTE_TIMELINE, NOTE_WITHDRAWN, Publisher, UNKNOWN_KEY,
    carriage::carried, file_name, product_tree::ProductTree,
};
use crate::{
    Advisory, AdvisoryError, ErrorKind, cwe,
    osv::is_uri,
    record::{Assessment, State},
};

/// The record as a CSAF 2.0 security advisory of this publisher.
///
/// Refused where CSAF cannot say it: nothing affected, a namespace that is no address, a history that runs backward.
pub fn render(advisory: &Advisory, publisher: &Publisher) -> Result<Value, AdvisoryError> {
    let refuse = |field: &str, reason: &str| AdvisoryError {
        kind: ErrorKind::NotRenderable,
        document: advisory.id.clone(),
        field: field.to_owned(),
        reason: reason.to_owned(),
    };
    if advisory.affected.is_empty() {
        return Err(refuse("affected", "is empty; a CSAF security advisory names at least one product"));
    }
    if !is_uri(&publisher.namespace) || publisher.name.is_empty() {
        return Err(refuse("publisher", "needs a name and an absolute address as its namespace"));
    }
    if advisory.id.trim() != advisory.id || advisory.id.is_empty() {
        return Err(refuse("id", "must not be empty or begin or end with a space"));
    }
    let said = carried(advisory);
    if !said.revisions.is_sorted_by_key(|revision| (revision.at, revision.version)) {
        return Err(refuse("revisions", "are not in the order of time"));
    }
    let tree = ProductTree::of(advisory);
    let mut document = json!({
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": if advisory.state() == State::Draft { "AMBER" } else { "WHITE" }}},
        "lang": "en",
        "publisher": publisher,
        "title": said.title,
        "tracking": tracking(&said),
    });
    if let Some(severity) = advisory.severity() {
        document["aggregate_severity"] = json!({"text": severity.rating().name()});
    }
    put(&mut document, "notes", document_notes(&said));
    let reference = |reference: &crate::record::Reference| json!({"category": "external", "summary": reference.kind.plain_name(), "url": reference.url});
    let own = publisher.directory.as_ref().map(|directory| format!("{directory}{}", file_name(advisory)));
    let own = own.filter(|address| is_uri(address));
    let own = own.map(|address| json!({"category": "self", "summary": "This document", "url": address}));
    put(&mut document, "references", own.into_iter().chain(said.references.iter().map(reference)).collect());
    put(&mut document, "acknowledgments", acknowledgments(&said));
    if let Some(Value::Object(unknown)) = said.unknown.get(UNKNOWN_KEY) {
        for (key, value) in unknown {
            if document.get(key).is_none() {
                document[key] = value.clone();
            }
        }
    }
    Ok(json!({
        "document": document,
        "product_tree": {"branches": tree.branches.clone()},
        "vulnerabilities": vulnerabilities(&said, &tree),
    }))
}

/// Sets a list that CSAF wants absent rather than empty.
fn put(object: &mut Value, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        object[key] = Value::Array(list);
    }
}

fn tracking(said: &Advisory) -> Value {
    let draft = said.state() == State::Draft;
    let history: Vec<Value> = if draft {
        vec![json!({"date": said.modified, "number": "0", "summary": "Draft."})]
    } else {
        let entry = |revision: &crate::record::Revision| json!({"date": revision.at, "number": revision.version.to_string(), "summary": revision.summary});
        said.revisions.iter().map(entry).collect()
    };
    let mut tracking = json!({
        "current_release_date": said.modified,
        "generator": {"engine": {"name": "bastide", "version": env!("CARGO_PKG_VERSION")}},
        "id": said.id,
        "initial_release_date": said.published,
        "revision_history": history,
        "status": if draft { "draft" } else { "final" },
        "version": said.version.to_string(),
    });
    put(&mut tracking, "aliases", said.aliases.iter().map(|alias| json!(alias)).collect());
    tracking
}

fn note(category: &str, title: &str, text: &str) -> Value {
    json!({"category": category, "title": title, "text": text})
}

fn document_notes(said: &Advisory) -> Vec<Value> {
    let mut notes = Vec::new();
    notes.extend(said.summary.as_ref().map(|text| note("summary", NOTE_SUMMARY, text)));
    if let Some(at) = said.withdrawn {
        let reason = said.withdrawal_reason.as_deref().unwrap_or_default();
        notes.push(note("other", NOTE_WITHDRAWN, format!("{at} {reason}").trim_end()));
    }
    if !said.timeline.is_empty() {
        let lines: Vec<String> =
            said.timeline.iter().map(|event| format!("{} {}", event.at, event.text)).collect();
        notes.push(note("other", NOTE_TIMELINE, &lines.join("\n")));
    }
    for severity in said.cvss().filter(|severity| severity.version() == CvssVersion::V4) {
        let text = format!("{} (score {:.1}, {})", severity.vector(), severity.score(), severity.rating());
        notes.push(note("other", NOTE_CVSS4, &text));
    }
    notes
}

fn acknowledgments(said: &Advisory) -> Vec<Value> {
    let one = |credit: &crate::record::Credit| {
        let mut out = json!({"names": [credit.name]});
        if let Some(kind) = credit.kind {
            out["summary"] = json!(kind.plain_name());
        }
        put(&mut out, "urls", credit.contact.iter().map(|url| json!(url)).collect());
        out
    };
    said.credits.iter().map(one).collect()
}

/// One vulnerability per CVE id; one without where there is none.
fn vulnerabilities(said: &Advisory, tree: &ProductTree) -> Vec<Value> {
    let cves: Vec<Option<&str>> = match said.cve_ids() {
        ids if ids.is_empty() => vec![None],
        ids => ids.into_iter().map(Some).collect(),
    };
    cves.into_iter().map(|cve| vulnerability(said, tree, cve)).collect()
}

fn vulnerability(said: &Advisory, tree: &ProductTree, cve: Option<&str>) -> Value {
    let mut status = Map::new();
    for (key, ids) in
        [("known_affected", &tree.affected), ("fixed", &tree.fixed), ("under_investigation", &tree.unclear)]
    {
        if !ids.is_empty() {
            status.insert(key.to_owned(), json!(ids));
        }
    }
    let mut out = json!({
        "title": said.title,
        "notes": [note("description", NOTE_DETAILS, said.details.as_deref().unwrap_or_default())],
        "product_status": status,
    });
    if let Some(cve) = cve {
        out["cve"] = json!(cve);
    }
    let others: Vec<Value> = said
        .ids()
        .filter(|id| !crate::record::is_cve_id(id))
        .map(|id| json!({"system_name": id.split('-').next().unwrap_or("x"), "text": id}))
        .collect();
    put(&mut out, "ids", others);
    if let Some((id, name)) = said.cwe_ids.first().and_then(|id| Some((id, cwe::name(id)?))) {
        out["cwe"] = json!({"id": id, "name": name});
    }
    put(&mut out, "remediations", remediations(said, tree));
    let scored = if tree.affected.is_empty() { &tree.unclear } else { &tree.affected };
    put(&mut out, "scores", said.severities.iter().filter_map(|one| score(one, scored)).collect());
    out
}

fn remediations(said: &Advisory, tree: &ProductTree) -> Vec<Value> {
    let mut out = Vec::new();
    for (name, fixed, affected) in tree.fixes.iter().filter(|(_, _, affected)| !affected.is_empty()) {
        let one = |category: &str, details: String| json!({"category": category, "details": details, "product_ids": affected});
        if !fixed.is_empty() {
            out.push(one("vendor_fix", format!("Update {name} to {}.", fixed.join(", "))));
        } else if said.workaround.is_none() {
            out.push(one("none_available", format!("No released version of {name} is known to fix this.")));
        }
    }
    if let Some(workaround) = &said.workaround {
        let products = if tree.affected.is_empty() { &tree.unclear } else { &tree.affected };
        out.push(json!({"category": "workaround", "details": workaround, "product_ids": products}));
    }
    out
}

fn score(assessment: &Assessment, products: &[String]) -> Option<Value> {
    let Assessment::Cvss { vector } = assessment else { return None };
    let (key, with_rating) = match vector.version() {
        CvssVersion::V2 => ("cvss_v2", false),
        CvssVersion::V30 | CvssVersion::V31 => ("cvss_v3", true),
        CvssVersion::V4 => return None,
    };
    Some(json!({key: cvss(vector, with_rating), "products": products}))
}

/// A vector as FIRST's JSON schemas have it.
pub(crate) fn cvss(severity: &Severity, with_rating: bool) -> Value {
    let mut out = json!({
        "version": severity.version().number(),
        "vectorString": severity.vector(),
        "baseScore": severity.score(),
    });
    if with_rating {
        out["baseSeverity"] = json!(severity.rating().name().to_uppercase());
    }
    out
}
