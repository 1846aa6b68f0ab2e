//! The way to a report: a project chosen or not, files, the preview, the thanks, the checks while one types.

use axum::http::{Request, StatusCode};
use serde_json::Value;

use crate::{
    browser::Browser,
    site::Site,
    web::{ANSWERS, secret_link},
};

async fn with_cpython(site: &Site) {
    let name = "cpython".parse().unwrap();
    let setup = bastide_usecases::ProjectSetup::builtin(name, "CPython", "cpython", Some("cpython"), None);
    site.desk.set_up_project(setup.unwrap()).await.unwrap();
}

#[tokio::test]
async fn the_picker_finds_a_project_by_its_name_or_package_and_says_what_to_do_when_none_fits() {
    let site = Site::open().await;
    with_cpython(&site).await;
    let mut reporter = Browser::new(&site);
    reporter.open("/report").await;
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("report-picker", reporter.lines());
    });
    reporter.open("/report?q=Jupyter").await;
    assert!(reporter.words().contains("JupyterLab") && !reporter.words().contains("Report for CPython"));
    assert_eq!(reporter.link("Report for JupyterLab"), "/projects/jupyterlab/report");
    reporter.open("/report?q=no-such-thing").await;
    assert!(reporter.words().contains("No project fits."), "{}", reporter.words());
    assert_eq!(reporter.link("Show all"), "/report");
}

/// Proves: P28.
#[tokio::test]
async fn who_is_not_sure_of_the_project_reports_all_the_same_and_a_person_passes_it_on() {
    let site = Site::open().await;
    with_cpython(&site).await;
    let mut reporter = Browser::new(&site);
    reporter.open("/report").await;
    let form = reporter.link("Report without choosing a project");
    reporter.open(&form).await;
    assert!(reporter.words().contains("The coordinators of CPython read it first"), "{}", reporter.words());
    reporter.send("report", ANSWERS).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
    let scope = bastide_authz::Scope::Project("cpython".parse().unwrap());
    site.desk.grant(site.coordinator.0, bastide_authz::Role::Coordinator, scope, None).await.unwrap();
    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let case = coordinator.link("A crafted notebook");
    coordinator.open(&case).await;
    assert!(
        coordinator.words().contains("the reporter was not sure which project it is"),
        "{}",
        coordinator.words()
    );
    coordinator.send("do-take", &[]).await;
    let verdict = [("outcome", "upstream"), ("clause", "dependency"), ("reasoning", "It is JupyterLab's.")];
    coordinator.send("do-triage", &verdict).await;
    assert_eq!(coordinator.status, StatusCode::OK, "{}", coordinator.words());
    let link = secret_link(&reporter);
    reporter.open(&link).await;
    reporter.open("/status").await;
    reporter.send("do-consent-upstream", &[("given", "yes")]).await;
    assert_eq!(reporter.status, StatusCode::OK, "{}", reporter.words());
    coordinator.open(&case).await;
    assert!(coordinator.words().contains("Agreed that the report is passed on upstream."));
}

/// Proves: P23.
#[tokio::test]
async fn chosen_files_come_along_byte_for_byte_and_are_judged_by_what_is_in_them() {
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/jupyterlab/report").await;
    let words = reporter.words();
    assert!(words.contains("At most 20 files, 5 MiB each"), "the limits are said beforehand: {words}");
    reporter.send_files("report", ANSWERS, &[("notes.txt", b"%PDF-1.7 x"), ("", b"")]).await;
    let words = reporter.words();
    assert!(words.contains("Will be held The attachment is a PDF document. (“notes.txt”)"), "{words}");

    reporter.open("/projects/jupyterlab/report").await;
    let script = b"import sys\r\nsys.exit(1)\r\n";
    reporter.send_files("report", ANSWERS, &[("dir/make.py", script)]).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
    let link = bastide_usecases::Secret::given(secret_link(&reporter).trim_start_matches("/status/"));
    let own = site.desk.own_report(&link).await.unwrap();
    let file = site.desk.attachment(&own.actor, own.view.case.id, 0).await.unwrap();
    assert_eq!((file.name.as_str(), file.bytes.as_slice()), ("make.py", &script[..]));
}

#[tokio::test]
async fn a_form_shown_again_keeps_chosen_text_files_and_names_those_that_are_no_text() {
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/jupyterlab/report").await;
    let mut answers = ANSWERS.to_vec();
    answers.push(("more-rows", "yes"));
    reporter.send_files("report", &answers, &[("poc.py", b"print(1)"), ("poc.bin", b"\xff\xfe")]).await;
    let (_, pairs) = reporter.filled("report", &[]);
    assert!(pairs.contains(&("attachments.0.text".to_owned(), "print(1)".to_owned())), "{pairs:?}");
    assert!(reporter.words().contains("The file poc.bin is no plain text."), "{}", reporter.words());
}

/// Proves: J07.
#[tokio::test]
async fn the_whole_report_is_looked_at_before_it_is_sent_and_says_how_its_reporter_is_thanked() {
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/jupyterlab/report").await;
    let mut answers = ANSWERS.to_vec();
    answers.extend([("credit.link", "https://example.org/reporter-a"), ("preview", "yes")]);
    reporter.send_files("report", &answers, &[("poc.py", b"print(1)")]).await;
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("report-preview", reporter.lines());
    });
    assert!(reporter.words().contains("Thanks to reporter-a (https://example.org/reporter-a)."));
    reporter.send("report", &[("edit", "yes")]).await;
    let (_, pairs) = reporter.filled("report", &[]);
    for (name, value) in ANSWERS {
        let found =
            pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.replace("\r\n", "\n"));
        assert_eq!(
            found.as_deref().map(str::trim_end),
            Some(value.trim_end()),
            "{name} is lost on the way back"
        );
    }
    reporter.send("report", &[("credit.link", "javascript:alert(1)")]).await;
    assert_eq!(reporter.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reporter.words());
    assert!(reporter.words().contains("no web address"), "{}", reporter.words());
    reporter.send("report", &[("credit.link", "https://example.org/me"), ("preview", "yes")]).await;
    reporter.send("report", &[]).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
}

/// Proves: P22.
#[tokio::test]
async fn a_version_without_what_was_seen_in_it_comes_back_with_the_question_and_is_never_left_out() {
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    let half = [("tested-versions.1.version", "1.2.0"), ("tested-versions.2.vulnerable", "no")];
    for (button, status) in [
        (None, StatusCode::UNPROCESSABLE_ENTITY),
        (Some("check"), StatusCode::OK),
        (Some("preview"), StatusCode::OK),
    ] {
        reporter.open("/projects/jupyterlab/report").await;
        let mut answers = ANSWERS.to_vec();
        answers.extend(half);
        answers.extend(button.map(|button| (button, "yes")));
        reporter.send("report", &answers).await;
        assert_eq!(reporter.status, status, "{button:?} {}", reporter.words());
        let words = reporter.words();
        assert!(words.contains("What did you see in 1.2.0?"), "{button:?} {words}");
        assert!(words.contains("In row 3 a version is missing."), "{button:?} {words}");
        let (_, pairs) = reporter.filled("report", &[]);
        for (name, value) in half {
            assert!(pairs.contains(&(name.to_owned(), value.to_owned())), "{name} is lost");
        }
    }
    reporter
        .send("report", &[("tested-versions.1.vulnerable", "no"), ("tested-versions.2.vulnerable", "")])
        .await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
    let link = bastide_usecases::Secret::given(secret_link(&reporter).trim_start_matches("/status/"));
    let own = site.desk.own_report(&link).await.unwrap();
    let tested = own.view.report.unwrap().draft.tested_versions;
    assert_eq!(tested[1].version, "1.2.0");
    assert!(!tested[1].vulnerable);
}

async fn checked(site: &Site, body: String) -> (StatusCode, Value) {
    let request = Request::post("/projects/jupyterlab/report/check")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body))
        .unwrap();
    let answer = site.send(request).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_checks_answer_while_one_types_with_the_place_on_the_page_and_store_nothing() {
    let site = Site::open().await;
    let typed =
        [("title", "A & <b>"), ("body", "Severity: critical, CVSS 9.8."), ("tested-versions.0.version", "")];
    let (status, answer) = checked(&site, serde_urlencoded::to_string(typed).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    let findings = answer["findings"].as_array().unwrap();
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/jupyterlab/report").await;
    let rated =
        findings.iter().find(|finding| finding["rule"] == "REP-P20").expect("a rated severity is noted");
    assert_eq!(rated["target"], "report-body");
    for finding in findings {
        let Some(target) = finding["target"].as_str() else { continue };
        assert!(reporter.text.contains(&format!("id=\"{target}\"")), "the form has no {target}");
    }
    assert!(reporter.text.contains("data-check=\"/projects/jupyterlab/report/check\""));
    let (status, _) = checked(&site, format!("body={}", "x".repeat(600 * 1024))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    assert!(coordinator.words().contains("No open case."), "{}", coordinator.words());
}
