//! Anybody who uses the software: from the list of advisories to what to do.

use super::Served;

#[tokio::test]
async fn a_reader_finds_out_whether_they_are_affected_and_what_to_do() {
    let served = Served::open(Some("https://desk.example.org")).await;
    let Some(browser) = served.browser(true).await else { return };
    let (case, _) = served.reported().await;
    served.accepted(&case).await;
    served.mended(&case, "CVE-2026-12345").await;
    served.drafted(&case, "CVE-2026-12345").await;
    served.approved(&served.site.developer, &case).await;
    browser.go("/advisories").await;
    browser.must_not_show("JupyterLab runs commands").await;
    served.closed(&case).await;

    browser.go("/advisories").await;
    browser.must_show("JupyterLab runs commands of notebooks that nobody trusted").await;
    browser.picture("reader-1-advisories", "main").await;
    served.must_be_sound(&browser).await;
    browser.follow("JupyterLab runs commands").await;
    browser.must_show("4.2.5").await;
    browser.must_show("CVE-2026-12345").await;
    browser.must_show("reporter-a").await;
    browser.picture("reader-2-advisory", "main").await;
    served.must_be_sound(&browser).await;
    browser.on_paper(true).await;
    browser.must_show("4.2.5").await;
    browser.on_paper(false).await;
}
