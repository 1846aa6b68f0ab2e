//! Sessions, browsers and what the account page tells.

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_model::time::Span;
use bastide_usecases::{NewPerson, pseudonym};

use super::{Device, by_link, by_passkey, enrol, follow, strict};
use crate::{
    browser::Browser,
    mailbox::{Fetch as _, Mailbox},
};

#[tokio::test]
async fn each_sign_in_is_a_new_session_and_ends_the_one_before() {
    let site = strict().await;
    let mut browser = Browser::new(&site);
    follow(&mut browser, &site, site.stranger.0).await;
    let before = browser.cookie("session").unwrap();
    follow(&mut browser, &site, site.stranger.0).await;
    let after = browser.cookie("session").unwrap();
    assert_ne!(before, after, "a session is never kept over a sign-in");
    let mut fixed = Browser::new(&site);
    fixed.set_cookie("session", &before);
    fixed.open("/account").await;
    assert_eq!(fixed.status, StatusCode::UNAUTHORIZED, "the old one opens nothing");
    // One that somebody else chose is never taken.
    fixed.set_cookie("session", "chosen-by-somebody");
    follow(&mut fixed, &site, site.stranger.0).await;
    assert_ne!(fixed.cookie("session").unwrap(), "chosen-by-somebody");

    browser.open("/account").await;
    browser.post("/sign-out", &[]).await;
    assert_eq!(browser.cookie("session"), None);
    let mut old = Browser::new(&site);
    old.set_cookie("session", &after);
    old.open("/account").await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED, "signed out is signed out");
}

#[tokio::test]
async fn signing_out_clears_what_the_browser_keeps_but_not_a_reports_link() {
    let site = strict().await;
    let mut browser = by_link(&site, site.stranger.0).await;
    let session = browser.cookie("session").unwrap();
    let request = axum::http::Request::post("/sign-out")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", format!("session={session}"));
    let answer = site.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"storage\"");
    let set: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(set.len() == 1 && set[0].to_str().unwrap().starts_with("session=;"), "{set:?}");
    browser.open("/account").await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_at_once() {
    let site = strict().await;
    let mut here = by_link(&site, site.stranger.0).await;
    let mut there = by_link(&site, site.stranger.0).await;
    let mut elsewhere = by_link(&site, site.stranger.0).await;
    here.open("/account/sessions").await;
    assert!(here.words().contains("this one"), "{}", here.words());
    let form = here.text.split("id=\"do-end-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    here.send(&format!("do-end-{form}"), &[]).await;
    assert!(here.words().contains("The session has ended."), "{}", here.words());
    let mut left = 0;
    for browser in [&mut there, &mut elsewhere] {
        browser.open("/account").await;
        left += usize::from(browser.status == StatusCode::OK);
    }
    assert_eq!(left, 1);
    here.send("do-end-others", &[]).await;
    for browser in [&mut there, &mut elsewhere] {
        browser.open("/account").await;
        assert_eq!(browser.status, StatusCode::UNAUTHORIZED);
    }
    here.open("/account").await;
    assert_eq!(here.status, StatusCode::OK);

    // Somebody else's session is not there.
    let mut developer = by_link(&site, site.developer.0).await;
    developer.open("/account/sessions").await;
    let mine = by_link(&site, site.developer.0).await;
    developer.open("/account/sessions").await;
    let address = developer.text.split("action=\"/account/sessions/").nth(1).unwrap();
    let address = format!("/account/sessions/{}", address.split('"').next().unwrap());
    here.post(&address, &[]).await;
    assert_eq!(here.status, StatusCode::NOT_FOUND, "{}", here.words());
    drop(mine);
}

#[tokio::test]
async fn a_session_that_can_read_what_is_not_public_ends_after_half_an_hour_of_nothing() {
    let site = strict().await;
    let mut device = Device::new("laptop");
    enrol(&mut by_link(&site, site.coordinator.0).await, &mut device, "laptop").await;
    let mut busy = by_passkey(&site, &mut device).await;
    let mut idle = by_passkey(&site, &mut device).await;
    let mut public = by_link(&site, site.stranger.0).await;
    for _ in 0..3 {
        site.clock.pass(Span::minutes(29));
        busy.open("/inbox").await;
        assert_eq!(busy.status, StatusCode::OK, "it was used");
    }
    idle.open("/inbox").await;
    assert_eq!(idle.status, StatusCode::UNAUTHORIZED);
    idle.open("/inbox").await;
    assert_eq!(idle.status, StatusCode::UNAUTHORIZED, "and does not come back");
    public.open("/account").await;
    assert_eq!(public.status, StatusCode::OK, "who reads only what is public stays");
    for _ in 0..22 {
        site.clock.pass(Span::minutes(29));
        busy.open("/inbox").await;
    }
    assert_eq!(busy.status, StatusCode::UNAUTHORIZED, "twelve hours are the end of every session");
    public.open("/account").await;
    assert_eq!(public.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_new_browser_is_told_once_and_shows_on_the_account_page() {
    let site = strict().await;
    let events = async |site: &crate::site::Site| {
        let stream =
            bastide_store::Stream::new(bastide_store::StreamKind::Person, site.stranger.0.to_string());
        let events = site.desk.store().stream(&stream).await.unwrap();
        events.iter().filter(|event| event.kind == "new-browser").count()
    };
    let mut browser = by_link(&site, site.stranger.0).await;
    assert!(browser.cookie("device").is_some());
    assert_eq!(events(&site).await, 1);
    follow(&mut browser, &site, site.stranger.0).await;
    assert_eq!(events(&site).await, 1, "it is known now");
    let other = by_link(&site, site.stranger.0).await;
    assert_eq!(events(&site).await, 2);
    browser.open("/account").await;
    assert!(browser.words().contains("from a browser that was not known"), "{}", browser.words());
    // A cookie that somebody made up, or another person's browser, is not known.
    let mut planted = Browser::new(&site);
    planted.set_cookie("device", "made-up");
    follow(&mut planted, &site, site.stranger.0).await;
    assert_eq!(events(&site).await, 3);
    follow(&mut browser, &site, site.developer.0).await;
    assert_eq!(events(&site).await, 3);
    drop(other);
}

#[tokio::test]
async fn the_account_page_says_what_is_stored_and_works_without_script() {
    let site = strict().await;
    let mut browser = by_link(&site, site.stranger.0).await;
    browser.open("/account").await;
    insta::assert_snapshot!("account", browser.lines());
    browser.open("/account/passkeys").await;
    insta::assert_snapshot!("account_passkeys", browser.lines());
    // The button without script: the form is sent as it stands, and the answer says what to do.
    browser.send("passkey-enrol-form", &[]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.words().contains("passkeys need script"), "{}", browser.words());
    let mut nobody = Browser::new(&site);
    nobody.open("/sign-in").await;
    insta::assert_snapshot!("sign_in", nobody.lines());
    nobody.send("passkey-sign-in-form", &[]).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert!(nobody.words().contains("passkeys need script"), "{}", nobody.words());
    for address in
        ["/account", "/account/passkeys", "/account/sessions", "/account/tokens", "/account/confirm"]
    {
        nobody.open(address).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{address}");
    }
}

#[tokio::test]
async fn ones_own_data_are_taken_home_and_erased_from_the_account_page() {
    let site = strict().await;
    let (person, _) = site.stranger;
    let mut device = Device::new("laptop");
    enrol(&mut by_link(&site, person).await, &mut device, "laptop").await;
    let mut browser = by_passkey(&site, &mut device).await;
    browser.open("/account").await;
    let data = browser.link("Everything as one document");
    browser.open(&data).await;
    assert_eq!(browser.headers["content-disposition"], "attachment; filename=\"my-data.json\"");
    let document: serde_json::Value = serde_json::from_str(&browser.text).unwrap();
    assert_eq!(document["passkeys"][0]["name"], "laptop");
    assert!(document["sessions"].as_array().is_some_and(|sessions| !sessions.is_empty()));
    browser.open("/account").await;
    let erase = browser.link("Take it home, or erase it");
    browser.open(&erase).await;
    insta::assert_snapshot!(
        "account_data",
        browser.lines().replace(&pseudonym(person), "Former participant NUMBER")
    );
    browser.send("do-erase", &[]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.words().contains("Tick that you are sure"), "{}", browser.words());
    browser.send("do-erase", &[("sure", "yes")]).await;
    assert_eq!((browser.place(), browser.cookie("session")), ("/", None));
    let record = site.desk.person(person).await.unwrap().unwrap();
    assert_eq!(record.name, pseudonym(person));
    assert!(site.desk.store().passkeys_of(person).await.unwrap().is_empty());
    assert!(site.desk.store().sessions_of(person).await.unwrap().is_empty());
    let report = site.desk.store().verify().await.unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);

    // Who holds an office gives it back first.
    let office = NewPerson { name: "programme-admin".to_owned(), identities: Vec::new() };
    let office = site.desk.add_person(office).await.unwrap();
    site.desk.grant(office, Role::ProgrammeAdmin, Scope::Programme, None).await.unwrap();
    let mut admin = by_link(&site, office).await;
    let mut device = Device::new("office");
    enrol(&mut admin, &mut device, "office").await;
    admin.open("/account/data").await;
    assert!(admin.words().contains("You hold an office"), "{}", admin.words());
    let pairs = [("idempotency-key", "erase-an-office-1"), ("sure", "yes")];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    admin.post("/account/data/erase", &pairs).await;
    assert_eq!(admin.status, StatusCode::NOT_FOUND, "{}", admin.words());
}

/// Who has no mail address adds one themselves, proved by a link that goes there; nobody else can use the link, and it makes
/// no account.
#[tokio::test]
async fn an_address_is_added_by_a_link_that_went_there_and_by_whoever_asked_for_it_only() {
    let site = strict().await;
    let person = site.coordinator.0;
    let mut browser = by_link(&site, person).await;
    enrol(&mut browser, &mut Device::new("laptop"), "laptop").await;
    browser.open("/account").await;
    assert!(browser.words().contains("No mail address is known of you."), "{}", browser.words());
    browser.open("/account/address").await;
    assert!(browser.words().contains("This desk sends no mail yet"), "{}", browser.words());
    site.desk.job_begins(bastide_usecases::Job::Outbox);
    browser.open("/account/address").await;
    browser.send("do-address", &[("address", "nobody")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", browser.words());
    browser.send("do-address", &[("address", "coordinator-a@people.example.org")]).await;
    assert!(browser.words().contains("Look into your mail"), "{}", browser.words());
    let mails = Mailbox::default().fetch(&site.desk).await;
    let mail = mails.iter().find(|mail| mail.to == "coordinator-a@people.example.org").expect("a mail");
    let (_, secret) = mail.text.split_once("http://localhost:1/account/address/").unwrap();
    let secret = secret.split_whitespace().next().unwrap().to_owned();

    let mut thief = Browser::new(&site);
    thief.open(&format!("/reports/enter/{secret}")).await;
    assert_eq!(thief.status, StatusCode::NOT_FOUND, "it opens no account: {}", thief.words());
    let mut other = by_link(&site, site.developer.0).await;
    other.open(&format!("/account/address/{secret}")).await;
    other.send("do-add-address", &[]).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.words());

    browser.open(&format!("/account/address/{secret}")).await;
    browser.send("do-add-address", &[]).await;
    assert_eq!(browser.place(), "/account", "{}", browser.words());
    let words = browser.words();
    assert!(
        words.contains("coordinator-a@people.example.org.") && words.contains("You added a mail address."),
        "{words}"
    );
    let told = Mailbox::default().fetch(&site.desk).await;
    assert!(
        told.iter().any(|mail| mail.text.contains("A mail address was added to your account.")),
        "{told:?}"
    );
    browser.post(&format!("/account/address/{secret}"), &[]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "once: {}", browser.words());

    // An address is asked for by whoever confirmed just now.
    site.clock.pass(Span::minutes(20));
    browser.open("/account/address").await;
    browser.send("do-address", &[("address", "another@people.example.org")]).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "{}", browser.words());
}

#[tokio::test]
async fn whoever_takes_a_role_on_without_a_passkey_reads_that_one_is_missing() {
    let site = strict().await;
    let mut admin = by_link(&site, site.developer.0).await;
    enrol(&mut admin, &mut Device::new("laptop"), "laptop").await;
    site.desk.grant(site.developer.0, Role::ProgrammeAdmin, Scope::Programme, None).await.unwrap();
    admin.open(&format!("/admin/people/{}", site.stranger.0)).await;
    admin.send("do-give-role", &[("role", "coordinator"), ("scope", "project:jupyterlab")]).await;
    assert!(admin.words().contains("Offered."), "{}", admin.words());
    let mut taker = by_link(&site, site.stranger.0).await;
    assert_eq!(taker.place(), "/roles", "{}", taker.words());
    taker.send("do-role", &[("answer", "yes")]).await;
    let words = taker.words();
    assert!(
        words.contains("You are coordinator of JupyterLab now")
            && words.contains("One thing is missing: a passkey."),
        "{words}"
    );
    assert_eq!(taker.link("Make a passkey"), "/account/passkeys");
    enrol(&mut taker, &mut Device::new("phone"), "phone").await;
    assert!(taker.words().contains("Go on:"), "{}", taker.words());
    taker.open("/inbox").await;
    assert_eq!(taker.status, StatusCode::OK);
    // The person's page says that they have one, and offers no link that is always refused.
    admin.open(&format!("/admin/people/{}", site.stranger.0)).await;
    let words = admin.words();
    assert!(words.contains("They have 1 passkey") && !admin.text.contains("id=\"do-invite\""), "{words}");
    let mut lost = Browser::new(&site);
    lost.open("/sign-in").await;
    assert!(
        lost.words().contains("I lost my passkeys") && lost.words().contains("After 24 hours"),
        "{}",
        lost.words()
    );
}
