//! Hostile bodies at every address of the API and every form that takes one: each is answered, none with our own failure.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use bastide_server::route_table;
use bastide_testkit::fuzz::fuzz;
use tower::ServiceExt as _;

use crate::{api::report, site::Site};

/// Proves: P25.
#[test]
fn no_body_breaks_the_api_or_a_form() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (site, case) = runtime.block_on(async {
        let site = Site::open().await;
        let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report()).await.json();
        let case = sent["case"].as_str().unwrap().to_owned();
        (site, case)
    });
    let paths: Vec<String> = route_table(site.desk.clone())
        .into_iter()
        .filter(|row| row.method == "POST" && row.path != "/sign-out")
        .map(|row| {
            let path = row.path.replace("{project}", "jupyterlab").replace("{case}", &case);
            path.replace("{secret}", "nobodys").replace(['{', '}'], "")
        })
        .collect();
    let corpus = vec![
        report().to_string().into_bytes(),
        br#"{"text":"Thank you.","tier":"team-only","asks-reporter":true}"#.to_vec(),
        br#"{"outcome":"vulnerability","clause":"untrusted-notebook","reasoning":"So."}"#.to_vec(),
        br#"{"record":{"schema_version":"1.7.5","affected":[{"ranges":[]}],"aliases":["CVE-2026-1"]}}"#.to_vec(),
        br#"{"release":"2026-04-01T00:00:00Z","announcement":"2026-04-09T00:00:00+02:00"}"#.to_vec(),
        b"title=x&tested.0.version=4.2.4&attachments.0.name=a.txt&body=%00%ff&idempotency-key=0123456789abcdef".to_vec(),
    ];
    let words = [
        "{\"report\":",
        "[[[[",
        "\\ud800",
        "\\u0000",
        "\"tested-versions\":[",
        "&attachments.9999.name=x",
        "idempotency-key=",
        "%",
        "2026-13-01T00:00:00Z",
        "\"9999-12-31T23:59:59Z\"",
        "1e400",
        "{\"a\":{\"a\":",
    ];
    let mut number = 0_usize;
    let bearer = format!("Bearer {}", site.coordinator.1);
    fuzz("bodies", &corpus, &words, |bytes| {
        number += 1;
        let path = &paths[number % paths.len()];
        let kind =
            if path.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
        let request = Request::post(path)
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin")
            .header("authorization", &bearer)
            .header("idempotency-key", format!("a-key-of-the-hostile-bodies-{number:010}"))
            .body(Body::from(bytes.to_vec()))
            .unwrap();
        runtime.block_on(async {
            let response = site.service.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            // Without a database of advisories the OSV service says that it cannot answer, whatever is asked.
            let no_database = status == StatusCode::SERVICE_UNAVAILABLE
                && body.windows(20).any(|part| part == b"no advisory database");
            assert!(
                !status.is_server_error() || no_database,
                "{path}: {status}: {}",
                String::from_utf8_lossy(&body)
            );
            if path.starts_with("/api/") {
                let read: Result<serde_json::Value, _> = serde_json::from_slice(&body);
                assert!(read.is_ok(), "{path}: {status} is no JSON");
            }
        });
    });
    let sound = runtime.block_on(site.desk.store().verify()).unwrap();
    assert!(sound.is_sound(), "{:?}", sound.problems);
}
