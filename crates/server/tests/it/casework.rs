//! The inbox, the board and the case page as those use them who work on cases: by forms, without script.

use std::time::Instant as Timer;

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_model::time::Span;
use serde_json::json;

use crate::{api, browser::Browser, site::Site};

/// Sends reports with these titles; gives the cases' addresses.
async fn reports(site: &Site, titles: &[&str]) -> Vec<String> {
    let mut cases = Vec::new();
    for title in titles {
        let mut report = api::report();
        report["report"]["title"] = json!(title);
        let answer = site.post("/api/v1/projects/jupyterlab/reports", None, report).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        cases.push(format!("/cases/{}", answer.json()["case"].as_str().unwrap()));
        site.clock.pass(Span::minutes(1));
    }
    cases
}

#[tokio::test]
async fn the_inbox_is_filtered_searched_and_a_filter_is_kept_without_the_words() {
    let site = Site::open().await;
    let cases = reports(&site, &["Quokkas escape", "Numbats dig", "Bilbies hide"]).await;
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    assert_eq!(browser.text.matches("class=\"unread\"").count(), 3, "{}", browser.words());
    browser.open(&cases[0]).await;
    browser.send("do-take", &[]).await;
    browser.open("/inbox?unread=yes").await;
    let words = browser.words();
    assert!(!words.contains("Quokkas") && words.contains("Numbats") && words.contains("Bilbies"), "{words}");
    browser.open("/inbox?owner=me").await;
    let words = browser.words();
    assert!(words.contains("Quokkas") && !words.contains("Numbats"), "{words}");
    browser.open("/inbox?owner=nobody&q=NUMBATS+jupyterlab").await;
    let words = browser.words();
    assert!(words.contains("Numbats dig") && !words.contains("Bilbies"), "{words}");
    browser.open("/inbox?q=wombats").await;
    assert!(browser.words().contains("No case holds these words."), "{}", browser.words());

    browser.open("/inbox?owner=nobody&q=numbats").await;
    browser.send("do-save-filter", &[("name", "without owner")]).await;
    assert_eq!(browser.address, "/inbox?owner=nobody", "the words are not kept");
    assert_eq!(browser.link("without owner"), "/inbox?owner=nobody");
    let stored = site.desk.saved_filters(&actor(&site, site.coordinator.0).await).await.unwrap();
    assert_eq!(stored, [("without owner".to_owned(), "owner=nobody".to_owned())]);
    let other = site.desk.saved_filters(&actor(&site, site.developer.0).await).await.unwrap();
    assert!(other.is_empty(), "filters are everybody's own");
    let mut pairs = vec![("name".to_owned(), "without owner".to_owned())];
    pairs.push(("idempotency-key".to_owned(), "a-key-of-this-test".to_owned()));
    browser.post("/inbox/filters/remove", &pairs).await;
    assert!(!browser.words().contains("without owner"), "{}", browser.words());
}

async fn actor(site: &Site, person: bastide_model::id::PersonId) -> bastide_authz::Actor {
    let token = site.desk.issue_token(person, Span::days(1), true).await.unwrap();
    site.desk.signed_in(&token).await.unwrap().actor
}

#[tokio::test]
async fn several_cases_are_changed_together_after_a_page_that_says_what_would_happen() {
    let site = Site::open().await;
    let cases = reports(&site, &["Quokkas escape", "Numbats dig"]).await;
    let id = |address: &str| address.trim_start_matches("/cases/").to_owned();
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    browser.open(&cases[0]).await;
    browser.send("do-take", &[]).await;
    let chosen = format!("case={}&case={}", id(&cases[0]), id(&cases[1]));
    browser.open(&format!("/inbox/bulk?do=take&{chosen}")).await;
    let words = browser.words();
    assert!(words.contains("Nothing has happened yet") && words.contains("not possible"), "{words}");
    browser.send("do-bulk", &[]).await;
    assert!(browser.words().contains("It was done for every case."), "{}", browser.words());
    browser.open("/inbox?owner=me").await;
    assert!(browser.words().contains("Numbats"), "{}", browser.words());

    browser.open(&format!("/inbox/bulk?do=acknowledge&{chosen}")).await;
    browser.send("do-bulk", &[("text", "Thank you both; we look into it.")]).await;
    assert!(browser.words().contains("It was done for every case."), "{}", browser.words());
    browser.open(&cases[1]).await;
    assert!(browser.words().contains("Thank you both; we look into it."));

    browser.open(&format!("/inbox/bulk?do=snooze&{chosen}")).await;
    browser.send("do-bulk", &[]).await;
    browser.open("/inbox").await;
    assert!(browser.words().contains("No open case."), "{}", browser.words());
    browser.open("/inbox?snoozed=yes").await;
    assert!(browser.words().contains("Put aside until"), "{}", browser.words());
    site.clock.pass(Span::days(2));
    browser.open("/sign-in").await;
    let mut later = Browser::signed_in(&site, site.coordinator.0).await;
    later.open("/inbox").await;
    assert!(later.words().contains("Quokkas"), "{}", later.words());

    // Somebody else's cases are no more there for many than for one.
    let mut stranger = Browser::signed_in(&site, site.stranger.0).await;
    stranger.open(&format!("/inbox/bulk?do=take&{chosen}")).await;
    assert!(!stranger.words().contains("Quokkas"), "{}", stranger.words());
    assert!(stranger.words().contains("No case was chosen"), "{}", stranger.words());
    later.open("/inbox/bulk?do=publish-everything").await;
    assert_eq!(later.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_card_of_the_board_says_which_step_leads_where_or_what_is_missing() {
    let site = Site::open().await;
    let cases = reports(&site, &["Quokkas escape"]).await;
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    browser.open("/board").await;
    let words = browser.words();
    assert!(words.contains("New 1") && words.contains("Quokkas escape"), "{words}");
    let to = browser.link("To be judged");
    assert_eq!(to, format!("{}/move/judging", cases[0]));
    browser.open(&to).await;
    browser.send("do-acknowledge", &[("text", "Thank you.")]).await;
    assert_eq!(browser.place(), cases[0]);
    browser.open(&format!("{}/move/mending", cases[0])).await;
    assert!(browser.text.contains("id=\"do-triage\""), "{}", browser.words());
    browser.open(&format!("{}/move/published", cases[0])).await;
    assert!(browser.words().contains("this step comes first"), "{}", browser.words());
    browser.open(&format!("{}/move/new", cases[0])).await;
    assert!(browser.words().contains("does not go back"), "{}", browser.words());
    browser.open(&format!("{}/move/nowhere", cases[0])).await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_opens_a_form_with_a_choice_and_never_with_words() {
    let site = Site::open().await;
    let cases = reports(&site, &["Quokkas escape"]).await;
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    browser.open(&cases[0]).await;
    browser.send("do-acknowledge", &[("text", "Thank you.")]).await;
    let address = format!("{}?step=triage&outcome=duplicate&reasoning=planted-words", cases[0]);
    browser.open(&address).await;
    let (_, pairs) = browser.filled("do-triage", &[]);
    assert!(pairs.contains(&("outcome".to_owned(), "duplicate".to_owned())), "{pairs:?}");
    assert!(!browser.text.contains("planted-words"));
}

#[tokio::test]
async fn an_auditor_states_a_purpose_on_the_page_and_the_team_sees_it() {
    let site = Site::open().await;
    let cases = reports(&site, &["Quokkas escape"]).await;
    let auditor = site.stranger.0;
    site.desk.grant(auditor, Role::Auditor, Scope::Programme, None).await.unwrap();
    let mut browser = Browser::signed_in(&site, auditor).await;
    for page in [cases[0].clone(), format!("{}/proof", cases[0]), format!("{}/advisory", cases[0])] {
        browser.open(&page).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN);
        assert!(browser.words().contains("Why do you read this case?"), "{}", browser.words());
    }
    browser.send("do-state-purpose", &[("purpose", "short")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", browser.words());
    browser.send("do-state-purpose", &[("purpose", "Review of first answers in March.")]).await;
    assert_eq!((browser.status, browser.place()), (StatusCode::OK, cases[0].as_str()));
    let mut team = Browser::signed_in(&site, site.coordinator.0).await;
    team.open(&cases[0]).await;
    let words = team.words();
    assert!(words.contains("Who has read this case"), "{words}");
    assert!(words.contains("stranger-aauditor") && words.contains("Review of first answers"), "{words}");

    let path = format!("/api/v1{}", cases[0]);
    site.clock.pass(Span::hours(2));
    let refused = site.get(&path, Some(&site.stranger.1)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let stated = json!({ "purpose": "Review of first answers in March." });
    let answer = site.post(&format!("{path}/purpose"), Some(&site.stranger.1), stated).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(site.get(&path, Some(&site.stranger.1)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn five_hundred_lines_of_the_inbox_are_there_at_once() {
    let site = Site::open().await;
    for number in 0..500 {
        let mut report = api::report();
        report["report"]["title"] = json!(format!("Case number {number}"));
        let answer = site.post("/api/v1/projects/jupyterlab/reports", None, report).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    }
    let token = Some(site.coordinator.1.as_str());
    let mut times = Vec::new();
    for _ in 0..5 {
        #[allow(clippy::disallowed_methods, reason = "the time is what is printed")]
        let start = Timer::now();
        let answer = site.get("/api/v1/inbox?limit=500", token).await;
        times.push(start.elapsed());
        assert_eq!(answer.json().as_array().unwrap().len(), 500);
    }
    times.sort();
    println!("500 lines of the inbox: {:?} (median of 5, build of the tests)", times[2]);
    let found = site.get("/api/v1/inbox?q=number+499", token).await;
    assert_eq!(found.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_long_case_shows_a_part_of_its_history_and_the_way_to_the_rest() {
    let site = Site::open().await;
    let cases = reports(&site, &["Quokkas escape"]).await;
    let case = &cases[0];
    let step = format!("/api/v1{case}/steps/message");
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    browser.open(case).await;
    for number in 1..=150 {
        let message = json!({ "tier": "team-only", "text": format!("word-{number:03} of the team") });
        let answer = site.post(&step, Some(&site.coordinator.1), message).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    browser.open(case).await;
    let words = browser.words();
    assert!(words.contains("word-150") && words.contains("word-051"), "the newest hundred");
    assert!(!browser.text.contains("word-050"), "what is not shown is not on the page");
    let unread = browser.link("Jump to the first unread");
    assert!(unread.contains("from="), "{unread}");
    let older = browser.link("Older entries");
    browser.open(&older).await;
    assert!(browser.words().contains("word-001") && !browser.text.contains("word-051"));
    browser.open(&format!("{case}?kind=decision")).await;
    assert!(
        !browser.text.contains("word-150") && browser.words().contains("The proposed embargo was accepted")
    );
    browser.open(&unread).await;
    assert!(browser.words().contains("word-001"), "{unread}");
    // The API still gives all of it.
    let whole = site.get(&format!("/api/v1{case}"), Some(&site.coordinator.1)).await;
    assert!(whole.text.contains("word-001") && whole.text.contains("word-150"));
}

#[tokio::test]
async fn who_is_invited_reads_the_terms_before_they_answer() {
    let site = Site::open().await;
    let cases = reports(&site, &["Quokkas escape"]).await;
    let steps = format!("/api/v1{}/steps", cases[0]);
    let token = Some(site.coordinator.1.as_str());
    site.post(&format!("{steps}/take"), token, json!({})).await;
    let seat = json!({ "person": site.developer.0.to_string(), "seat": "observer" });
    let answer = site.post(&format!("{steps}/invite"), token, seat).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let mut browser = Browser::signed_in(&site, site.developer.0).await;
    browser.open(&format!("{}/invitation", cases[0])).await;
    let words = browser.words();
    assert!(words.contains("You would take part as observer"), "{words}");
    assert!(words.contains("The embargo ends 2026-05-30 09:00 UTC."), "{words}");
    assert!(!words.contains("Quokkas"), "{words}");
    let mut stranger = Browser::signed_in(&site, site.stranger.0).await;
    stranger.open(&format!("{}/invitation", cases[0])).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}

/// A file of a report is a download for the team, under a name that means nothing to a shell or a browser; for everybody
/// else it is not there.
#[tokio::test]
async fn the_team_downloads_what_came_with_a_report_and_nobody_else_does() {
    let site = Site::open().await;
    let mut report = api::report();
    // `<script>` in base64; the name would leave its directory and end the header.
    report["report"]["attachments"] = json!([{ "name": "../in\"put.html", "bytes": "PHNjcmlwdD4=" }]);
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report).await.json();
    let case = sent["case"].as_str().unwrap_or_else(|| panic!("{sent}")).to_owned();
    let page = site.get(&format!("/cases/{case}"), Some(&site.coordinator.1)).await;
    let file = format!("/cases/{case}/attachments/0");
    assert!(page.text.contains(&format!("href=\"{file}\"")), "{}", page.text);
    for path in [file.clone(), format!("/api/v1{file}")] {
        let answer = site.get(&path, Some(&site.coordinator.1)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.text, "<script>");
        assert_eq!(answer.headers["content-type"], "application/octet-stream");
        assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"in-put.html\"");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        for path in [path.replace("/0", "/1"), path.replace("/0", "/x")] {
            let none = site.get(&path, Some(&site.coordinator.1)).await;
            assert_eq!(none.status, StatusCode::NOT_FOUND, "{path}");
        }
        let absent =
            site.get(&path.replace(&case, "case-00000000000000000000000000"), Some(&site.stranger.1)).await;
        let refused = site.get(&path, Some(&site.stranger.1)).await;
        assert_eq!((refused.status, &refused.text), (absent.status, &absent.text), "{path}");
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        assert!(!site.get(&path, None).await.status.is_success());
    }
}
