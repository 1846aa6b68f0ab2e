use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Advisory, ErrorKind, record::RangeKind, sample};

fn assigner() -> Assigner {
    Assigner {
        org_id: "00000000-0000-4000-9000-000000000000".to_owned(),
        short_name: Some("example".to_owned()),
    }
}

fn read_back(record: &Advisory) -> Advisory {
    let document = render(record, &assigner()).unwrap();
    read(crate::json_text(&document).as_bytes(), &record.id).unwrap()
}

#[test]
fn a_full_record_reads_back_as_what_is_carried_of_it() {
    let record = sample::full();
    let back = read_back(&record);
    assert_eq!(back, carried(&record));
    assert_eq!(
        (&back.id, &back.aliases, &back.severities),
        (&record.id, &record.aliases, &record.severities)
    );
    assert_eq!(back.affected[1].ranges[0].kind, RangeKind::Semver);
    assert_eq!(back.affected[2].ranges, record.affected[2].ranges);
    assert_eq!((&back.workaround, &back.timeline), (&record.workaround, &record.timeline));
}

#[test]
fn a_record_without_exactly_one_cve_id_is_refused() {
    let mut record = sample::full();
    record.aliases.push("CVE-2024-43806".to_owned());
    let error = render(&record, &assigner()).unwrap_err();
    assert_eq!((error.kind, error.field.as_str()), (ErrorKind::NotRenderable, "aliases"));
    assert!(error.reason.contains("2 CVE ids"), "{error}");
    record.aliases.clear();
    assert!(render(&record, &assigner()).unwrap_err().reason.contains("0 CVE ids"));
}

#[test]
fn what_a_cve_record_demands_is_asked_for() {
    let mut record = sample::full();
    record.references.clear();
    assert_eq!(render(&record, &assigner()).unwrap_err().field, "references");
    let mut record = sample::full();
    record.affected.clear();
    assert_eq!(render(&record, &assigner()).unwrap_err().field, "affected");
    let nobody = Assigner { org_id: "me".to_owned(), short_name: None };
    assert_eq!(render(&sample::full(), &nobody).unwrap_err().field, "assigner");
}

#[test]
fn a_long_text_is_cut_and_stands_whole_beside_it() {
    let mut record = sample::full();
    record.details = Some("ü".repeat(5000));
    let document = render(&record, &assigner()).unwrap();
    let description = &document["containers"]["cna"]["descriptions"][0];
    assert_eq!(description["value"].as_str().unwrap().chars().count(), 4096);
    assert_eq!(read_back(&record).details, record.details);
}

#[test]
fn a_broken_record_is_refused_with_file_field_and_reason() {
    type Change = fn(&mut serde_json::Value);
    let cases: [(Change, &str); 5] = [
        (|doc| doc["dataVersion"] = json!("4.0"), "dataVersion"),
        (|doc| doc["cveMetadata"]["cveId"] = json!("CVE-1"), "cveMetadata.cveId"),
        (|doc| doc["cveMetadata"]["state"] = json!("REJECTED"), "cveMetadata.state"),
        (|doc| doc["containers"]["cna"]["affected"] = json!(null), "containers.cna.affected"),
        (
            |doc| doc["containers"]["cna"]["metrics"][0]["cvssV3_1"]["vectorString"] = json!("9"),
            "containers.cna.metrics[0].cvssV3_1.vectorString",
        ),
    ];
    for (change, field) in cases {
        let mut document = render(&sample::full(), &assigner()).unwrap();
        change(&mut document);
        let error = read(document.to_string().as_bytes(), "bad.json").unwrap_err();
        assert_eq!((error.document.as_str(), error.field.as_str()), ("bad.json", field), "{error}");
    }
}

#[test]
fn fields_of_others_are_kept() {
    let mut document = render(&sample::full(), &assigner()).unwrap();
    document["containers"]["cna"].as_object_mut().unwrap().remove(OURS);
    document["containers"]["cna"]["impacts"] = json!([{"descriptions": [{"lang": "en", "value": "X"}]}]);
    let record = read(document.to_string().as_bytes(), "x").unwrap();
    assert_eq!(record.id, "CVE-2024-43805");
    let again = render(&record, &assigner()).unwrap();
    assert_eq!(again["containers"]["cna"]["impacts"], document["containers"]["cna"]["impacts"]);
}

proptest! {
    #[test]
    fn any_record_reads_back_as_what_is_carried_of_it(mut record in sample::any_record()) {
        record.aliases.retain(|alias| !crate::record::is_cve_id(alias));
        if !crate::record::is_cve_id(&record.id) {
            record.aliases.push("CVE-2024-12345".to_owned());
        }
        if record.affected.is_empty() {
            record.affected.push(crate::record::Affected::default());
        }
        if record.references.is_empty() {
            record.references.push(sample::full().references.remove(0));
        }
        let said = carried(&record);
        prop_assert_eq!(read_back(&record), said.clone());
        prop_assert_eq!(carried(&said), said);
    }
}
