//! `OpenID` Connect: who is vouched for, and everything that does not hold.

use axum::http::StatusCode;
use bastide_connect_identity::{
    Ceremony, IdentityError, IdentityProvider, Oidc, OidcSettings, Returned, Vouched,
};
use bastide_model::time::Instant;
use serde_json::{Value, json};

use crate::house::{Answer, CLIENT, House, NOW, SECRET, SUBJECT, Script, Signed};

fn now() -> Instant {
    Instant::from_micros(NOW * 1_000_000)
}

fn ceremony(number: u32) -> Ceremony {
    Ceremony {
        state: format!("quokka-state-{number}"),
        nonce: format!("quokka-nonce-{number}"),
        verifier: format!("quokka-verifier-{number:0>48}"),
        back: "https://desk.example.org/sign-in/return/house".to_owned(),
    }
}

fn provider(house: &House) -> Oidc {
    let settings = OidcSettings {
        name: "house".to_owned(),
        title: "The house".to_owned(),
        issuer: house.origin.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
    };
    Oidc::new(settings, house.web()).unwrap()
}

/// A whole sign-in at a house that was told something.
async fn signed_in(house: &House, provider: &Oidc) -> Result<Vouched, IdentityError> {
    let ceremony = ceremony(1);
    let address = provider.begin(&ceremony, now()).await?;
    let returned = house.visited(&address, &ceremony);
    provider.finish(&ceremony, &returned, now()).await
}

async fn at_a_house(told: impl FnOnce(&mut Script)) -> Result<Vouched, IdentityError> {
    let house = House::open().await;
    house.tell(told);
    signed_in(&house, &provider(&house)).await
}

/// What a house is told.
type Told = Box<dyn FnOnce(&mut Script)>;

/// Nothing of a secret is in what is said of a failure.
fn said(error: &IdentityError) -> String {
    let text = format!("{error} {error:?}");
    assert!(!text.contains("quokka") && !text.contains("example.org"), "{text}");
    error.to_string()
}

#[tokio::test]
async fn an_account_is_its_issuer_and_subject_and_never_its_mail_address() {
    for signed in [Signed::Rs256, Signed::Es256] {
        let house = House::open().await;
        house.tell(|script| script.signed = signed);
        let vouched = signed_in(&house, &provider(&house)).await.unwrap();
        let expected = Vouched {
            issuer: house.origin.clone(),
            subject: SUBJECT.to_owned(),
            shown: "reporter-a".to_owned(),
        };
        assert_eq!(vouched, expected, "{signed:?}");
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_vouches_for_nobody() {
    let claims = |claims: Value| move |script: &mut Script| script.claims = claims;
    let signed = |signed: Signed| move |script: &mut Script| script.signed = signed;
    let cases: Vec<(&str, Told, &str)> = vec![
        ("another nonce", Box::new(claims(json!({ "nonce": "another" }))), "another sign-in"),
        ("no nonce", Box::new(claims(json!({ "nonce": null }))), "another sign-in"),
        ("another audience", Box::new(claims(json!({ "aud": "another-desk" }))), "somebody else"),
        (
            "one audience too many",
            Box::new(claims(json!({ "aud": [CLIENT, "another-desk"] }))),
            "somebody else",
        ),
        ("no audience", Box::new(claims(json!({ "aud": [] }))), "somebody else"),
        ("ended", Box::new(claims(json!({ "exp": NOW - 1 }))), "has ended"),
        ("issued in the future", Box::new(claims(json!({ "iat": NOW + 600 }))), "has ended"),
        ("another issuer", Box::new(claims(json!({ "iss": "https://elsewhere.example" }))), "another issuer"),
        ("a subject without end", Box::new(claims(json!({ "sub": "s".repeat(256) }))), "too long"),
        ("an empty subject", Box::new(claims(json!({ "sub": "" }))), "too long"),
        ("alg none", Box::new(signed(Signed::None)), "not signed"),
        ("signed with the client's secret", Box::new(signed(Signed::Hs256)), "not signed"),
        ("signed by somebody else", Box::new(signed(Signed::OtherKey)), "not signed"),
        ("changed after it was signed", Box::new(signed(Signed::Changed)), "not signed"),
        ("no token", Box::new(|script: &mut Script| script.without_id_token = true), "no token"),
    ];
    for (name, told, why) in cases {
        let error = at_a_house(told).await.expect_err(name);
        assert!(matches!(error, IdentityError::Refused { .. }), "{name}: {error}");
        assert!(said(&error).contains(why), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_code_counts_once_and_for_whoever_began() {
    let house = House::open().await;
    let provider = provider(&house);
    let (first, second) = (ceremony(1), ceremony(2));
    let address = provider.begin(&first, now()).await.unwrap();
    let returned = house.visited(&address, &first);
    provider.finish(&first, &returned, now()).await.unwrap();
    // Replayed.
    let error = provider.finish(&first, &returned, now()).await.unwrap_err();
    assert!(said(&error).contains("does not take the code"), "{error}");
    // Somebody else's code, injected into one's own sign-in: the verifier does not fit.
    let address = provider.begin(&first, now()).await.unwrap();
    let stolen = house.visited(&address, &first);
    let error = provider.finish(&second, &stolen, now()).await.unwrap_err();
    assert!(said(&error).contains("does not take the code"), "{error}");
    // An answer that names another issuer (mixed-up providers) trades no code.
    let address = provider.begin(&second, now()).await.unwrap();
    let code = house.visited(&address, &second).code;
    let visits = house.script.lock().unwrap().visits.len();
    let mixed = Returned { code: code.clone(), issuer: Some("https://elsewhere.example".to_owned()) };
    let error = provider.finish(&second, &mixed, now()).await.unwrap_err();
    assert!(said(&error).contains("another issuer"), "{error}");
    assert_eq!(house.script.lock().unwrap().visits.len(), visits, "nobody was asked");
    let own = Returned { code, issuer: Some(house.origin.clone()) };
    provider.finish(&second, &own, now()).await.unwrap();
}

#[tokio::test]
async fn documents_that_lie_are_not_used() {
    let documents = |documents: Value| move |script: &mut Script| script.documents = documents;
    for (name, changed, why) in [
        ("another issuer", json!({ "issuer": "https://elsewhere.example" }), "another issuer"),
        (
            "a browser sent in plain",
            json!({ "authorization_endpoint": "http://elsewhere.example/a" }),
            "without TLS",
        ),
        ("keys on the inner network", json!({ "jwks_uri": "https://169.254.169.254/keys" }), "not public"),
        ("keys in plain", json!({ "jwks_uri": "http://elsewhere.example/keys" }), "only HTTPS"),
        ("codes traded on loopback", json!({ "token_endpoint": "https://127.0.0.1/token" }), "not public"),
        ("no address for codes", json!({ "token_endpoint": null }), "code"),
    ] {
        let error = at_a_house(documents(changed)).await.expect_err(name);
        assert!(error.to_string().contains(why), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_house_that_errs_floods_or_sleeps_is_an_error_and_no_more() {
    for path in ["/.well-known/openid-configuration", "/keys", "/token"] {
        for answer in [
            Answer::Error,
            Answer::Huge,
            Answer::Slow,
            Answer::Text(StatusCode::OK, "{ not json".to_owned()),
            Answer::Text(StatusCode::OK, "{}".to_owned()),
            Answer::Text(StatusCode::NOT_FOUND, String::new()),
            Answer::Redirect("https://127.0.0.1/inside".to_owned()),
        ] {
            let house = House::open().await;
            house.tell(|script| {
                script.answers.insert(path.to_owned(), answer.clone());
            });
            let error = signed_in(&house, &provider(&house)).await.expect_err(path);
            assert!(!error.to_string().contains("quokka"), "{path}: {error}");
        }
    }
}

#[tokio::test]
async fn documents_are_kept_for_a_while_and_fetched_anew_for_a_new_key() {
    let house = House::open().await;
    let provider = provider(&house);
    signed_in(&house, &provider).await.unwrap();
    signed_in(&house, &provider).await.unwrap();
    let fetched = |house: &House| {
        house.script.lock().unwrap().visits.iter().filter(|path| path.contains("well-known")).count()
    };
    assert_eq!(fetched(&house), 1);
    house.tell(|script| script.key_name = "key-2".to_owned());
    signed_in(&house, &provider).await.unwrap();
    assert_eq!(fetched(&house), 2);
}
