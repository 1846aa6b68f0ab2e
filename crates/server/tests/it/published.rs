//! An advisory on its day: what anybody then finds at the desk's public addresses.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{api::report, site::Site};

async fn step(site: &Site, token: &str, case: &str, name: &str, fields: Value) -> Value {
    let done = site.post(&format!("/api/v1/cases/{case}/steps/{name}"), Some(token), fields).await;
    assert_eq!(done.status, StatusCode::OK, "{name}: {}", done.text);
    done.json()
}

/// Plays a case until its advisory is out; what it says is known already, so no date is waited for.
pub(crate) async fn published(site: &Site) -> String {
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report()).await.json();
    let case = sent["case"].as_str().unwrap();
    let (coordinator, developer) = (&site.coordinator.1, &site.developer.1);
    let verdict = json!({ "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": "So." });
    step(site, coordinator, case, "triage", verdict).await;
    step(site, coordinator, case, "accept", json!({})).await;
    let invitation = json!({ "person": site.developer.0, "seat": "developer" });
    step(site, coordinator, case, "invite", invitation).await;
    step(site, developer, case, "answer-invitation", json!({ "accept": true })).await;
    let record = json!({
        "schema_version": "1.7.5",
        "summary": "Opening a prepared notebook runs a script",
        "details": "A prepared notebook runs a script when it is opened.",
        "affected": [{
            "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "4.0.0" }, { "fixed": "4.2.5" }] }],
        }],
        "credits": [{ "name": "Reporter A", "type": "FINDER" }],
    });
    step(site, coordinator, case, "draft-advisory", json!({ "record": record })).await;
    step(site, coordinator, case, "submit-for-review", json!({})).await;
    let shown = site.get(&format!("/api/v1/cases/{case}"), Some(developer)).await.json();
    let drafted = shown["history"].as_array().unwrap().iter().rev();
    let mut digests = drafted.filter_map(|entry| entry["event"]["digest"].as_str());
    let digest = digests.next().expect("the draft's digest is in its event").to_owned();
    step(site, developer, case, "approve", json!({ "digest": digest })).await;
    let fact = json!({ "fact": "public", "evidence": "A post describes it." });
    step(site, coordinator, case, "public-fact", fact).await;
    let done = step(site, coordinator, case, "publish", json!({})).await;
    done["advisory"].as_str().unwrap().to_owned()
}

/// Proves: J07, J33.
#[tokio::test]
async fn a_published_advisory_is_listed_with_its_documents_and_its_finder_is_thanked() {
    let site = Site::open().await;
    let before = site.get("/acknowledgements", None).await;
    assert!(!before.text.contains("Reporter A"));
    let id = published(&site).await;
    for page in ["/advisories", "/projects/jupyterlab", "/feed.atom", "/api/v1/advisories"] {
        let answer = site.get(page, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(answer.text.contains(&id), "{page} does not list {id}");
    }
    let project = site.get("/projects/jupyterlab", None).await.text;
    assert!(project.contains("https://jupyter.org/security"), "the project's security page is linked");
    assert!(project.contains("security@ipython.org"), "and the address for reports is named");
    for kind in ["osv", "csaf", "text", "html"] {
        let document = site.get(&format!("/advisories/{id}/{kind}"), None).await;
        assert_eq!(document.status, StatusCode::OK, "{kind}");
        assert!(document.text.contains("4.2.5"), "{kind}: {}", document.text);
    }
    assert!(site.get(&format!("/advisories/{id}"), None).await.text.contains("Reporter A"));
    assert!(site.get("/acknowledgements", None).await.text.contains("Reporter A"));
}

/// A checkpoint that stood still would hide every later advisory from whoever compares checkpoints.
///
/// Proves: O02.
#[tokio::test]
async fn the_public_logs_checkpoint_grows_with_what_is_published_and_its_page_leads_there() {
    let site = Site::open().await;
    let size = async || -> u64 {
        let note = site.get("/ledger/public/checkpoint", None).await;
        note.text.lines().nth(1).unwrap().parse().unwrap()
    };
    assert_eq!(size().await, 0);
    published(&site).await;
    assert_eq!(size().await, 5, "one leaf for each document; without a CVE number there is no CVE record");
    let page = site.get("/ledger", None).await.text;
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let within: Vec<&str> = links.filter(|link| link.starts_with("/ledger/")).collect();
    assert!(!within.is_empty());
    for link in within {
        assert_eq!(site.get(link, None).await.status, StatusCode::OK, "{link} leads nowhere");
    }
    for named in page.split("http://localhost:1").skip(1) {
        let path = named.split(['<', '"', ' ', '\'']).next().unwrap();
        let status = site.get(if path.is_empty() { "/" } else { path }, None).await.status;
        assert_eq!(status, StatusCode::OK, "the command's address {path} leads nowhere");
    }
    let (_, command) = page.split_once("ledger verify --proof").expect("a command that the program knows");
    let key = site.get("/ledger/case/key", None).await.text;
    let key = key.trim().replace('+', "&#43;").replace('/', "&#47;");
    let command = command.replace('+', "&#43;").replace('/', "&#47;");
    assert!(command.contains(&key), "a case's proof is checked with the case log's key");
}

/// Proves: O02.
#[tokio::test]
async fn every_document_of_an_advisory_has_a_proof_that_holds_for_its_bytes_and_for_no_others() {
    let site = Site::open().await;
    let id = published(&site).await;
    let keys = [site.desk.store().verifier_key(bastide_store::Log::Public)];
    let page = site.get(&format!("/advisories/{id}/proof"), None).await;
    assert_eq!(page.status, StatusCode::OK);
    for kind in ["osv", "csaf", "text", "html", "record"] {
        assert!(
            page.text.contains(&format!("/advisories/{id}/proof/{kind}?version=1")),
            "{kind} is not listed"
        );
        let document = site.get(&format!("/advisories/{id}/{kind}"), None).await.text;
        let proof = site.get(&format!("/advisories/{id}/proof/{kind}?version=1"), None).await.json();
        let proof: bastide_ledger::PublicationProof = serde_json::from_value(proof).unwrap();
        proof.check(document.as_bytes(), &keys).unwrap();
        assert!(proof.check(format!("{document} ").as_bytes(), &keys).is_err(), "{kind} with one byte more");
    }
    for absent in ["/proof/pdf", "/proof/osv?version=9", "/proof?version=9", "/history?version=x"] {
        let answer = site.get(&format!("/advisories/{id}{absent}"), None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{absent}");
    }
}

/// Whoever runs a version asks and is told, by form or by program, with what decided it.
#[tokio::test]
async fn a_reader_asks_whether_they_are_affected() {
    let site = Site::open().await;
    let id = published(&site).await;
    let mut reader = crate::browser::Browser::new(&site);
    reader.open(&format!("/advisories/{id}")).await;
    insta::with_settings!({ omit_expression => true }, {
        let is_digest = |line: &str| line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
        let lines = reader.lines();
        let shown: Vec<&str> = lines.lines().map(|line| if is_digest(line) { "…" } else { line }).collect();
        insta::assert_snapshot!("advisory-public", shown.join("\n"));
    });
    for (installed, verdict, because) in [
        ("4.2.4", "affected", "4.2.4 is in the affected range >= 4.0.0, < 4.2.5."),
        ("4.2.5", "not affected", "4.2.5 is not in the affected range >= 4.0.0, < 4.2.5."),
        ("<b>x</b>", "cannot be told", "is not a version of an PyPI package"),
    ] {
        let pairs =
            serde_urlencoded::to_string([("package", "PyPI:jupyterlab"), ("installed", installed)]).unwrap();
        reader.open(&format!("/advisories/{id}?{pairs}")).await;
        assert!(reader.words().contains(because), "{installed}: {}", reader.words());
        assert!(!reader.text.contains("<b>x</b>"));
        let answer = site.get(&format!("/advisories/{id}/affected?{pairs}"), None).await.json();
        assert_eq!(answer["verdict"], verdict, "{installed}: {answer}");
    }
    reader.open(&format!("/advisories/{id}/history")).await;
    assert!(reader.words().contains("First published version."), "{}", reader.words());
}

/// Proves: J33.
#[tokio::test]
async fn the_programme_says_how_to_report_what_is_known_and_where_questions_go() {
    let site = Site::open().await;
    let id = published(&site).await;
    let mut reader = crate::browser::Browser::new(&site);
    reader.open("/security").await;
    assert!(reader.text.contains(&format!("/advisories/{id}")), "{}", reader.words());
    for words in
        ["How to report a vulnerability", "Questions that are no reports", "For packagers and machines"]
    {
        assert!(reader.words().contains(words), "{words}");
    }
    assert_eq!(reader.link("Report a vulnerability"), "/report");
    assert_eq!(reader.link("JupyterLab"), "/projects/jupyterlab#versions");
    let feed = site.get("/projects/jupyterlab/feed.atom", None).await.text;
    assert!(feed.contains("JupyterLab: security advisories") && feed.contains(&id), "{feed}");
    assert!(feed.contains("http://localhost:1/projects/jupyterlab/feed.atom"), "it links to itself: {feed}");
    assert_eq!(site.get("/projects/jupyterlab/security", None).await.status, StatusCode::OK);
}

fn foreign(text: &Value) -> bastide_usecases::ForeignRecord {
    let bytes = serde_json::to_vec(text).unwrap();
    bastide_usecases::ForeignRecord {
        name: "record.json".to_owned(),
        bytes,
        format: bastide_advisory::Format::Json,
    }
}

fn historic(id: &str, modified: &str, package: &str, alias: &str) -> bastide_usecases::ForeignRecord {
    foreign(&json!({
        "schema_version": "1.7.5", "id": id, "modified": modified, "published": "2021-05-01T00:00:00Z",
        "aliases": [alias], "summary": "An old flaw of long ago",
        "affected": [{
            "package": { "ecosystem": "PyPI", "name": package },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "3.0.0" }] }],
        }],
    }))
}

/// Proves: J33.
#[tokio::test]
async fn historic_advisories_are_imported_listed_and_provable_and_never_replace_ours() {
    let site = Site::open().await;
    let own = published(&site).await;
    let project = "jupyterlab".parse().unwrap();
    let source = "https://github.com/pypa/advisory-database";
    let first = || historic("PYSEC-2021-1", "2021-06-01T00:00:00Z", "JupyterLab", "CVE-2021-11111");
    let records = vec![
        first(),
        historic("PYSEC-2021-2", "2021-06-01T00:00:00Z", "another", "CVE-2021-22222"),
        historic("PYSEC-2026-3", "2026-06-01T00:00:00Z", "jupyterlab", &own),
        foreign(&json!({ "id": "no prefix", "modified": "2021-06-01T00:00:00Z" })),
    ];
    let report = site.desk.import_advisories(&project, source, false, records).await.unwrap();
    let counts = (report.taken, report.others, report.ours, report.refused.len());
    assert_eq!(counts, (1, 1, 1, 1), "{report:?}");
    let again = site.desk.import_advisories(&project, source, false, vec![first()]).await.unwrap();
    assert_eq!((again.taken, again.known), (0, 1));
    let older = historic("PYSEC-2021-1", "2021-05-15T00:00:00Z", "jupyterlab", "CVE-2021-11111");
    assert_eq!(site.desk.import_advisories(&project, source, false, vec![older]).await.unwrap().older, 1);
    let newer = historic("PYSEC-2021-1", "2022-01-01T00:00:00Z", "jupyterlab", "CVE-2021-33333");
    assert_eq!(site.desk.import_advisories(&project, source, false, vec![newer]).await.unwrap().taken, 1);

    let mut reader = crate::browser::Browser::new(&site);
    reader.open("/projects/jupyterlab/security").await;
    assert!(reader.words().contains("imported, published elsewhere"), "{}", reader.words());
    assert!(reader.text.contains("PYSEC-2021-1") && !reader.text.contains("PYSEC-2021-2"));
    reader.open("/advisories/PYSEC-2021-1?package=PyPI:JupyterLab&installed=2.0").await;
    let words = reader.words();
    assert!(words.contains("published elsewhere") && words.contains(source), "{words}");
    assert!(
        words.contains("CVE-2021-33333") && words.contains("2.0 is in the affected range < 3.0.0"),
        "{words}"
    );
    reader.open("/advisories/PYSEC-2021-1?version=1").await;
    assert!(reader.words().contains("CVE-2021-11111"), "the version before stays: {}", reader.words());
    let document = site.get("/advisories/PYSEC-2021-1/osv?version=1", None).await.text;
    let proof = site.get("/advisories/PYSEC-2021-1/proof/osv?version=1", None).await.json();
    let proof: bastide_ledger::PublicationProof = serde_json::from_value(proof).unwrap();
    proof.check(document.as_bytes(), &[site.desk.store().verifier_key(bastide_store::Log::Public)]).unwrap();
    // They are not ours to announce.
    for path in ["/feed.atom", "/api/v1/advisories", "/projects/jupyterlab/feed.atom"] {
        assert!(!site.get(path, None).await.text.contains("PYSEC-2021-1"), "{path}");
    }
}

/// The databases of the Python world, whole.
#[tokio::test]
async fn whole_real_databases_are_imported_and_read_back() {
    let site = Site::open().await;
    for (archive, project) in [
        ("psf-advisories-2024-09-08.tar.xz", "jupyterlab"),
        ("pypa-advisories-2024-10-10.tar.xz", "jupyterlab"),
    ] {
        let Some(files) = bastide_testkit::data::archive(archive) else { return };
        let records: Vec<_> = files
            .into_iter()
            .filter_map(|file| {
                let format = match file.path.rsplit('.').next()? {
                    "json" => bastide_advisory::Format::Json,
                    "yaml" => bastide_advisory::Format::Yaml,
                    _ => return None,
                };
                Some(bastide_usecases::ForeignRecord { name: file.path, bytes: file.bytes, format })
            })
            .collect();
        let all = records.len();
        let report =
            site.desk.import_advisories(&project.parse().unwrap(), "a test", true, records).await.unwrap();
        println!("{archive}: {all} files, {} taken, {} refused", report.taken, report.refused.len());
        assert!(report.taken > 100 && report.refused.len() * 100 < all, "{:?}", report.refused.first());
    }
    let listed = site.desk.imported_advisories(None, 1000).await.unwrap();
    assert_eq!(listed.len(), 1000, "the list is bounded");
    assert_eq!(site.get("/projects/jupyterlab", None).await.status, StatusCode::OK);
}
