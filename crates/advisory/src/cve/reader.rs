//! Reading CVE records: our own exactly, those of others as far as the record goes.

use bastide_model::package::Package;
use serde_json::{Map, Value};

use super::{
    OURS, UNKNOWN_KEY,
    versions::{self, Entry},
};
use crate::{
    Advisory, AdvisoryError, Format,
    osv::{is_ecosystem, is_uri},
    reading::{Node, parse, shown},
    record::{
        Affected, AffectedPackage, Assessment, Consent, Credit, CreditType, EventKind, Range, RangeKind,
        Reference, ReferenceType, TimelineEvent, is_cve_id,
    },
};

/// Starts the tag that keeps a reference's OSV type.
pub(super) const TYPE_TAG: &str = "x_osv_";

/// The fields of the CNA container that the record takes.
const KNOWN: [&str; 12] = [
    "providerMetadata",
    "datePublic",
    "title",
    "descriptions",
    "affected",
    "problemTypes",
    "references",
    "metrics",
    "workarounds",
    "timeline",
    "credits",
    OURS,
];

/// Reads a CVE record. `document` names the file in errors.
pub fn read(bytes: &[u8], document: &str) -> Result<Advisory, AdvisoryError> {
    let value = parse(bytes, Format::Json, document)?;
    let root = Node::root(&value, document);
    let kind = root.need("dataType")?;
    if kind.text()? != "CVE_RECORD" {
        return Err(kind.refuse(format!("`{}` is not CVE_RECORD", shown(kind.text()?))));
    }
    let version = root.need("dataVersion")?;
    if !version.text()?.starts_with("5.") {
        return Err(version.refuse(format!("`{}` is not a version 5 of the format", shown(version.text()?))));
    }
    let metadata = root.need("cveMetadata")?;
    let cve = metadata.need("cveId")?;
    if !is_cve_id(cve.text()?) {
        return Err(
            cve.refuse(format!("`{}` is not a CVE id; it looks like CVE-2024-43805", shown(cve.text()?)))
        );
    }
    let state = metadata.need("state")?;
    if state.text()? != "PUBLISHED" {
        return Err(state
            .refuse(format!("is `{}`; only published records say what is affected", shown(state.text()?))));
    }
    let container = root.need("containers")?.need("cna")?;
    let provider = container.need("providerMetadata")?;
    let updated =
        metadata.get("dateUpdated")?.or(provider.get("dateUpdated")?).or(metadata.get("datePublished")?);
    let modified = match updated {
        Some(node) => node.instant()?,
        None => metadata.need("dateUpdated")?.instant()?,
    };
    let mut record = Advisory::draft(cve.text()?, modified);
    record.version = 1;
    record.published = match container.get("datePublic")?.or(metadata.get("datePublished")?) {
        Some(node) => Some(node.instant()?),
        None => None,
    };
    record.title = container.text_of("title")?;
    record.details = container.need("descriptions")?.list()?.first().map(prose).transpose()?;
    record.workaround = container.items("workarounds")?.first().map(prose).transpose()?;
    record.affected = container.need("affected")?.list()?.iter().map(product).collect::<Result<_, _>>()?;
    record.references =
        container.need("references")?.list()?.iter().map(reference).collect::<Result<_, _>>()?;
    for problem in container.items("problemTypes")? {
        for description in problem.need("descriptions")?.list()? {
            record.cwe_ids.extend(description.text_of("cweId")?);
        }
    }
    for metric in container.items("metrics")? {
        record.severities.extend(assessments(&metric)?);
    }
    record.credits = container.items("credits")?.iter().map(credit).collect::<Result<_, _>>()?;
    for event in container.items("timeline")? {
        let at = event.need("time")?.instant()?;
        record.timeline.push(TimelineEvent { at, text: event.need("value")?.text()?.to_owned() });
    }
    let unknown = container.unknown(&KNOWN)?;
    if !unknown.is_empty() {
        record.unknown.insert(UNKNOWN_KEY.to_owned(), Value::Object(unknown));
    }
    if let Some(node) = container.get(OURS)? {
        ours(&node, &mut record)?;
    }
    Ok(record)
}

/// A text, whole: its Markdown form if it has one.
fn prose(node: &Node<'_>) -> Result<String, AdvisoryError> {
    for media in node.items("supportingMedia")? {
        if media.need("type")?.text()? == "text/markdown"
            && media.get("base64")?.is_none_or(|flag| flag.value() == false)
        {
            return Ok(media.need("value")?.text()?.to_owned());
        }
    }
    Ok(node.need("value")?.text()?.to_owned())
}

fn product(node: &Node<'_>) -> Result<Affected, AdvisoryError> {
    let purl = node.text_of("packageURL")?;
    let repo = node.text_of("repo")?;
    let mut kinds: [(RangeKind, Vec<Entry>); 3] =
        [(RangeKind::Git, Vec::new()), (RangeKind::Semver, Vec::new()), (RangeKind::Ecosystem, Vec::new())];
    let mut entry = Affected { package: package(node, purl)?, ..Affected::default() };
    for version in node.items("versions")? {
        version.need("version")?.text()?;
        version.need("status")?.text()?;
        match version_entry(version.value()) {
            Some((type_name, read)) if read.1.is_some() || !read.2 => {
                let kind = versions::kind_of(&type_name);
                let place = kinds.iter_mut().find(|(known, _)| *known == kind);
                place.expect("every kind has a place").1.push(read);
            }
            Some((_, (version, ..))) => entry.versions.push(version),
            None => {}
        }
    }
    for (kind, entries) in kinds {
        // Unaffected versions alone make no range.
        if entries.iter().any(|(.., is_affected)| *is_affected) {
            let repo = repo.clone().filter(|_| kind == RangeKind::Git);
            entry.ranges.push(Range { kind, repo, ..Range::ecosystem(versions::events_of(&entries)) });
        }
    }
    Ok(entry)
}

/// One entry of `versions` with its scheme; nothing for one whose status is unknown.
pub(super) fn version_entry(value: &Value) -> Option<(String, Entry)> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let is_affected = match text("status")?.as_str() {
        "affected" => true,
        "unaffected" => false,
        _ => return None,
    };
    let below = text("lessThan").map(|end| (EventKind::Fixed, end));
    let up_to = text("lessThanOrEqual").map(|end| (EventKind::LastAffected, end));
    Some((text("versionType").unwrap_or_default(), (text("version")?, below.or(up_to), is_affected)))
}

/// The package that a product names: by its collection and vendor in our records, else by its package URL.
fn package(node: &Node<'_>, purl: Option<String>) -> Result<Option<AffectedPackage>, AdvisoryError> {
    let (vendor, name) = (node.text_of("vendor")?, node.text_of("packageName")?);
    if let (Some(ecosystem), Some(name)) = (vendor.filter(|vendor| is_ecosystem(vendor)), name) {
        return Ok(Some(AffectedPackage { purl, ..AffectedPackage::new(ecosystem, name) }));
    }
    let package = purl.as_deref().and_then(|purl| purl.parse::<Package>().ok());
    Ok(package.map(|package| AffectedPackage {
        purl,
        ..AffectedPackage::new(package.ecosystem().osv_name(), package.name())
    }))
}

fn reference(node: &Node<'_>) -> Result<Reference, AdvisoryError> {
    let url = node.need("url")?;
    if !is_uri(url.text()?) {
        return Err(url.refuse(format!("`{}` is not an absolute address", shown(url.text()?))));
    }
    let mut kind = None;
    for tag in node.texts("tags")? {
        let ours = tag.strip_prefix(TYPE_TAG).and_then(|name| ReferenceType::of_name(&name.to_uppercase()));
        kind = ours.or(kind).or(match tag.as_str() {
            "vendor-advisory" | "third-party-advisory" => Some(ReferenceType::Advisory),
            "patch" => Some(ReferenceType::Fix),
            "issue-tracking" => Some(ReferenceType::Report),
            "exploit" => Some(ReferenceType::Evidence),
            "product" => Some(ReferenceType::Package),
            _ => None,
        });
    }
    Ok(Reference {
        kind: kind.unwrap_or(ReferenceType::Web),
        url: url.text()?.to_owned(),
        unknown: Map::new(),
    })
}

fn assessments(metric: &Node<'_>) -> Result<Vec<Assessment>, AdvisoryError> {
    let mut out = Vec::new();
    for key in ["cvssV2_0", "cvssV3_0", "cvssV3_1", "cvssV4_0"] {
        if let Some(cvss) = metric.get(key)? {
            let vector = cvss.need("vectorString")?;
            let text = vector.text()?;
            let vector = text
                .parse()
                .map_err(|error: bastide_model::severity::SeverityError| vector.refuse(error.to_string()))?;
            out.push(Assessment::Cvss { vector });
        }
    }
    Ok(out)
}

fn credit(node: &Node<'_>) -> Result<Credit, AdvisoryError> {
    let kind = node.text_of("type")?.and_then(|name| CreditType::of_name(&name));
    let name = node.need("value")?.text()?.to_owned();
    Ok(Credit { name, kind, contact: Vec::new(), consent: Consent::Given, unknown: Map::new() })
}

fn ours(node: &Node<'_>, record: &mut Advisory) -> Result<(), AdvisoryError> {
    node.need("id")?.text()?.clone_into(&mut record.id);
    record.version = node.need("version")?.typed()?;
    record.aliases = node.texts("aliases")?;
    record.summary = node.text_of("summary")?;
    record.withdrawn = node.instant_of("withdrawn")?;
    record.withdrawal_reason = node.text_of("withdrawal_reason")?;
    record.revisions = node.items("revisions")?.iter().map(Node::typed).collect::<Result<_, _>>()?;
    for index in node.items("without_package")? {
        let index: usize = index.typed()?;
        if let Some(entry) = record.affected.get_mut(index) {
            entry.package = None;
        }
    }
    Ok(())
}
