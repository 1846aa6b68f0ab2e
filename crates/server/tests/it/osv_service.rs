//! The OSV service over HTTP: what a client of osv.dev counts on besides the answers themselves.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use bastide_connect_feeds::{FeedSource, Options as SyncOptions, Place, Silent, Watch, sync};
use bastide_model::time::Instant;
use bastide_server::{Options, router};
use serde_json::{Value, json};

use crate::{
    published::published,
    site::{Answer, Site},
};

/// A site whose feeds say that numpy below 2.0 is affected by PYSEC-2024-1.
async fn with_feeds() -> (Site, Arc<Watch>) {
    let mut site = Site::open().await;
    write(&site, "PYSEC-2024-1").await;
    let watch = Arc::new(Watch::new(Place::in_data(site.place())));
    assert!(watch.refresh().unwrap());
    let options = Options { feeds: Some(Arc::clone(&watch)), ..Options::default() };
    site.service = router(site.desk.clone(), options);
    (site, watch)
}

/// Writes a database of one record.
async fn write(site: &Site, id: &str) {
    let record = json!({
        "id": id, "modified": "2024-05-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "numpy"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]}],
    });
    let file = site.place().join("record.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let source = FeedSource::read(file.to_str().unwrap()).unwrap();
    let options = SyncOptions { accept_loss: true };
    sync(&Place::in_data(site.place()), &[source], options, Instant::EPOCH, &mut Silent).await.unwrap();
}

/// A question as pip-audit sends it: without a Content-Type.
async fn ask(site: &Site, path: &str, body: &Value) -> Answer {
    site.send(Request::post(path).body(Body::from(body.to_string())).unwrap()).await
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let vulns = answer.json().get("vulns").and_then(Value::as_array).cloned().unwrap_or_default();
    vulns.iter().map(|vuln| vuln["id"].as_str().unwrap().to_owned()).collect()
}

fn of(name: &str, version: &str) -> Value {
    json!({"package": {"name": name, "ecosystem": "PyPI", "purl": null}, "version": version})
}

#[tokio::test]
async fn a_client_asks_with_and_without_v1_and_needs_no_content_type() {
    let (site, _) = with_feeds().await;
    for base in ["/v1", ""] {
        assert_eq!(
            ids(&ask(&site, &format!("{base}/query"), &of("numpy", "1.21.0")).await),
            ["PYSEC-2024-1"]
        );
        assert_eq!(ask(&site, &format!("{base}/query"), &of("numpy", "2.0")).await.text, "{}");
        let batch = ask(&site, &format!("{base}/querybatch"), &json!({"queries": [of("numpy", "1")]})).await;
        assert_eq!(batch.json()["results"][0]["vulns"][0]["modified"], "2024-05-01T00:00:00Z");
        let record = site.get(&format!("{base}/vulns/PYSEC-2024-1"), None).await;
        assert_eq!(record.json()["id"], "PYSEC-2024-1");
        assert_eq!(record.headers["content-type"], "application/json");
    }
    let wrong = ask(&site, "/v1/query", &json!({"package": {"name": "a", "ecosystem": "nowhere"}})).await;
    assert_eq!(
        (wrong.status, wrong.json()),
        (StatusCode::BAD_REQUEST, json!({"code": 3, "message": "invalid ecosystem"}))
    );
    let absent = site.get("/v1/vulns/PYSEC-2024-2", None).await;
    assert_eq!((absent.status, absent.json()["code"].as_u64()), (StatusCode::NOT_FOUND, Some(5)));
}

#[tokio::test]
async fn without_a_database_nothing_is_called_clean() {
    let site = Site::open().await;
    for path in ["/v1/query", "/v1/querybatch"] {
        let answer = ask(&site, path, &json!({"queries": []})).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_u64()),
            (StatusCode::SERVICE_UNAVAILABLE, Some(14))
        );
    }
}

#[tokio::test]
async fn what_is_published_at_the_desk_answers_at_once_and_so_does_a_new_database() {
    let (site, watch) = with_feeds().await;
    let asked = of("jupyterlab", "4.2.0");
    assert!(ids(&ask(&site, "/v1/query", &asked).await).is_empty());
    let tag = |answer: &Answer| answer.headers["etag"].to_str().unwrap().to_owned();
    let before = tag(&site.get("/PyPI/modified_id.csv", None).await);
    let id = published(&site).await;
    assert_eq!(ids(&ask(&site, "/v1/query", &asked).await), std::slice::from_ref(&id));
    assert_eq!(site.get(&format!("/v1/vulns/{id}"), None).await.json()["id"], id.as_str());
    let list = site.get("/PyPI/modified_id.csv", None).await;
    assert!(list.text.contains(&id) && list.text.contains("PYSEC-2024-1"), "{}", list.text);
    assert_ne!(tag(&list), before);
    write(&site, "PYSEC-2024-9").await;
    assert!(watch.refresh().unwrap());
    assert_eq!(ids(&ask(&site, "/v1/query", &of("numpy", "1")).await), ["PYSEC-2024-9"]);
    assert_eq!(ids(&ask(&site, "/v1/query", &asked).await), [id]);
}

#[tokio::test]
async fn a_dump_is_sent_once_to_whoever_keeps_its_tag() {
    let (site, _) = with_feeds().await;
    let get = |path: &'static str, tag: Option<String>| {
        let mut request = Request::get(path);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        let service = site.service.clone();
        async move {
            let response =
                tower::ServiceExt::oneshot(service, request.body(Body::empty()).unwrap()).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts, axum::body::to_bytes(body, usize::MAX).await.unwrap())
        }
    };
    for path in ["/PyPI/all.zip", "/PyPI/modified_id.csv"] {
        let (first, bytes) = get(path, None).await;
        assert_eq!((first.status, bytes.is_empty()), (StatusCode::OK, false), "{path}");
        let tag = first.headers["etag"].to_str().unwrap().to_owned();
        let (again, nothing) = get(path, Some(tag.clone())).await;
        assert_eq!((again.status, nothing.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(again.headers["etag"], tag.as_str());
        assert_eq!(get(path, Some("\"other\"".to_owned())).await.0.status, StatusCode::OK);
    }
    let (_, zip) = get("/PyPI/all.zip", None).await;
    let file = site.place().join("fetched.zip");
    std::fs::write(&file, zip).unwrap();
    let data = tempfile::tempdir().unwrap();
    let source = FeedSource::read(file.to_str().unwrap()).unwrap();
    let place = Place::in_data(data.path());
    let summary = sync(&place, &[source], SyncOptions::default(), Instant::EPOCH, &mut Silent).await.unwrap();
    assert_eq!((summary.counts.records, summary.findings.len()), (1, 0), "what we serve we can take in");
}
