//! Passkeys where something is wrong: every refusal says what to do, and nothing is signed in or confirmed.

use axum::http::StatusCode;
use bastide_model::{party::Identity, time::Span};
use bastide_usecases::NewPerson;

use super::{Device, answer, asked, by_link, by_passkey, confirm, enrol, sign_in, strict};
use crate::{
    browser::Browser,
    mailbox::{Fetch as _, Mailbox},
    site::Site,
};

/// A desk, and a device that is the coordinator's.
async fn with_device() -> (Site, Device) {
    let site = strict().await;
    let mut device = Device::new("laptop");
    enrol(&mut by_link(&site, site.coordinator.0).await, &mut device, "laptop").await;
    (site, device)
}

async fn refused(site: &Site, device: &mut Device, words: &str) {
    let mut browser = by_passkey(site, device).await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED, "{}", browser.words());
    assert!(browser.words().contains(words), "{words}: {}", browser.words());
    browser.open("/inbox").await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED, "nobody is signed in");
}

#[tokio::test]
async fn a_device_that_answers_somebody_else_signs_nobody_in() {
    let (site, device) = with_device().await;
    for origin in
        ["https://desk.example.org", "http://localhost:2", "http://evil.localhost:1", "https://localhost:1"]
    {
        let mut wrong = Device { origin: origin.to_owned(), ..device.clone() };
        refused(&site, &mut wrong, "another address than this desk's").await;
    }
    let mut wrong = Device { party: Some("example.org".to_owned()), ..device.clone() };
    refused(&site, &mut wrong, "another address than this desk's").await;
    let mut careless = Device { verifies: false, ..device.clone() };
    refused(&site, &mut careless, "did not check that it is you").await;
    refused(&site, &mut Device::new("never enrolled"), "does not know this passkey").await;
}

#[tokio::test]
async fn an_answer_counts_once_in_time_and_for_its_own_question() {
    let (site, mut device) = with_device().await;
    let mut browser = Browser::new(&site);
    let (handle, options) = asked(&mut browser, "/sign-in/passkey/ask").await;
    let signed = device.get(&options);
    answer(&mut browser, "/sign-in/passkey", &handle, &signed).await;
    assert_eq!(browser.place(), "/inbox");

    let mut thief = Browser::new(&site);
    answer(&mut thief, "/sign-in/passkey", &handle, &signed).await;
    assert_eq!(thief.status, StatusCode::UNAUTHORIZED);
    assert!(thief.words().contains("answered already"), "the same answer again: {}", thief.words());
    let (fresh, _) = asked(&mut thief, "/sign-in/passkey/ask").await;
    answer(&mut thief, "/sign-in/passkey", &fresh, &signed).await;
    assert!(thief.words().contains("belongs to another question"), "{}", thief.words());
    // What failed is over, too: the right answer comes too late for it.
    answer(&mut thief, "/sign-in/passkey", &fresh, &signed).await;
    assert!(thief.words().contains("answered already"), "{}", thief.words());

    let (handle, options) = asked(&mut thief, "/sign-in/passkey/ask").await;
    site.clock.pass(Span::minutes(5));
    answer(&mut thief, "/sign-in/passkey", &handle, &device.get(&options)).await;
    assert!(thief.words().contains("older than five minutes"), "{}", thief.words());
    for nonsense in ["", "{}", "null", &"x".repeat(70_000)] {
        let (handle, _) = asked(&mut thief, "/sign-in/passkey/ask").await;
        answer(&mut thief, "/sign-in/passkey", &handle, nonsense).await;
        assert_eq!(thief.status, StatusCode::UNAUTHORIZED, "{}", thief.words());
    }
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let (site, mut device) = with_device().await;
    let mut browser = by_passkey(&site, &mut device).await;
    let (first, options_first) = asked(&mut browser, "/account/confirm/ask").await;
    let (second, options_second) = asked(&mut browser, "/account/confirm/ask").await;
    let signed_second = device.get(&options_second);
    answer(&mut browser, "/account/confirm", &second, &signed_second).await;
    assert_eq!(browser.status, StatusCode::NO_CONTENT, "{}", browser.text);
    let signed_first = device.get(&options_first);
    answer(&mut browser, "/account/confirm", &first, &signed_first).await;
    assert_eq!(browser.status, StatusCode::NO_CONTENT, "{}", browser.text);

    // One session has a few questions open at most: the oldest gives way.
    let (oldest, options) = asked(&mut browser, "/account/confirm/ask").await;
    for _ in 0..5 {
        site.clock.pass(Span::seconds(1));
        asked(&mut browser, "/account/confirm/ask").await;
    }
    assert_eq!(site.desk.store().ceremonies().await.unwrap(), 5);
    answer(&mut browser, "/account/confirm", &oldest, &device.get(&options)).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", browser.text);
}

#[tokio::test]
async fn nobody_confirms_with_somebody_elses_passkey_or_question() {
    let (site, mut device) = with_device().await;
    let mut other = Device::new("of somebody else");
    let mut stranger = by_link(&site, site.stranger.0).await;
    enrol(&mut stranger, &mut other, "mine").await;
    site.clock.pass(Span::minutes(16));
    confirm(&mut stranger, &mut device).await;
    assert_eq!(stranger.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stranger.text.contains("does not know this passkey"), "{}", stranger.text);

    // The question of another session, of another kind of ceremony, and nobody's session.
    let mut coordinator = by_passkey(&site, &mut device).await;
    let (handle, options) = asked(&mut coordinator, "/account/confirm/ask").await;
    let signed = other.get(&options);
    answer(&mut stranger, "/account/confirm", &handle, &signed).await;
    assert!(stranger.text.contains("belongs to another session"), "{}", stranger.text);
    let (handle, options) = asked(&mut stranger, "/sign-in/passkey/ask").await;
    let signed = other.get(&options);
    answer(&mut stranger, "/account/confirm", &handle, &signed).await;
    assert!(stranger.text.contains("belongs to another session"), "{}", stranger.text);
    let mut nobody = Browser::new(&site);
    nobody.post("/account/confirm/ask", &[]).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    stranger.post("/account/tokens", &[("name".to_owned(), "x".to_owned())]).await;
    assert!(stranger.words().contains("Please confirm"), "still not confirmed: {}", stranger.words());

    // The passkey of another person cannot be named or removed either: it is not there.
    coordinator.open("/account/passkeys").await;
    let found = coordinator.text.split("/account/passkeys/").nth(1).unwrap();
    let id = found.split('/').next().unwrap().to_owned();
    for address in [format!("/account/passkeys/{id}/rename"), format!("/account/passkeys/{id}/remove")] {
        stranger.post(&address, &[("name".to_owned(), "theirs".to_owned())]).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND, "{address}: {}", stranger.words());
    }
    // A device's credential belongs to one person.
    let mut again = by_link(&site, site.developer.0).await;
    let (handle, options) = asked(&mut again, "/account/passkeys/ask").await;
    answer(&mut again, "/account/passkeys", &handle, &device.clone().create(&options)).await;
    assert!(again.words().contains("This passkey is known already"), "{}", again.words());
}

#[tokio::test]
async fn a_copied_passkey_is_shut_and_its_owner_and_the_administrators_hear_of_it() {
    use bastide_authz::{Role, Scope};
    let site = strict().await;
    let mut people = Vec::new();
    for name in ["coordinator-b", "administrator-a"] {
        let mail = Identity::Mail { address: format!("{name}@example.org") };
        people.push(
            site.desk.add_person(NewPerson { name: name.into(), identities: vec![mail] }).await.unwrap(),
        );
    }
    site.desk.grant(people[0], Role::Coordinator, Scope::Programme, None).await.unwrap();
    site.desk.grant(people[1], Role::ProgrammeAdmin, Scope::Programme, None).await.unwrap();
    let mut device = Device::new("laptop");
    let mut browser = by_link(&site, people[0]).await;
    enrol(&mut browser, &mut device, "laptop").await;
    let mut copy = device.clone();
    let mut mine = Browser::new(&site);
    for _ in 0..3 {
        sign_in(&mut mine, &mut device).await;
        assert_eq!(mine.place(), "/inbox");
    }
    let mailbox = Mailbox::default();
    mailbox.fetch(&site.desk).await;
    let thief = by_passkey(&site, &mut copy).await;
    assert_eq!(thief.status, StatusCode::UNAUTHORIZED);
    assert!(thief.words().contains("there may be a copy of it"), "{}", thief.words());
    // Nobody can tell which of the two is the copy, so neither opens anything.
    refused(&site, &mut device, "does not know this passkey").await;
    let mails = mailbox.fetch(&site.desk).await;
    let mut to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["administrator-a@example.org", "coordinator-b@example.org"]);
    for (address, page) in [("coordinator-b", "/account"), ("administrator-a", "/admin/people/person-")] {
        let mail = mails.iter().find(|mail| mail.to.starts_with(address)).unwrap();
        assert!(mail.text.contains(&format!("http://localhost:1{page}")), "{mail:?}");
    }
    mine.open("/account").await;
    assert!(mine.words().contains("A passkey was shut"), "{}", mine.words());
    assert!(site.desk.store().verify().await.unwrap().is_sound());
}
