//! `OpenID` Connect at a provider that we did not write: what it sends, we take; what does not belong to a sign-in, it or we
//! refuse.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::SystemTime};

use bastide_connect_identity::{Ceremony, IdentityError, IdentityProvider, Oidc, OidcSettings, Returned};
use bastide_connect_web::{GuardedClient, Web};
use bastide_model::time::{Instant, Span};
use bastide_testkit::judge::oidc::Provider;

use crate::house::{CLIENT, SECRET};

const BACK: &str = "https://desk.example.org/sign-in/return/house";

#[allow(clippy::disallowed_methods, reason = "the other side signs with the time of day")]
fn now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap())
}

fn ceremony(number: u32) -> Ceremony {
    Ceremony {
        state: format!("quokka-state-{number}"),
        nonce: format!("quokka-nonce-{number}"),
        verifier: format!("quokka-verifier-{number:0>48}"),
        back: BACK.to_owned(),
    }
}

fn started() -> Option<Provider> {
    Provider::start(Path::new(env!("CARGO_TARGET_TMPDIR")), BACK, CLIENT, SECRET)
}

fn oidc(provider: &Provider) -> Oidc {
    let settings = OidcSettings {
        name: "house".to_owned(),
        title: "The house".to_owned(),
        issuer: provider.issuer.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
    };
    let web: Arc<dyn Web> = Arc::new(GuardedClient::new([provider.issuer.parse().unwrap()].into()));
    Oidc::new(settings, web).unwrap()
}

/// A browser that is sent to `address` signs in there and is sent back.
fn visited(provider: &mut Provider, address: &str, ceremony: &Ceremony) -> Returned {
    let back = provider.visit(address, "reporter-a").unwrap_or_else(|said| panic!("{said}"));
    let (place, query) = back.split_once('?').unwrap();
    assert_eq!(place, BACK);
    let fields: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
    assert_eq!(fields["state"], ceremony.state);
    Returned { code: fields["code"].clone(), issuer: fields.get("iss").cloned() }
}

fn refused(outcome: Result<impl std::fmt::Debug, IdentityError>) -> String {
    match outcome {
        Err(error @ IdentityError::Refused { .. }) => {
            assert!(!format!("{error} {error:?}").contains("quokka"), "{error:?}");
            error.to_string()
        }
        other => panic!("it was to be refused: {other:?}"),
    }
}

#[tokio::test]
async fn who_signs_in_there_is_vouched_for_and_again_after_its_keys_changed() {
    let Some(mut provider) = started() else { return };
    let oidc = oidc(&provider);
    for number in [1, 2] {
        let ceremony = ceremony(number);
        let address = oidc.begin(&ceremony, now()).await.unwrap();
        let returned = visited(&mut provider, &address, &ceremony);
        assert_eq!(
            returned.issuer.as_deref(),
            Some(provider.issuer.as_str()),
            "it says who it is (RFC 9207)"
        );
        let vouched = oidc.finish(&ceremony, &returned, now()).await.unwrap();
        assert_eq!(
            (vouched.issuer.as_str(), vouched.subject.as_str()),
            (provider.issuer.as_str(), "reporter-a")
        );
        assert_eq!(vouched.shown, "name of reporter-a");
        // The second time it is asked with documents that were kept from before.
        provider.rotate();
    }
}

#[tokio::test]
async fn what_does_not_belong_to_a_sign_in_vouches_for_nobody() {
    let Some(mut provider) = started() else { return };
    let oidc = oidc(&provider);
    let first = ceremony(1);
    let address = oidc.begin(&first, now()).await.unwrap();
    let returned = visited(&mut provider, &address, &first);
    // Mixed up: another issuer, or none where this one says that it always names itself.
    for issuer in [Some("https://elsewhere.example".to_owned()), None] {
        let mixed = Returned { code: returned.code.clone(), issuer };
        let why = refused(oidc.finish(&first, &mixed, now()).await);
        assert!(why.contains("issuer"), "{why}");
    }
    // The code, by whoever does not know the verifier of its challenge.
    let why = refused(oidc.finish(&ceremony(2), &returned, now()).await);
    assert!(why.contains("does not take the code"), "{why}");
    // Replayed.
    oidc.finish(&first, &returned, now()).await.unwrap();
    let why = refused(oidc.finish(&first, &returned, now()).await);
    assert!(why.contains("does not take the code"), "{why}");
    // The nonce of another sign-in, with the verifier of this one.
    let address = oidc.begin(&first, now()).await.unwrap();
    let returned = visited(&mut provider, &address, &first);
    let other = Ceremony { nonce: "quokka-nonce-of-another".to_owned(), ..first.clone() };
    let why = refused(oidc.finish(&other, &returned, now()).await);
    assert!(why.contains("another sign-in"), "{why}");
    // Too late: its token works for an hour.
    let address = oidc.begin(&first, now()).await.unwrap();
    let returned = visited(&mut provider, &address, &first);
    let why = refused(oidc.finish(&first, &returned, now() + Span::hours(2)).await);
    assert!(why.contains("has ended"), "{why}");
}

/// That the other side refuses is its part; that we send what it checks is ours.
#[tokio::test]
async fn another_address_to_come_back_to_or_a_sign_in_without_pkce_ends_over_there() {
    let Some(mut provider) = started() else { return };
    let oidc = oidc(&provider);
    let elsewhere = Ceremony { back: "https://elsewhere.example/return".to_owned(), ..ceremony(1) };
    let address = oidc.begin(&elsewhere, now()).await.unwrap();
    let said = provider.visit(&address, "reporter-a").unwrap_err();
    assert_eq!(said["status"], 400, "{said}");
    let address = oidc.begin(&ceremony(1), now()).await.unwrap();
    assert!(address.contains("code_challenge_method=S256"), "{address}");
    let (place, query) = address.split_once('?').unwrap();
    let mut fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    fields.retain(|(name, _)| !name.starts_with("code_challenge"));
    let bare = format!("{place}?{}", serde_urlencoded::to_string(fields).unwrap());
    let back = provider.visit(&bare, "reporter-a").unwrap();
    assert!(back.contains("error=invalid_request") && !back.contains("code="), "{back}");
}
