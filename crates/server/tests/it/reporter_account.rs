//! Reporters who want an account: asked for by mail, their reports in one place, the secret link ended.

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_connect_mail::Mail;
use bastide_model::{party::Identity, time::Span};
use bastide_usecases::{NewPerson, Secret, UseCaseError};

use crate::{
    browser::Browser,
    mailbox::{Fetch as _, Mailbox},
    site::Site,
    web::{ANSWERS, secret_link},
};

const ADDRESS: &str = "reporter-a@example.org";

/// The path of the link in a mail.
fn link(mail: &Mail) -> String {
    let line = mail.text.lines().find(|line| line.contains("/reports/enter/")).expect("the mail has a link");
    line.trim_start_matches("http://localhost:1").to_owned()
}

async fn asked(site: &Site, address: &str) -> String {
    let mut browser = Browser::new(site);
    browser.open("/reports").await;
    browser.send("do-ask", &[("address", address)]).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.words());
    browser.lines()
}

/// Signs a browser in by a mail.
async fn entered(site: &Site, mailbox: &Mailbox, browser: &mut Browser<'_>, address: &str) {
    asked(site, address).await;
    let mails = mailbox.fetch(&site.desk).await;
    let mail = mails.iter().find(|mail| mail.to == address).expect("a mail came");
    browser.open(&link(mail)).await;
    browser.send("do-enter", &[]).await;
    assert_eq!(browser.place(), "/reports", "{}", browser.words());
    assert_eq!(browser.status, StatusCode::OK);
}

async fn reported(browser: &mut Browser<'_>) -> String {
    browser.open("/projects/jupyterlab/report").await;
    browser.send("report", ANSWERS).await;
    assert_eq!(browser.status, StatusCode::CREATED, "{}", browser.words());
    secret_link(browser)
}

/// Proves: J04.
#[tokio::test]
async fn a_reporter_keeps_reports_under_an_account_and_uses_the_account_only() {
    let (site, mailbox) = (Site::open().await, Mailbox::default());
    let mut reporter = Browser::new(&site);
    let secret = reported(&mut reporter).await;
    reporter.open(&secret).await;
    reporter.open("/status").await;
    reporter.send("do-account", &[]).await;
    assert_eq!(reporter.place(), "/reports");
    entered(&site, &mailbox, &mut reporter, ADDRESS).await;
    assert!(reporter.words().contains("No report yet."), "{}", reporter.words());

    // The browser still holds the secret link: one press keeps the report.
    reporter.send("do-keep", &[]).await;
    let own = reporter.place().to_owned();
    assert!(own.starts_with("/reports/case-"), "{own}");
    assert!(reporter.words().contains("Where your report stands"), "{}", reporter.words());

    // The team answers; the list says so, and opening the report reads it.
    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    coordinator.send("do-take", &[]).await;
    coordinator.send("do-acknowledge", &[("text", "Thank you; we look into it.")]).await;
    assert!(coordinator.words().contains("Keeps the report under an account."), "{}", coordinator.words());
    // The mail about it leads to a page that the account opens.
    let mails = mailbox.fetch(&site.desk).await;
    let told = mails.iter().find(|mail| mail.to == ADDRESS).expect("the reporter is told by mail");
    assert!(told.text.contains(&format!("http://localhost:1{own}\n")), "{}", told.text);

    reporter.open("/reports").await;
    assert!(reporter.words().contains("one has an answer that you have not read"), "{}", reporter.words());
    insta::assert_snapshot!("own-reports", reporter.lines().replace(&own[14..22], "…"));
    reporter.open(&own).await;
    assert!(reporter.words().contains("Thank you; we look into it."), "{}", reporter.words());
    reporter.send("do-message", &[("text", "I can give more detail.")]).await;
    assert_eq!(reporter.place(), own);
    assert!(reporter.words().contains("I can give more detail."), "{}", reporter.words());
    reporter.open("/reports").await;
    assert!(reporter.words().contains("you have read everything"), "{}", reporter.words());

    // The account ends the link, in every browser.
    let mut other = Browser::new(&site);
    other.open(&secret).await;
    other.open("/status").await;
    assert!(other.words().contains("Thank you; we look into it."), "the link works beside the account");
    reporter.open(&own).await;
    reporter.send("do-end-link", &[]).await;
    assert_eq!(reporter.place(), own);
    other.open("/status").await;
    assert!(!other.words().contains("Thank you"), "{}", other.words());
    other.open(&secret).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);

    // A new one is shown once and works.
    reporter.send("do-replace-link", &[]).await;
    let fresh = secret_link(&reporter);
    assert_ne!(fresh, secret);
    other.open(&fresh).await;
    other.open("/status").await;
    assert!(other.words().contains("Thank you; we look into it."), "{}", other.words());
    // By the link nobody ends or replaces it, and nobody carries the report away.
    let case_id = own.trim_start_matches("/reports/");
    for path in ["link/end", "link/replace"] {
        other.post(&format!("/reports/{case_id}/{path}"), &[]).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "{path}");
    }
    let mut thief = Browser::new(&site);
    entered(&site, &mailbox, &mut thief, "thief@example.org").await;
    thief.open(&fresh).await;
    thief.open("/status").await;
    thief.post("/status/keep", &[]).await;
    assert_eq!(thief.status, StatusCode::CONFLICT, "{}", thief.words());
    thief.open(&own).await;
    assert_eq!(thief.status, StatusCode::NOT_FOUND);
    thief.open("/reports").await;
    assert!(!thief.words().contains("crafted notebook"), "{}", thief.words());
}

#[tokio::test]
async fn a_report_sent_while_signed_in_is_under_the_account_at_once_and_the_api_lists_it() {
    let (site, mailbox) = (Site::open().await, Mailbox::default());
    let mut reporter = Browser::new(&site);
    entered(&site, &mailbox, &mut reporter, ADDRESS).await;
    reported(&mut reporter).await;
    reporter.open("/reports").await;
    let own = reporter.link("A crafted notebook");
    reporter.open(&own).await;
    assert_eq!(reporter.status, StatusCode::OK);

    // A stranger with a token sees neither list nor report; the same with the API.
    let token = Some(site.stranger.1.as_str());
    assert_eq!(site.get("/api/v1/reports", token).await.json(), serde_json::json!([]));
    let case = own.trim_start_matches("/reports/");
    let absent = site.get("/api/v1/reports/case-00000000000000000000000000000000", token).await;
    let hidden = site.get(&format!("/api/v1/reports/{case}"), token).await;
    assert_eq!((hidden.status, hidden.text), (absent.status, absent.text));
    let coordinator = site.get(&format!("/api/v1/reports/{case}"), Some(&site.coordinator.1)).await;
    assert_eq!(
        coordinator.status,
        StatusCode::NOT_FOUND,
        "a coordinator reads the case, not somebody's own report"
    );

    let people = site.desk.persons().await.unwrap();
    let (id, _) = people.iter().find(|(_, record)| record.reporter_account).unwrap();
    let mine = site.desk.issue_token(*id, Span::days(1), false).await.unwrap();
    let listed = site.get("/api/v1/reports", Some(mine.reveal())).await.json();
    assert_eq!(listed[0]["case"], case, "{listed}");
    assert_eq!(listed[0]["unread"], false, "{listed}");
    let shown = site.get(&format!("/api/v1/reports/{case}"), Some(mine.reveal())).await.json();
    assert!(shown["stages"].is_array(), "{shown}");
    // The directory of those who invite people does not list who reports.
    let directory = site.get("/api/v1/people", Some(&site.coordinator.1)).await.text;
    assert!(!directory.contains(&id.to_string()), "{directory}");
}

#[tokio::test]
async fn the_answer_to_a_request_says_nothing_about_the_address_and_mails_nothing_about_anything() {
    let (site, mailbox) = (Site::open().await, Mailbox::default());
    let mut reporter = Browser::new(&site);
    entered(&site, &mailbox, &mut reporter, ADDRESS).await;
    reported(&mut reporter).await;
    // Known, unknown, a coordinator's: one page.
    let identities = vec![Identity::Mail { address: "coordinator-b@example.org".into() }];
    let person = site.desk.add_person(NewPerson { name: "coordinator-b".into(), identities }).await.unwrap();
    let scope = Scope::Project("jupyterlab".parse().unwrap());
    site.desk.grant(person, Role::Coordinator, scope, None).await.unwrap();
    let known = asked(&site, ADDRESS).await;
    assert_eq!(asked(&site, "nobody@example.org").await, known);
    assert_eq!(asked(&site, "Coordinator-B@example.org").await, known);
    let mut mails = mailbox.fetch(&site.desk).await;
    // The coordinator also hears of the new report.
    mails.retain(|mail| !mail.subject.contains("news"));
    assert_eq!(mails.len(), 3, "{mails:?}");
    for mail in &mails {
        assert_eq!(mail.subject, "Your link to the security desk");
        for secret in ["crafted", "JupyterLab", "jupyterlab", "Test programme"] {
            assert!(!mail.text.contains(secret) && !mail.subject.contains(secret), "{}", mail.text);
        }
    }
    // Who has a role is told how they sign in, and gets no link; not even when the role came after the link.
    let coordinators = mails.iter().find(|mail| mail.to == "Coordinator-B@example.org").unwrap();
    assert!(!coordinators.text.contains("/reports/enter/"), "{}", coordinators.text);
    let nobodys = mails.iter().find(|mail| mail.to == "nobody@example.org").unwrap();
    assert!(nobodys.text.contains("It works once"), "{}", nobodys.text);

    // What is no single mailbox is refused at its field, before anything is stored.
    let mut browser = Browser::new(&site);
    browser.open("/reports").await;
    browser.send("do-ask", &[("address", "a@example.org, b@example.org")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.words().contains("not a mail address that the desk can write to"), "{}", browser.words());
    assert!(mailbox.fetch(&site.desk).await.is_empty());
}

#[tokio::test]
async fn a_link_works_once_within_a_day_only_the_newest_and_never_for_who_has_a_role() {
    let (site, mailbox) = (Site::open().await, Mailbox::default());
    // Looking spends nothing; pressing spends it.
    asked(&site, ADDRESS).await;
    let path = link(&mailbox.fetch(&site.desk).await[0]);
    let mut browser = Browser::new(&site);
    browser.open(&path).await;
    browser.open(&path).await;
    browser.send("do-enter", &[("name", "Reporter A")]).await;
    assert_eq!(browser.place(), "/reports");
    let mut second = Browser::new(&site);
    second.open(&path).await;
    assert_eq!(second.status, StatusCode::NOT_FOUND);
    second.post(&path, &[]).await;
    assert_eq!(second.status, StatusCode::NOT_FOUND);
    assert!(!second.headers.contains_key("set-cookie"), "{:?}", second.headers);

    // Too old.
    asked(&site, ADDRESS).await;
    let path = link(&mailbox.fetch(&site.desk).await[0]);
    site.clock.pass(Span::hours(24));
    second.open(&path).await;
    assert_eq!(second.status, StatusCode::NOT_FOUND);

    // A role that comes between the mail and the press closes the way: mail alone opens nothing of a case.
    asked(&site, ADDRESS).await;
    let path = link(&mailbox.fetch(&site.desk).await[0]);
    let people = site.desk.persons().await.unwrap();
    let (id, _) = people.iter().find(|(_, record)| record.reporter_account).unwrap();
    let scope = Scope::Project("jupyterlab".parse().unwrap());
    site.desk.grant(*id, Role::Coordinator, scope, None).await.unwrap();
    second.post(&path, &[]).await;
    assert_eq!(second.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_gets_few_mails_and_old_requests_are_forgotten() {
    let (site, mailbox) = (Site::open().await, Mailbox::default());
    let mut first = String::new();
    for round in 0..20 {
        let answer = asked(&site, if round % 2 == 0 { ADDRESS } else { "Reporter-A@EXAMPLE.org" }).await;
        if first.is_empty() {
            first.clone_from(&answer);
        }
        assert_eq!(answer, first);
    }
    assert_eq!(mailbox.fetch(&site.desk).await.len(), 3, "three in an hour");
    for _ in 0..10 {
        site.clock.pass(Span::hours(1));
        asked(&site, ADDRESS).await;
    }
    assert_eq!(mailbox.fetch(&site.desk).await.len(), 5, "eight in a day");
    // Another address is not held up by it.
    asked(&site, "reporter-b@example.org").await;
    assert_eq!(mailbox.fetch(&site.desk).await.len(), 1);
    site.clock.pass(Span::days(3));
    site.desk.forget_account_links().await.unwrap();
    asked(&site, ADDRESS).await;
    assert_eq!(mailbox.fetch(&site.desk).await.len(), 1);
}

#[tokio::test]
async fn signing_in_by_mail_gives_a_fresh_session_that_confirms_nothing() {
    let (site, mailbox) = (Site::open().await, Mailbox::default());
    let mut browser = Browser::new(&site);
    // Somebody planted a session; it is not taken over.
    entered(&site, &mailbox, &mut browser, "thief@example.org").await;
    let planted = session_of(&browser);
    entered(&site, &mailbox, &mut browser, ADDRESS).await;
    let own = session_of(&browser);
    assert_ne!(own, planted);
    assert!(matches!(site.desk.signed_in(&Secret::given(&planted)).await, Err(UseCaseError::NotSignedIn)));
    let signed_in = site.desk.signed_in(&Secret::given(&own)).await.unwrap();
    assert!(!signed_in.actor.stepped_up, "a mailbox confirms nothing");
    assert!(signed_in.actor.grants.is_empty());
}

fn session_of(browser: &Browser<'_>) -> String {
    browser.cookie("session").expect("the browser is signed in")
}
