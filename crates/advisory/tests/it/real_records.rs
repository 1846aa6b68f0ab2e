//! All records of the PSF and of `PyPA`'s database: imported, rendered, judged, read back.

use std::collections::BTreeMap;

use bastide_advisory::{Advisory, AdvisoryError, ErrorKind, Format, csaf, cve, json_text, osv, read_osv};
use bastide_testkit::data;
use serde_json::Value;

use bastide_testkit::judge::schemas::{Schemas, complaints};

/// 132 records of 2024-09-08, JSON.
pub(crate) const PSF: &str = "psf-advisories-2024-09-08.tar.xz";
/// 2,661 records of 2024-10-10, YAML.
pub(crate) const PYPA: &str = "pypa-advisories-2024-10-10.tar.xz";

/// A published record as it lies in its archive.
pub(crate) struct Published {
    pub(crate) path: String,
    pub(crate) read: Result<Advisory, AdvisoryError>,
    /// The document as the schema sees it.
    tree: Value,
}

/// All records of an archive.
pub(crate) fn records(archive: &str) -> Option<Vec<Published>> {
    let files = data::archive(archive)?;
    let kinds = |path: &str| match path.rsplit('.').next() {
        Some("json") => Some(Format::Json),
        Some("yaml") => Some(Format::Yaml),
        _ => None,
    };
    Some(
        files
            .into_iter()
            .filter_map(|file| {
                let format = kinds(&file.path)?;
                let tree = match format {
                    Format::Json => serde_json::from_slice(&file.bytes).expect("the archive holds JSON"),
                    Format::Yaml => serde_saphyr::from_slice(&file.bytes).expect("the archive holds YAML"),
                };
                Some(Published { read: read_osv(&file.bytes, format, &file.path), path: file.path, tree })
            })
            .collect(),
    )
}

pub(crate) fn publisher() -> csaf::Publisher {
    csaf::Publisher {
        category: csaf::PublisherCategory::Coordinator,
        name: "Example programme".to_owned(),
        namespace: "https://security.example.org".to_owned(),
        contact_details: Some("security@example.org".to_owned()),
        directory: Some("https://security.example.org/csaf/white/2024/".to_owned()),
    }
}

fn assigner() -> cve::Assigner {
    cve::Assigner {
        org_id: "00000000-0000-4000-9000-000000000000".to_owned(),
        short_name: Some("example".to_owned()),
    }
}

/// Judges every record of an archive; returns counts by what happened.
fn judge(archive: &str, schemas: &Schemas) -> Option<BTreeMap<&'static str, usize>> {
    let mut counts = BTreeMap::new();
    let mut count = |what| *counts.entry(what).or_insert(0) += 1;
    let mut wrong: Vec<String> = Vec::new();
    for published in records(archive)? {
        let path = &published.path;
        count("records");
        let against = complaints(&schemas.osv, &published.tree);
        let record = match published.read {
            Ok(record) => record,
            Err(error) => {
                count("refused");
                assert_eq!(&error.document, path);
                assert!(!error.field.is_empty() && !error.reason.is_empty(), "{error}");
                if against.is_empty() {
                    wrong.push(format!("we refuse what the schema accepts: {error}"));
                }
                println!("refused: {error}");
                continue;
            }
        };
        count("imported");
        if !against.is_empty() {
            wrong.push(format!("{path}: we accept what the schema refuses: {}", against.join("; ")));
        }
        let document = osv::render(&record);
        wrong.extend(
            complaints(&schemas.osv, &document).into_iter().map(|reason| format!("{path}: OSV {reason}")),
        );
        let back = osv::read(json_text(&document).as_bytes(), Format::Json, path);
        if back.as_ref() != Ok(&record) {
            wrong.push(format!("{path}: OSV does not read back equal"));
        }
        if osv::carried(&record) != record {
            wrong.push(format!("{path}: OSV does not carry the whole record"));
        }
        count("OSV accepted and read back");
        // The lint is for our own drafts; over the records of others it must only keep calm.
        bastide_advisory::lint::lint(&record);
        match csaf::render(&record, &publisher()) {
            Ok(document) => {
                let against = complaints(&schemas.csaf, &document);
                wrong.extend(against.into_iter().map(|reason| format!("{path}: CSAF {reason}")));
                let back = csaf::read(json_text(&document).as_bytes(), path);
                if back.as_ref() != Ok(&csaf::carried(&record)) {
                    wrong.push(format!("{path}: CSAF does not read back equal"));
                }
                count("CSAF accepted and read back");
            }
            Err(error) => wrong.push(error.to_string()),
        }
        match cve::render(&record, &assigner()) {
            Ok(document) => {
                let against = complaints(&schemas.cve, &document);
                wrong.extend(against.into_iter().map(|reason| format!("{path}: CVE {reason}")));
                let back = cve::read(json_text(&document).as_bytes(), path);
                if back.as_ref() != Ok(&cve::carried(&record)) {
                    wrong.push(format!("{path}: CVE does not read back equal"));
                }
                count("CVE accepted and read back");
            }
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::NotRenderable);
                match (error.field.as_str(), record.cve_ids().len()) {
                    ("aliases", 1) => wrong.push(error.to_string()),
                    ("aliases", _) => count("no CVE: not exactly one CVE id"),
                    ("references", _) if record.references.is_empty() => count("no CVE: no reference"),
                    _ => wrong.push(error.to_string()),
                }
            }
        }
    }
    for complaint in wrong.iter().take(20) {
        println!("WRONG {complaint}");
    }
    assert!(wrong.is_empty(), "{} complaints", wrong.len());
    Some(counts)
}

#[test]
fn every_psf_record_is_imported_rendered_accepted_and_read_back() {
    let Some(schemas) = Schemas::load() else { return };
    let Some(counts) = judge(PSF, &schemas) else { return };
    println!("PSF: {counts:#?}");
    assert_eq!((counts["records"], counts["imported"]), (132, 132));
    assert_eq!(
        counts["CVE accepted and read back"]
            + counts["no CVE: not exactly one CVE id"]
            + counts.get("no CVE: no reference").unwrap_or(&0),
        132
    );
}

#[test]
fn every_well_formed_pysec_record_is_imported_rendered_accepted_and_read_back() {
    let Some(schemas) = Schemas::load() else { return };
    let Some(counts) = judge(PYPA, &schemas) else { return };
    println!("PYSEC: {counts:#?}");
    // The seven name shortened or misspelt commits; the published schema refuses the same seven.
    assert_eq!((counts["records"], counts["imported"], counts["refused"]), (2661, 2654, 7));
}
