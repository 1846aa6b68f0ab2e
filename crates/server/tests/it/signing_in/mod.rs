//! How people sign in, confirm and keep their account, by the pages, with devices in software.

mod account;
mod device;
mod passkeys;
mod recovery;
mod refusals;
mod tokens;

use axum::http::StatusCode;
use bastide_model::id::PersonId;
use bastide_usecases::SignInPolicy;
use serde_json::Value;

use crate::{browser::Browser, site::Site};
pub(crate) use device::Device;

/// A desk that asks for what a desk with real reports asks for.
async fn strict() -> Site {
    Site::open_with(SignInPolicy::strict()).await
}

/// A browser in which somebody followed a one-time link.
async fn by_link(site: &Site, person: PersonId) -> Browser<'_> {
    let mut browser = Browser::new(site);
    follow(&mut browser, site, person).await;
    browser
}

async fn follow(browser: &mut Browser<'_>, site: &Site, person: PersonId) {
    let link = site.desk.issue_sign_in_link(person).await.unwrap();
    browser.open(&format!("/sign-in/{}", link.reveal())).await;
    browser.send("do-sign-in", &[]).await;
}

/// Asks the desk what to sign, as the script does; gives the handle and the options.
async fn asked(browser: &mut Browser<'_>, address: &str) -> (String, Value) {
    browser.post(address, &[]).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    let asked: Value = serde_json::from_str(&browser.text).unwrap();
    (asked["handle"].as_str().unwrap().to_owned(), asked["options"].clone())
}

async fn answer(browser: &mut Browser<'_>, address: &str, handle: &str, answer: &str) {
    let pairs = [("handle", handle), ("answer", answer), ("name", "a device")];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    browser.post(address, &pairs).await;
}

/// Makes a passkey in a browser that may.
async fn enrol(browser: &mut Browser<'_>, device: &mut Device, name: &str) {
    browser.open("/account/passkeys").await;
    let (action, mut pairs) = browser.filled("passkey-enrol-form", &[("name", name)]);
    let (handle, options) = asked(browser, "/account/passkeys/ask").await;
    let answer = device.create(&options);
    for (field, value) in [("handle", handle), ("answer", answer)] {
        pairs.retain(|(other, _)| other != field);
        pairs.push((field.to_owned(), value));
    }
    browser.post(&action, &pairs).await;
    assert_eq!(browser.place(), "/account/passkeys", "{}", browser.words());
    assert!(browser.words().contains("Your passkey works."), "{}", browser.words());
}

/// Signs in by a passkey, without a name.
async fn by_passkey<'a>(site: &'a Site, device: &mut Device) -> Browser<'a> {
    let mut browser = Browser::new(site);
    sign_in(&mut browser, device).await;
    browser
}

async fn sign_in(browser: &mut Browser<'_>, device: &mut Device) {
    let (handle, options) = asked(browser, "/sign-in/passkey/ask").await;
    assert_eq!(options["allowCredentials"], serde_json::json!([]), "nobody is named");
    let signed = device.get(&options);
    answer(browser, "/sign-in/passkey", &handle, &signed).await;
}

/// Confirms by a passkey.
async fn confirm(browser: &mut Browser<'_>, device: &mut Device) {
    let (handle, options) = asked(browser, "/account/confirm/ask").await;
    let signed = device.get(&options);
    answer(browser, "/account/confirm", &handle, &signed).await;
}

/// A case that was reported to the desk's project; gives its id.
async fn case(site: &Site) -> String {
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, crate::api::report()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    sent.json()["case"].as_str().unwrap().to_owned()
}
