//! Our CSAF documents before the independent validator of Secvisogram, run by Node.

use std::path::Path;

use bastide_advisory::{Format, csaf, read_osv};
use bastide_testkit::judge::csaf::{installed, verdicts};
use serde_json::Value;

use crate::real_records::{PSF, PYPA, publisher, records};

/// A record in this many of `PyPA`'s is judged in the default run; the directory's order spreads them over the packages.
/// `BASTIDE_CSAF_JUDGE_ALL=1` judges every one.
const SAMPLE: usize = 9;

fn flag(name: &str) -> bool {
    #[allow(clippy::disallowed_methods, reason = "tests are configured by the environment")]
    let value = std::env::var(name);
    value.is_ok_and(|value| value == "1")
}

/// The judge must be able to say no.
#[test]
fn the_csaf_validator_refuses_a_document_with_a_product_that_is_not_defined() {
    let Some(judge) = installed(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let source = include_str!("../data/GHSA-rch3-82jr-f9w9.json");
    let record = read_osv(source.as_bytes(), Format::Json, "GHSA").unwrap();
    let good = csaf::render(&record, &publisher()).unwrap();
    let mut bad = good.clone();
    bad["vulnerabilities"][0]["product_status"]["fixed"][0] = "P99".into();
    let verdicts = verdicts(&judge, &[("bad.json".to_owned(), bad), ("good.json".to_owned(), good)]);
    assert_eq!(
        (&verdicts[0]["valid"], &verdicts[1]["valid"]),
        (&false.into(), &true.into()),
        "{verdicts:#?}"
    );
    assert!(verdicts[0]["errors"].to_string().contains("mandatoryTest_6_1_1"), "{verdicts:#?}");
}

#[test]
fn the_csaf_validator_finds_no_error_in_what_we_render() {
    let Some(judge) = installed(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let (Some(psf), Some(pypa)) = (records(PSF), records(PYPA)) else { return };
    let step = if flag("BASTIDE_CSAF_JUDGE_ALL") { 1 } else { SAMPLE };
    let chosen = psf.into_iter().chain(pypa.into_iter().step_by(step));
    let documents: Vec<(String, Value)> = chosen
        .filter_map(|published| {
            let record = published.read.ok()?;
            Some((format!("{}.json", record.id), csaf::render(&record, &publisher()).unwrap()))
        })
        .collect();
    let verdicts = verdicts(&judge, &documents);
    let mut kinds: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for verdict in &verdicts {
        for warning in verdict["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            *kinds.entry(warning.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    let refused: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["valid"] == false).collect();
    println!("CSAF validator: {}; warnings by optional test {kinds:?}", verdicts.last().unwrap());
    assert_eq!(verdicts.len(), documents.len() + 1);
    assert!(refused.is_empty(), "{} refused, such as {:#?}", refused.len(), &refused[..refused.len().min(5)]);
}

#[test]
fn the_csaf_validator_finds_no_error_in_any_state_of_a_record() {
    let Some(judge) = installed(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let documents: Vec<(String, Value)> = crate::states::all()
        .into_iter()
        .map(|(state, record)| (format!("{state}.json"), csaf::render(&record, &publisher()).unwrap()))
        .collect();
    let verdicts = verdicts(&judge, &documents);
    println!("CSAF validator over states of a record: {}", verdicts.last().unwrap());
    assert_eq!(verdicts.len(), documents.len() + 1);
    let refused: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["valid"] == false).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}
