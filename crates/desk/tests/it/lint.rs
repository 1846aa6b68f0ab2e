//! Lint on thousands of real descriptions of vulnerabilities, as regression and as a measure of false alarms.

use std::{collections::BTreeMap, path::Path};

use bastide_desk::lint::{Linter, ReportDraft};
use bastide_model::time::Instant;
use bastide_testkit::data::archive;

/// The descriptions of the Python Packaging Advisory Database (CC-BY-4.0): real vulnerabilities in the words of those
/// who reported or published them.
fn descriptions() -> Option<Vec<String>> {
    let files = archive("pypa-advisories-2024-10-10.tar.xz")?;
    let records =
        files.iter().filter(|file| Path::new(&file.path).extension().is_some_and(|end| end == "yaml"));
    let described = records.filter_map(|file| {
        let text = std::str::from_utf8(&file.bytes).ok()?;
        let record: serde_json::Value = serde_saphyr::from_str(text).ok()?;
        Some(record["details"].as_str()?.to_owned())
    });
    Some(described.collect())
}

/// Proves: P26, O06.
#[test]
fn real_vulnerabilities_are_not_taken_for_noise() {
    let Some(descriptions) = descriptions() else { return };
    assert!(descriptions.len() > 2500, "only {} descriptions were read", descriptions.len());
    let linter = Linter::for_builtin("jupyter").unwrap();
    let mut hits: BTreeMap<String, usize> = BTreeMap::new();
    for body in &descriptions {
        let draft = ReportDraft { body: body.clone(), ..ReportDraft::default() };
        let report = linter.lint(&draft, Instant::from_micros(1_728_518_400_000_000));
        let mut rules: Vec<&str> = report
            .findings
            .iter()
            .filter(|judged| judged.finding.is_failure())
            .map(|judged| judged.finding.rule.as_str())
            .collect();
        rules.sort_unstable();
        rules.dedup();
        for rule in rules {
            *hits.entry(rule.to_owned()).or_default() += 1;
        }
    }
    for rule in ["REP-P17", "REP-P20", "REP-P23", "REP-P24", "REP-P26"] {
        println!("{rule}: {} of {} descriptions", hits.get(rule).unwrap_or(&0), descriptions.len());
    }
    let noise = hits.get("REP-P26").copied().unwrap_or(0);
    assert!(
        noise * 100 <= descriptions.len(),
        "{noise} of {} taken for noise, more than 1 %",
        descriptions.len()
    );
}
