//! Passkeys where everything goes well: the first, the sign-in, the confirmation.

use axum::http::StatusCode;
use bastide_model::time::Span;

use super::{Device, asked, by_link, by_passkey, case, confirm, enrol, sign_in, strict};

#[tokio::test]
async fn whoever_reads_what_is_not_public_makes_a_passkey_before_anything_else() {
    let site = strict().await;
    let case = case(&site).await;
    let mut browser = by_link(&site, site.coordinator.0).await;
    assert_eq!(browser.place(), "/account/passkeys", "signing in leads to making one");
    assert!(browser.words().contains("Until you have one, only your account is open to you."));
    let mut answers = Vec::new();
    for address in ["/inbox", &format!("/cases/{case}"), "/cases/case-00000000000000000000000000000000"] {
        browser.open(address).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN, "{address}");
        assert!(browser.words().contains("Please make a passkey first"), "{}", browser.words());
        answers.push((browser.text.clone(), format!("{:?}", browser.headers)));
    }
    assert_eq!(answers[1], answers[2], "a case that is there and one that is not");
    browser.open("/projects/jupyterlab").await;
    assert_eq!(browser.status, StatusCode::OK, "what is public stays public");
    enrol(&mut browser, &mut Device::new("laptop"), "laptop").await;
    browser.open(&format!("/cases/{case}")).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.words());

    let mut stranger = by_link(&site, site.stranger.0).await;
    assert_eq!(stranger.place(), "/inbox", "a person without such a role is asked for nothing");
    stranger.open("/inbox").await;
    assert_eq!(stranger.status, StatusCode::OK);
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_name_and_leads_where_one_wanted_to_go() {
    let site = strict().await;
    let mut device = Device::new("laptop");
    enrol(&mut by_link(&site, site.coordinator.0).await, &mut device, "laptop").await;
    let mut browser = by_passkey(&site, &mut device).await;
    assert_eq!((browser.place(), browser.status), ("/inbox", StatusCode::OK), "{}", browser.words());
    assert!(browser.text.contains("coordinator-a"), "the desk knows who it is");

    browser.open("/sign-in?next=/account/tokens").await;
    let (action, mut pairs) = browser.filled("passkey-sign-in-form", &[]);
    let (handle, options) = asked(&mut browser, "/sign-in/passkey/ask").await;
    pairs.retain(|(name, _)| name != "handle" && name != "answer");
    pairs.push(("handle".into(), handle));
    pairs.push(("answer".into(), device.get(&options)));
    browser.post(&action, &pairs).await;
    assert_eq!(browser.place(), "/account/tokens");

    // A device that does not count (most that keep passkeys in step with others) is as good.
    let mut steady = Device { counts: false, ..Device::new("phone") };
    enrol(&mut browser, &mut steady, "phone").await;
    for _ in 0..2 {
        let browser = by_passkey(&site, &mut steady).await;
        assert_eq!(browser.place(), "/inbox", "{}", browser.words());
    }
}

#[tokio::test]
async fn a_step_that_needs_confirmation_keeps_what_was_filled_in() {
    let site = strict().await;
    let case = case(&site).await;
    let mut device = Device::new("laptop");
    let mut browser = by_link(&site, site.coordinator.0).await;
    enrol(&mut browser, &mut device, "laptop").await;
    site.clock.pass(Span::minutes(16));
    let step = format!("/cases/{case}/steps/approve");
    let digest = "0".repeat(64);
    let typed = [("idempotency-key", "a-key-of-this-test-1"), ("digest", &digest), ("note", "a <b> & \"c\"")];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    browser.post(&step, &typed).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    assert!(browser.words().contains("Please confirm that it is you"), "{}", browser.words());
    let (action, kept) = browser.filled("kept-form", &[]);
    assert_eq!((action.as_str(), kept.as_slice()), (step.as_str(), typed.as_slice()));
    let _ = browser.filled("passkey-confirm-form", &[]);

    confirm(&mut browser, &mut device).await;
    assert_eq!(browser.status, StatusCode::NO_CONTENT, "{}", browser.text);
    browser.post(&action, &kept).await;
    assert!(
        !browser.words().contains("Please confirm"),
        "confirmed: the process answers: {}",
        browser.words()
    );
    site.clock.pass(Span::minutes(15));
    browser.post(&action, &kept).await;
    assert!(browser.words().contains("Please confirm"), "15 minutes later it asks again");

    // Signing in by a link is no confirmation here; signing in by a passkey is.
    let mut linked = by_link(&site, site.coordinator.0).await;
    linked.post(&step, &typed).await;
    assert!(linked.words().contains("Please confirm"), "{}", linked.words());
    sign_in(&mut linked, &mut device).await;
    linked.post(&step, &typed).await;
    assert!(!linked.words().contains("Please confirm"), "{}", linked.words());
}

#[tokio::test]
async fn without_a_passkey_the_page_leads_to_making_one_and_keeps_the_form() {
    let site = strict().await;
    let mut browser = by_link(&site, site.stranger.0).await;
    site.clock.pass(Span::minutes(20));
    let name = ("name".to_owned(), "for a script".to_owned());
    browser.post("/account/tokens", std::slice::from_ref(&name)).await;
    assert!(browser.words().contains("You have no passkey yet."), "{}", browser.words());
    assert!(browser.text.contains("/account/passkeys"), "it leads there");
    let (action, kept) = browser.filled("kept-form", &[]);
    assert_eq!((action.as_str(), kept.as_slice()), ("/account/tokens", [name].as_slice()));

    // A first passkey needs a fresh session by a link; an open old one is not enough.
    browser.open("/account/passkeys").await;
    assert!(browser.words().contains("within 15 minutes of signing in"), "{}", browser.words());
    assert!(!browser.text.contains("passkey-enrol-form"));
    browser.post("/account/passkeys/ask", &[]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", browser.text);
    super::follow(&mut browser, &site, site.stranger.0).await;
    enrol(&mut browser, &mut Device::new("laptop"), "laptop").await;
    browser.post(&action, &kept).await;
    assert!(!browser.words().contains("Please confirm"), "making one is confirming: {}", browser.words());
}

#[tokio::test]
async fn a_second_passkey_asks_for_the_first_and_the_last_one_goes_only_knowingly() {
    let site = strict().await;
    let (mut first, mut second) = (Device::new("laptop"), Device::new("key in the drawer"));
    let mut browser = by_link(&site, site.coordinator.0).await;
    enrol(&mut browser, &mut first, "laptop").await;
    site.clock.pass(Span::minutes(16));
    browser.open("/account/passkeys").await;
    assert!(!browser.text.contains("passkey-enrol-form"), "an old session adds none");
    browser.post("/account/passkeys/ask", &[]).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    confirm(&mut browser, &mut first).await;
    enrol(&mut browser, &mut second, "key in the drawer").await;

    let form = |browser: &crate::browser::Browser<'_>, verb: &str, nth: usize| {
        let page = browser.text.split(&format!("id=\"do-{verb}-")).nth(nth + 1).unwrap();
        format!("do-{verb}-{}", page.split('"').next().unwrap())
    };
    let rename = form(&browser, "rename", 0);
    browser.send(&rename, &[("name", "old laptop")]).await;
    assert!(browser.words().contains("old laptop"), "{}", browser.words());
    let remove = form(&browser, "remove", 0);
    browser.send(&remove, &[]).await;
    assert!(browser.words().contains("The passkey was removed."), "{}", browser.words());
    assert!(!browser.words().contains("old laptop"));
    let gone = by_passkey(&site, &mut first).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    assert!(gone.words().contains("does not know this passkey"), "{}", gone.words());

    let last = form(&browser, "remove", 0);
    let (action, mut pairs) = browser.filled(&last, &[]);
    browser.post(&action, &pairs).await;
    assert!(browser.words().contains("It is your last one"), "{}", browser.words());
    pairs.push(("last".into(), "yes".into()));
    browser.post(&action, &pairs).await;
    assert!(browser.words().contains("You have none yet."), "{}", browser.words());
    browser.open("/inbox").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "the role asks for one again");
}
