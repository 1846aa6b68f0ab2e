//! The README's first command, end to end.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use bastide_testkit::judge::{
    self,
    schemas::{Schemas, complaints},
};
use serde_json::Value;

use crate::{bastide::Bastide, running::Running};

/// A place for temporary files that the test can look into afterwards.
fn temporary(bastide: &Bastide) -> PathBuf {
    let place = bastide.home().join("temporary");
    std::fs::create_dir_all(&place).unwrap();
    place
}

/// Proves: J03, J04, J08, J09, J11, J12, J13, J15, J17, J18, J19, J20, J21, J22, J24, J25, J26, J27, J28, J29, J30, J31,
/// O01, O02, O03.
#[test]
fn the_demo_plays_a_case_from_report_to_publication_and_its_ledger_is_sound() {
    let bastide = Bastide::new();
    let place = temporary(&bastide);
    let output = bastide.command(&["demo", "--exit", "--port", "0"]).env("TMPDIR", &place).output().unwrap();
    let (printed, said) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{printed}\n{said}");
    assert_eq!(said, "", "nothing went wrong on the way");
    assert!(printed.starts_with("Open http://localhost:"), "the page to open comes first: {printed}");
    let steps: Vec<&str> = printed.lines().filter(|line| line.starts_with("2024-")).collect();
    let rules: BTreeSet<&str> = steps.iter().filter_map(|line| line.split_whitespace().nth(4)).collect();
    println!("{} steps were played, under the rules {rules:?}", steps.len());
    let order = |what: &str| {
        steps.iter().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {printed}"))
    };
    let story = [
        "Send a report to jupyterlab: received",
        "Answer the reporter",
        "Judge the report",
        "Accept the report",
        "Say whether it can be reproduced",
        "Start a fix in a private fork",
        "Ask for a CVE number",
        "Enter the CVE number: CVE-2024-43805",
        "Tell the reporter: The CVE number",
        "Agree to the dates",
        "Record that the dates were posted",
        "Ask for changes",
        "Approve the draft",
        "Record a manual test",
        "Record the merge",
        "Record the release",
        "Publish the advisory GHSA-9q39-rmj3-p4r2 on its date",
        "Confirm that the CVE record is published",
        "Close the case",
        "Send a report to scipy",
    ];
    let places: Vec<usize> = story.iter().map(|what| order(what)).collect();
    assert!(places.is_sorted(), "the steps come in the order of the process: {places:?}");
    assert!(steps[order("Publish the advisory")].starts_with("2024-08-28"), "on the announcement date");
    assert!(printed.contains("The ledger is sound."), "{printed}");
    assert!(printed.contains("The finished case's proof holds without the desk: "), "{printed}");
    assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "the temporary directory is gone");
}

/// Proves: J28, O03.
#[test]
fn the_demo_stays_and_its_documents_can_be_fetched_by_the_commands_that_talk_to_any_desk() {
    let bastide = Bastide::new();
    let place = temporary(&bastide);
    let mut command = bastide.command(&["demo", "--port", "0"]);
    command.env("TMPDIR", &place);
    let running = Running::start_command(command, std::process::Stdio::null(), "Running until Ctrl-C.");
    let address = running.printed[0].split_whitespace().nth(1).unwrap().to_owned();
    let get = |format: &str| {
        bastide.done(&["advisory", "get", "GHSA-9q39-rmj3-p4r2", "--as", format, "--desk", &address])
    };
    let json = |text: String| -> Value { serde_json::from_str(&text).unwrap() };
    let osv = json(get("osv"));
    assert_eq!(osv["affected"][1]["ranges"][0]["events"][1]["fixed"], "7.2.2");
    assert!(osv["published"].as_str().unwrap().starts_with("2024-08-28T19:00"), "{osv}");
    assert_eq!(json(get("cve"))["cveMetadata"]["cveId"], "CVE-2024-43805");
    assert_eq!(json(get("csaf"))["document"]["category"], "csaf_security_advisory");
    assert!(get("text").contains("jupyterlab"));
    accepted_by_the_judges(&json(get("osv")), &json(get("cve")), json(get("csaf")));
    let link = running.printed.iter().find(|line| line.contains("/status/")).unwrap().trim().to_owned();
    let status = bastide.run_with(&["report", "status"], &link);
    assert_eq!(status.code, 0, "{status:?}");
    assert!(status.out.contains("closed"), "{}", status.out);
    let ended = running.end();
    assert_eq!(ended.code(), Some(0), "it ends in good order");
    assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "the temporary directory is gone");
}

/// The documents before the published schemas and the independent CSAF validator.
fn accepted_by_the_judges(osv: &Value, cve: &Value, csaf: Value) {
    if let Some(schemas) = Schemas::load() {
        for (schema, document) in [(&schemas.osv, osv), (&schemas.cve, cve), (&schemas.csaf, &csaf)] {
            assert_eq!(complaints(schema, document), Vec::<String>::new(), "{document:#}");
        }
    }
    if let Some(judge) = judge::csaf::installed(Path::new(env!("CARGO_TARGET_TMPDIR"))) {
        let verdicts = judge::csaf::verdicts(&judge, &[("advisory.json".to_owned(), csaf)]);
        assert_eq!(verdicts[0]["valid"], true, "{verdicts:#?}");
    }
}
