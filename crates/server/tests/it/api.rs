//! The JSON API: a report's way in, rights, forms of failure.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::site::Site;

pub(crate) fn report() -> Value {
    json!({ "report": {
        "title": "A crafted notebook runs a command when it is opened",
        "body": "Opening a notebook that somebody else wrote runs a command without a click.",
        "answers": {
            "threat-model": "An untrusted notebook must not run code before it is trusted.",
            "cites": "untrusted-notebook",
            "real-world": "People open notebooks from mail and from public repositories every day.",
            "realistic": true, "launch-conditions": false, "availability": false,
            "fixed-on-main": false, "experimental": false, "platform-dependent": false, "verified": true,
            "attack-vector": "The attacker sends a notebook; the victim opens it.", "freely-executes": false,
        },
        "tested-versions": [{ "version": "4.2.4", "vulnerable": true }],
        "proof-of-concept": "import sys\nsys.exit(1)\n",
    } })
}

/// Proves: J04.
#[tokio::test]
async fn a_report_comes_in_and_is_found_by_its_link_and_in_the_inbox() {
    let site = Site::open().await;
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    let sent = sent.json();
    assert!(sent["answer-due"].is_string(), "{sent}");

    let request = axum::http::Request::get("/api/v1/report")
        .header("report-link", sent["link"].as_str().unwrap())
        .body(axum::body::Body::empty())
        .unwrap();
    let own = site.send(request).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
    assert_eq!(own.json()["stages"][0]["stage"], "Received");

    let inbox = site.get("/api/v1/inbox", Some(&site.coordinator.1)).await.json();
    assert_eq!(inbox[0]["title"], "A crafted notebook runs a command when it is opened");
    let case = inbox[0]["case"].as_str().unwrap();
    let step = format!("/api/v1/cases/{case}/steps/acknowledge");
    let done = site.post(&step, Some(&site.coordinator.1), json!({ "text": "Thank you." })).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.json()["lifecycle"], "acknowledged");
}

/// Proves: J16.
#[tokio::test]
async fn a_text_that_quotes_the_report_is_flagged_before_it_goes_out() {
    let site = Site::open().await;
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report()).await.json();
    let path = format!("/api/v1/cases/{}/leak-lint", sent["case"].as_str().unwrap());
    let ask = |text: &str| json!({ "text": text, "kind": "public-text" });
    let quote = "Heads up: Opening a notebook that somebody else wrote runs a command without a click.";
    let flagged = site.post(&path, Some(&site.coordinator.1), ask(quote)).await;
    assert_eq!(flagged.status, StatusCode::OK, "{}", flagged.text);
    assert_eq!(flagged.json()[0]["rule"], "LEAK-J16");
    assert!(!flagged.text.contains("without a click"), "a finding does not repeat the secret");
    let fine = site.post(&path, Some(&site.coordinator.1), ask("A release is planned for Tuesday.")).await;
    assert_eq!(fine.json(), json!([]));
    assert_eq!(site.post(&path, Some(&site.stranger.1), ask("x")).await.status, StatusCode::NOT_FOUND);
}

/// Forbidden and absent are one answer.
#[tokio::test]
async fn what_one_may_not_see_is_answered_like_what_is_not_there() {
    let site = Site::open().await;
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report()).await.json();
    let case = sent["case"].as_str().unwrap();
    let absent = "/api/v1/cases/case-00000000000000000000000000";
    for token in [None, Some(site.stranger.1.as_str()), Some(site.developer.1.as_str())] {
        let forbidden = site.get(&format!("/api/v1/cases/{case}"), token).await;
        let missing = site.get(absent, token).await;
        assert_eq!(forbidden.status, StatusCode::NOT_FOUND);
        assert_eq!(
            (forbidden.status, &forbidden.headers, &forbidden.text),
            (missing.status, &missing.headers, &missing.text)
        );
    }
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let site = Site::open().await;
    for path in ["/", "/api/v1/projects", "/nowhere"] {
        let answer = site.get(path, None).await;
        for name in
            ["content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options"]
        {
            assert!(answer.headers.contains_key(name), "{path} lacks {name}");
        }
    }
}

#[tokio::test]
async fn a_body_that_does_not_read_is_refused_with_the_place_and_without_quoting_it() {
    let site = Site::open().await;
    let path = "/api/v1/projects/jupyterlab/reports";
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let secret = r#"{"report": {"title": "SECRET", "titel": "SECRET"}}"#;
    for body in ["{", "[]", deep.as_str(), secret, "\u{0}"] {
        let request = axum::http::Request::post(path).body(axum::body::Body::from(body.to_owned())).unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", answer.text);
        assert!(answer.json()["remedy"].is_string());
        assert!(!answer.text.contains("SECRET"), "{}", answer.text);
    }
}

#[test]
fn every_path_of_the_api_is_documented() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let site = Site::open().await;
        let document = bastide_server::openapi();
        for row in bastide_server::route_table(site.desk.clone()) {
            if row.path.starts_with("/api/v1/") && row.path != "/api/v1/openapi.json" {
                let method = row.method.as_str().to_lowercase();
                assert!(
                    document["paths"][&row.path][&method].is_object(),
                    "{method} {} is missing",
                    row.path
                );
            }
        }
    });
}

/// Proves: J05.
#[tokio::test]
async fn how_much_goes_on_is_no_strangers_to_count() {
    let site = Site::open().await;
    for token in [None, Some(site.stranger.1.as_str()), Some(site.coordinator.1.as_str())] {
        let answer = site.get("/ledger/case/checkpoint", token).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
        assert_eq!(answer.text, site.get("/ledger/nothing/checkpoint", token).await.text);
    }
    let scope = bastide_authz::Scope::Programme;
    site.desk.grant(site.stranger.0, bastide_authz::Role::Auditor, scope, None).await.unwrap();
    let answer = site.get("/ledger/case/checkpoint", Some(&site.stranger.1)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn what_stores_something_asks_for_a_key_and_what_only_reads_does_not() {
    let site = Site::open().await;
    let bare = |path: String, body: &Value| {
        axum::http::Request::post(path)
            .header("authorization", format!("Bearer {}", site.coordinator.1))
            .body(axum::body::Body::from(body.to_string()))
            .unwrap()
    };
    let path = "/api/v1/projects/jupyterlab".to_owned();
    let refused = site.send(bare(format!("{path}/reports"), &report())).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert_eq!(refused.json()["field"], "Idempotency-Key");
    let linted = site.send(bare(format!("{path}/lint"), &report()["report"])).await;
    assert_eq!(linted.status, StatusCode::OK, "{}", linted.text);
    let case = site.post(&format!("{path}/reports"), None, report()).await.json()["case"].clone();
    let step = format!("/api/v1/cases/{}/steps/take", case.as_str().unwrap());
    assert_eq!(site.send(bare(step, &json!({}))).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let document = bastide_server::openapi();
    let parameters = &document["paths"]["/api/v1/projects/{project}/reports"]["post"]["parameters"];
    let key = parameters.as_array().unwrap().iter().find(|one| one["name"] == "Idempotency-Key").unwrap();
    assert_eq!(key["required"], true);
}

#[tokio::test]
async fn a_filter_that_does_not_read_is_refused_and_not_taken_for_everything() {
    let site = Site::open().await;
    let answer = site.get("/api/v1/inbox?project=..%2F", Some(&site.coordinator.1)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert_eq!(answer.json()["field"], "project");
}

#[tokio::test]
async fn the_directory_gives_no_mail_addresses() {
    let site = Site::open().await;
    let address = "somebody@people.example.org".to_owned();
    let identities = vec![bastide_model::party::Identity::Mail { address }];
    let person = bastide_usecases::NewPerson { name: "somebody-a".to_owned(), identities };
    site.desk.add_person(person).await.unwrap();
    let people = site.get("/api/v1/people", Some(&site.coordinator.1)).await;
    assert!(people.text.contains("somebody-a") && !people.text.contains('@'), "{}", people.text);
    let stranger = site.get("/api/v1/people", Some(&site.stranger.1)).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}
