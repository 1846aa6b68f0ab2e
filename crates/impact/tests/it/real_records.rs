//! Each record of `PyPA` and the PSF: stored, found for the versions that it lists, served, digestible.

use std::collections::BTreeMap;

use bastide_advisory::{Advisory, Format, read_osv};
use bastide_impact::{
    database::{Builder, Snapshot},
    matching::Advisories as _,
    osv_service::{self, Layers},
};
use bastide_model::{
    package::Ecosystem,
    time::Instant,
    version::{Verdict, Version},
};
use bastide_testkit::data;
use serde_json::Value;

fn records() -> Option<Vec<Advisory>> {
    let (mut all, mut refused) = (Vec::new(), Vec::new());
    for archive in ["pypa-advisories-2024-10-10.tar.xz", "psf-advisories-2024-09-08.tar.xz"] {
        for file in data::archive(archive)? {
            let format = match file.path.rsplit('.').next() {
                Some("json") => Format::Json,
                Some("yaml") => Format::Yaml,
                _ => continue,
            };
            match read_osv(&file.bytes, format, &file.path) {
                Ok(record) => all.push(record),
                Err(error) => refused.push(error.to_string()),
            }
        }
    }
    println!("refused: {refused:#?}");
    assert!(refused.len() < 10, "{} records are refused", refused.len());
    Some(all)
}

#[test]
fn every_real_record_is_found_for_versions_that_it_lists_and_served_whole() {
    let Some(records) = records() else { return };
    let mut builder = Builder::new();
    let mut complaints: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in &records {
        for finding in builder.add(record).unwrap().1 {
            complaints.entry(finding.rule).or_default().push(finding.subject);
        }
    }
    let bytes = builder.finish(Instant::EPOCH).unwrap();
    println!("{} records in {} bytes; clients stumble over {complaints:?}", records.len(), bytes.len());
    let snapshot = Snapshot::of_bytes(bytes).unwrap();
    assert_eq!(snapshot.counts().records as usize, records.len());
    let mut asked = 0;
    for record in &records {
        let served: Value =
            serde_json::from_str(&osv_service::vulnerability(layers(&snapshot), &record.id).unwrap())
                .unwrap();
        let mut back = read_osv(served.to_string().as_bytes(), Format::Json, &record.id).unwrap();
        assert!(record.aliases.iter().all(|alias| back.aliases.contains(alias)), "{}", record.id);
        back.aliases.clone_from(&record.aliases);
        assert_eq!(&back, record, "{} is served as it was published", record.id);
        for affected in record.affected.iter().filter(|affected| affected.package.is_some()) {
            let package = affected.package.as_ref().unwrap().package();
            // Some records list hundreds: the first, the last and some between are asked.
            let last = affected.versions.len().saturating_sub(1);
            let some =
                affected.versions.iter().enumerate().filter(|(place, _)| place % 40 == 0 || *place == last);
            for (_, text) in some {
                let Ok(version) = Version::parse(&Ecosystem::PyPi, text) else { continue };
                let found = snapshot.matches(&package, &version).unwrap();
                let this = found.iter().find(|found| found.id == record.id);
                let expected = if record.withdrawn.is_some() { None } else { Some(Verdict::Yes) };
                assert_eq!(this.map(|found| found.verdict), expected, "{} {package} {version}", record.id);
                asked += 1;
            }
        }
    }
    println!("{asked} listed versions were asked");
    assert!(asked > 4_000, "only {asked} versions asked; this test sees too little");
}

fn layers(snapshot: &Snapshot) -> Layers<'_> {
    Layers { own: None, feeds: Some(snapshot) }
}
