//! A whole case by forms alone, from report to thanks; and every page on the way, to be looked at.
//!
//! Where `BASTIDE_PAGES_DIR` names a directory, each page is written there with its stylesheet.

use std::path::PathBuf;

use axum::http::StatusCode;
use bastide_model::time::{Clock as _, Span};

use crate::{
    browser::Browser,
    site::Site,
    web::{ANSWERS, secret_link},
};

/// The people of a played case, each in a browser of their own.
struct Played<'a> {
    site: &'a Site,
    reporter: Browser<'a>,
    coordinator: Browser<'a>,
    developer: Browser<'a>,
    tester: Browser<'a>,
    case: String,
}

/// Holds what a page says against its snapshot.
fn says(name: &str, browser: &Browser<'_>) {
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(name, browser.lines()) });
    look(name, browser);
}

/// Writes a page to be looked at.
fn look(name: &str, browser: &Browser<'_>) {
    #[allow(clippy::disallowed_methods, reason = "where pages go is a matter of whoever runs the test")]
    let Some(directory) = std::env::var_os("BASTIDE_PAGES_DIR").map(PathBuf::from) else { return };
    std::fs::create_dir_all(directory.join("assets")).unwrap();
    let style = bastide_pages::assets::style_path().trim_start_matches('/');
    std::fs::write(directory.join(style), bastide_pages::assets::STYLESHEET).unwrap();
    std::fs::write(directory.join(format!("{name}.html")), &browser.text).unwrap();
}

impl<'a> Played<'a> {
    async fn begun(site: &'a Site) -> Self {
        let mut reporter = Browser::new(site);
        reporter.open("/").await;
        says("home", &reporter);
        reporter.open("/projects/jupyterlab").await;
        says("project", &reporter);
        reporter.open("/projects/jupyterlab/report").await;
        look("report-form", &reporter);
        reporter.send("report", &[("title", "Bug"), ("check", "yes")]).await;
        says("report-form-checked", &reporter);
        reporter.send("report", ANSWERS).await;
        assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
        says("receipt", &reporter);
        let link = secret_link(&reporter);
        reporter.open("/status").await;
        look("status-paste", &reporter);
        reporter.send("do-status", &[("link", &format!("http://localhost:1{link}"))]).await;
        assert_eq!(reporter.status, StatusCode::OK, "{}", reporter.words());
        says("reporter-status-fresh", &reporter);
        let coordinator = Browser::signed_in(site, site.coordinator.0).await;
        says("inbox", &coordinator);
        let case = coordinator.link("A crafted notebook");
        let developer = Browser::signed_in(site, site.developer.0).await;
        let tester = Browser::signed_in(site, site.stranger.0).await;
        Self { site, reporter, coordinator, developer, tester, case }
    }

    async fn judged(&mut self) {
        let case = self.case.clone();
        self.coordinator.open(&case).await;
        says("case-new", &self.coordinator);
        does(&mut self.coordinator, &case, "take", &[]).await;
        does(&mut self.coordinator, &case, "acknowledge", &[("text", "Thank you, we look into it.")]).await;
        let verdict = [
            ("outcome", "vulnerability"),
            ("clause", "untrusted-notebook"),
            ("reasoning", "A notebook runs a command without being trusted."),
        ];
        does(&mut self.coordinator, &case, "triage", &verdict).await;
        does(&mut self.coordinator, &case, "accept", &[]).await;
        for (browser, person) in
            [(&mut self.developer, self.site.developer.0), (&mut self.tester, self.site.stranger.0)]
        {
            let invited = [("person", &*person.to_string()), ("seat", "developer")];
            does(&mut self.coordinator, &case, "invite", &invited).await;
            browser.open(&case).await;
            assert_eq!(browser.status, StatusCode::NOT_FOUND, "content comes after consent");
            browser.open("/inbox").await;
            let invitation = browser.link("A case whose content is not open to you");
            browser.open(&invitation).await;
            assert!(!browser.text.contains("notebook"), "{}", browser.words());
            says("invitation", browser);
            browser.send("do-answer-invitation", &[("accept", "yes")]).await;
            assert_eq!(browser.place(), case, "{}", browser.words());
            assert!(browser.words().contains("Opening a notebook that somebody else wrote"));
        }
        look("case-developer", &self.developer);
        self.coordinator.open(&case).await;
        look("case-accepted", &self.coordinator);
    }

    async fn fixed(&mut self) {
        let case = self.case.clone();
        let developer = &mut self.developer;
        does(developer, &case, "replicate", &[("result", "confirmed"), ("note", "Seen in 4.2.4.")]).await;
        does(developer, &case, "fix-start", &[("reference", "private fork 1")]).await;
        does(developer, &case, "cve-request", &[]).await;
        does(&mut self.coordinator, &case, "cve-reserve", &[("number", "CVE-2026-12345")]).await;
        does(&mut self.developer, &case, "fix-agree", &[]).await;
        let told = [("notice", "cve-number"), ("text", "It is CVE-2026-12345.")];
        does(&mut self.coordinator, &case, "notify", &told).await;
        let now = self.site.clock.now();
        let (release, announcement) = ((now + Span::days(2)).to_string(), (now + Span::days(9)).to_string());
        let dates = [("release", &*release), ("announcement", &*announcement)];
        does(&mut self.coordinator, &case, "propose-dates", &dates).await;
        does(&mut self.developer, &case, "confirm-dates", &[]).await;
        let post = [("text", "A security release follows, and its announcement a week later.")];
        does(&mut self.coordinator, &case, "post-notice", &post).await;
        does(&mut self.tester, &case, "fix-test", &[("note", "All tests pass here.")]).await;
        says("case-dated", &self.tester);
        self.reporter.open("/status").await;
        assert!(self.reporter.words().contains("CVE-2026-12345"), "{}", self.reporter.words());
        says("reporter-status", &self.reporter);
    }

    async fn written(&mut self) {
        let case = self.case.clone();
        self.coordinator.open(&format!("{case}/advisory")).await;
        says("advisory-first", &self.coordinator);
        let (_, first) = self.coordinator.filled("do-draft-advisory", &[]);
        let value =
            |name: &str| first.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("aliases"), Some("CVE-2026-12345"));
        assert_eq!(value("credits.0.name"), Some("reporter-a"));
        // A vector that does not read comes back at its field.
        self.coordinator.send("do-draft-advisory", &[("vectors", "9.8")]).await;
        assert_eq!(self.coordinator.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", self.coordinator.words());
        says("advisory-refused", &self.coordinator);
        let record = [
            ("title", "JupyterLab runs commands of notebooks that nobody trusted"),
            ("summary", "Opening a notebook of somebody else runs a command in the victim's name."),
            (
                "details",
                "A notebook can hold a cell that is run when it is opened.\n\nVersions before 4.2.5 are affected.",
            ),
            ("vectors", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L"),
            ("weaknesses", "CWE-79"),
            ("affected.0.ecosystem", "PyPI"),
            ("affected.0.package", "jupyterlab"),
            ("affected.0.introduced", "4.0.0"),
            ("affected.0.fixed", "4.2.5"),
            ("references.0.kind", "FIX"),
            ("references.0.url", "https://example.org/fix"),
        ];
        self.coordinator.send("do-draft-advisory", &record).await;
        assert_eq!(self.coordinator.status, StatusCode::OK, "{}", self.coordinator.words());
        let (_, saved) = self.coordinator.filled("do-draft-advisory", &[]);
        for (name, value) in record {
            let found = saved.iter().find(|(known, _)| known == name);
            let found = found.map(|(_, value)| value.replace("\r\n", "\n"));
            assert_eq!(found.as_deref().map(str::trim_end), Some(value), "{name}");
        }
        look("advisory-draft", &self.coordinator);
        let page = format!("{case}/advisory");
        self.coordinator.send("do-submit-for-review", &[]).await;
        assert_eq!((self.coordinator.status, self.coordinator.place()), (StatusCode::OK, page.as_str()));
        self.developer.open(&page).await;
        self.developer.send("do-approve", &[]).await;
        assert_eq!(self.developer.status, StatusCode::OK, "{}", self.developer.words());
        assert!(self.developer.words().contains("approved version 1"), "{}", self.developer.words());
        says("advisory-approved", &self.developer);
    }

    async fn published(&mut self) {
        let case = self.case.clone();
        // A session lasts half a day; two days later everybody signs in again.
        self.site.clock.pass(Span::days(2));
        self.developer = Browser::signed_in(self.site, self.site.developer.0).await;
        does(&mut self.developer, &case, "fix-merge", &[("reference", "pull request 7")]).await;
        does(&mut self.developer, &case, "fix-release", &[("version", "4.2.5")]).await;
        look("case-released", &self.developer);
        self.site.clock.pass(Span::days(7));
        self.site.desk.tick().await.unwrap();
        let mut coordinator = Browser::signed_in(self.site, self.site.coordinator.0).await;
        does(&mut coordinator, &case, "cve-published", &[]).await;
        self.revised(&mut coordinator).await;
        let told = [("notice", "releases"), ("text", "It is out. Thank you.")];
        does(&mut coordinator, &case, "notify", &told).await;
        does(&mut coordinator, &case, "close", &[]).await;
        says("case-closed", &coordinator);
        coordinator.open(&format!("{case}/proof")).await;
        assert!(coordinator.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let keys = [self.site.desk.store().verifier_key(bastide_store::Log::Case)];
        bastide_ledger::verify(coordinator.text.as_bytes(), &keys).unwrap();
        coordinator.open("/inbox").await;
        look("inbox-empty", &coordinator);
        self.reporter.open("/status").await;
        assert!(self.reporter.words().contains("It is out. Thank you."), "{}", self.reporter.words());
        says("reporter-status-closed", &self.reporter);
    }

    /// A published advisory is changed by a new version, with a sentence for its history.
    async fn revised(&mut self, coordinator: &mut Browser<'_>) {
        let page = format!("{}/advisory", self.case);
        coordinator.open(&page).await;
        let change = [
            ("workaround", "Open notebooks of others in restricted mode."),
            ("change", "Names a workaround."),
        ];
        coordinator.send("do-draft-advisory", &change).await;
        assert_eq!(
            (coordinator.status, coordinator.place()),
            (StatusCode::OK, page.as_str()),
            "{}",
            coordinator.words()
        );
        coordinator.send("do-submit-for-review", &[]).await;
        self.developer = Browser::signed_in(self.site, self.site.developer.0).await;
        self.developer.open(&page).await;
        self.developer.send("do-approve", &[]).await;
        self.developer.send("do-publish", &[]).await;
        assert_eq!(self.developer.status, StatusCode::OK, "{}", self.developer.words());
        says("advisory-revised", &self.developer);
    }

    async fn seen_by_everybody(&mut self) {
        let mut anybody = Browser::new(self.site);
        anybody.open("/advisories").await;
        says("advisories", &anybody);
        let address = anybody.link("JupyterLab runs commands");
        anybody.open(&address).await;
        assert_eq!(anybody.status, StatusCode::OK);
        assert!(anybody.text.contains("CVE-2026-12345") && anybody.text.contains("4.2.5"));
        assert!(anybody.text.contains("Names a workaround."));
        let newest = anybody.text.clone();
        anybody.open(&format!("{address}?version=1")).await;
        assert!(!anybody.text.contains("Names a workaround."), "the first version stays as it was");
        anybody.open(&format!("{address}?version=2")).await;
        assert_eq!(anybody.text, newest);
        look("advisory", &anybody);
        anybody.open(&format!("{address}/html?version=2")).await;
        allows_its_style(&anybody);
        for kind in ["osv", "csaf", "cve", "text"] {
            anybody.open(&format!("{address}/{kind}")).await;
            assert_eq!(anybody.status, StatusCode::OK, "{kind}");
            assert!(anybody.text.contains("CVE-2026-12345"), "{kind}");
        }
        anybody.open("/acknowledgements").await;
        assert!(anybody.words().contains("reporter-a"), "{}", anybody.words());
        says("acknowledgements", &anybody);
        anybody.open("/feed.atom").await;
        assert!(anybody.text.contains(&address), "{}", anybody.text);
        anybody.open("/ledger").await;
        assert_eq!(anybody.status, StatusCode::OK);
        look("ledger", &anybody);
        for words in ["The checkpoint of this log", "The key of this log", "The key of the log of cases"] {
            let download = anybody.link(words);
            let mut other = Browser::new(self.site);
            other.open(&download).await;
            assert_eq!(other.status, StatusCode::OK, "{download}");
        }
        anybody.open("/.well-known/security.txt").await;
        assert!(anybody.text.contains("Expires: ") && anybody.text.contains("Contact: "), "{}", anybody.text);
        anybody.open("/projects/jupyterlab/security.txt").await;
        assert!(anybody.text.contains("/projects/jupyterlab/report"), "{}", anybody.text);
        anybody.open("/projects/jupyterlab/policy.json").await;
        assert!(anybody.text.starts_with('{'));
        anybody.open("/sign-in").await;
        look("sign-in", &anybody);
        anybody.open("/nowhere").await;
        says("absent", &anybody);
        anybody.open(bastide_pages::assets::style_path()).await;
        assert_eq!(anybody.headers["content-type"], "text/css; charset=utf-8");
    }
}

/// Opens the case, fills in the step's form and sends it.
async fn does(browser: &mut Browser<'_>, case: &str, step: &str, answers: &[(&str, &str)]) {
    browser.open(case).await;
    browser.send(&format!("do-{step}"), answers).await;
    assert_eq!((browser.status, browser.place()), (StatusCode::OK, case), "{step}: {}", browser.words());
}

/// A published page carries its style inside; the policy allows exactly that one.
fn allows_its_style(page: &Browser<'_>) {
    let style = page.text.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
    let hash = data_encoding::BASE64.encode(&bastide_model::digest::Sha256Digest::of(style.as_bytes()).0);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

/// Proves: J07, J08, J09, J13, J15, J17, J18, J19, J22, J24, J25, J26, J27, J28, J29, J30, J31.
#[tokio::test]
async fn a_whole_case_is_played_by_forms_without_script() {
    let site = Site::open().await;
    let mut played = Played::begun(&site).await;
    played.judged().await;
    played.fixed().await;
    played.written().await;
    played.published().await;
    played.seen_by_everybody().await;
}

/// Text that tries to break out of its place stays text on every page that shows it.
#[tokio::test]
async fn hostile_words_of_a_report_stay_words_on_every_page() {
    const INK: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let site = Site::open().await;
    let mut reporter = Browser::new(&site);
    reporter.open("/projects/jupyterlab/report").await;
    let mut answers = ANSWERS.to_vec();
    let texts =
        ["title", "body", "answers.threat-model", "answers.attack-vector", "proof-of-concept", "credit.name"];
    answers.retain(|(name, _)| !texts.contains(name));
    answers.extend(texts.map(|name| (name, INK)));
    answers.extend([("attachments.0.name", INK), ("attachments.0.text", INK)]);
    reporter.send("report", &[answers.as_slice(), &[("check", "yes")]].concat()).await;
    assert!(!reporter.text.contains("<script>") && !reporter.text.contains("<img"), "{}", reporter.text);
    reporter.send("report", &[("attachments.0.name", "notes.txt")]).await;
    assert_eq!(reporter.status, StatusCode::CREATED, "{}", reporter.words());
    let link = secret_link(&reporter);
    reporter.open(&link).await;
    reporter.open("/status").await;
    reporter.send("do-message", &[("text", INK)]).await;
    let mut coordinator = Browser::signed_in(&site, site.coordinator.0).await;
    let inbox = coordinator.text.clone();
    let case = coordinator.link("alert(1)");
    does(&mut coordinator, &case, "take", &[]).await;
    does(&mut coordinator, &case, "acknowledge", &[("text", INK)]).await;
    let page = coordinator.text.clone();
    coordinator.send("do-propose-embargo", &[("end", INK), ("justification", INK)]).await;
    reporter.open("/status").await;
    for text in [&inbox, &page, &coordinator.text, &reporter.text] {
        assert!(text.contains("alert(1)"));
        assert!(!text.contains("<script>") && !text.contains("<img"), "{text}");
    }
}

/// The demonstration begins with whose eyes one can borrow.
#[tokio::test]
async fn the_demonstration_lets_one_be_coordinator_and_reporter_by_a_button_each() {
    use bastide_server::{Demo, DemoRole, DemoStep, Options, router};
    let mut site = Site::open().await;
    let link = {
        let mut reporter = Browser::new(&site);
        reporter.open("/projects/jupyterlab/report").await;
        reporter.send("report", ANSWERS).await;
        secret_link(&reporter)
    };
    let role = |name: &str, secret: &str, reporter| DemoRole {
        name: name.to_owned(),
        role: if reporter { "reporter" } else { "coordinator" }.to_owned(),
        sees: "What belongs to them.".to_owned(),
        secret: secret.to_owned(),
        reporter,
    };
    let demo = Demo {
        first: String::new(),
        roles: vec![
            role("coordinator-a", &site.coordinator.1, false),
            role("reporter-a", link.trim_start_matches("/status/"), true),
        ],
        played: vec![DemoStep {
            at: site.clock.now(),
            actor: "reporter-a".to_owned(),
            what: "Sent a report.".to_owned(),
            rule: "J01".to_owned(),
        }],
    };
    site.service = router(site.desk.clone(), Options { demo: Some(demo), ..Options::default() });
    let mut anybody = Browser::new(&site);
    anybody.open("/").await;
    says("demo-start", &anybody);
    let actions: Vec<String> = anybody
        .text
        .match_indices("action=\"")
        .map(|(at, found)| {
            anybody.text[at + found.len()..].chars().take_while(|symbol| *symbol != '"').collect()
        })
        .collect();
    let [coordinator, reporter] = actions.as_slice() else { panic!("{actions:?}") };
    anybody.post(coordinator, &[]).await;
    assert_eq!(anybody.address, "/inbox");
    anybody.post(reporter, &[]).await;
    assert_eq!(anybody.address, "/status");
    assert!(anybody.words().contains("A crafted notebook"), "{}", anybody.words());
}
