//! The second pair of eyes: a passkey is made, signs in, and confirms what cannot be taken back.

use bastide_model::time::Span;
use bastide_usecases::SignInPolicy;

use super::Served;

#[tokio::test]
async fn a_second_person_reads_and_approves_what_will_be_published_with_a_passkey() {
    let served = Served::open_with(None, SignInPolicy::strict()).await;
    let Some(browser) = served.browser(true).await else { return };
    let site = &served.site;
    let (case, _) = served.reported().await;
    let page = format!("/cases/{case}/advisory");
    served.accepted(&case).await;
    served.mended(&case, "CVE-2026-12345").await;
    served.drafted(&case, "CVE-2026-12345").await;
    let device = browser.authenticator().await;

    // A link brings somebody in once; what is not public opens after they made a passkey.
    served.sign_in(&browser, site.developer.0).await;
    browser.go(&page).await;
    browser.must_show("Please make a passkey first").await;
    browser.must_not_show("JupyterLab runs commands").await;
    served.must_be_sound(&browser).await;
    browser.follow("Make a passkey").await;
    browser.fill("passkey-enrol-form", "name", "My laptop").await;
    browser.picture("approver-1-passkey", "main").await;
    served.must_be_sound(&browser).await;
    browser.press("Make a passkey on this device").await;
    browser.must_show("Your passkey works.").await;
    assert_eq!(browser.passkeys(&device).await, 1);

    browser.press("Sign out").await;
    browser.go("/sign-in").await;
    served.must_be_sound(&browser).await;
    browser.press("Sign in with a passkey").await;
    browser.must_arrive("/inbox").await;
    browser.go(&page).await;
    browser.must_show("JupyterLab runs commands of notebooks that nobody trusted").await;
    browser.picture("approver-2-draft", "section[aria-labelledby='previews']").await;

    // Who confirmed long ago is asked again, whatever the session says; nothing is approved meanwhile.
    site.clock.pass(Span::minutes(20));
    browser.go(&page).await;
    browser.send("do-approve").await;
    browser.must_show("Please confirm that it is you").await;
    browser.picture("approver-3-confirm", "main").await;
    served.must_be_sound(&browser).await;
    browser.verifies(&device, false).await;
    browser.tap("Confirm with a passkey").await;
    browser.must_show("No passkey was used").await;
    browser.verifies(&device, true).await;
    browser.press("Confirm with a passkey").await;

    // What was kept goes on by itself.
    browser.must_show("approved version 1").await;
    assert_eq!(browser.place().await.split('?').next(), Some(page.as_str()));
    browser.picture("approver-4-approved", "section[aria-labelledby='approval']").await;
    served.must_be_sound(&browser).await;
}
