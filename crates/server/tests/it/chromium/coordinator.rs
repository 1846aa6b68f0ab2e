//! A coordinator by keyboard alone: from the sign-in to the closed case, without a pointer.
//!
//! Every stop of the focus on the way must be seen, and no stop may hold it.

use bastide_testkit::chromium::{Chromium, Focus, Key};
use serde_json::json;

use super::Served;

/// Somebody without a pointer.
struct Keyboard<'a> {
    browser: &'a Chromium,
}

impl Keyboard<'_> {
    /// Moves on with Tab until the focus is on what is wanted.
    async fn reach(&self, wanted: &str, is_it: impl Fn(&Focus) -> bool) -> Focus {
        let mut before = self.browser.focus().await;
        if before.element != "body" && is_it(&before) {
            return before;
        }
        let mut passed = Vec::new();
        for _ in 0..400 {
            self.browser.tab(false).await;
            let focus = self.browser.focus().await;
            let place = self.browser.place().await;
            assert_ne!(focus.position, before.position, "{place}: the focus is trapped at {focus:?}");
            if focus.element == "body" {
                break;
            }
            assert!(focus.visible, "{place}: nobody sees that the focus is on {focus:?}");
            if is_it(&focus) {
                return focus;
            }
            passed.push(format!(
                "{} {} {}",
                focus.element,
                focus.form,
                focus.name.chars().take(40).collect::<String>()
            ));
            before = focus;
        }
        panic!("{}: no way by keyboard to {wanted}, only to {passed:#?}", self.browser.place().await)
    }

    /// Opens the step with this title among those that are folded.
    async fn unfold(&self, title: &str) {
        self.reach(&format!("the step {title:?}"), |focus| focus.element == "summary" && focus.name == title)
            .await;
        self.browser.key(Key::Enter).await;
    }

    /// Goes to the field of a form.
    async fn field(&self, form: &str, name: &str) -> Focus {
        self.reach(&format!("{name} of {form}"), |focus| focus.form == form && focus.field == name).await
    }

    async fn write(&self, form: &str, name: &str, text: &str) {
        self.field(form, name).await;
        self.browser.strike(text).await;
    }

    /// Chooses among radio buttons or options, with the arrows.
    async fn choose(&self, form: &str, name: &str, value: &str) {
        let focus = self.field(form, name).await;
        if focus.element == "input" {
            self.browser.key(Key::Space).await;
        }
        for _ in 0..40 {
            if self.browser.focus().await.value == value {
                return;
            }
            self.browser.key(Key::Down).await;
        }
        panic!("{form} offers no {value} for {name}")
    }

    /// Goes to the button that sends the form and strikes Enter.
    async fn send(&self, form: &str) {
        let is_it = |focus: &Focus| focus.form == form && focus.element == "button" && focus.field.is_empty();
        self.reach(&format!("the button of {form}"), is_it).await;
        self.browser.key_and_follow(Key::Enter).await;
    }

    /// Goes to the link with these words and strikes Enter.
    async fn follow(&self, words: &str) {
        self.reach(&format!("the link {words:?}"), |focus| {
            focus.element == "a" && focus.name.contains(words)
        })
        .await;
        self.browser.key_and_follow(Key::Enter).await;
    }
}

#[tokio::test]
async fn a_coordinator_walks_through_a_case_by_keyboard_alone() {
    let served = Served::open(Some("https://desk.example.org")).await;
    let Some(browser) = served.browser(true).await else { return };
    let site = &served.site;
    let (case, _) = served.reported().await;
    let link = site.desk.issue_sign_in_link(site.coordinator.0).await.unwrap();
    let keyboard = Keyboard { browser: &browser };

    browser.go(&format!("/sign-in/{}", link.reveal())).await;
    keyboard.send("do-sign-in").await;
    browser.must_arrive("/inbox").await;
    browser.must_show("1 open case; nothing is late.").await;
    browser.picture("coordinator-1-inbox", "main").await;

    // The first stop of every page leads past its head.
    browser.tab(false).await;
    assert_eq!(browser.focus().await.name, "Skip to the content");
    browser.key(Key::Enter).await;
    // Letters move and open: help, the first case, and into it.
    browser.strike("?").await;
    let help = browser.text_of("dialog[data-inbox-keys]").await;
    assert!(help.contains("Keys of the inbox"), "{help}");
    served.must_be_sound(&browser).await;
    browser.key(Key::Escape).await;
    assert_eq!(browser.text_of("dialog[data-inbox-keys]").await, "");
    browser.strike("j").await;
    let row = browser.focus().await;
    assert!(row.element == "tr" && row.visible, "{row:?}");
    browser.key_and_follow(Key::Enter).await;
    browser.must_show("Take the coordination of this case.").await;
    browser.picture("coordinator-2-case", "main").await;
    keyboard.send("do-next-take").await;
    browser.must_show("Answer the reporter").await;
    keyboard.write("do-next-acknowledge", "text", "Thank you, we look into it.").await;
    keyboard.send("do-next-acknowledge").await;
    browser.must_show("Thank you, we look into it.").await;

    keyboard.choose("do-next-triage", "outcome", "vulnerability").await;
    keyboard.choose("do-next-triage", "clause", "untrusted-notebook").await;
    keyboard.write("do-next-triage", "reasoning", "It runs a command without being trusted.").await;
    browser.picture("coordinator-3-judge", "main").await;
    keyboard.send("do-next-triage").await;
    browser.must_show("Judged the report: a vulnerability.").await;
    keyboard.send("do-next-accept").await;
    browser.must_show("The desk accepted the report: work begins.").await;
    for person in [site.developer.0, site.stranger.0] {
        keyboard.unfold("Invite somebody").await;
        keyboard.choose("do-invite", "person", &person.to_string()).await;
        keyboard.choose("do-invite", "seat", "developer").await;
        keyboard.send("do-invite").await;
    }
    browser.must_show("developer-a was asked to agree to the embargo.").await;
    served.must_be_sound(&browser).await;

    served.mended(&case, "CVE-2026-12345").await;
    served.drafted(&case, "CVE-2026-12345").await;
    served.approved(&site.developer, &case).await;
    site.clock.pass(bastide_model::time::Span::days(2));
    served.step(&site.developer, &case, "fix-merge", json!({ "reference": "pull request 7" })).await;
    served.step(&site.developer, &case, "fix-release", json!({ "version": "4.2.5" })).await;
    site.clock.pass(bastide_model::time::Span::days(7));
    site.desk.tick().await.unwrap();

    // The day of the announcement: the record is handed in, the reporter told, the case closed.
    let link = site.desk.issue_sign_in_link(site.coordinator.0).await.unwrap();
    browser.go(&format!("/sign-in/{}", link.reveal())).await;
    keyboard.send("do-sign-in").await;
    keyboard.follow("A crafted notebook").await;
    keyboard.send("do-next-cve-published").await;
    keyboard.choose("do-next-notify", "notice", "releases").await;
    keyboard.write("do-next-notify", "text", "It is out. Thank you.").await;
    keyboard.send("do-next-notify").await;
    browser.must_show("It is out. Thank you.").await;
    keyboard.send("do-next-close").await;
    browser.must_show("Closed").await;
    browser.picture("coordinator-4-closed", "main").await;
    served.must_be_sound(&browser).await;
}
