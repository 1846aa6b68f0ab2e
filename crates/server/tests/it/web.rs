//! The pages as people use them: forms filled in and sent, without script.

use axum::http::StatusCode;
use bastide_model::time::Span;

use crate::{browser::Browser, site::Site};

/// A report that the policy takes.
pub(crate) const ANSWERS: &[(&str, &str)] = &[
    ("title", "A crafted notebook runs a command when it is opened"),
    ("body", "Opening a notebook that somebody else wrote runs a command without a click."),
    ("answers.threat-model", "An untrusted notebook must not run code before it is trusted."),
    ("answers.cites", "untrusted-notebook"),
    ("answers.attack-vector", "The attacker sends a notebook; the victim opens it."),
    ("answers.freely-executes", "no"),
    ("answers.real-world", "People open notebooks from mail and from public repositories every day."),
    ("answers.realistic", "yes"),
    ("answers.launch-conditions", "no"),
    ("answers.availability", "no"),
    ("answers.fixed-on-main", "no"),
    ("answers.experimental", "no"),
    ("answers.platform-dependent", "no"),
    ("answers.verified", "yes"),
    ("tested-versions.0.version", "4.2.4"),
    ("tested-versions.0.vulnerable", "yes"),
    ("proof-of-concept", "import sys\nsys.exit(1)\n"),
    ("credit.name", "reporter-a"),
    ("credit.consent", "yes"),
];

const FORM: &str = "/projects/jupyterlab/report";

/// Sends the report; gives the secret link's address.
async fn reported(site: &Site) -> String {
    let mut reporter = Browser::new(site);
    reporter.open(FORM).await;
    reporter.send("report", ANSWERS).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
    secret_link(&reporter)
}

pub(crate) fn secret_link(receipt: &Browser<'_>) -> String {
    let start = receipt.text.find("/status/").expect("the receipt shows the secret link");
    receipt.text[start..].chars().take_while(|symbol| !matches!(symbol, '"' | '<' | ' ')).collect()
}

/// Proves: J04, J11.
#[tokio::test]
async fn somebody_without_account_reports_reads_the_answer_and_answers() {
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    reporter.open("/").await;
    let project = reporter.link("JupyterLab");
    reporter.open(&project).await;
    assert!(reporter.words().contains("A person answers within"), "{}", reporter.words());
    let form = reporter.link("Report");
    reporter.open(&form).await;
    reporter.send("report", ANSWERS).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
    let link = secret_link(&reporter);

    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    coordinator.send("do-take", &[]).await;
    coordinator.send("do-acknowledge", &[("text", "Thank you; we look into it.")]).await;
    assert_eq!(coordinator.status, StatusCode::OK, "{}", coordinator.words());
    assert_eq!(coordinator.place(), case);
    coordinator.send("do-message", &[("tier", "team-only"), ("text", "This looks real to me.")]).await;

    let mut later = Browser::new(&site);
    later.open(&link).await;
    assert_eq!(later.headers["refresh"], "0; url=/status");
    later.open("/status").await;
    let words = later.words();
    assert!(words.contains("Thank you; we look into it."), "{words}");
    assert!(!words.contains("This looks real to me."), "{words}");
    assert!(!later.text.contains(link.trim_start_matches("/status/")), "the page repeats the secret");
    later.send("do-message", &[("text", "I can give more detail.")]).await;
    assert!(later.words().contains("I can give more detail."), "{}", later.words());
    coordinator.open(&case).await;
    assert!(coordinator.words().contains("I can give more detail."));
}

/// Proves: S02.
#[tokio::test]
async fn a_case_begins_with_the_task_then_the_report_and_folds_what_is_not_possible_now() {
    let site = Site::open().await;
    reported(&site).await;
    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    coordinator.send("do-take", &[]).await;
    let at = |words: &str| coordinator.text.find(words).unwrap_or_else(|| panic!("no {words}"));
    let order = ["id=\"next-task\"", "id=\"report\"", "id=\"state\"", "id=\"actions\"", "id=\"timeline\""];
    let places: Vec<usize> = order.into_iter().map(at).collect();
    assert!(places.is_sorted(), "{places:?}");
    let (now, later) = coordinator.text[at("id=\"actions\"")..].split_once("class=\"later\"").unwrap();
    assert!(!now.contains("Not possible now"), "{now}");
    assert!(now.contains("id=\"action-acknowledge\"") && later.contains("Not possible now:"));
}

async fn with_cpython(site: &Site) {
    let name = "cpython".parse().unwrap();
    let setup = bastide_usecases::ProjectSetup::builtin(name, "CPython", "cpython", Some("cpython"), None);
    site.desk.set_up_project(setup.unwrap()).await.unwrap();
}

/// Proves: P23.
#[tokio::test]
async fn a_report_that_the_policy_does_not_take_comes_back_with_every_answer_and_the_findings_at_their_fields()
 {
    let site = Site::open().await;
    with_cpython(&site).await;
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/cpython/report").await;
    let mut answers = ANSWERS.to_vec();
    answers[0] = ("title", "A & B <script>");
    answers.retain(|(name, _)| *name != "tested-versions.0.version");
    answers.push(("tested-versions.0.version", "3.14.0"));
    answers.extend([("attachments.0.name", "report.pdf"), ("attachments.0.text", "%PDF-1.7")]);
    reporter.send("report", &answers).await;
    assert_eq!(reporter.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reporter.words());
    let words = reporter.words();
    assert!(words.contains("Your report was not sent"), "{words}");
    let (_, pairs) = reporter.filled("report", &[]);
    for (name, value) in &answers {
        let found =
            pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.replace("\r\n", "\n"));
        assert_eq!(found.as_deref().map(str::trim_end), Some(value.trim_end()), "{name}");
    }
    assert!(!reporter.text.contains("<script>"));
    assert!(reporter.text.contains(r##"href="#report-attachments-0-first""##), "no way to the field");

    // Mended, the same page's form goes through.
    reporter.send("report", &[("attachments.0.name", ""), ("attachments.0.text", "")]).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
}

/// Proves: P02.
#[tokio::test]
async fn a_held_report_is_mended_behind_its_link_and_let_in() {
    let site = Site::open().await;
    with_cpython(&site).await;
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/cpython/report").await;
    reporter.send("report", &ANSWERS[..2]).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
    let link = secret_link(&reporter);
    reporter.open(&link).await;
    reporter.open("/status").await;
    let mend = reporter.link("Mend your report");
    reporter.open(&mend).await;
    assert!(reporter.words().contains("REP-P02"), "{}", reporter.words());
    let mut answers = ANSWERS[2..].to_vec();
    answers.retain(|(name, _)| !["answers.cites", "tested-versions.0.version"].contains(name));
    answers.push(("tested-versions.0.version", "3.14.0"));
    reporter.send("report", &answers).await;
    assert_eq!(
        (reporter.status, reporter.address.as_str()),
        (StatusCode::OK, "/status"),
        "{}",
        reporter.words()
    );
    assert!(!reporter.text.contains("Mend your report"), "{}", reporter.words());
}

#[tokio::test]
async fn asking_for_more_rows_or_a_check_sends_nothing_and_keeps_the_answers() {
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    reporter.open(FORM).await;
    let mut answers = ANSWERS.to_vec();
    answers.push(("more-rows", "yes"));
    reporter.send("report", &answers).await;
    assert!(reporter.text.contains("tested-versions.5.version"));
    reporter.send("report", &[("check", "yes")]).await;
    assert_eq!(reporter.status, StatusCode::OK);
    assert!(reporter.words().contains("Nothing was sent"), "{}", reporter.words());
    let (_, pairs) = reporter.filled("report", &[]);
    assert!(pairs.contains(&("answers.cites".to_owned(), "untrusted-notebook".to_owned())));
    let coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    assert!(coordinator.words().contains("No open case."), "{}", coordinator.words());
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_report_and_one_receipt() {
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    reporter.open(FORM).await;
    let (action, pairs) = reporter.filled("report", ANSWERS);
    reporter.post(&action, &pairs).await;
    let first = secret_link(&reporter);
    reporter.post(&action, &pairs).await;
    assert_eq!(secret_link(&reporter), first);
    let coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    assert!(coordinator.words().contains("1 open case"), "{}", coordinator.words());
}

/// A page of another site cannot send a form in somebody's name.
#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let site = Site::open().await;
    reported(&site).await;
    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    let (action, pairs) = coordinator.filled("do-take", &[]);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")] {
        let body = serde_urlencoded::to_string(&pairs).unwrap();
        let request = axum::http::Request::post(&action)
            .header(name, value)
            .header("host", "localhost:1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(body))
            .unwrap();
        assert_eq!(site.send(request).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    coordinator.open(&case).await;
    assert!(coordinator.words().contains("Take the coordination of this case."));
}

/// Forbidden and absent are one page, for every address of a case.
#[tokio::test]
async fn a_case_that_one_may_not_see_looks_like_a_case_that_is_not_there() {
    let site = Site::open().await;
    reported(&site).await;
    let coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    let absent = "/cases/case-00000000000000000000000000";
    let mut nobody = Browser::new(&site);
    let mut stranger = Browser::signed_in(&site, site.stranger.0).await;
    for part in ["", "/advisory", "/proof", "/invitation", "/nowhere"] {
        for browser in [&mut nobody, &mut stranger] {
            browser.open(&format!("{case}{part}")).await;
            let forbidden = (browser.status, browser.headers.clone(), browser.text.clone());
            browser.open(&format!("{absent}{part}")).await;
            assert_eq!(forbidden.0, StatusCode::NOT_FOUND, "{part}");
            assert_eq!(forbidden, (browser.status, browser.headers.clone(), browser.text.clone()), "{part}");
        }
        nobody.open("/status/not-a-secret").await;
        assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_sign_in_link_is_spent_by_its_button_and_not_by_being_looked_at() {
    let site = Site::open().await;
    let link = site.desk.issue_sign_in_link(site.coordinator.0).await.unwrap();
    let address = format!("/sign-in/{}", link.reveal());
    let mut browser = Browser::new(&site);
    for _ in 0..3 {
        browser.open(&address).await;
        assert_eq!(browser.status, StatusCode::OK);
    }
    browser.send("do-sign-in", &[]).await;
    assert_eq!(browser.address, "/inbox");
    let mut thief = Browser::new(&site);
    thief.open(&address).await;
    assert_eq!(thief.status, StatusCode::GONE);
    assert!(thief.words().contains("This link works no more"), "{}", thief.words());
    thief.post(&address, &[]).await;
    assert_eq!(thief.status, StatusCode::UNAUTHORIZED);
    // Signing out ends the session itself, not only the cookie.
    browser.post("/sign-out", &[]).await;
    browser.open("/inbox").await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refused_step_comes_back_with_what_was_written_and_why() {
    let site = Site::open().await;
    reported(&site).await;
    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    coordinator.send("do-take", &[]).await;
    coordinator.send("do-acknowledge", &[("text", "Thank you.")]).await;
    coordinator
        .send("do-propose-embargo", &[("end", "tomorrow at nine"), ("justification", "Long story.")])
        .await;
    assert_eq!(coordinator.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, pairs) = coordinator.filled("do-propose-embargo", &[]);
    assert!(pairs.contains(&("end".to_owned(), "tomorrow at nine".to_owned())), "{pairs:?}");
    assert!(coordinator.words().contains("This is no date and time with its zone."));
    coordinator
        .send("do-triage", &[("outcome", "declined"), ("reasoning", "Because of the threat model.")])
        .await;
    assert!(coordinator.status.is_client_error(), "{}", coordinator.status);
    let (_, pairs) = coordinator.filled("do-triage", &[]);
    assert!(
        pairs.contains(&("reasoning".to_owned(), "Because of the threat model.".to_owned())),
        "{pairs:?}"
    );
}

/// After fifteen minutes a step that needs it asks for a fresh sign-in, and says so beforehand.
#[tokio::test]
async fn a_session_that_is_not_fresh_is_asked_to_sign_in_again() {
    let site = Site::open().await;
    reported(&site).await;
    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    let (_, pairs) = coordinator.filled("do-take", &[]);
    site.clock.pass(Span::minutes(20));
    coordinator.post(&format!("{case}/steps/publish"), &pairs).await;
    assert_eq!(coordinator.status, StatusCode::FORBIDDEN, "{}", coordinator.words());
    assert_eq!(coordinator.link("Sign in again"), "/sign-in?next=/account");
    let (action, kept) = coordinator.filled("kept-form", &[]);
    assert_eq!((action, kept), (format!("{case}/steps/publish"), pairs), "what was sent is kept");
}

/// A case that a coordinator has taken and answered, with both browsers and its address.
async fn taken(site: &Site) -> (Browser<'_>, Browser<'_>, String) {
    let link = reported(site).await;
    let mut reporter = Browser::new(site);
    reporter.open(&link).await;
    reporter.open("/status").await;
    let mut coordinator = Browser::signed_in(site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    coordinator.send("do-take", &[]).await;
    coordinator.send("do-acknowledge", &[("text", "Thank you.")]).await;
    (reporter, coordinator, case)
}

#[tokio::test]
async fn the_reporter_answers_a_proposed_embargo_without_account() {
    let site = Site::open().await;
    let (mut reporter, mut coordinator, case) = taken(&site).await;
    let proposal =
        [("end", "2026-07-01T12:00:00+02:00"), ("justification", "A release is planned for June.")];
    coordinator.send("do-propose-embargo", &proposal).await;
    assert_eq!(coordinator.status, StatusCode::OK, "{}", coordinator.words());
    reporter.open("/status").await;
    assert!(reporter.words().contains("2026-07-01 10:00 UTC"), "{}", reporter.words());
    reporter.send("do-decide-embargo", &[("accept", "yes")]).await;
    assert_eq!(reporter.status, StatusCode::OK, "{}", reporter.words());
    coordinator.open(&case).await;
    assert!(coordinator.words().contains("Until 2026-07-01 10:00 UTC."), "{}", coordinator.words());
}

/// Proves: P09.
#[tokio::test]
async fn the_reporter_says_whether_a_report_may_be_passed_on_upstream() {
    let site = Site::open().await;
    let (mut reporter, mut coordinator, case) = taken(&site).await;
    let verdict = [("outcome", "upstream"), ("clause", "dependency"), ("reasoning", "The flaw is zlib's.")];
    coordinator.send("do-triage", &verdict).await;
    assert_eq!(coordinator.status, StatusCode::OK, "{}", coordinator.words());
    reporter.open("/status").await;
    let words = reporter.words();
    assert!(words.contains("Say whether your report may be passed on."), "{words}");
    assert!(words.contains("The flaw is zlib's."), "{words}");
    reporter.send("do-consent-upstream", &[("given", "yes")]).await;
    assert_eq!(reporter.status, StatusCode::OK, "{}", reporter.words());
    coordinator.open(&case).await;
    assert!(
        coordinator.words().contains("Agreed that the report is passed on upstream."),
        "{}",
        coordinator.words()
    );
}

/// Proves: J14, P03.
#[tokio::test]
async fn a_declined_report_is_closed_and_its_reporter_reads_why() {
    let site = Site::open().await;
    let (mut reporter, mut coordinator, _) = taken(&site).await;
    let against = [("outcome", "declined"), ("clause", "untrusted-notebook"), ("reasoning", "So.")];
    coordinator.send("do-triage", &against).await;
    assert_eq!(coordinator.status, StatusCode::CONFLICT, "{}", coordinator.words());
    assert!(coordinator.words().contains("P03"), "{}", coordinator.words());
    let verdict = [("clause", "unrealistic"), ("reasoning", "Nobody runs a server like that.")];
    coordinator.send("do-triage", &verdict).await;
    assert_eq!(coordinator.status, StatusCode::OK, "{}", coordinator.words());
    reporter.open("/status").await;
    let words = reporter.words();
    assert!(words.contains("Nobody runs a server like that."), "{words}");
    assert!(words.contains("Nothing: your report is closed."), "{words}");
}
