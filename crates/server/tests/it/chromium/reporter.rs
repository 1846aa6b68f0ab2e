//! A reporter without account and without script: from the form to the thanks.

use super::Served;
use crate::web::ANSWERS;

#[tokio::test]
async fn a_reporter_without_script_walks_from_the_form_to_the_thanks() {
    let served = Served::open(Some("https://desk.example.org")).await;
    let Some(browser) = served.browser(false).await else { return };

    browser.go("/").await;
    browser.must_show("No account is needed.").await;
    browser.picture("reporter-1-start", "header").await;
    browser.follow("JupyterLab").await;
    browser.must_show("A person answers within 3 days.").await;
    browser.picture("reporter-2-project", "main").await;
    browser.follow("Report a vulnerability").await;
    browser.must_show("Your report is private. No account is needed.").await;
    browser.picture("reporter-3-form", "main").await;

    // Checked with half of it: nothing is lost, and each finding leads to its field.
    browser.fill("report", "title", "Bug").await;
    browser.fill("report", "body", "It crashes when I open a notebook.").await;
    browser.press("Check it first, send nothing").await;
    browser.must_show("Everything that you wrote is still in the form below.").await;
    browser.must_show("Nothing was sent yet.").await;
    browser.picture("reporter-4-checked", "main").await;
    served.must_be_sound(&browser).await;

    // The whole of it once more, before it goes out.
    browser.fill_in("report", ANSWERS).await;
    browser.press("See the whole report first, send nothing").await;
    browser.must_show("Nothing was sent yet. This is what JupyterLab will get.").await;
    browser.must_show("Thanks to reporter-a").await;
    browser.picture("reporter-5-preview", "main").await;
    served.must_be_sound(&browser).await;
    browser.send("report").await;
    browser.must_show("Your report was received").await;
    browser.must_show("It is shown only now.").await;
    served.must_be_sound(&browser).await;
    browser.picture("reporter-6-receipt", "main").await;
    let text = browser.text().await;
    let link = text.split_whitespace().find(|word| word.contains("/status/")).expect("the secret link");
    let secret = link.rsplit('/').next().unwrap().to_owned();

    // Another day, another browser session: the link leads to a page without it.
    browser.go(&format!("/status/{secret}")).await;
    browser.must_arrive("/status").await;
    browser.must_show("A person of the team answers you.").await;
    let case = served.case().await;
    served.accepted(&case).await;
    browser.go("/status").await;
    browser.must_show("Thank you, we look into it.").await;
    browser.fill("do-message", "text", "I can give more detail.").await;
    browser.send("do-message").await;
    browser.must_show("I can give more detail.").await;
    served.must_be_sound(&browser).await;

    served.mended(&case, "CVE-2026-12345").await;
    browser.go("/status").await;
    browser.must_show("CVE-2026-12345").await;
    browser.picture("reporter-7-status", "main").await;
    served.drafted(&case, "CVE-2026-12345").await;
    served.approved(&served.site.developer, &case).await;
    served.closed(&case).await;
    browser.go("/status").await;
    browser.must_show("Nothing: your report is closed.").await;
    browser.must_show("It is out. Thank you for your patience and care.").await;
    browser.must_show("The advisory will thank reporter-a.").await;
    served.must_be_sound(&browser).await;
    browser.go("/acknowledgements").await;
    browser.must_show("reporter-a").await;
    browser.picture("reporter-8-thanks", "main").await;
    served.must_be_sound(&browser).await;
}
