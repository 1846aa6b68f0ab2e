use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Advisory, ErrorKind, sample};

fn publisher() -> Publisher {
    Publisher {
        category: PublisherCategory::Vendor,
        name: "A Project".to_owned(),
        namespace: "https://example.org".to_owned(),
        contact_details: None,
        directory: Some("https://example.org/csaf/white/2024/".to_owned()),
    }
}

fn read_back(record: &Advisory) -> Advisory {
    let document = render(record, &publisher()).unwrap();
    read(crate::json_text(&document).as_bytes(), &record.id).unwrap()
}

#[test]
fn a_full_record_reads_back_as_what_is_carried_of_it() {
    let record = sample::full();
    let back = read_back(&record);
    assert_eq!(back, carried(&record));
    assert_eq!(
        (&back.title, &back.severities, &back.timeline),
        (&record.title, &record.severities, &record.timeline)
    );
    assert_eq!(back.affected[0].ranges, record.affected[0].ranges);
    assert_eq!(back.credits.len(), 1, "nobody is named without consent");
}

#[test]
fn several_cve_ids_make_several_vulnerabilities_with_the_same_products() {
    let mut record = sample::full();
    record.aliases.push("CVE-2024-43806".to_owned());
    let document = render(&record, &publisher()).unwrap();
    let vulnerabilities = document["vulnerabilities"].as_array().unwrap();
    assert_eq!(vulnerabilities.len(), 2);
    assert_eq!(vulnerabilities[0]["product_status"], vulnerabilities[1]["product_status"]);
    assert_eq!(read_back(&record), carried(&record));
}

#[test]
fn fixed_versions_are_products_with_a_package_url() {
    let document = render(&sample::full(), &publisher()).unwrap().to_string();
    assert!(document.contains(r#""purl":"pkg:pypi/jupyterlab@4.2.5""#), "{document}");
    assert!(document.contains(r#""purl":"pkg:npm/%40jupyterlab/application""#), "{document}");
    assert!(document.contains(r#""name":"vers:pypi/>=0|<3.6.8|>=4.0.0|<4.2.5""#), "{document}");
}

#[test]
fn what_csaf_cannot_say_is_refused_with_the_field() {
    let mut record = sample::full();
    record.affected.clear();
    let error = render(&record, &publisher()).unwrap_err();
    assert_eq!((error.kind, error.field.as_str()), (ErrorKind::NotRenderable, "affected"));
    let nobody = Publisher { namespace: "example.org".to_owned(), ..publisher() };
    assert_eq!(render(&sample::full(), &nobody).unwrap_err().field, "publisher");
}

#[test]
fn a_broken_document_is_refused_with_file_field_and_reason() {
    let good = render(&sample::full(), &publisher()).unwrap();
    let refusal = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut document = good.clone();
        change(&mut document);
        read(document.to_string().as_bytes(), "bad.json").unwrap_err()
    };
    let error = refusal(&|doc| doc["document"]["csaf_version"] = json!("1.2"));
    assert_eq!((error.document.as_str(), error.field.as_str()), ("bad.json", "document.csaf_version"));
    let error = refusal(&|doc| doc["document"]["tracking"]["version"] = json!("one"));
    assert_eq!(error.field, "document.tracking.version");
    let error = refusal(&|doc| doc["document"]["references"][1]["url"] = json!("x"));
    assert_eq!(error.field, "document.references[1].url");
    let error = refusal(&|doc| drop(doc["document"].as_object_mut().unwrap().remove("title")));
    assert_eq!((error.kind, error.field.as_str()), (ErrorKind::Missing, "document.title"));
}

#[test]
fn a_document_of_somebody_else_is_read_as_far_as_the_record_goes() {
    let document = json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "T", "source_lang": "en",
            "publisher": {"category": "vendor", "name": "N", "namespace": "https://example.org"},
            "tracking": {"id": "X-1", "current_release_date": "2024-01-01T00:00:00+01:00", "status": "final",
                "initial_release_date": "2024-01-01T00:00:00Z", "version": "1.2.0",
                "revision_history": [{"date": "2024-01-01T00:00:00Z", "number": "1.2.0", "summary": "S"}]}
        },
        "product_tree": {"branches": [{"category": "vendor", "name": "V", "branches": [{
            "category": "product_name", "name": "Numpy", "branches": [
                {"category": "product_version", "name": "1.0", "product": {"name": "n", "product_id": "a",
                    "product_identification_helper": {"purl": "pkg:pypi/numpy@1.0"}}},
                {"category": "product_version_range", "name": "before 1.0", "product": {"name": "n", "product_id": "b"}}
        ]}]}]},
        "vulnerabilities": [{"cve": "CVE-2024-0001", "notes": [{"category": "description", "text": "D"}]}]
    });
    let record = read(document.to_string().as_bytes(), "x").unwrap();
    let package = record.affected[0].package.as_ref().unwrap();
    assert_eq!((package.ecosystem.as_str(), package.name.as_str()), ("PyPI", "numpy"));
    assert_eq!(record.affected[0].versions, ["1.0"]);
    assert_eq!(record.affected[0].unknown["csaf_version_range"], "before 1.0");
    assert_eq!(record.cve_ids(), ["CVE-2024-0001"]);
    assert_eq!(record.unknown["csaf_document"], json!({"source_lang": "en"}));
}

proptest! {
    #[test]
    fn any_record_reads_back_as_what_is_carried_of_it(mut record in sample::any_record()) {
        if record.affected.is_empty() {
            record.affected.push(crate::record::Affected::default());
        }
        let said = carried(&record);
        prop_assert_eq!(read_back(&record), said.clone());
        prop_assert_eq!(carried(&said), said);
    }
}
