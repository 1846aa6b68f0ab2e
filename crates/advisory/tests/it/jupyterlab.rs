//! One real JupyterLab advisory with packages on PyPI and npm.

use bastide_advisory::{Advisory, Format, csaf, cve, json_text, osv, read_osv};
use bastide_model::version::{Verdict, Version};
use bastide_testkit::judge::schemas::{Schemas, complaints};
use serde_json::Value;

use crate::real_records::publisher;

const SOURCE: &str = include_str!("../data/GHSA-rch3-82jr-f9w9.json");

fn advisory() -> Advisory {
    read_osv(SOURCE.as_bytes(), Format::Json, "GHSA-rch3-82jr-f9w9.json").unwrap()
}

fn assigner() -> cve::Assigner {
    cve::Assigner { org_id: "00000000-0000-4000-9000-000000000000".to_owned(), short_name: None }
}

#[test]
fn the_jupyterlab_advisory_round_trips_through_every_format() {
    let record = advisory();
    let rendered = osv::render(&record);
    let mut original: Value = serde_json::from_str(SOURCE).unwrap();
    original["schema_version"] = rendered["schema_version"].clone();
    assert_eq!(rendered, original, "OSV says again what it said");
    let document = csaf::render(&record, &publisher()).unwrap();
    assert_eq!(csaf::read(json_text(&document).as_bytes(), "csaf").unwrap(), csaf::carried(&record));
    let document = cve::render(&record, &assigner()).unwrap();
    assert_eq!(cve::read(json_text(&document).as_bytes(), "cve").unwrap(), cve::carried(&record));
}

#[test]
fn the_published_schemas_accept_the_jupyterlab_advisory_in_every_format() {
    let Some(schemas) = Schemas::load() else { return };
    let record = advisory();
    let none: [String; 0] = [];
    assert_eq!(complaints(&schemas.osv, &osv::render(&record)), none);
    assert_eq!(complaints(&schemas.csaf, &csaf::render(&record, &publisher()).unwrap()), none);
    assert_eq!(complaints(&schemas.cve, &cve::render(&record, &assigner()).unwrap()), none);
}

#[test]
fn each_of_its_packages_is_judged_by_its_own_ecosystem() {
    let record = advisory();
    let verdict = |name: &str, version: &str| {
        let affected = record
            .affected
            .iter()
            .find(|one| one.package.as_ref().is_some_and(|one| one.name == name))
            .unwrap();
        affected.affects(&Version::parse(&affected.ecosystem(), version).unwrap())
    };
    assert_eq!(verdict("jupyterlab", "4.5.7rc1"), Verdict::Yes);
    assert_eq!(verdict("jupyterlab", "4.5.7"), Verdict::No);
    assert_eq!(verdict("@jupyterlab/help-extension", "4.5.7-rc.1"), Verdict::Yes);
    assert_eq!(verdict("@jupyterlab/help-extension", "4.5.7"), Verdict::No);
    assert_eq!(verdict("notebook", "6.5.7"), Verdict::No);
    assert_eq!(verdict("notebook", "7.5.5.post1"), Verdict::Yes);
}
