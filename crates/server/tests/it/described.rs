//! The API against its own description: schemathesis makes the requests from the OpenAPI document and judges the answers.

use std::path::Path;

use bastide_server::{Limits, Options};
use bastide_testkit::judge::schemathesis;
use tokio::net::TcpListener;

use crate::{api::report, exhaustive, site::Site};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_does_what_its_description_says() {
    let Some(judge) = schemathesis::installed(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let site = Site::open().await;
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report()).await.json();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/openapi.json", listener.local_addr().unwrap());
    let options = Options { floods: Limits::unhurried(), ..Options::default() };
    let server =
        tokio::spawn(bastide_server::serve(listener, site.desk.clone(), options, std::future::pending()));
    let headers = vec![
        format!("Authorization: Bearer {}", site.coordinator.1),
        format!("Report-Link: {}", sent["link"].as_str().unwrap()),
    ];
    let examples = if exhaustive() { 500 } else { 5 };
    let (holds, said) = tokio::task::spawn_blocking(move || {
        schemathesis::judge(&judge, &url, &headers, examples, exhaustive())
    })
    .await
    .unwrap();
    server.abort();
    let sum: Vec<&str> = said.lines().rev().take(12).collect();
    println!(
        "schemathesis, {examples} examples each: {}",
        sum.into_iter().rev().collect::<Vec<_>>().join(" | ")
    );
    assert!(holds, "{said}");
}
