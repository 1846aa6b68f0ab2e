//! Signing in through another house, through the real site.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_connect_web::{GuardedClient, Web};
use bastide_model::{
    id::PersonId,
    party::Identity,
    time::{Clock as _, Span},
};
use bastide_server::{Options, router};
use bastide_store::{Stream, StreamKind};
use bastide_testkit::judge::oidc::Provider;
use bastide_usecases::{
    NewPerson, Oidc, OidcSettings, OutsideSignIn, ScriptedProvider, Secret, SystemClock, UseCaseError,
};

use crate::{browser::Browser, site::Site};

/// A desk with two houses to sign in through.
async fn site() -> (Site, Arc<ScriptedProvider>, Arc<ScriptedProvider>) {
    let mut site = Site::open().await;
    let house = Arc::new(ScriptedProvider::new("house", "The house", "https://house.example"));
    let other = Arc::new(ScriptedProvider::new("other", "Another house", "https://other.example"));
    let outside = OutsideSignIn::new(vec![house.clone(), other.clone()]);
    site.service = router(site.desk.clone(), Options { outside, ..Options::default() });
    (site, house, other)
}

/// The state of the sign-in that the browser was just sent away with.
fn state(browser: &Browser<'_>) -> String {
    let refresh = browser.headers["refresh"].to_str().unwrap();
    let (_, query) = refresh.split_once('?').unwrap_or_else(|| panic!("{refresh}"));
    let query: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
    query["state"].clone()
}

/// Presses the button of a house and is sent away.
async fn sent_away(browser: &mut Browser<'_>, house: &str) -> String {
    browser.open("/sign-in?next=/advisories").await;
    browser.send(&format!("do-with-{house}"), &[]).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.words());
    state(browser)
}

async fn back(browser: &mut Browser<'_>, house: &str, state: &str, code: &str) {
    browser.open(&format!("/sign-in/return/{house}?state={state}&code={code}")).await;
}

/// A coordinator to whom an administrator linked the account `coordinator-1` of the house.
async fn invited(site: &Site) -> PersonId {
    let identities = vec![Identity::Outside {
        issuer: "https://house.example".into(),
        subject: "coordinator-1".into(),
        shown: "coordinator-b".into(),
    }];
    let person = site.desk.add_person(NewPerson { name: "coordinator-b".into(), identities }).await.unwrap();
    let scope = Scope::Project("jupyterlab".parse().unwrap());
    site.desk.grant(person, Role::Coordinator, scope, None).await.unwrap();
    person
}

#[tokio::test]
async fn an_account_that_an_administrator_named_signs_in_and_confirms_nothing() {
    let (site, house, _) = site().await;
    let person = invited(&site).await;
    house.vouch("code-1", "coordinator-1", "a handle that changed");
    let mut browser = Browser::new(&site);
    let state = sent_away(&mut browser, "house").await;
    back(&mut browser, "house", &state, "code-1").await;
    assert_eq!(browser.headers["refresh"], "0; url=/advisories", "{}", browser.words());
    browser.open("/inbox").await;
    assert!(browser.text.contains("coordinator-b"), "{}", browser.words());
    let session = browser.cookie("session").unwrap();
    let signed_in = site.desk.signed_in(&Secret::given(&session)).await.unwrap();
    assert_eq!(signed_in.actor.person, Some(person));
    assert!(!signed_in.actor.stepped_up, "another house's word is no fresh confirmation");
    assert!(browser.cookie("outside").is_none(), "the sign-in's cookie is gone");
}

#[tokio::test]
async fn an_account_that_nobody_linked_signs_in_nobody_and_may_become_a_reporter() {
    let (site, house, other) = site().await;
    invited(&site).await;
    // The same name at another house, and the address of a coordinator as its name, are somebody else's.
    other.vouch("code-1", "coordinator-1", "coordinator-b");
    let mut browser = Browser::new(&site);
    let state = sent_away(&mut browser, "other").await;
    back(&mut browser, "other", &state, "code-1").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    assert!(browser.words().contains("linked to nobody here"), "{}", browser.words());
    assert!(browser.cookie("session").is_none());
    insta::assert_snapshot!("unknown-account", browser.lines());
    browser.send("do-reporter", &[]).await;
    assert_eq!(browser.place(), "/reports", "{}", browser.words());
    let signed_in = site.desk.signed_in(&Secret::given(&browser.cookie("session").unwrap())).await.unwrap();
    assert!(signed_in.actor.grants.is_empty());
    assert!(!signed_in.actor.stepped_up);
    // From then on it signs in.
    other.vouch("code-2", "coordinator-1", "coordinator-b");
    let mut again = Browser::new(&site);
    let state = sent_away(&mut again, "other").await;
    back(&mut again, "other", &state, "code-2").await;
    assert_eq!(again.headers["refresh"], "0; url=/advisories", "{}", again.words());

    // A ticket belongs to its browser and counts once.
    house.vouch("code-3", "somebody", "somebody");
    let mut third = Browser::new(&site);
    let state = sent_away(&mut third, "house").await;
    back(&mut third, "house", &state, "code-3").await;
    let (action, pairs) = third.filled("do-reporter", &[]);
    let mut thief = Browser::new(&site);
    thief.post(&action, &pairs).await;
    assert_eq!(thief.status, StatusCode::BAD_REQUEST, "{}", thief.words());
    third.post(&action, &pairs).await;
    assert_eq!(third.status, StatusCode::BAD_REQUEST, "the thief's try has used it up");
}

#[tokio::test]
async fn an_answer_counts_once_in_its_browser_at_its_house_and_in_time() {
    let (site, house, other) = site().await;
    invited(&site).await;
    let stale = |browser: &Browser<'_>| {
        assert_eq!(browser.status, StatusCode::BAD_REQUEST, "{}", browser.words());
        assert!(
            browser.words().contains("belongs to no sign-in that this browser has under way"),
            "{}",
            browser.words()
        );
        assert!(browser.cookie("session").is_none());
    };
    // Replayed.
    let mut browser = Browser::new(&site);
    let first = sent_away(&mut browser, "house").await;
    house.vouch("code", "coordinator-1", "x");
    back(&mut browser, "house", &first, "code").await;
    assert!(browser.cookie("session").is_some());
    let mut browser = Browser::new(&site);
    house.vouch("code", "coordinator-1", "x");
    back(&mut browser, "house", &first, "code").await;
    stale(&browser);
    // Begun in another browser: whoever sends their own answer to somebody would sign them in as themselves.
    let mut attacker = Browser::new(&site);
    let theirs = sent_away(&mut attacker, "house").await;
    let mut victim = Browser::new(&site);
    back(&mut victim, "house", &theirs, "code").await;
    stale(&victim);
    let mut victim = Browser::new(&site);
    let _ = sent_away(&mut victim, "house").await;
    let theirs = sent_away(&mut attacker, "house").await;
    back(&mut victim, "house", &theirs, "code").await;
    stale(&victim);
    // Mixed up: begun at one house, answered by the other.
    let mut browser = Browser::new(&site);
    let own = sent_away(&mut browser, "house").await;
    other.vouch("code", "coordinator-1", "x");
    back(&mut browser, "other", &own, "code").await;
    stale(&browser);
    // Too late.
    let mut browser = Browser::new(&site);
    let own = sent_away(&mut browser, "house").await;
    site.clock.pass(Span::minutes(10));
    back(&mut browser, "house", &own, "code").await;
    stale(&browser);
    // Invented, missing, absurd.
    for query in
        ["state=invented&code=code", "code=code", "", &format!("state={}&code=code", "x".repeat(3000))]
    {
        browser.open(&format!("/sign-in/return/house?{query}")).await;
        stale(&browser);
    }
    // Declined at the house: said plainly, and used up.
    let mut browser = Browser::new(&site);
    let own = sent_away(&mut browser, "house").await;
    browser.open(&format!("/sign-in/return/house?state={own}&error=access_denied")).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    back(&mut browser, "house", &own, "code").await;
    stale(&browser);
    // No such house.
    browser.open("/sign-in/return/nowhere?state=x&code=y").await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_links_an_account_to_oneself_freshly_confirmed_and_to_nobody_elses() {
    let (site, house, _) = site().await;
    invited(&site).await;
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    browser.open("/account/outside").await;
    assert!(browser.words().contains("No account is linked."), "{}", browser.words());
    browser.send("do-link-house", &[]).await;
    let own = state(&browser);
    house.vouch("code", "my-number", "coordinator-a");
    back(&mut browser, "house", &own, "code").await;
    assert_eq!(browser.headers["refresh"], "0; url=/account/outside", "{}", browser.words());
    browser.open("/account/outside").await;
    assert!(browser.words().contains("The house coordinator-a number my-number"), "{}", browser.words());

    // Signed in by it, one has no fresh confirmation, so no session of another house links a further one.
    let mut by_house = Browser::new(&site);
    let own = sent_away(&mut by_house, "house").await;
    house.vouch("code", "my-number", "coordinator-a");
    back(&mut by_house, "house", &own, "code").await;
    by_house.open("/account/outside").await;
    by_house.send("do-link-other", &[]).await;
    assert_eq!(by_house.status, StatusCode::FORBIDDEN, "{}", by_house.words());
    by_house.open("/account/outside").await;
    by_house.send("do-unlink", &[]).await;
    assert_eq!(by_house.status, StatusCode::FORBIDDEN, "{}", by_house.words());

    // Somebody else's account stays theirs.
    browser.send("do-link-house", &[]).await;
    let own = state(&browser);
    house.vouch("code", "coordinator-1", "coordinator-b");
    back(&mut browser, "house", &own, "code").await;
    assert_eq!(browser.status, StatusCode::CONFLICT, "{}", browser.words());
    assert!(browser.words().contains("linked to somebody else"), "{}", browser.words());

    // A link that was begun ends with the session that began it.
    browser.open("/account/outside").await;
    browser.send("do-link-house", &[]).await;
    let own = state(&browser);
    let session = Secret::given(&browser.cookie("session").unwrap());
    site.desk.sign_out(&session).await.unwrap();
    house.vouch("code", "a-third", "x");
    back(&mut browser, "house", &own, "code").await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED, "{}", browser.words());

    // Taken away, it signs in nobody.
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    browser.open("/account/outside").await;
    browser.send("do-unlink", &[]).await;
    assert!(browser.words().contains("No account is linked."), "{}", browser.words());
    let mut gone = Browser::new(&site);
    let own = sent_away(&mut gone, "house").await;
    house.vouch("code", "my-number", "coordinator-a");
    back(&mut gone, "house", &own, "code").await;
    assert_eq!(gone.status, StatusCode::FORBIDDEN);
    assert!(gone.cookie("session").is_none());
}

#[tokio::test]
async fn a_sign_in_leads_to_this_desk_only_and_under_a_session_of_its_own() {
    let (site, house, _) = site().await;
    invited(&site).await;
    for hostile in ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "javascript:alert(1)"]
    {
        let mut browser = Browser::new(&site);
        let pairs = vec![("next".to_owned(), hostile.to_owned())];
        browser.post("/sign-in/with/house", &pairs).await;
        let own = state(&browser);
        house.vouch("code", "coordinator-1", "x");
        back(&mut browser, "house", &own, "code").await;
        assert_eq!(browser.headers["refresh"], "0; url=/inbox", "{hostile}");
    }
    // A session that was there before is not taken over.
    let mut browser = Browser::signed_in(&site, site.stranger.0).await;
    let planted = Secret::given(&browser.cookie("session").unwrap());
    browser.post("/sign-in/with/house", &[]).await;
    let own = state(&browser);
    house.vouch("code", "coordinator-1", "x");
    back(&mut browser, "house", &own, "code").await;
    assert_ne!(browser.cookie("session").unwrap(), planted.reveal());
    assert!(matches!(site.desk.signed_in(&planted).await, Err(UseCaseError::NotSignedIn)));
}

#[tokio::test]
async fn the_cookie_of_a_sign_in_comes_back_from_elsewhere_and_is_read_by_no_script() {
    let (mut site, _, _) = site().await;
    let house = Arc::new(ScriptedProvider::new("house", "The house", "https://house.example"));
    let options =
        Options { outside: OutsideSignIn::new(vec![house]), secure_cookies: true, ..Options::default() };
    site.service = router(site.desk.clone(), options);
    let mut browser = Browser::new(&site);
    browser.post("/sign-in/with/house", &[]).await;
    let cookie = browser.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-outside="), "{cookie}");
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn whose_role_ended_signs_in_to_nothing_and_who_was_erased_not_at_all() {
    let (site, house, _) = site().await;
    let person = invited(&site).await;
    let lab = Scope::Project("jupyterlab".parse().unwrap());
    let mut before = Browser::new(&site);
    let own = sent_away(&mut before, "house").await;
    house.vouch("code", "coordinator-1", "coordinator-b");
    back(&mut before, "house", &own, "code").await;
    // One that began before the end and comes back after it.
    let mut between = Browser::new(&site);
    let own = sent_away(&mut between, "house").await;
    site.desk.end_grant(person, Role::Coordinator, lab).await.unwrap();
    let ended = Secret::given(&before.cookie("session").unwrap());
    assert!(matches!(site.desk.signed_in(&ended).await, Err(UseCaseError::NotSignedIn)));
    house.vouch("code", "coordinator-1", "coordinator-b");
    back(&mut between, "house", &own, "code").await;
    let session = Secret::given(&between.cookie("session").unwrap());
    let actor = site.desk.signed_in(&session).await.unwrap().actor;
    assert!(actor.grants.is_empty(), "{:?}", actor.grants);
    site.desk.erase_own_data(&actor).await.unwrap();
    assert!(matches!(site.desk.signed_in(&session).await, Err(UseCaseError::NotSignedIn)));
    let mut after = Browser::new(&site);
    let own = sent_away(&mut after, "house").await;
    house.vouch("code", "coordinator-1", "coordinator-b");
    back(&mut after, "house", &own, "code").await;
    assert_eq!(after.status, StatusCode::FORBIDDEN, "{}", after.words());
    assert!(after.cookie("session").is_none());
    assert!(after.words().contains("ask your programme's administrator"), "{}", after.words());
}

#[tokio::test]
async fn a_browser_that_was_known_before_it_left_is_known_when_it_comes_back() {
    let (site, house, _) = site().await;
    let person = invited(&site).await;
    let told = async || {
        let events = site.desk.store().stream(&Stream::new(StreamKind::Person, person.to_string())).await;
        events.unwrap().iter().filter(|event| event.kind == "new-browser").count()
    };
    let mut browser = Browser::new(&site);
    for round in [1, 2] {
        let own = sent_away(&mut browser, "house").await;
        // Strict cookies do not come along with a link from elsewhere.
        let cookie = browser.cookie("outside").unwrap();
        let mut coming_back = Browser::new(&site);
        coming_back.set_cookie("outside", &cookie);
        house.vouch("code", "coordinator-1", "coordinator-b");
        back(&mut coming_back, "house", &own, "code").await;
        assert!(coming_back.cookie("session").is_some(), "round {round}");
        assert_eq!(told().await, 1, "round {round}");
        if let Some(device) = coming_back.cookie("device") {
            browser.set_cookie("device", &device);
        }
    }
}

/// Links an account by the account page, then signs in by it, at a provider of another project.
#[tokio::test]
async fn a_provider_that_we_did_not_write_signs_in_whom_it_was_linked_to() {
    let mut site = Site::open().await;
    let back = "http://localhost:1/sign-in/return/house";
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let Some(mut provider) = Provider::start(target, back, "the-desk", "quokka-secret") else { return };
    // It signs with the time of day.
    site.clock.move_to(SystemClock.now());
    let web: Arc<dyn Web> = Arc::new(GuardedClient::new([provider.issuer.parse().unwrap()].into()));
    let settings = OidcSettings {
        name: "house".to_owned(),
        title: "The house".to_owned(),
        issuer: provider.issuer.clone(),
        client_id: "the-desk".to_owned(),
        client_secret: "quokka-secret".to_owned(),
    };
    let outside = OutsideSignIn::new(vec![Arc::new(Oidc::new(settings, web).unwrap())]);
    site.service = router(site.desk.clone(), Options { outside, ..Options::default() });
    let mut visit = |browser: &Browser<'_>, subject: &str| {
        let refresh = browser.headers["refresh"].to_str().unwrap().to_owned();
        let back = provider.visit(refresh.strip_prefix("0; url=").unwrap(), subject).unwrap();
        back.strip_prefix("http://localhost:1").unwrap().to_owned()
    };

    let mut own = Browser::signed_in(&site, site.coordinator.0).await;
    own.open("/account").await;
    let linked = own.link("Accounts elsewhere");
    own.open(&linked).await;
    own.send("do-link-house", &[]).await;
    let returned = visit(&own, "number-1");
    own.open(&returned).await;
    own.open(&linked).await;
    assert!(own.words().contains("The house name of number-1 number number-1"), "{}", own.words());

    let mut browser = Browser::new(&site);
    sent_away(&mut browser, "house").await;
    let returned = visit(&browser, "number-1");
    browser.open(&returned).await;
    let signed_in = site.desk.signed_in(&Secret::given(&browser.cookie("session").unwrap())).await.unwrap();
    assert_eq!(signed_in.actor.person, Some(site.coordinator.0));
    // Replayed, by the same browser.
    browser.open(&returned).await;
    assert_eq!(browser.status, StatusCode::BAD_REQUEST, "{}", browser.words());

    let mut stranger = Browser::new(&site);
    sent_away(&mut stranger, "house").await;
    let returned = visit(&stranger, "number-2");
    stranger.open(&returned).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
    assert!(stranger.cookie("session").is_none());
}
