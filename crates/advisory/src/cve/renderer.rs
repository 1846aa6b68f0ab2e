//! Writing CVE records.

use bastide_model::severity::CvssVersion;
use serde_json::{Value, json};

use super::{Assigner, MAX_PROSE, MAX_REFERENCES, OURS, UNKNOWN_KEY, carriage::carried, cut, versions};
use crate::{
    Advisory, AdvisoryError, ErrorKind,
    csaf::{cvss, entry_name},
    cwe,
    record::{Affected, Assessment, RangeKind, Reference, ReferenceType},
};

/// The record as a published CVE record of this numbering authority.
///
/// Refused with the field where it cannot be: not exactly one CVE id, nothing affected, no reference or more than 512, an
/// organisation id that is no UUID.
pub fn render(advisory: &Advisory, assigner: &Assigner) -> Result<Value, AdvisoryError> {
    let refuse = |field: &str, reason: String| AdvisoryError {
        kind: ErrorKind::NotRenderable,
        document: advisory.id.clone(),
        field: field.to_owned(),
        reason,
    };
    let cves = advisory.cve_ids();
    let [cve] = cves.as_slice() else {
        let reason = format!(
            "hold {} CVE ids; a CVE record needs exactly one: split the advisory or reserve an id",
            cves.len()
        );
        return Err(refuse("aliases", reason));
    };
    let said = carried(advisory);
    if said.affected.is_empty() {
        return Err(refuse("affected", "is empty; a CVE record names at least one product".to_owned()));
    }
    if said.references.is_empty() || said.references.len() > MAX_REFERENCES {
        let reason =
            format!("holds {} addresses; a CVE record needs 1 to {MAX_REFERENCES}", said.references.len());
        return Err(refuse("references", reason));
    }
    if !is_uuid(&assigner.org_id)
        || assigner.short_name.as_ref().is_some_and(|name| !(2..=32).contains(&name.len()))
    {
        return Err(refuse(
            "assigner",
            "needs the organisation's UUID, and a short name of 2 to 32 characters".to_owned(),
        ));
    }
    let mut metadata = json!({"cveId": cve, "assignerOrgId": assigner.org_id, "state": "PUBLISHED", "dateUpdated": said.modified});
    let mut provider = json!({"orgId": assigner.org_id, "dateUpdated": said.modified});
    if let Some(name) = &assigner.short_name {
        metadata["assignerShortName"] = json!(name);
        provider["shortName"] = json!(name);
    }
    let mut container = json!({
        "providerMetadata": provider,
        "title": said.title,
        "descriptions": [prose(said.details.as_deref().unwrap_or_default())],
        "affected": said.affected.iter().map(product).collect::<Vec<_>>(),
        "references": said.references.iter().map(reference).collect::<Vec<_>>(),
    });
    if let Some(published) = said.published {
        metadata["datePublished"] = json!(published);
        container["datePublic"] = json!(published);
    }
    put(&mut container, "problemTypes", said.cwe_ids.iter().map(|id| problem_type(id)).collect());
    put(&mut container, "metrics", said.severities.iter().filter_map(metric).collect());
    put(&mut container, "workarounds", said.workaround.iter().map(|text| prose(text)).collect());
    put(&mut container, "credits", said.credits.iter().map(credit).collect());
    let event =
        |event: &crate::record::TimelineEvent| json!({"time": event.at, "lang": "en", "value": event.text});
    put(&mut container, "timeline", said.timeline.iter().map(event).collect());
    container[OURS] = ours(&said);
    if let Some(Value::Object(unknown)) = said.unknown.get(UNKNOWN_KEY) {
        for (key, value) in unknown {
            if container.get(key).is_none() {
                container[key] = value.clone();
            }
        }
    }
    Ok(json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.2.0",
        "cveMetadata": metadata,
        "containers": {"cna": container},
    }))
}

/// Sets a list that the schema wants absent rather than empty.
fn put(object: &mut Value, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        object[key] = Value::Array(list);
    }
}

/// A text; where it is too long, its beginning with the whole beside it as Markdown.
fn prose(text: &str) -> Value {
    let short = cut(text, MAX_PROSE);
    let mut out = json!({"lang": "en", "value": short});
    if short.len() < text.len() {
        out["supportingMedia"] = json!([{"type": "text/markdown", "base64": false, "value": text}]);
    }
    out
}

fn product(entry: &Affected) -> Value {
    let ecosystem = entry.package.as_ref().map_or("", |package| &package.ecosystem);
    let name = entry_name(entry);
    let repo = entry.ranges.iter().find_map(|range| range.repo.as_ref());
    let vendor = match &entry.package {
        Some(package) => package.ecosystem.clone(),
        None => name.rsplit_once('/').map_or("n/a", |(owner, _)| owner).to_owned(),
    };
    let mut out = json!({"vendor": vendor, "product": name});
    let collection = match ecosystem {
        "PyPI" => Some("https://pypi.org"),
        "npm" => Some("https://registry.npmjs.org"),
        _ => None,
    };
    if let Some(package) = &entry.package {
        if let Some(address) = collection {
            out["collectionURL"] = json!(address);
        }
        out["packageName"] = json!(package.name);
        if let Some(purl) = &package.purl {
            out["packageURL"] = json!(purl);
        }
    }
    if let Some(repo) = repo {
        out["repo"] = json!(repo);
    }
    let by_version =
        entry.ranges.iter().any(|range| range.kind != RangeKind::Git) || !entry.versions.is_empty();
    out["defaultStatus"] = json!(if by_version { "unaffected" } else { "unknown" });
    let ranges = entry
        .ranges
        .iter()
        .flat_map(|range| versions::write(range, versions::type_name(range.kind, ecosystem)));
    let listed = entry.versions.iter().map(|version| json!({"version": version, "status": "affected"}));
    put(&mut out, "versions", ranges.chain(listed).collect());
    out
}

fn reference(reference: &Reference) -> Value {
    let known = match reference.kind {
        ReferenceType::Advisory => Some("third-party-advisory"),
        ReferenceType::Fix => Some("patch"),
        ReferenceType::Report => Some("issue-tracking"),
        ReferenceType::Evidence => Some("exploit"),
        ReferenceType::Package => Some("product"),
        ReferenceType::Article => Some("technical-description"),
        _ => None,
    };
    let mut tags: Vec<String> = known.map(str::to_owned).into_iter().collect();
    tags.push(format!("{}{}", super::reader::TYPE_TAG, reference.kind.osv_name().to_lowercase()));
    json!({"url": reference.url, "tags": tags})
}

fn problem_type(id: &str) -> Value {
    let text = cwe::name(id).map_or_else(|| id.to_owned(), |name| format!("{id} {name}"));
    json!({"descriptions": [{"lang": "en", "description": text, "cweId": id, "type": "CWE"}]})
}

fn metric(assessment: &Assessment) -> Option<Value> {
    let Assessment::Cvss { vector } = assessment else { return None };
    let key = match vector.version() {
        CvssVersion::V2 => "cvssV2_0",
        CvssVersion::V30 => "cvssV3_0",
        CvssVersion::V31 => "cvssV3_1",
        CvssVersion::V4 => "cvssV4_0",
    };
    Some(json!({"format": "CVSS", key: cvss(vector, vector.version() != CvssVersion::V2)}))
}

fn credit(credit: &crate::record::Credit) -> Value {
    let mut out = json!({"lang": "en", "value": credit.name});
    if let Some(kind) = credit.kind {
        out["type"] = json!(kind.plain_name());
    }
    out
}

fn ours(said: &Advisory) -> Value {
    let mut out = json!({"id": said.id, "version": said.version});
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out[key] = value;
        }
    };
    set("aliases", (!said.aliases.is_empty()).then(|| json!(said.aliases)));
    set("summary", said.summary.as_ref().map(|text| json!(text)));
    set("revisions", (!said.revisions.is_empty()).then(|| json!(said.revisions)));
    set("withdrawn", said.withdrawn.map(|at| json!(at)));
    set("withdrawal_reason", said.withdrawal_reason.as_ref().map(|text| json!(text)));
    // The name that a product without a package gets is made up; the reader must not take it for a package.
    let unnamed: Vec<usize> = said
        .affected
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.package.is_none())
        .map(|(index, _)| index)
        .collect();
    set("without_package", (!unnamed.is_empty()).then(|| json!(unnamed)));
    out
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    // CVE services give out version 4 UUIDs, and their schema asks for that.
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts[2].starts_with('4')
        && parts[3].starts_with(['8', '9', 'a', 'b', 'A', 'B'])
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
