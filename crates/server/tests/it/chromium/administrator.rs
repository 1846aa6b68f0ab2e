//! An administrator takes a project in on one page, and its coordinator takes the role on.

use super::Served;

#[tokio::test]
async fn an_administrator_takes_a_project_in_on_one_page() {
    let served = Served::open(Some("https://desk.example.org")).await;
    let Some(browser) = served.browser(true).await else { return };
    let site = &served.site;
    let administrator = served.administrator().await;
    served.sign_in(&browser, administrator).await;
    browser.go("/admin").await;
    browser.must_arrive("/admin/projects").await;
    browser.must_show("JupyterLab").await;
    browser.picture("administrator-1-projects", "main").await;
    served.must_be_sound(&browser).await;

    // A mistake is named at its field, and nothing that was written is lost.
    browser.follow("Take a project in").await;
    browser.fill("do-project", "name", "Example Project").await;
    browser.fill("do-project", "title", "Example").await;
    browser.fill("do-project", "packages", "pkg:pypi/example").await;
    browser.fill("do-project", "mail", "security@example.org").await;
    browser.fill("do-project", "invited", "Coordinator B, coordinator-b@example.org").await;
    browser.picture("administrator-2-form", "main").await;
    browser.send("do-project").await;
    browser.must_show("Nothing was changed.").await;
    browser.must_show("Use 1 to 64 small letters, digits and inner dashes.").await;
    served.must_be_sound(&browser).await;

    // First a look at what reporters will see, then the project itself.
    browser.fill("do-project", "name", "example").await;
    browser.press("Look first at what reporters will see").await;
    browser.must_show("What reporters will see").await;
    browser.must_show("Nothing is stored yet.").await;
    browser.picture("administrator-3-preview", "main").await;
    served.must_be_sound(&browser).await;
    browser.send("do-project").await;
    browser.must_arrive("/admin/projects/example").await;
    browser.must_show("offered, not taken on").await;
    browser.picture("administrator-4-project", "main").await;
    served.must_be_sound(&browser).await;

    // The new coordinator gets a link, shown once, and takes the role on.
    browser.go("/admin/people?search=coordinator-b").await;
    browser.follow("Coordinator B").await;
    browser.send("do-invite").await;
    let text = browser.text().await;
    let secret =
        text.split("/sign-in/").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned();
    served.must_be_sound(&browser).await;
    browser.press("Sign out").await;
    browser.go(&format!("/sign-in/{secret}")).await;
    browser.send("do-sign-in").await;
    browser.must_arrive("/roles").await;
    browser.picture("administrator-5-role", "main").await;
    served.must_be_sound(&browser).await;
    browser.fill("do-role", "answer", "yes").await;
    browser.send("do-role").await;

    // Reporters find the project; who runs the desk does not thereby read its cases.
    browser.go("/projects/example").await;
    browser.must_show("Report a vulnerability in Example").await;
    let sent = site.post("/api/v1/projects/example/reports", None, crate::api::report()).await.json();
    let case = format!("/cases/{}", sent["case"].as_str().unwrap_or_else(|| panic!("{sent}")));
    browser.go(&case).await;
    browser.must_show("A crafted notebook").await;
    served.sign_in(&browser, administrator).await;
    browser.go(&case).await;
    browser.must_not_show("A crafted notebook").await;
    browser.go("/admin/projects/example").await;
    browser.must_not_show("offered, not taken on").await;
    served.must_be_sound(&browser).await;
}
