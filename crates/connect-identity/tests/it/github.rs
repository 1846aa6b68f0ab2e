//! GitHub's own way.

use axum::http::StatusCode;
use bastide_connect_identity::{
    Ceremony, GitHub, GitHubAddresses, IdentityError, IdentityProvider, Returned, Vouched,
};
use bastide_model::time::Instant;
use serde_json::json;

use crate::house::{Answer, CLIENT, House, NOW, SECRET};

fn now() -> Instant {
    Instant::from_micros(NOW * 1_000_000)
}

fn ceremony() -> Ceremony {
    Ceremony {
        state: "quokka-state".to_owned(),
        nonce: String::new(),
        verifier: format!("quokka-verifier-{:0>48}", 1),
        back: "https://desk.example.org/sign-in/return/github".to_owned(),
    }
}

fn github(house: &House) -> GitHub {
    let addresses = GitHubAddresses { site: house.origin.clone(), api: house.origin.clone() };
    GitHub::new(addresses, CLIENT.to_owned(), SECRET.to_owned(), house.web()).unwrap()
}

async fn signed_in(house: &House) -> Result<Vouched, IdentityError> {
    let github = github(house);
    let address = github.begin(&ceremony(), now()).await?;
    let returned = house.visited(&address, &ceremony());
    github.finish(&ceremony(), &returned, now()).await
}

#[tokio::test]
async fn an_account_is_its_number_whatever_its_handle_or_address() {
    let house = House::open().await;
    let first = signed_in(&house).await.unwrap();
    assert_eq!(
        first,
        Vouched { issuer: house.origin.clone(), subject: "583231".to_owned(), shown: "octocat".to_owned() }
    );
    // Somebody else took the handle that was given up.
    house.tell(|script| script.claims = json!({ "id": 7 }));
    let second = signed_in(&house).await.unwrap();
    assert_eq!((second.subject.as_str(), second.shown.as_str()), ("7", "octocat"));
}

#[tokio::test]
async fn a_code_counts_once_and_another_issuer_not_at_all() {
    let house = House::open().await;
    let github = github(&house);
    let address = github.begin(&ceremony(), now()).await.unwrap();
    let returned = house.visited(&address, &ceremony());
    let other = Returned { issuer: Some("https://elsewhere.example".to_owned()), ..returned.clone() };
    assert!(github.finish(&ceremony(), &other, now()).await.is_err());
    github.finish(&ceremony(), &returned, now()).await.unwrap();
    let error = github.finish(&ceremony(), &returned, now()).await.unwrap_err();
    assert!(matches!(error, IdentityError::Refused { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("quokka"), "{error:?}");
}

#[tokio::test]
async fn what_is_wrong_slow_or_endless_is_an_error_and_no_more() {
    for path in ["/login/oauth/access_token", "/user"] {
        for answer in [
            Answer::Error,
            Answer::Huge,
            Answer::Slow,
            Answer::Text(StatusCode::OK, "{ not json".to_owned()),
            Answer::Text(StatusCode::OK, "{}".to_owned()),
            Answer::Text(StatusCode::OK, json!({ "id": "583231", "login": 5 }).to_string()),
            Answer::Redirect("https://127.0.0.1/inside".to_owned()),
        ] {
            let house = House::open().await;
            house.tell(|script| {
                script.answers.insert(path.to_owned(), answer.clone());
            });
            let error = signed_in(&house).await.expect_err(path);
            assert!(!format!("{error} {error:?}").contains("quokka"), "{path}: {error:?}");
        }
    }
}
