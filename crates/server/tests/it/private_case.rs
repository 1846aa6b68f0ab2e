//! A case before its day, looked for at every public address.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    api::report,
    site::{Answer, Site},
};

/// A word for every field of a report that a stranger must not learn, and the report.
fn secrets() -> (Vec<&'static str>, Value) {
    let mut sent = report();
    let words = vec![
        "quokka-title",
        "quokka-body",
        "quokka-attack",
        "quokka-model",
        "quokka-proof",
        "quokka-patch",
        "quokka-version",
        "quokka-credit",
        "quokka-channel",
    ];
    sent["report"]["title"] = json!("quokka-title");
    sent["report"]["body"] = json!("It reads quokka-body when it is opened.");
    sent["report"]["answers"]["attack-vector"] = json!("quokka-attack");
    sent["report"]["answers"]["threat-model"] = json!("quokka-model");
    sent["report"]["proof-of-concept"] = json!("import sys\nsys.exit(1)  # quokka-proof\n");
    sent["report"]["patch"] = json!("+++ quokka-patch");
    sent["report"]["tested-versions"] = json!([{ "version": "quokka-version", "vulnerable": true }]);
    sent["report"]["credit"] = json!({ "name": "quokka-credit", "consent": true });
    sent["origin"] = json!("quokka-channel");
    (words, sent)
}

fn found(words: &[&'static str], answer: &Answer) -> Vec<&'static str> {
    let headers = format!("{:?}", answer.headers);
    words.iter().copied().filter(|word| answer.text.contains(word) || headers.contains(word)).collect()
}

/// Every address that anybody may read, with a value for each of its parameters.
fn public_addresses(site: &Site, case: &str) -> Vec<String> {
    let rows = bastide_server::route_table(site.desk.clone()).into_iter();
    rows.filter(|row| row.method == "GET" && matches!(row.object, "public" | "project"))
        .map(|row| {
            row.path
                .replace("{project}", "jupyterlab")
                .replace("{advisory}", case)
                .replace("{kind}", "osv")
                .replace("{log}", "public")
                .replace("{*path}", "0/000")
                .replace("{secret}", "no-secret-of-anybody")
        })
        .collect()
}

/// Proves: J05, J16, P27.
#[tokio::test]
async fn no_public_address_says_a_word_of_a_private_case() {
    let site = Site::open().await;
    let (words, sent) = secrets();
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, sent).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    let case = sent.json()["case"].as_str().unwrap().to_owned();
    let (words_and_case, addresses) = (words.len() + 1, public_addresses(&site, &case));
    assert!(addresses.len() > 15, "{addresses:?}");
    let mut answered = 0;
    for path in &addresses {
        for token in [None, Some(site.stranger.1.as_str())] {
            let answer = site.get(path, token).await;
            answered += usize::from(answer.status == StatusCode::OK);
            let leaked = found(&words, &answer);
            assert!(leaked.is_empty(), "{path} says {leaked:?}");
            // A path that was asked with the case's id may repeat it, if it repeats its question.
            assert!(path.contains(&case) || !answer.text.contains(&case), "{path} names the case");
        }
    }
    assert!(answered > 20, "only {answered} addresses answered");
    // The same search finds every word where it belongs, so it could have found them above.
    let own = site.get(&format!("/api/v1/cases/{case}"), Some(&site.coordinator.1)).await;
    assert_eq!(found(&words, &own), words);
    println!("{} addresses, {answered} answers, {words_and_case} words: 0 found", addresses.len());
}

/// Proves: S04, P21.
#[tokio::test]
async fn the_origin_and_the_patch_of_a_report_reach_whoever_handles_it() {
    let site = Site::open().await;
    let (_, mut sent) = secrets();
    sent["origin"] = json!("Tidelift");
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, sent).await.json();
    let case = format!("/api/v1/cases/{}", sent["case"].as_str().unwrap());
    let shown = site.get(&case, Some(&site.coordinator.1)).await.json();
    let submitted = &shown["history"][0];
    assert_eq!(submitted["event"]["channel"], "bridge", "{submitted}");
    assert_eq!(submitted["content"]["open"]["origin"], "Tidelift", "{submitted}");
    assert_eq!(shown["report"]["patch"], "+++ quokka-patch");
}
