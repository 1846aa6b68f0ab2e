//! Reading OSV: what breaks the published schema is refused, what the schema does not name is kept.

use bastide_model::severity::CvssVersion;
use serde_json::{Map, Value};

use super::{OURS, registry};
use crate::{
    Advisory, AdvisoryError, Format,
    reading::{Node, parse, shown},
    record::{
        Affected, AffectedPackage, Assessment, Consent, Credit, CreditType, Event, EventKind, Extra, Range,
        RangeKind, Reference, ReferenceType,
    },
};

/// The top-level fields of the schema.
const KNOWN: [&str; 15] = [
    "schema_version",
    "id",
    "modified",
    "published",
    "withdrawn",
    "aliases",
    "related",
    "upstream",
    "summary",
    "details",
    "severity",
    "affected",
    "references",
    "credits",
    "database_specific",
];

/// Reads an OSV record. `document` names the file in errors.
pub fn read(bytes: &[u8], format: Format, document: &str) -> Result<Advisory, AdvisoryError> {
    read_value(&parse(bytes, format, document)?, document)
}

/// Reads an OSV record from its tree.
pub(crate) fn read_value(value: &Value, document: &str) -> Result<Advisory, AdvisoryError> {
    let root = Node::root(value, document);
    if let Some(node) = root.get("schema_version")? {
        let version = node.text()?;
        if !version.starts_with("1.") {
            return Err(node.refuse(format!("`{}` is not a version 1 of the OSV schema", shown(version))));
        }
    }
    let id = root.need("id")?;
    if !registry::is_id(id.text()?) {
        let reason = format!(
            "`{}` does not start with the prefix of a home database that OSV 1.7.5 knows, or with x_",
            shown(id.text()?)
        );
        return Err(id.refuse(reason));
    }
    let modified = instant(&root.need("modified")?)?;
    let mut record = Advisory::draft(id.text()?, modified);
    record.version = 1;
    record.published = optional_instant(&root, "published")?;
    record.withdrawn = optional_instant(&root, "withdrawn")?;
    record.aliases = root.texts("aliases")?;
    record.related = root.texts("related")?;
    record.upstream = root.texts("upstream")?;
    record.summary = root.text_of("summary")?;
    record.details = root.text_of("details")?;
    record.severities = root.items("severity")?.iter().map(severity).collect::<Result<_, _>>()?;
    record.affected = root.items("affected")?.iter().map(affected).collect::<Result<_, _>>()?;
    if !record.severities.is_empty() {
        let twice = record.affected.iter().position(|affected| !affected.severities.is_empty());
        if let Some(index) = twice {
            let node = &root.items("affected")?[index];
            return Err(node
                .need("severity")?
                .refuse("stands beside a severity of the whole record; keep one of the two"));
        }
    }
    record.references = root.items("references")?.iter().map(reference).collect::<Result<_, _>>()?;
    record.credits = root.items("credits")?.iter().map(credit).collect::<Result<_, _>>()?;
    record.unknown = root.unknown(&KNOWN)?;
    database_specific(&root, &mut record)?;
    Ok(record)
}

/// An instant as OSV writes it: RFC 3339 in UTC, with `Z`.
fn instant(node: &Node<'_>) -> Result<bastide_model::time::Instant, AdvisoryError> {
    let text = node.text()?;
    let at = node.instant()?;
    let utc = text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T') && text.len() >= 20;
    if utc { Ok(at) } else { Err(node.refuse(format!("`{}` is not in UTC; write it as {at}", shown(text)))) }
}

fn optional_instant(
    root: &Node<'_>,
    key: &str,
) -> Result<Option<bastide_model::time::Instant>, AdvisoryError> {
    root.get(key)?.map(|node| instant(&node)).transpose()
}

fn severity(node: &Node<'_>) -> Result<Assessment, AdvisoryError> {
    let (kind, score) = (node.need("type")?, node.need("score")?);
    let (name, text) = (kind.text()?, score.text()?);
    let versions: &[CvssVersion] = match name {
        "CVSS_V2" => &[CvssVersion::V2],
        "CVSS_V3" => &[CvssVersion::V30, CvssVersion::V31],
        "CVSS_V4" => &[CvssVersion::V4],
        "Ubuntu" if ["negligible", "low", "medium", "high", "critical"].contains(&text) => {
            return Ok(Assessment::Other { name: name.to_owned(), score: text.to_owned() });
        }
        "Ubuntu" => return Err(score.refuse("must be negligible, low, medium, high or critical")),
        _ => return Err(kind.refuse(format!("`{}` is not CVSS_V2, CVSS_V3, CVSS_V4 or Ubuntu", shown(name)))),
    };
    let vector: bastide_model::severity::Severity = text
        .parse()
        .map_err(|error: bastide_model::severity::SeverityError| score.refuse(error.to_string()))?;
    if !versions.contains(&vector.version()) {
        return Err(score.refuse(format!("is a vector of CVSS {}, not of {name}", vector.version().number())));
    }
    Ok(Assessment::Cvss { vector })
}

fn affected(node: &Node<'_>) -> Result<Affected, AdvisoryError> {
    let known = ["package", "severity", "ranges", "versions", "ecosystem_specific", "database_specific"];
    Ok(Affected {
        package: node.get("package")?.map(|node| package(&node)).transpose()?,
        ranges: node.items("ranges")?.iter().map(range).collect::<Result<_, _>>()?,
        versions: node.texts("versions")?,
        severities: node.items("severity")?.iter().map(severity).collect::<Result<_, _>>()?,
        ecosystem_specific: node.extra("ecosystem_specific")?,
        database_specific: node.extra("database_specific")?,
        unknown: node.unknown(&known)?,
    })
}

fn package(node: &Node<'_>) -> Result<AffectedPackage, AdvisoryError> {
    let ecosystem = node.need("ecosystem")?;
    if !registry::is_ecosystem(ecosystem.text()?) {
        let reason = format!("`{}` is not an ecosystem that OSV 1.7.5 knows", shown(ecosystem.text()?));
        return Err(ecosystem.refuse(reason));
    }
    Ok(AffectedPackage {
        ecosystem: ecosystem.text()?.to_owned(),
        name: node.need("name")?.text()?.to_owned(),
        purl: node.text_of("purl")?,
        unknown: node.unknown(&["ecosystem", "name", "purl"])?,
    })
}

fn range(node: &Node<'_>) -> Result<Range, AdvisoryError> {
    let kind = node.need("type")?;
    let kind = match kind.text()? {
        "GIT" => RangeKind::Git,
        "SEMVER" => RangeKind::Semver,
        "ECOSYSTEM" => RangeKind::Ecosystem,
        other => return Err(kind.refuse(format!("`{}` is not GIT, SEMVER or ECOSYSTEM", shown(other)))),
    };
    let repo = if kind == RangeKind::Git { Some(node.need("repo")?) } else { node.get("repo")? };
    let list = node.need("events")?;
    let events = list.list()?.iter().map(|node| event(node, kind)).collect::<Result<Vec<_>, _>>()?;
    let has = |wanted| events.iter().any(|event| event.kind == wanted);
    if !has(EventKind::Introduced) {
        return Err(list.refuse(
            "has no `introduced` event; add {\"introduced\": \"0\"} if all earlier versions are affected",
        ));
    }
    if has(EventKind::Fixed) && has(EventKind::LastAffected) {
        return Err(list.refuse("has both `fixed` and `last_affected` events; keep `fixed`"));
    }
    Ok(Range {
        kind,
        repo: repo.map(|node| node.text().map(str::to_owned)).transpose()?,
        events,
        database_specific: node.extra("database_specific")?,
        unknown: node.unknown(&["type", "repo", "events", "database_specific"])?,
    })
}

fn event(node: &Node<'_>, range: RangeKind) -> Result<Event, AdvisoryError> {
    let kinds = [
        ("introduced", EventKind::Introduced),
        ("fixed", EventKind::Fixed),
        ("last_affected", EventKind::LastAffected),
        ("limit", EventKind::Limit),
    ];
    let mut found = Vec::new();
    for (key, kind) in kinds {
        if let Some(node) = node.get(key)? {
            found.push((kind, node));
        }
    }
    let [(kind, version)] = found.as_slice() else {
        return Err(node.refuse("must hold exactly one of introduced, fixed, last_affected and limit"));
    };
    let text = version.text()?;
    if range == RangeKind::Git && !is_commit(text) {
        let reason = format!("`{}` is not a full commit hash: 40 or 64 digits 0-9a-f, or 0", shown(text));
        return Err(version.refuse(reason));
    }
    let unknown = node.unknown(&kinds.map(|(key, _)| key))?;
    Ok(Event { unknown, ..Event::new(*kind, text) })
}

fn is_commit(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    text == "0" || ([40, 64].contains(&text.len()) && digits(text))
}

fn reference(node: &Node<'_>) -> Result<Reference, AdvisoryError> {
    let kind = node.need("type")?;
    let known = ReferenceType::ALL.into_iter().find(|(_, osv, _)| kind.value() == *osv);
    let Some((known, ..)) = known else {
        return Err(kind.refuse(format!("`{}` is no type of reference in OSV", shown(kind.text()?))));
    };
    let url = node.need("url")?;
    if !is_uri(url.text()?) {
        return Err(url.refuse(format!("`{}` is not an absolute address", shown(url.text()?))));
    }
    Ok(Reference { kind: known, url: url.text()?.to_owned(), unknown: node.unknown(&["type", "url"])? })
}

/// Whether a text is an absolute URI by RFC 3986: a scheme, a colon, and only characters that a URI may hold.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let good_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let good_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let Some(rest) = without_ip_literal(rest) else { return false };
    let escapes = rest
        .split('%')
        .skip(1)
        .all(|part| part.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    let one_fragment = rest.matches('#').count() <= 1;
    good_scheme && !rest.is_empty() && rest.bytes().all(good_byte) && escapes && one_fragment
}

/// The rest of a URI without the brackets of an IPv6 host, the only place where brackets may stand; nothing for others.
fn without_ip_literal(rest: &str) -> Option<String> {
    let plain = |text: &str| !text.contains(['[', ']']);
    if plain(rest) {
        return Some(rest.to_owned());
    }
    let (before, literal) = rest.split_once('[')?;
    let (address, after) = literal.split_once(']')?;
    let starts_host = before == "//"
        || (before.starts_with("//") && before.ends_with('@') && before.matches('/').count() == 2);
    let ends_host = after.is_empty() || after.starts_with(['/', ':', '?', '#']);
    let is_address = address.parse::<std::net::Ipv6Addr>().is_ok();
    (starts_host && ends_host && is_address && plain(after)).then(|| format!("{before}host{after}"))
}

fn credit(node: &Node<'_>) -> Result<Credit, AdvisoryError> {
    let kind = node.get("type")?;
    let kind = kind
        .map(|node| {
            let text = node.text()?;
            CreditType::ALL
                .into_iter()
                .find(|(_, osv, _)| *osv == text)
                .map(|row| row.0)
                .ok_or_else(|| node.refuse(format!("`{}` is no type of credit in OSV", shown(text))))
        })
        .transpose()?;
    Ok(Credit {
        name: node.need("name")?.text()?.to_owned(),
        kind,
        contact: node.texts("contact")?,
        consent: Consent::Given,
        unknown: node.unknown(&["name", "type", "contact"])?,
    })
}

/// CWE ids and our own fields come out of `database_specific`; the rest stays.
fn database_specific(root: &Node<'_>, record: &mut Advisory) -> Result<(), AdvisoryError> {
    let Some(node) = root.get("database_specific")? else { return Ok(()) };
    let mut rest: Extra = node.object()?.clone();
    if let Some(ids) = rest.get("cwe_ids").and_then(cwe_ids) {
        record.cwe_ids = ids;
        rest.remove("cwe_ids");
    }
    if rest.get(OURS).is_some_and(Value::is_object) {
        ours(&node.need(OURS)?, record)?;
        rest.remove(OURS);
    }
    record.database_specific = rest;
    Ok(())
}

/// The list if it is one of CWE ids; anything else is the database's own business.
fn cwe_ids(value: &Value) -> Option<Vec<String>> {
    let is_cwe = |text: &&str| text.strip_prefix("CWE-").is_some_and(|digits| digits.parse::<u32>().is_ok());
    value.as_array()?.iter().map(|id| id.as_str().filter(is_cwe).map(str::to_owned)).collect()
}

fn ours(node: &Node<'_>, record: &mut Advisory) -> Result<(), AdvisoryError> {
    if let Some(version) = node.get("version")? {
        record.version = version.typed()?;
    }
    record.title = node.text_of("title")?;
    record.workaround = node.text_of("workaround")?;
    record.withdrawal_reason = node.text_of("withdrawal_reason")?;
    record.timeline = node.items("timeline")?.iter().map(Node::typed).collect::<Result<_, _>>()?;
    record.revisions = node.items("revisions")?.iter().map(Node::typed).collect::<Result<_, _>>()?;
    let moved = node.extra("unknown")?;
    let mut unknown: Extra = Map::new();
    std::mem::swap(&mut unknown, &mut record.unknown);
    unknown.extend(moved);
    record.unknown = unknown;
    Ok(())
}
