//! Administration in a browser without script: taking a project in, people, roles, and changes by two persons.

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_model::id::PersonId;
use bastide_usecases::NewPerson;
use serde_json::json;

use crate::{browser::Browser, site::Site};

async fn administrator(site: &Site, name: &str) -> PersonId {
    let person = NewPerson { name: name.to_owned(), identities: Vec::new() };
    let id = site.desk.add_person(person).await.unwrap();
    site.desk.grant(id, Role::ProgrammeAdmin, Scope::Programme, None).await.unwrap();
    id
}

/// Takes a project in, as the first administrator of a desk does.
#[tokio::test]
async fn a_project_is_taken_in_on_one_page_and_its_coordinator_takes_the_role_on() {
    let site = Site::open().await;
    let admin = administrator(&site, "admin-a").await;
    let mut browser = Browser::signed_in(&site, admin).await;
    browser.open("/admin").await;
    assert_eq!(browser.place(), "/admin/projects");
    let link = browser.link("Take a project in");
    browser.open(&link).await;
    let answers = [
        ("name", "example"),
        ("title", "Example"),
        ("packages", "pkg:pypi/example"),
        ("policy", "default"),
        ("mail", "security@example.org"),
        ("invited", "Coordinator B, coordinator-b@example.org"),
    ];
    // First a look at it, with a mistake.
    let mut wrong = answers.to_vec();
    wrong[2] = ("packages", "example");
    browser.send("do-project", &wrong).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.words().contains("Nothing was changed."), "{}", browser.words());
    let mut look = answers.to_vec();
    look.push(("go", "preview"));
    browser.send("do-project", &look).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.words());
    assert!(browser.text.contains("mailto:security@example.org"), "{}", browser.words());
    assert!(site.desk.project(&"example".parse().unwrap()).await.is_err(), "a look stores nothing");
    // The form keeps everything, and its own button takes it in.
    browser.send("do-project", &[]).await;
    assert_eq!(browser.place(), "/admin/projects/example", "{}", browser.words());
    let words = browser.words();
    assert!(words.contains("offered, not taken on"), "{words}");
    assert!(words.contains("to do A coordinator who has taken the role on"), "{words}");
    browser.open("/projects/example").await;
    assert_eq!(browser.status, StatusCode::OK);

    // The invited person signs in by a link, made and shown once.
    browser.open("/admin/people?search=coordinator-b").await;
    let page = browser.link("Coordinator B");
    browser.open(&page).await;
    browser.send("do-invite", &[]).await;
    let words = browser.words();
    let secret = words.split("/sign-in/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let mut invited = Browser::new(&site);
    invited.open(&format!("/sign-in/{secret}")).await;
    invited.send("do-sign-in", &[]).await;
    assert_eq!(invited.place(), "/roles", "who was offered a role came for that");
    assert!(invited.open("/inbox").await.text.contains("You were offered a role"));
    assert_eq!(invited.open("/admin").await.status, StatusCode::NOT_FOUND);
    let key = "a-report-of-a-test".to_owned();
    let report = site.post("/api/v1/projects/example/reports", None, crate::api::report()).await;
    assert_eq!(report.status, StatusCode::CREATED, "{key} {}", report.text);
    let case = report.json()["case"].as_str().unwrap().to_owned();
    let seen = invited.open(&format!("/cases/{case}")).await.status;
    assert_eq!(seen, StatusCode::NOT_FOUND, "an offered role gives nothing");
    invited.open("/roles").await;
    invited.send("do-role", &[("answer", "yes")]).await;
    assert_eq!(invited.open(&format!("/cases/{case}")).await.status, StatusCode::OK);

    // Who runs the desk does not thereby read cases.
    assert_eq!(browser.open(&format!("/cases/{case}")).await.status, StatusCode::NOT_FOUND);
    browser.open("/admin/projects/example").await;
    assert!(browser.words().contains("done A coordinator who has taken the role on"), "{}", browser.words());
}

/// The README's first steps on one's own machine: nothing but a name, a title and a package.
#[tokio::test]
async fn a_project_without_an_address_of_its_own_takes_reports_by_the_desks_form_also_on_localhost() {
    let site = Site::open().await;
    let admin = administrator(&site, "admin-a").await;
    let mut browser = Browser::signed_in(&site, admin).await;
    browser.open("/admin/onboarding").await;
    let answers =
        [("name", "example"), ("title", "Example"), ("packages", "pkg:pypi/example"), ("policy", "default")];
    browser.send("do-project", &answers).await;
    assert_eq!(browser.place(), "/admin/projects/example", "{}", browser.words());
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/example").await;
    let form = reporter.link("Report");
    reporter.open(&form).await;
    let mut answers = crate::web::ANSWERS.to_vec();
    answers.retain(|(name, _)| *name != "answers.cites");
    reporter.send("report", &answers).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
}

#[tokio::test]
async fn rules_change_when_a_second_administrator_has_read_the_difference() {
    let site = Site::open().await;
    let (first, second) = (administrator(&site, "admin-a").await, administrator(&site, "admin-b").await);
    let mut browser = Browser::signed_in(&site, first).await;
    browser.open("/admin/projects/jupyterlab/edit").await;
    let (_, pairs) = browser.filled("do-edit", &[]);
    let policy = &pairs.iter().find(|(name, _)| name == "policy").unwrap().1;
    let changed = policy.replace("acknowledge-days = 3", "acknowledge-days = 5");
    assert_ne!(*policy, changed);
    let broken = changed.replace("acknowledge-days", "acknowlegde-days");
    browser.send("do-edit", &[("policy", &broken), ("reason", "Volunteers.")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = browser.words();
    assert!(words.contains("line 11, column 1"), "{words}");
    browser.send("do-edit", &[("policy", &changed), ("reason", "We are volunteers.")]).await;
    let proposal = browser.place().to_owned();
    assert!(proposal.starts_with("/admin/proposals/change-"), "{proposal} {}", browser.words());
    assert!(browser.words().contains("One other person can approve this"), "{}", browser.words());
    assert!(!browser.text.contains("do-approve"), "nobody approves their own proposal");
    let own = browser
        .post(&format!("{proposal}/approve"), &[("idempotency-key".into(), "key-of-a-test".into())])
        .await;
    assert_eq!(own.status, StatusCode::CONFLICT);

    let mut other = Browser::signed_in(&site, second).await;
    other.open("/admin/proposals").await;
    let link = other.link("Change a project's rules");
    other.open(&link).await;
    assert!(other.text.contains("<del>acknowledge-days = 3</del>"), "{}", other.text);
    assert!(other.text.contains("<ins>acknowledge-days = 5</ins>"));
    other.send("do-approve", &[]).await;
    assert!(other.words().contains("approved and carried out"), "{}", other.words());
    let facts = site.desk.project(&"jupyterlab".parse().unwrap()).await.unwrap();
    assert_eq!(facts.policy.deadlines.acknowledge_days, 5);
    other.open("/admin/projects/jupyterlab").await;
    assert!(other.words().contains("proposed by admin-a, approved by admin-b"), "{}", other.words());
    assert!(!other.words().contains("conduct:"), "{}", other.words());

    // Nobody else learns of it.
    let mut stranger = Browser::signed_in(&site, site.coordinator.0).await;
    assert_eq!(stranger.open(&proposal).await.status, StatusCode::NOT_FOUND);
    let absent = format!("/admin/proposals/{}", bastide_model::id::ChangeId::from_bytes([1; 16]));
    let (there, there_text) = (stranger.status, stranger.text.clone());
    assert_eq!(stranger.open(&absent).await.status, there);
    assert_eq!(stranger.text.replace(&absent, &proposal), there_text);
}

#[tokio::test]
async fn a_role_that_reaches_far_takes_two_and_a_coordinators_is_assigned_by_one() {
    let site = Site::open().await;
    let (first, _) = (administrator(&site, "admin-a").await, administrator(&site, "admin-b").await);
    let mut browser = Browser::signed_in(&site, first).await;
    let stranger = site.stranger.0;
    let page = format!("/admin/people/{stranger}");
    browser.open(&page).await;
    let role = [("role", "coordinator"), ("scope", "project:jupyterlab")];
    browser.send("do-give-role", &role).await;
    assert_eq!(browser.place(), page);
    assert!(browser.words().contains("offered, not taken on"), "{}", browser.words());
    let far = [("role", "auditor"), ("scope", "programme")];
    browser.send("do-give-role", &far).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "a proposal needs a reason");
    browser.send("do-give-role", &[far[0], far[1], ("reason", "A year of reviews.")]).await;
    assert!(browser.place().starts_with("/admin/proposals/"), "{}", browser.place());
    assert!(browser.text.contains("stranger-a is auditor in the whole programme"), "{}", browser.text);
    assert!(browser.text.contains("from the moment in which they take it on"), "{}", browser.text);
    browser.open("/admin/proposals").await;
    assert!(
        browser.words().contains("stranger-a becomes auditor in the whole programme"),
        "{}",
        browser.words()
    );
}

/// Removal ends sessions and tokens in the same step, also those for what the person still holds.
#[tokio::test]
async fn a_removed_coordinators_session_and_token_end_with_the_role() {
    let site = Site::open().await;
    let admin = administrator(&site, "admin-a").await;
    let (coordinator, token) = site.coordinator.clone();
    let mut theirs = Browser::signed_in(&site, coordinator).await;
    let mut browser = Browser::signed_in(&site, admin).await;
    browser.open(&format!("/admin/people/{coordinator}")).await;
    browser.send("do-end-role-1", &[]).await;
    assert!(browser.words().contains("They hold no role"), "{}", browser.words());
    assert_eq!(theirs.open("/inbox").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/api/v1/inbox", Some(&token)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn pages_of_administration_are_absent_for_everybody_else() {
    let site = Site::open().await;
    let admin = administrator(&site, "admin-a").await;
    let rows = bastide_server::route_table(site.desk.clone());
    let pages =
        rows.iter().filter(|row| row.path.starts_with("/admin") || row.path.starts_with("/api/v1/admin"));
    let mut asked = 0;
    for row in pages {
        let path = row
            .path
            .replace("{project}", "jupyterlab")
            .replace("{person}", &admin.to_string())
            .replace("{proposal}", &bastide_model::id::ChangeId::from_bytes([1; 16]).to_string());
        for token in [
            None,
            Some(site.stranger.1.as_str()),
            Some(site.developer.1.as_str()),
            Some(site.coordinator.1.as_str()),
        ] {
            let answer = match row.method.as_str() {
                "GET" => site.get(&path, token).await,
                _ => site.post(&path, token, json!({})).await,
            };
            asked += 1;
            // A coordinator may be a second person, so the list of proposals is there for them, and empty.
            let empty =
                answer.status == StatusCode::OK && row.path.ends_with("/proposals") && token.is_some();
            let start = row.path == "/admin" && token == Some(site.coordinator.1.as_str());
            let refused = matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED);
            let unread =
                answer.status == StatusCode::UNPROCESSABLE_ENTITY && row.path == "/api/v1/admin/proposals";
            assert!(empty || start || refused || unread, "{} {path}: {}", row.method, answer.status);
            assert!(!answer.text.contains("admin-a"), "{} {path} names an administrator", row.method);
        }
    }
    assert!(asked > 80, "{asked}");
}

/// Proves: J16.
#[tokio::test]
async fn no_page_of_administration_shows_a_word_of_a_case() {
    let site = Site::open().await;
    let admin = administrator(&site, "admin-a").await;
    let mut report = crate::api::report();
    report["report"]["title"] = json!("quokka-title");
    report["report"]["body"] = json!("It reads quokka-body when it is opened.");
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, report).await;
    let case = sent.json()["case"].as_str().unwrap().to_owned();
    let mut browser = Browser::signed_in(&site, admin).await;
    let mut read = 0;
    for row in bastide_server::route_table(site.desk.clone()) {
        if row.method == "GET" && row.path.starts_with("/admin") {
            let path = row
                .path
                .replace("{project}", "jupyterlab")
                .replace("{person}", &site.coordinator.0.to_string());
            browser.open(&path).await;
            read += usize::from(browser.status == StatusCode::OK);
            assert!(!browser.text.contains("quokka") && !browser.text.contains(&case), "{path}");
        }
    }
    assert!(read >= 7, "{read}");
}

/// By forms: one coordinator proposes, another approves, the first fetches it once; nobody else sees that it is there.
#[tokio::test]
async fn a_whole_case_is_given_out_by_two_coordinators_and_fetched_once() {
    let site = Site::open().await;
    let sent = site.post("/api/v1/projects/jupyterlab/reports", None, crate::api::report()).await;
    let case = sent.json()["case"].as_str().unwrap().to_owned();
    let second = NewPerson { name: "coordinator-b".to_owned(), identities: Vec::new() };
    let second = site.desk.add_person(second).await.unwrap();
    let scope = Scope::Project("jupyterlab".parse().unwrap());
    site.desk.grant(second, Role::Coordinator, scope, None).await.unwrap();
    let mut browser = Browser::signed_in(&site, site.coordinator.0).await;
    browser.open(&format!("/cases/{case}")).await;
    let link = browser.link("The whole case as one archive");
    browser.open(&link).await;
    browser.send("do-export", &[]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is asked for");
    assert!(browser.words().contains("Nothing was proposed."), "{}", browser.words());
    browser.send("do-export", &[("reason", "It moves to another desk.")]).await;
    let proposal = browser.place().to_owned();
    assert!(proposal.starts_with("/admin/proposals/change-"), "{}", browser.words());
    assert!(!browser.text.contains("do-approve") && !browser.text.contains("do-archive"));
    assert!(browser.words().contains("A crafted notebook"), "the case has its title: {}", browser.words());
    assert!(!browser.words().contains(&case), "and no raw id: {}", browser.words());
    let export = format!("/cases/{case}/export");
    browser.open(&export).await;
    assert!(browser.words().contains("waits for a second person"), "{}", browser.words());

    let mut other = Browser::signed_in(&site, second).await;
    let words = other.open("/inbox").await.words();
    assert!(words.contains("A change waits for a second person"), "{words}");
    assert_eq!(other.link("Look at it"), proposal);
    other.open(&proposal).await;
    assert!(other.words().contains("can fetch it, for a time"), "{}", other.words());
    other.send("do-approve", &[]).await;
    assert!(other.words().contains("approved, not fetched yet"), "{}", other.words());
    other.open("/inbox").await;
    assert!(!other.words().contains("A change waits"), "{}", other.words());
    other.open(&proposal).await;
    assert!(!other.text.contains("do-archive"), "it is for whoever proposed it");
    let pairs = vec![("idempotency-key".to_owned(), "a-key-of-this-test".to_owned())];
    other.post(&format!("{proposal}/archive"), &pairs).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);

    browser.open(&export).await;
    assert!(browser.words().contains("Fetch the archive"), "{}", browser.words());
    browser.send("do-archive", &[]).await;
    assert_eq!(
        (browser.status, &browser.headers["content-type"]),
        (StatusCode::OK, &"application/x-tar".parse().unwrap())
    );
    assert!(browser.text.contains("SHA256SUMS") && browser.text.contains("report-submitted"));
    browser.open(&proposal).await;
    assert!(!browser.text.contains("do-archive"), "it is given once");
    assert!(browser.words().contains("coordinator-a fetched it at"), "{}", browser.words());
    browser.open(&export).await;
    assert!(browser.words().contains("approved and fetched"), "{}", browser.words());
    browser.post(&format!("{proposal}/archive"), &pairs).await;
    assert_eq!(browser.status, StatusCode::CONFLICT);
    assert!(browser.words().contains("fetched already"), "{}", browser.words());

    // Whoever does not coordinate the case gets what they get for a case that is not there.
    let absent = bastide_model::id::CaseId::from_bytes([1; 16]).to_string();
    for person in [site.developer.0, site.stranger.0, administrator(&site, "admin-a").await] {
        let mut stranger = Browser::signed_in(&site, person).await;
        let (status, text) = {
            let there = stranger.open(&format!("/cases/{case}/export")).await;
            (there.status, there.text.clone())
        };
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(
            stranger.open(&format!("/cases/{absent}/export")).await.text.replace(&absent, &case),
            text
        );
        assert_eq!(stranger.open(&proposal).await.status, StatusCode::NOT_FOUND);
    }
}

/// Nobody is one of the two who decide about their own data, and what was written about somebody goes with them.
#[tokio::test]
async fn two_administrators_erase_somebody_who_is_neither_of_them_and_no_reason_outlives_it() {
    let site = Site::open().await;
    let (first, second) = (administrator(&site, "admin-a").await, administrator(&site, "admin-b").await);
    let whose = site.stranger.0;
    let mut browser = Browser::signed_in(&site, first).await;
    browser.open(&format!("/admin/people/{whose}")).await;
    browser.send("do-data", &[("act", "erase"), ("reason", "They moved to another country.")]).await;
    let proposal = browser.place().to_owned();
    let words = browser.words();
    assert!(proposal.starts_with("/admin/proposals/change-"), "{words}");
    assert!(words.contains("What stays, and why The ledger keeps"), "{words}");
    assert!(!browser.text.contains("<ins>The ledger keeps"), "what stays is no change");

    let mut own = Browser::signed_in(&site, whose).await;
    assert_eq!(own.open(&proposal).await.status, StatusCode::NOT_FOUND);
    let pairs = vec![("idempotency-key".to_owned(), "a-key-of-this-test".to_owned())];
    own.post(&format!("{proposal}/approve"), &pairs).await;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "{}", own.words());
    assert!(!own.open("/account").await.words().contains("waits for a second person"));

    let mut other = Browser::signed_in(&site, second).await;
    other.open(&proposal).await;
    assert!(other.words().contains("nobody can take it back"), "{}", other.words());
    let noted = [("idempotency-key", "another-key-of-this-test"), ("note", "They told me, too.")];
    let noted = noted.map(|(name, value)| (name.to_owned(), value.to_owned()));
    other.post(&format!("{proposal}/approve"), &noted).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.words());
    other.open(&proposal).await;
    other.send("do-approve", &[]).await;
    let words = other.words();
    assert!(words.contains("approved and carried out"), "{words}");
    assert!(words.contains("Erased with the person whom it was about."), "{words}");
    assert!(!words.contains("another country") && !words.contains("stranger-a"), "{words}");
}

/// Proves: J10.
#[tokio::test]
async fn a_role_begins_and_ends_with_days_and_whoever_takes_it_on_reads_what_it_does_and_what_is_next() {
    let site = Site::open().await;
    let admin = administrator(&site, "admin-a").await;
    let stranger = site.stranger.0;
    let mut browser = Browser::signed_in(&site, admin).await;
    browser.open("/admin").await;
    assert!(browser.words().contains("to do A mail address of your own"), "{}", browser.words());
    assert!(browser.words().contains("bastide admin lost-passkeys"), "{}", browser.words());
    let page = format!("/admin/people/{stranger}");
    browser.open(&page).await;
    assert!(browser.text.contains("type=\"date\""), "{}", browser.text);
    let wrong = [("role", "coordinator"), ("scope", "project:jupyterlab"), ("until", "next year")];
    browser.send("do-give-role", &wrong).await;
    assert!(browser.words().contains("This is no day."), "{}", browser.words());
    browser.send("do-give-role", &[wrong[0], wrong[1], ("until", "2027-01-31")]).await;
    assert_eq!(browser.place(), page, "{}", browser.words());
    assert!(browser.words().contains("Offered. The role begins when they take it on"), "{}", browser.words());
    let programme_admin = bastide_authz::Grant {
        role: Role::ProgrammeAdmin,
        scope: Scope::Programme,
        from: "2026-01-01T00:00:00Z".parse().unwrap(),
        until: None,
        confirmed: true,
    };
    let actor = bastide_authz::Actor {
        person: Some(admin),
        grants: vec![programme_admin],
        ..bastide_authz::Actor::anonymous()
    };
    let view = site.desk.person_view(&actor, stranger).await.unwrap();
    let until = view.line.grants[0].until.unwrap();
    assert_eq!(until, "2027-02-01T00:00:00Z".parse().unwrap(), "the last day belongs to the role");

    let link = site.desk.issue_sign_in_link(stranger).await.unwrap();
    let mut taker = Browser::new(&site);
    taker.open(&format!("/sign-in/{}", link.reveal())).await;
    taker.send("do-sign-in", &[]).await;
    assert_eq!(taker.place(), "/roles");
    assert!(taker.words().contains("A coordinator reads the reports that come in"), "{}", taker.words());
    taker.send("do-role", &[("answer", "yes")]).await;
    assert!(taker.words().contains("You are coordinator of JupyterLab now"), "{}", taker.words());
    assert_eq!(taker.link("The report form, for a first report"), "/projects/jupyterlab/report");
    taker.open("/account").await;
    assert!(taker.words().contains("You took a role on."), "{}", taker.words());
}
