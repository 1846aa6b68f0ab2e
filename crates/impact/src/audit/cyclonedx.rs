//! An audit as `CycloneDX` 1.6: components, their vulnerabilities, and the state of each (VEX).
//!
//! <https://cyclonedx.org/docs/1.6/json/#vulnerabilities>. States: `exploitable` for what stands, `in_triage` for what cannot
//! be told, `not_affected` or `resolved` where a VEX statement says so; a waiver is `exploitable` with the response
//! `will_not_fix` and its reason. Gaps have no place in the format and are told as properties of the document.

use bastide_model::{
    output::one_line,
    package::Package,
    time::Instant,
    version::{Verdict, Version},
};
use serde_json::{Map, Value, json};

use super::{Admits, Audit, GapKind, Held, Issue, Standing, vex::Status};

/// The document, as JSON. `serial` is a fresh UUID, without which the document has no serial number.
pub fn document(audit: &Audit, now: Instant, serial: Option<&str>) -> Value {
    let mut components: Vec<Value> = Vec::new();
    let mut vulnerabilities: Vec<Value> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for held in &audit.held {
        let reference = reference(&held.package, &held.version);
        if !seen.contains(&reference) {
            components.push(component(held, &reference));
            seen.push(reference.clone());
        }
        for issue in &held.issues {
            vulnerabilities.push(vulnerability(held, issue, &reference));
        }
    }
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": now.to_string(),
            "tools": { "components": [
                { "type": "application", "name": "bastide", "version": env!("CARGO_PKG_VERSION") }
            ] },
            "properties": gaps(audit),
        },
        "components": components,
        "vulnerabilities": vulnerabilities,
    });
    if let (Some(serial), Some(object)) = (serial, document.as_object_mut()) {
        object.insert("serialNumber".to_owned(), json!(format!("urn:uuid:{serial}")));
    }
    document
}

fn reference(package: &Package, version: &Version) -> String {
    match package
        .purl()
        .and_then(|mut purl| purl.with_version(version.normalised()).ok().map(|purl| purl.to_string()))
    {
        Some(purl) => purl,
        None => format!("{package}@{version}"),
    }
}

fn component(held: &Held, reference: &str) -> Value {
    json!({
        "type": "library",
        "bom-ref": reference,
        "name": held.package.name(),
        "version": held.version.normalised(),
        "purl": reference,
        "evidence": { "occurrences": held.holders.iter().map(|holder| {
            let file = holder.place.file.as_deref().unwrap_or(&holder.document);
            let mut occurrence = Map::new();
            occurrence.insert("location".to_owned(), json!(one_line(file)));
            if let Some(line) = holder.place.line {
                occurrence.insert("line".to_owned(), json!(line));
            }
            Value::Object(occurrence)
        }).collect::<Vec<_>>() },
    })
}

fn vulnerability(held: &Held, issue: &Issue, reference: &str) -> Value {
    let references: Vec<Value> =
        issue.aliases.iter().map(|id| json!({ "id": one_line(id), "source": source(id) })).collect();
    let mut vulnerability = json!({
        "bom-ref": format!("{}/{reference}", one_line(&issue.id)),
        "id": one_line(&issue.id),
        "source": source(&issue.id),
        "references": references,
        "description": one_line(&issue.summary),
        "affects": [{ "ref": reference }],
        "analysis": analysis(held, issue),
    });
    if let Some(object) = vulnerability.as_object_mut() {
        if let Some(score) = issue.score {
            let level: bastide_model::finding::Level = issue.level();
            let word = serde_json::to_value(level).unwrap_or(Value::Null);
            let score = (f64::from(score) * 10.0).round() / 10.0;
            object.insert("ratings".to_owned(), json!([{ "score": score, "severity": word }]));
        }
        if let Some(to) = &held.upgrade.to {
            let recommendation = format!("Upgrade {} to {}.", held.package.name(), to.normalised());
            object.insert("recommendation".to_owned(), json!(recommendation));
        }
    }
    vulnerability
}

fn source(id: &str) -> Value {
    let name = match id.split('-').next().unwrap_or_default() {
        "CVE" => "CVE Program",
        "GHSA" => "GitHub Advisory Database",
        "PYSEC" => "Python Packaging Advisory Database",
        _ => "OSV",
    };
    json!({ "name": name })
}

fn analysis(held: &Held, issue: &Issue) -> Value {
    match (&issue.standing, issue.verdict) {
        (Standing::Cleared { status, by, reason }, _) => json!({
            "state": if *status == Status::Fixed { "resolved" } else { "not_affected" },
            "detail": one_line(&format!("{by}: {reason}")),
        }),
        (Standing::Waived { reason, by, until }, _) => json!({
            "state": "exploitable",
            "response": ["will_not_fix"],
            "detail": one_line(&format!("Accepted by {by} until {}: {reason}", until.date())),
        }),
        (Standing::Stands, Verdict::Unknown) => json!({ "state": "in_triage" }),
        (Standing::Stands, Verdict::Yes | Verdict::No) => {
            let response = match (&held.upgrade.to, &held.upgrade.admits) {
                (Some(_), Admits::No(_)) => json!(["can_not_fix"]),
                (Some(_), _) => json!(["update"]),
                (None, _) => json!([]),
            };
            json!({ "state": "exploitable", "response": response })
        }
    }
}

fn gaps(audit: &Audit) -> Vec<Value> {
    let property = |name: &str, value: String| json!({ "name": format!("bastide:{name}"), "value": value });
    let mut all = vec![property("checked", audit.checked.to_string())];
    for gap in &audit.gaps {
        let kind = match gap.kind {
            GapKind::Unread => "unread",
            GapKind::NoVersion => "no-version",
            GapKind::Conda => "conda-without-pypi-name",
            GapKind::Ecosystem => "ecosystem-without-advisories",
        };
        all.push(property(kind, one_line(&format!("{}: {}", gap.document, gap.items.len()))));
    }
    all
}
