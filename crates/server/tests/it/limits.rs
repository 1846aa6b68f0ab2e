//! Limits as a caller meets them: who is counted, what is said, and what nobody is made to wait for.

use std::net::IpAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use bastide_server::{Lane, Limits, Options, Peer, Rate, router};
use tower::ServiceExt as _;

use crate::{
    api::report,
    browser::Browser,
    site::{Answer, Site},
    web::{ANSWERS, secret_link},
};

/// A request with a body from an address, with further headers.
async fn ask(
    service: &Router,
    from: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    request.extensions_mut().insert(Peer(from.parse().unwrap()));
    let response = service.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

async fn read(service: &Router, from: &str, forwarded: &str) -> StatusCode {
    ask(service, from, "GET", "/advisories", &[("x-forwarded-for", forwarded)], "").await.status
}

fn limited(site: &Site, limits: Limits) -> Router {
    router(site.desk.clone(), Options { floods: limits, ..Options::default() })
}

/// A desk that lets each address read three times, and everybody together a hundred times.
async fn three_each() -> (Site, Limits) {
    let site = Site::open().await;
    let reading = Lane { address: Rate::new(3, 60), total: Rate::new(100, 60) };
    (site, Limits { reading, ..Limits::unhurried() })
}

#[tokio::test]
async fn an_address_that_asks_too_much_waits_and_nobody_else_does() {
    let (site, limits) = three_each().await;
    let service = limited(&site, limits);
    for from in ["192.0.2.1", "2001:db8::1"] {
        for _ in 0..3 {
            assert_eq!(read(&service, from, "").await, StatusCode::OK, "{from}");
        }
        assert_eq!(read(&service, from, "").await, StatusCode::TOO_MANY_REQUESTS, "{from}");
    }
    assert_eq!(read(&service, "192.0.2.2", "").await, StatusCode::OK);
    assert_eq!(read(&service, "::ffff:192.0.2.1", "").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(read(&service, "2001:db8::ffff", "").await, StatusCode::TOO_MANY_REQUESTS, "the same /64");
    assert_eq!(read(&service, "2001:db8:0:1::1", "").await, StatusCode::OK, "another /64");
    // A header that anybody can write changes nothing.
    assert_eq!(read(&service, "192.0.2.1", "198.51.100.9").await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn behind_a_trusted_proxy_callers_are_who_it_says() {
    let (site, limits) = three_each().await;
    let proxy: IpAddr = "127.0.0.1".parse().unwrap();
    let service = limited(&site, Limits { trusted_proxies: vec![proxy], ..limits.clone() });
    for _ in 0..3 {
        assert_eq!(read(&service, "127.0.0.1", "192.0.2.7").await, StatusCode::OK);
    }
    assert_eq!(read(&service, "127.0.0.1", "192.0.2.7").await, StatusCode::TOO_MANY_REQUESTS);
    let forged = "203.0.113.50, 192.0.2.7";
    assert_eq!(
        read(&service, "127.0.0.1", forged).await,
        StatusCode::TOO_MANY_REQUESTS,
        "written by the caller"
    );
    assert_eq!(read(&service, "127.0.0.1", "192.0.2.8").await, StatusCode::OK);
    // Without a proxy that is trusted, callers of the machine itself cannot be told apart, and none is made to wait for
    // another but by the limit for all.
    let service = limited(&site, limits);
    for _ in 0..20 {
        assert_eq!(read(&service, "127.0.0.1", "192.0.2.7").await, StatusCode::OK);
    }
}

#[tokio::test]
async fn whoever_has_to_wait_is_told_how_long_why_and_what_to_do_instead() {
    let site = Site::open().await;
    let submitting = Lane { address: Rate::new(1, 60), total: Rate::new(2, 60) };
    let service = limited(&site, Limits { submitting, ..Limits::unhurried() });
    let page = "/projects/jupyterlab/report";
    let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let (first, other, third) = ("192.0.2.1", "192.0.2.2", "192.0.2.3");
    ask(&service, first, "POST", page, &form, "title=x").await;
    let waiting = ask(&service, first, "POST", page, &form, "title=x").await;
    assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = waiting.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    for words in ["by mail", "Nothing was stored", "security.txt", "Too much at once"] {
        assert!(waiting.text.contains(words), "{words}: {}", waiting.text);
    }
    assert!(waiting.headers.contains_key("content-security-policy"), "the layers stand around this, too");
    let again = ask(&service, first, "POST", "/api/v1/projects/jupyterlab/reports", &[], "").await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS, "one lane for form and API");
    assert_eq!(again.json()["status"], 429);
    assert!(again.json()["remedy"].as_str().unwrap().contains("mail"));
    // The address that named the mail stays readable while reports have to wait.
    assert_eq!(ask(&service, first, "GET", "/projects/jupyterlab", &[], "").await.status, StatusCode::OK);
    ask(&service, other, "POST", page, &form, "title=x").await;
    let crowded = ask(&service, third, "POST", page, &form, "title=x").await;
    assert_eq!(crowded.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(crowded.headers.contains_key("retry-after"), "{}", crowded.text);
    insta::assert_snapshot!(
        "waiting",
        plain(&waiting.text).replace(&format!("{seconds} seconds"), "[N] seconds")
    );
    insta::assert_snapshot!("crowded", plain(&crowded.text));
}

fn plain(page: &str) -> String {
    let page = scraper::Html::parse_document(page);
    let main = page.select(&scraper::Selector::parse("main").unwrap()).next().unwrap();
    let pieces: Vec<&str> = main.text().map(str::trim).filter(|piece| !piece.is_empty()).collect();
    pieces.join("\n")
}

/// Tokens are counted by what a caller sends. Absent and present projects, cases and links cost the same.
#[tokio::test]
async fn what_a_request_costs_says_nothing_about_what_is_there() {
    let site = Site::open().await;
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report()).await.json();
    let case = sent["case"].as_str().unwrap().to_owned();
    let link = sent["link"].as_str().unwrap().to_owned();
    let absent = "case-00000000000000000000000000".to_owned();
    let small = Lane { address: Rate::new(4, 1), total: Rate::new(1000, 1) };
    let limits = Limits { reading: small, writing: small, signing_in: small, ..Limits::unhurried() };
    let pairs = [
        (format!("GET /cases/{case}"), format!("GET /cases/{absent}")),
        (format!("POST /cases/{case}/steps/take"), format!("POST /cases/{absent}/steps/take")),
        (format!("POST /status/{link}"), "POST /status/no-link".to_owned()),
    ];
    for (there, not_there) in pairs {
        let mut counts = Vec::new();
        for request in [there, not_there] {
            let service = limited(&site, limits.clone());
            let (method, path) = request.split_once(' ').unwrap();
            let mut passed = 0;
            for _ in 0..8 {
                let form = [("sec-fetch-site", "same-origin")];
                let answer = ask(&service, "192.0.2.1", method, path, &form, "").await;
                passed += usize::from(answer.status != StatusCode::TOO_MANY_REQUESTS);
            }
            counts.push(passed);
        }
        assert_eq!(counts, [4, 4]);
    }
}

#[tokio::test]
async fn one_person_one_link_and_one_project_have_quotas_whatever_the_address() {
    let site = Site::open().await;
    let limits = Limits {
        reports: Rate::new(2, 1),
        reports_of_project: Rate::new(5, 1),
        writes_of_person: Rate::new(4, 1),
        ..Limits::unhurried()
    };
    let service = limited(&site, limits);
    let body = report().to_string();
    let send = async |from: &str, token: Option<&str>, key: &str| {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("idempotency-key", key), ("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        ask(&service, from, "POST", "/api/v1/projects/jupyterlab/reports", &headers, &body).await
    };
    let key = |number: u32| format!("a-key-of-the-quota-test-{number}");
    let token = site.stranger.1.as_str();
    for (number, from) in [(1, "192.0.2.1"), (2, "192.0.2.2")] {
        assert_eq!(send(from, Some(token), &key(number)).await.status, StatusCode::CREATED);
    }
    assert_eq!(send("192.0.2.3", Some(token), &key(3)).await.status, StatusCode::TOO_MANY_REQUESTS);
    for number in [4, 5] {
        assert_eq!(send("192.0.2.3", None, &key(number)).await.status, StatusCode::CREATED);
    }
    assert_eq!(send("192.0.2.3", None, &key(6)).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(send("192.0.2.4", None, &key(7)).await.status, StatusCode::CREATED);
    let full = send("192.0.2.5", None, &key(8)).await;
    assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE, "{}", full.text);
    // A draft that is only checked, or does not read, costs no report.
    assert_eq!(
        ask(&service, "192.0.2.9", "POST", "/api/v1/projects/jupyterlab/reports", &[], "{").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    let bearer = format!("Bearer {}", site.coordinator.1);
    let case = site.get("/api/v1/inbox", Some(&site.coordinator.1)).await.json();
    let path = format!("/api/v1/cases/{}/steps/take", case[0]["case"].as_str().unwrap());
    let mut passed = 0;
    for last in 10..20 {
        let from = format!("192.0.2.{last}");
        let answer = ask(&service, &from, "POST", &path, &[("authorization", &bearer)], "{}").await;
        passed += usize::from(answer.status != StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(passed, 4, "four of ten, from ten addresses");
}

/// Signing in answers the same whether a secret is wrong, spent or old, and a flood of guesses ends early.
#[tokio::test]
async fn guessing_at_sign_in_links_is_slow_and_says_nothing() {
    let site = Site::open().await;
    let spent = site.desk.issue_sign_in_link(site.developer.0).await.unwrap();
    site.desk.sign_in(&spent, &bastide_usecases::Browser::default()).await.unwrap();
    let service = limited(&site, Limits::default());
    let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let mut answers = Vec::new();
    for guess in ["nobody-has-this-token", spent.reveal()] {
        let answer = ask(&service, "192.0.2.1", "POST", "/sign-in", &form, &format!("token={guess}")).await;
        let text = plain(&answer.text);
        answers.push((answer.status, text));
    }
    assert_eq!(answers[0], answers[1]);
    let mut heard = 0;
    for _ in 0..100 {
        let answer = ask(&service, "192.0.2.1", "POST", "/sign-in", &form, "token=x").await;
        heard += usize::from(answer.status != StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(heard < 30, "{heard} of 100 guesses were heard");
}

/// The defaults let a person through who works fast.
#[tokio::test]
async fn the_default_limits_are_not_felt_by_people() {
    let site = Site::open().await;
    let service = limited(&site, Limits::default());
    for round in 0..5 {
        for path in ["/", "/projects/jupyterlab", "/projects/jupyterlab/report", "/status", "/advisories"] {
            for _ in 0..3 {
                let answer = ask(&service, "192.0.2.1", "GET", path, &[], "").await;
                assert_eq!(answer.status, StatusCode::OK, "round {round}: {path}");
            }
        }
    }
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/jupyterlab/report").await;
    reporter.send("report", ANSWERS).await;
    assert!(secret_link(&reporter).starts_with("/status/"));
}
