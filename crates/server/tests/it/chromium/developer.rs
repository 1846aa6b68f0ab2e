//! A developer, from the invitation to the release.

use bastide_model::time::Span;
use serde_json::json;

use super::Served;

#[tokio::test]
async fn a_developer_walks_from_the_invitation_to_the_release() {
    let served = Served::open(Some("https://desk.example.org")).await;
    let Some(browser) = served.browser(true).await else { return };
    let site = &served.site;
    let (case, _) = served.reported().await;
    let place = format!("/cases/{case}");
    served.accepted(&case).await;
    served.sign_in(&browser, site.developer.0).await;
    browser.must_arrive("/inbox").await;

    // Consent comes before content.
    browser.must_show("A case whose content is not open to you").await;
    browser.must_not_show("notebook").await;
    browser.follow("A case whose content is not open to you").await;
    browser
        .must_show("You see what it is about once you agree to keep it private until it is published.")
        .await;
    browser.picture("developer-1-invitation", "main").await;
    served.must_be_sound(&browser).await;
    browser.fill("do-answer-invitation", "accept", "yes").await;
    browser.send("do-answer-invitation").await;
    browser.must_show("Opening a notebook that somebody else wrote runs a command without a click.").await;
    browser.must_show("Your next task").await;
    browser.picture("developer-2-case", "main").await;

    browser.fill("do-replicate", "result", "confirmed").await;
    browser.fill("do-replicate", "note", "Seen in 4.2.4.").await;
    browser.send("do-replicate").await;
    browser.must_show("Reproduced it in jupyterlab.").await;
    browser.fill("do-fix-start", "reference", "private fork 1").await;
    browser.send("do-fix-start").await;
    browser.must_show("Started a fix of jupyterlab in private.").await;
    browser.send("do-cve-request").await;
    browser.must_show("Asked for a CVE number.").await;
    served.step(&site.coordinator, &case, "cve-reserve", json!({ "number": "CVE-2026-12345" })).await;
    browser.go(&place).await;
    browser.must_show("CVE-2026-12345").await;
    browser.send("do-fix-agree").await;
    browser.must_show("The fix of jupyterlab is agreed.").await;
    served.must_be_sound(&browser).await;

    // Dates by two roles, a test by somebody else.
    let told = json!({ "notice": "cve-number", "text": "It is CVE-2026-12345." });
    served.step(&site.coordinator, &case, "notify", told).await;
    served.proposed(&case).await;
    browser.go(&place).await;
    browser.send("do-confirm-dates").await;
    browser.must_show("Release 2026-03-03 09:00 UTC, announcement 2026-03-10 09:00 UTC.").await;
    browser.picture("developer-3-dates", "main").await;
    served.step(&site.stranger, &case, "answer-invitation", json!({ "accept": true })).await;
    served.step(&site.stranger, &case, "fix-test", json!({ "note": "All tests pass here." })).await;

    // On the day: merge and release, quietly.
    site.clock.pass(Span::days(2));
    served.sign_in(&browser, site.developer.0).await;
    browser.go(&place).await;
    browser.must_show("Merge the fix of jupyterlab.").await;
    browser.fill("do-fix-merge", "reference", "pull request 7").await;
    browser.send("do-fix-merge").await;
    browser.fill("do-fix-release", "version", "4.2.5").await;
    browser.fill("do-fix-release", "notes", "Fixes a security vulnerability.").await;
    browser.send("do-fix-release").await;
    browser.must_not_show("Released jupyterlab 4.2.5").await;
    browser.picture("developer-4-notes", "main").await;
    served.must_be_sound(&browser).await;
}
