//! Health, metrics and the page of the machinery, through the site.

use std::path::Path;

use bastide_authz::{Role, Scope};
use bastide_connect_mail::fake::Mailbox;
use bastide_model::{id::PersonId, time::Span};
use bastide_usecases::NewPerson;

use crate::{browser::Browser, site::Site};

async fn somebody(site: &Site, name: &str, role: Role) -> (PersonId, String) {
    let person = NewPerson { name: name.to_owned(), identities: Vec::new() };
    let id = site.desk.add_person(person).await.unwrap();
    site.desk.grant(id, role, Scope::Programme, None).await.unwrap();
    let token = site.desk.issue_token(id, Span::days(30), true).await.unwrap();
    (id, token.reveal().to_owned())
}

async fn report(site: &Site) {
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, crate::api::report()).await;
    assert!(sent.status.is_success(), "{}", sent.text);
}

#[tokio::test]
async fn health_says_no_more_with_a_secret_case_than_without() {
    let (with, without) = (Site::open().await, Site::open().await);
    report(&with).await;
    with.desk.job_begins(bastide_usecases::Job::Clock);
    without.desk.job_begins(bastide_usecases::Job::Clock);
    with.desk.job_ended(bastide_usecases::Job::Clock, true);
    without.desk.job_ended(bastide_usecases::Job::Clock, true);
    for path in ["/health/live", "/health/ready", "/metrics", "/api/v1/operations", "/admin/operations"] {
        let (left, right) = (with.get(path, None).await, without.get(path, None).await);
        assert_eq!(
            (left.status, &left.text, &left.headers),
            (right.status, &right.text, &right.headers),
            "{path}"
        );
    }
    let ready = with.get("/health/ready", None).await;
    assert_eq!(
        (ready.status.as_u16(), ready.text.as_str()),
        (200, "database: in order\nclock: in order\ndisk: in order\n")
    );
    with.clock.pass(Span::hours(1));
    assert_eq!(with.get("/health/ready", None).await.status.as_u16(), 503);
}

#[tokio::test]
async fn metrics_are_for_a_service_and_name_no_case_project_or_person() {
    let site = Site::open().await;
    let (_, service) = somebody(&site, "monitoring", Role::Service).await;
    report(&site).await;
    let case = site.desk.store().due_cases(site.desk.now() + Span::days(400), 10).await.unwrap()[0].case;
    site.get(&format!("/cases/{case}"), Some(&site.coordinator.1)).await;
    site.get("/nothing/here", None).await;
    for stranger in [None, Some(&*site.stranger.1), Some(&*site.coordinator.1)] {
        let (refused, absent) =
            (site.get("/metrics", stranger).await, site.get("/metrics-absent", stranger).await);
        assert_eq!((refused.status, refused.text), (absent.status, absent.text));
    }
    let answer = site.get("/metrics", Some(&service)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = answer.text;
    for line in [
        "bastide_requests_total{class=\"case\",status=\"200\"} 1",
        "bastide_requests_total{class=\"none\",status=\"404\"} 4",
        "bastide_outbox_messages{state=\"waiting\"} ",
        "bastide_request_duration_seconds_bucket{le=\"0.001\",class=\"case\"} ",
        "bastide_store_commits_total ",
        "bastide_resident_memory_bytes ",
        "bastide_overdue_cases 0",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    for secret in
        [case.to_string().as_str(), "jupyter", "coordinator-a", "monitoring", "notebook", "person-", "msg-"]
    {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    if let Some(read) =
        bastide_testkit::judge::openmetrics::samples(Path::new(env!("CARGO_TARGET_TMPDIR")), &text)
    {
        let samples = read.unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
        println!("the judge read {} samples", samples.len());
        assert!(samples.len() > 30, "{samples:?}");
        let broken = text.replace("# EOF", "");
        let told =
            bastide_testkit::judge::openmetrics::samples(Path::new(env!("CARGO_TARGET_TMPDIR")), &broken);
        assert!(told.unwrap().is_err(), "the judge refuses what is no exposition");
    }
}

#[tokio::test]
async fn the_operators_own_listener_answers_without_a_sign_in_and_nothing_else() {
    let site = Site::open().await;
    report(&site).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (metrics, limits) = (bastide_server::Metrics::default(), bastide_usecases::Limits::default());
    let serving = tokio::spawn(bastide_server::observe(
        listener,
        site.desk.clone(),
        metrics,
        limits,
        std::future::pending(),
    ));
    for (path, status, beginning) in [
        ("/health/live", "200", "live"),
        ("/health/ready", "200", "database: in order"),
        ("/metrics", "200", "# "),
        ("/inbox", "404", ""),
        ("/", "404", ""),
    ] {
        let answer = asked(address, path).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert!(answer.split("\r\n\r\n").nth(1).unwrap().starts_with(beginning), "{path}: {answer}");
    }
    site.clock.pass(Span::hours(2));
    let late = asked(address, "/health/ready").await;
    assert!(late.starts_with("HTTP/1.1 503") && late.contains("outbox: not in order"), "{late}");
    serving.abort();
}

async fn asked(address: std::net::SocketAddr, path: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn an_administrator_holds_mail_and_decides_about_dead_letters_by_forms() {
    let site = Site::open().await;
    let (person, _) = somebody(&site, "admin-a", Role::ProgrammeAdmin).await;
    let address = "coordinator-b@people.example.org".to_owned();
    let identities = vec![bastide_model::party::Identity::Mail { address }];
    let coordinator = NewPerson { name: "coordinator-b".to_owned(), identities };
    let coordinator = site.desk.add_person(coordinator).await.unwrap();
    let scope = Scope::Project("jupyterlab".parse().unwrap());
    site.desk.grant(coordinator, Role::Coordinator, scope, None).await.unwrap();
    report(&site).await;
    let broken = Mailbox::default();
    broken.close(true);
    for _ in 0..20 {
        if site.desk.deliver(&broken).await.unwrap().given_up > 0 {
            break;
        }
        site.clock.pass(Span::hours(20));
    }
    site.clock.pass(Span::minutes(1));
    let mut browser = Browser::signed_in(&site, person).await;
    browser.open("/admin/operations").await;
    assert_eq!(browser.status.as_u16(), 200, "{}", browser.text);
    assert!(browser.text.contains("Mail leaves as it comes."), "{}", browser.text);
    assert!(!browser.text.contains("case-") && !browser.text.contains("JupyterLab"), "{}", browser.text);
    browser.send("do-hold", &[("reason", "A list was added."), ("term", "7d")]).await;
    assert_eq!((browser.status.as_u16(), browser.address.as_str()), (200, "/admin/operations"));
    assert!(browser.text.contains("Nothing leaves this desk") && browser.text.contains("A list was added."));
    browser.send("do-release", &[]).await;
    assert!(browser.text.contains("Mail leaves as it comes."), "{}", browser.text);
    let id = browser.text.split("id=\"do-drop-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    browser.send(&format!("do-drop-{id}"), &[]).await;
    assert!(browser.text.contains("No message waits for a decision."), "{}", browser.text);

    let mut stranger = Browser::signed_in(&site, site.coordinator.0).await;
    stranger.open("/admin/operations").await;
    assert_eq!(stranger.status.as_u16(), 404);
}
