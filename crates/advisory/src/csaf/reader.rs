//! Reading CSAF: our own documents exactly, those of others as far as the record goes.

use bastide_model::package::Package;
use serde_json::{Map, Value, json};

use super::{
    NOTE_CVSS4, NOTE_DETAILS, NOTE_SUMMARY, NOTE_TIMELINE, NOTE_WITHDRAWN, REPO_NAMESPACE, REPOSITORIES,
    UNKNOWN_KEY, carried_assessments, vers,
};
use crate::{
    Advisory, AdvisoryError, Format,
    osv::is_uri,
    reading::{Node, parse, shown},
    record::{
        Affected, AffectedPackage, Assessment, Consent, Credit, CreditType, Range, Reference, ReferenceType,
        Revision, TimelineEvent,
    },
};

/// The fields of `document` that the record takes or that rendering makes anew.
const KNOWN: [&str; 11] = [
    "category",
    "csaf_version",
    "distribution",
    "lang",
    "publisher",
    "title",
    "tracking",
    "aggregate_severity",
    "notes",
    "references",
    "acknowledgments",
];

/// The deepest nesting of branches that is read.
const MAX_BRANCHES: usize = 20;

/// Reads a CSAF 2.0 document. `document` names the file in errors.
pub fn read(bytes: &[u8], document: &str) -> Result<Advisory, AdvisoryError> {
    let value = parse(bytes, Format::Json, document)?;
    let root = Node::root(&value, document);
    let head = root.need("document")?;
    let version = head.need("csaf_version")?;
    if version.text()? != "2.0" {
        return Err(
            version.refuse(format!("`{}` is not 2.0, the version that is read", shown(version.text()?)))
        );
    }
    let mut record = tracking(&head.need("tracking")?)?;
    record.title = Some(head.need("title")?.text()?.to_owned());
    document_notes(&head, &mut record)?;
    for node in head.items("references")? {
        // A document's own address is the publisher's business, not the record's.
        if node.text_of("category")?.as_deref() != Some("self") {
            record.references.push(reference(&node)?);
        }
    }
    for acknowledgment in head.items("acknowledgments")? {
        record.credits.extend(credits(&acknowledgment)?);
    }
    let unknown = head.unknown(&KNOWN)?;
    if !unknown.is_empty() {
        record.unknown.insert(UNKNOWN_KEY.to_owned(), Value::Object(unknown));
    }
    if let Some(tree) = root.get("product_tree")? {
        let branches = tree.items("branches")?;
        read_branches(&branches, None, 0, &mut record.affected)?;
    }
    for vulnerability in root.items("vulnerabilities")? {
        read_vulnerability(&vulnerability, &mut record)?;
    }
    record.severities = carried_assessments(&record.severities);
    Ok(record)
}

fn tracking(node: &Node<'_>) -> Result<Advisory, AdvisoryError> {
    let modified = node.need("current_release_date")?.instant()?;
    let mut record = Advisory::draft(node.need("id")?.text()?, modified);
    record.published = Some(node.need("initial_release_date")?.instant()?);
    record.version = version_number(&node.need("version")?)?;
    record.aliases = node.texts("aliases")?;
    for entry in node.need("revision_history")?.list()? {
        let version = version_number(&entry.need("number")?)?;
        if version > 0 {
            let (at, summary) = (entry.need("date")?.instant()?, entry.need("summary")?.text()?.to_owned());
            record.revisions.push(Revision { version, at, summary });
        }
    }
    Ok(record)
}

/// `3`, or the first number of a semantic version.
fn version_number(node: &Node<'_>) -> Result<u32, AdvisoryError> {
    let text = node.text()?;
    let first = text.split(['.', '-', '+']).next().unwrap_or_default();
    first.parse().map_err(|_| node.refuse(format!("`{}` is not a version of a CSAF document", shown(text))))
}

fn document_notes(head: &Node<'_>, record: &mut Advisory) -> Result<(), AdvisoryError> {
    for note in head.items("notes")? {
        let (title, text) = (note.text_of("title")?, note.need("text")?);
        match (note.need("category")?.text()?, title.as_deref()) {
            ("summary", _) if record.summary.is_none() => record.summary = Some(text.text()?.to_owned()),
            ("other", Some(NOTE_WITHDRAWN)) => {
                let (at, reason) = text.text()?.split_once(' ').unwrap_or((text.text()?, ""));
                record.withdrawn = Some(at.parse().map_err(|_| text.refuse("must begin with an instant"))?);
                record.withdrawal_reason = (!reason.is_empty()).then(|| reason.to_owned());
            }
            ("other", Some(NOTE_TIMELINE)) => {
                for line in text.text()?.lines() {
                    let (at, what) = line.split_once(' ').unwrap_or((line, ""));
                    let at =
                        at.parse().map_err(|_| text.refuse("must hold lines that begin with an instant"))?;
                    record.timeline.push(TimelineEvent { at, text: what.to_owned() });
                }
            }
            ("other", Some(NOTE_CVSS4)) => {
                let vector = text.text()?.split(' ').next().unwrap_or_default();
                let vector = vector.parse().map_err(|error: bastide_model::severity::SeverityError| {
                    text.refuse(error.to_string())
                })?;
                record.severities.push(Assessment::Cvss { vector });
            }
            _ => {}
        }
    }
    debug_assert_eq!(NOTE_SUMMARY, "Summary", "summaries are recognised by their category");
    Ok(())
}

fn reference(node: &Node<'_>) -> Result<Reference, AdvisoryError> {
    let url = node.need("url")?;
    if !is_uri(url.text()?) {
        return Err(url.refuse(format!("`{}` is not an absolute address", shown(url.text()?))));
    }
    let kind = ReferenceType::of_name(node.need("summary")?.text()?).unwrap_or(ReferenceType::Web);
    Ok(Reference { kind, url: url.text()?.to_owned(), unknown: Map::new() })
}

fn credits(node: &Node<'_>) -> Result<Vec<Credit>, AdvisoryError> {
    let kind = node.text_of("summary")?.and_then(|text| CreditType::of_name(&text));
    let contact = node.texts("urls")?;
    let mut names = node.texts("names")?;
    if names.is_empty() {
        names.extend(node.text_of("organization")?);
    }
    let one =
        |name| Credit { name, kind, contact: contact.clone(), consent: Consent::Given, unknown: Map::new() };
    Ok(names.into_iter().map(one).collect())
}

/// Walks the branches: a branch named by its product opens an entry, its leaves are ranges and versions.
fn read_branches(
    branches: &[Node<'_>],
    family: Option<&str>,
    depth: usize,
    out: &mut Vec<Affected>,
) -> Result<(), AdvisoryError> {
    for branch in branches {
        if depth > MAX_BRANCHES {
            return Err(branch.refuse(format!("lies more than {MAX_BRANCHES} branches deep")));
        }
        let (category, name) = (branch.need("category")?.text()?, branch.need("name")?.text()?);
        let inner = branch.items("branches")?;
        if category == "product_name" {
            let mut entry = Affected::default();
            read_leaves(&inner, name, family, &mut entry)?;
            out.push(entry);
        } else {
            let family = if category == "product_family" { Some(name) } else { family };
            read_branches(&inner, family, depth + 1, out)?;
        }
    }
    Ok(())
}

fn read_leaves(
    leaves: &[Node<'_>],
    name: &str,
    family: Option<&str>,
    entry: &mut Affected,
) -> Result<(), AdvisoryError> {
    let mut purl = None;
    for leaf in leaves {
        let (category, text) = (leaf.need("category")?.text()?, leaf.need("name")?.text()?);
        let Some(product) = leaf.get("product")? else { continue };
        let id = product.need("product_id")?.text()?;
        let mut repo = None;
        if let Some(helper) = product.get("product_identification_helper")? {
            let written = helper.text_of("purl")?;
            purl = purl.or(written.map(|purl| purl.split('@').next().unwrap_or_default().to_owned()));
            for uri in helper.items("x_generic_uris")? {
                if uri.need("namespace")?.text()? == REPO_NAMESPACE {
                    repo = Some(uri.need("uri")?.text()?.to_owned());
                }
            }
        }
        match (category, vers::read(text)) {
            ("product_version_range", Some((kind, events))) => {
                let (database_specific, unknown) = (Map::new(), Map::new());
                entry.ranges.push(Range { kind, repo, events, database_specific, unknown });
            }
            // Fixed versions are in the ranges already; our ids say which leaves they are.
            ("product_version", _) if !is_fixed_id(id) => entry.versions.push(text.to_owned()),
            ("product_version_range", None) if text != "unknown versions" => {
                entry.unknown.insert("csaf_version_range".to_owned(), json!(text));
            }
            _ => {}
        }
    }
    entry.package = package(name, family, purl);
    Ok(())
}

/// `P1-F2` is the second fixed version of the first entry.
fn is_fixed_id(id: &str) -> bool {
    id.strip_prefix('P').and_then(|rest| rest.split_once("-F")).is_some_and(|(entry, place)| {
        [entry, place]
            .iter()
            .all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// The package that a branch names: by family and name in our documents, by package URL in those of others.
fn package(name: &str, family: Option<&str>, purl: Option<String>) -> Option<AffectedPackage> {
    match family {
        Some(REPOSITORIES) => None,
        Some(ecosystem) if crate::osv::is_ecosystem(ecosystem) => {
            Some(AffectedPackage { purl, ..AffectedPackage::new(ecosystem, name) })
        }
        _ => {
            let package: Package = purl.as_deref()?.parse().ok()?;
            Some(AffectedPackage {
                purl,
                ..AffectedPackage::new(package.ecosystem().osv_name(), package.name())
            })
        }
    }
}

fn read_vulnerability(node: &Node<'_>, record: &mut Advisory) -> Result<(), AdvisoryError> {
    if let Some(cve) = node.text_of("cve")?
        && !record.ids().any(|id| id == cve)
    {
        record.aliases.push(cve);
    }
    for note in node.items("notes")? {
        let category = note.need("category")?.text()?;
        let is_details = category == "description" || note.text_of("title")?.as_deref() == Some(NOTE_DETAILS);
        if is_details && record.details.is_none() {
            record.details = Some(note.need("text")?.text()?.to_owned());
        }
    }
    if let Some(cwe) = node.get("cwe")? {
        let id = cwe.need("id")?.text()?.to_owned();
        if !record.cwe_ids.contains(&id) {
            record.cwe_ids.push(id);
        }
    }
    for remedy in node.items("remediations")? {
        if remedy.need("category")?.text()? == "workaround" && record.workaround.is_none() {
            record.workaround = Some(remedy.need("details")?.text()?.to_owned());
        }
    }
    for score in node.items("scores")? {
        for key in ["cvss_v2", "cvss_v3"] {
            if let Some(cvss) = score.get(key)? {
                let vector = cvss.need("vectorString")?;
                let vector =
                    vector.text()?.parse().map_err(|error: bastide_model::severity::SeverityError| {
                        vector.refuse(error.to_string())
                    })?;
                let assessment = Assessment::Cvss { vector };
                if !record.severities.contains(&assessment) {
                    record.severities.push(assessment);
                }
            }
        }
    }
    Ok(())
}
