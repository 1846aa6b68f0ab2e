//! Tokens: made after a confirmation, with a scope that the API holds them to.

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_model::time::Span;
use serde_json::json;

use super::{Device, by_link, case, confirm, enrol, strict};
use crate::{browser::Browser, site::Site};

/// Makes a token on the page of somebody who has just confirmed.
async fn made(browser: &mut Browser<'_>, scopes: &[&str]) -> String {
    browser.open("/account/tokens").await;
    let (action, mut pairs) = browser.filled("do-make-token", &[("name", "continuous integration")]);
    pairs.extend(scopes.iter().map(|scope| ("scope".to_owned(), (*scope).to_owned())));
    browser.post(&action, &pairs).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.words());
    let shown = browser.text.split("data-copy=\"the token\">").nth(1).unwrap();
    shown.split('<').next().unwrap().to_owned()
}

async fn confirmed(site: &Site) -> (Browser<'_>, Device) {
    let mut device = Device::new("laptop");
    let mut browser = by_link(site, site.coordinator.0).await;
    enrol(&mut browser, &mut device, "laptop").await;
    (browser, device)
}

#[tokio::test]
async fn a_token_does_what_it_was_made_for_and_learns_of_nothing_else() {
    let site = strict().await;
    let case = case(&site).await;
    let (mut browser, _) = confirmed(&site).await;
    let read = made(&mut browser, &["read"]).await;
    let report = made(&mut browser, &["report"]).await;
    let write = made(&mut browser, &["read", "write"]).await;
    let all = made(&mut browser, &["read", "report", "write", "step-up"]).await;
    let address = format!("/api/v1/cases/{case}");
    let absent = "/api/v1/cases/case-00000000000000000000000000000000";
    let take = |token: &str| {
        let (token, address) = (token.to_owned(), format!("{address}/steps/take"));
        let site = &site;
        async move { site.post(&address, Some(&token), json!({})).await }
    };

    assert_eq!(site.get(&address, Some(&read)).await.status, StatusCode::OK);
    assert_eq!(site.get("/api/v1/inbox", Some(&read)).await.status, StatusCode::OK);
    let refused = take(&read).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert!(refused.text.contains("not made for this"), "{}", refused.text);
    let sent = site.post("/api/v1/projects/jupyterlab/reports", Some(&read), crate::api::report()).await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN, "{}", sent.text);

    // What may not even read cannot tell a case from none.
    let (there, nowhere) = (site.get(&address, Some(&report)).await, site.get(absent, Some(&report)).await);
    assert_eq!((there.status, &there.text), (StatusCode::NOT_FOUND, &nowhere.text));
    assert_eq!(format!("{:?}", there.headers), format!("{:?}", nowhere.headers));
    let (there, nowhere) =
        (take(&report).await, site.post(&format!("{absent}/steps/take"), Some(&report), json!({})).await);
    assert_eq!((there.status, there.text), (nowhere.status, nowhere.text));
    assert_eq!(site.get("/api/v1/inbox", Some(&report)).await.status, StatusCode::FORBIDDEN);
    let sent = site.post("/api/v1/projects/jupyterlab/reports", Some(&report), crate::api::report()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);

    let done = take(&write).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let digest = json!({ "digest": "0".repeat(64) });
    let approve = site.post(&format!("{address}/steps/approve"), Some(&write), digest.clone()).await;
    assert_eq!(approve.status, StatusCode::FORBIDDEN, "{}", approve.text);
    let approve = site.post(&format!("{address}/steps/approve"), Some(&all), digest).await;
    assert_ne!(approve.status, StatusCode::FORBIDDEN, "the process answers: {}", approve.text);

    // A token keeps no account, and a session made from one no more than it.
    let own = site.get("/account", Some(&all)).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "{}", own.text);
    let mut traded = Browser::new(&site);
    traded.open("/sign-in").await;
    traded.send("sign-in-form", &[("token", &read)]).await;
    traded.open(&format!("/cases/{case}")).await;
    assert_eq!(traded.status, StatusCode::OK, "{}", traded.words());
    traded.open("/account/passkeys").await;
    assert_eq!(traded.status, StatusCode::FORBIDDEN, "{}", traded.words());
    traded.post("/account/passkeys/ask", &[]).await;
    assert_eq!(traded.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_asks_for_a_confirmation_has_an_end_and_can_be_revoked() {
    let site = strict().await;
    site.desk.grant(site.stranger.0, Role::Subscriber, Scope::Programme, None).await.unwrap();
    let (mut browser, mut device) = confirmed(&site).await;
    site.clock.pass(Span::minutes(16));
    browser.open("/account/tokens").await;
    let (action, mut pairs) = browser.filled("do-make-token", &[("name", "for the pipeline")]);
    pairs.push(("scope".into(), "read".into()));
    browser.post(&action, &pairs).await;
    assert!(browser.words().contains("Please confirm"), "{}", browser.words());
    let (action, kept) = browser.filled("kept-form", &[]);
    confirm(&mut browser, &mut device).await;
    browser.post(&action, &kept).await;
    assert!(browser.words().contains("shown this once"), "{}", browser.words());
    let shown = browser.text.split("data-copy=\"the token\">").nth(1).unwrap();
    let token = shown.split('<').next().unwrap().to_owned();
    assert_eq!(site.get("/api/v1/me", Some(&token)).await.status, StatusCode::OK);

    for (field, value) in [("name", ""), ("days", "12"), ("days", "0")] {
        browser.open("/account/tokens").await;
        let (action, mut pairs) = browser.filled("do-make-token", &[("name", "for the pipeline")]);
        pairs.retain(|(name, _)| name != field);
        pairs.push((field.to_owned(), value.to_owned()));
        pairs.push(("scope".into(), "read".into()));
        browser.post(&action, &pairs).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}: {}", browser.words());
    }
    browser.open("/account/tokens").await;
    assert!(browser.words().contains("last used 2026-03-01"), "{}", browser.words());
    assert!(!browser.text.contains(&token), "shown once");
    let named = browser.text.rsplit("for the pipeline").next().unwrap();
    let form = named.split("id=\"do-revoke-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    browser.send(&format!("do-revoke-{form}"), &[]).await;
    assert!(browser.words().contains("no longer works"), "{}", browser.words());
    assert_eq!(site.get("/api/v1/me", Some(&token)).await.status, StatusCode::UNAUTHORIZED);

    let last = made(&mut browser, &["read"]).await;
    site.clock.pass(Span::days(89));
    assert_eq!(site.get("/api/v1/me", Some(&last)).await.status, StatusCode::OK);
    site.clock.pass(Span::days(1));
    assert_eq!(site.get("/api/v1/me", Some(&last)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_form_sent_twice_makes_one_token_and_shows_it_twice_and_later_not_again() {
    let site = strict().await;
    let (mut browser, _) = confirmed(&site).await;
    browser.open("/account/tokens").await;
    let (action, mut pairs) = browser.filled("do-make-token", &[("name", "a double click")]);
    pairs.push(("scope".to_owned(), "read".to_owned()));
    let shown = |browser: &Browser<'_>| {
        assert_eq!(browser.status, StatusCode::OK, "{}", browser.words());
        let shown = browser.text.split("data-copy=\"the token\">").nth(1).unwrap();
        shown.split('<').next().unwrap().to_owned()
    };
    browser.post(&action, &pairs).await;
    let first = shown(&browser);
    browser.post(&action, &pairs).await;
    assert_eq!(shown(&browser), first);
    assert_eq!(site.get("/api/v1/me", Some(&first)).await.status, StatusCode::OK);
    let tokens = site.desk.store().tokens_of(site.coordinator.0).await.unwrap();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    site.clock.pass(Span::minutes(2));
    browser.post(&action, &pairs).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        browser.words().contains("a token is shown once") && !browser.text.contains(&first),
        "{}",
        browser.words()
    );
    // The same form with something else in it is no repetition.
    pairs.push(("scope".to_owned(), "write".to_owned()));
    browser.post(&action, &pairs).await;
    assert_eq!(browser.status, StatusCode::CONFLICT, "{}", browser.words());
}
