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
async fn published(site: &Site) -> String {
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
