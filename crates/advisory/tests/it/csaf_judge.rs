//! Our CSAF documents before the independent validator of Secvisogram, run by Node.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use bastide_advisory::{Format, csaf, json_text, read_osv};
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

/// The judge's directory with its packages installed; nothing where there is no npm.
fn installed() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/csaf");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("csaf-judge");
    fs::create_dir_all(&place).unwrap();
    // A test runner may give each test a process of its own: one of them installs, the others wait.
    let turn = fs::File::create(place.join("turn")).unwrap();
    turn.lock().unwrap();
    let lock = fs::read(source.join("package-lock.json")).unwrap();
    let installed_lock = place.join("installed.json");
    for file in ["package.json", "package-lock.json", "validate.mjs"] {
        fs::copy(source.join(file), place.join(file)).unwrap();
    }
    if fs::read(&installed_lock).is_ok_and(|done| done == lock) {
        return Some(place);
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let ended = Command::new("npm").args(arguments).current_dir(&place).output();
    match ended {
        Ok(output) if output.status.success() => {
            fs::write(installed_lock, lock).unwrap();
            Some(place)
        }
        other => {
            let reason = match other {
                Ok(output) => String::from_utf8_lossy(&output.stderr).chars().take(500).collect(),
                Err(error) => error.to_string(),
            };
            assert!(!flag("BASTIDE_REQUIRE_JUDGES"), "the CSAF judge is required: npm ci failed: {reason}");
            println!("SKIPPED: the CSAF validator is not installed: {reason}");
            None
        }
    }
}

/// The verdicts of the judge over these documents: a line per file, then the sum.
fn verdicts(judge: &Path, documents: &[(String, Value)]) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    for (name, document) in documents {
        fs::write(directory.path().join(name), json_text(document)).unwrap();
    }
    let output =
        Command::new("node").arg("validate.mjs").arg(directory.path()).current_dir(judge).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The judge must be able to say no.
#[test]
fn the_csaf_validator_refuses_a_document_with_a_product_that_is_not_defined() {
    let Some(judge) = installed() else { return };
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
    let Some(judge) = installed() else { return };
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
    let Some(judge) = installed() else { return };
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
