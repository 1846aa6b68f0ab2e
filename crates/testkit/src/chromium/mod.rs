//! A real browser, driven as a person drives it: Chromium behind its `WebDriver` service.
//!
//! [`Chromium::open`] starts a browser for one person at one site. What the person does stands in `acts` (fill in, press,
//! follow, type), what they see in `sees` (text, focus, what the browser complains about), what a judge of accessibility
//! says in `judged`, pictures for the manual in `picture`, passkeys in `passkey`. Every step waits until the page it
//! leads to is there, for some seconds at most; a step that fails is a failed test, with the page's text.

mod acts;
mod judged;
mod passkey;
mod picture;
mod sees;
mod service;

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{Capabilities, WebDriver};

pub use judged::{Complaint, Sight};
pub use passkey::Authenticator;
pub use sees::Focus;
pub use thirtyfour::Key;

use crate::judge;

/// How wide the window of a walk is, in pixels.
pub const WIDTH: u32 = 1100;

/// How high the window of a walk is, in pixels.
pub const HEIGHT: u32 = 900;

/// How long a page, a script or a command may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often the browser is asked whether something has happened, and after how long again.
const MOMENTS: u32 = 400;
const MOMENT: Duration = Duration::from_millis(50);

/// Whether a page is whole.
const READY: &str = "return document.readyState === 'complete'";

/// Somebody's browser at one site.
#[derive(Debug)]
pub struct Chromium {
    driver: WebDriver,
    /// Where the site is, without a slash at the end.
    origin: String,
    script: bool,
    _service: service::Service,
    _profile: TempDir,
}

impl Chromium {
    /// A browser that has been nowhere, with or without script; nothing where Chromium or its driver is not installed.
    ///
    /// # Panics
    ///
    /// When they are required (`BASTIDE_REQUIRE_JUDGES=1`) and not installed, or do not start.
    pub async fn open(origin: &str, script: bool) -> Option<Self> {
        let (Some(binary), Some(service)) = (service::browser(), service::Service::start()) else {
            judge::missing(
                "Chromium and its driver are not installed (apt-get install chromium chromium-driver)",
            );
            return None;
        };
        let profile = tempfile::tempdir().expect("a profile can be made");
        let capabilities = capabilities(&binary, &profile, script);
        // Built with the whole workspace, the client that speaks to the driver comes without a provider of its own. That
        // one is installed already is no error.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let driver = WebDriver::builder(&service.address, capabilities)
            .request_timeout(PATIENCE * 2)
            .connect()
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        // The service ends the browser; a session that ends itself would wait for it.
        driver.clone().leak().expect("the session has not ended");
        driver.set_page_load_timeout(PATIENCE).await.expect("a browser has time-outs");
        driver.set_script_timeout(PATIENCE).await.expect("a browser has time-outs");
        let browser =
            Self { driver, origin: origin.to_owned(), script, _service: service, _profile: profile };
        browser.look(WIDTH, HEIGHT, 1).await;
        browser.scheme(false).await;
        Some(browser)
    }

    /// Opens an address of the site.
    ///
    /// # Panics
    ///
    /// When the page does not load.
    pub async fn go(&self, path: &str) {
        let address = format!("{}{path}", self.origin);
        self.driver.goto(&address).await.unwrap_or_else(|error| panic!("{path} does not load: {error}"));
    }

    /// Which document is shown: another after each navigation.
    async fn document(&self) -> String {
        let tree = self.devtools("Page.getFrameTree", json!({})).await;
        tree["frameTree"]["frame"]["loaderId"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until another document than this one is there, whole.
    async fn arrive(&self, from: &str) {
        for _ in 0..MOMENTS {
            if self.document().await != from && self.run(READY, Vec::new()).await == true {
                return;
            }
            tokio::time::sleep(MOMENT).await;
        }
        panic!("no page followed on {}:\n{}", self.place().await, self.text().await);
    }

    /// Runs a function of this body in the page and waits for the page that it leads to.
    ///
    /// # Panics
    ///
    /// When it throws, or no page follows.
    pub async fn run_and_follow(&self, body: &str, arguments: Vec<Value>) {
        let from = self.document().await;
        self.run(body, arguments).await;
        self.arrive(&from).await;
    }

    /// Calls itself by this name (`User-Agent`) from now on.
    pub async fn call_itself(&self, name: &str) {
        self.devtools("Network.setUserAgentOverride", json!({ "userAgent": name })).await;
    }

    /// Waits until the browser is at this path.
    ///
    /// # Panics
    ///
    /// When it does not get there.
    pub async fn must_arrive(&self, path: &str) {
        for _ in 0..MOMENTS {
            if self.place().await == path && self.run(READY, Vec::new()).await == true {
                return;
            }
            tokio::time::sleep(MOMENT).await;
        }
        panic!("at {} and not at {path}:\n{}", self.place().await, self.text().await);
    }

    /// Whether pages run their script.
    pub fn runs_script(&self) -> bool {
        self.script
    }

    /// Forgets everything that the site gave it to keep.
    pub async fn forget_cookies(&self) {
        self.devtools("Network.clearBrowserCookies", json!({})).await;
    }

    /// Keeps this for the site, as if the site had given it.
    pub async fn keep_cookie(&self, name: &str, value: &str) {
        let cookie = json!({
            "name": name, "value": value, "url": self.origin, "httpOnly": true, "sameSite": "Strict",
        });
        self.devtools("Network.setCookie", cookie).await;
    }

    /// Prefers dark pages, or light ones.
    pub async fn scheme(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "", "features": features })).await;
    }

    /// Shows pages as printed, or as on a screen again.
    pub async fn on_paper(&self, paper: bool) {
        let media = if paper { "print" } else { "" };
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": media, "features": [] })).await;
    }

    /// Makes everything twice as large in the same window, or as it was.
    pub async fn zoomed(&self, twice: bool) {
        if twice { self.look(640, 512, 2).await } else { self.look(WIDTH, HEIGHT, 1).await }
    }

    async fn look(&self, width: u32, height: u32, scale: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// A command of the developer tools.
    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let answered = self.driver.cdp().send_raw(command, parameters).await;
        answered.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Runs a function of this body in the page, as its developer tools would.
    ///
    /// # Panics
    ///
    /// When it throws.
    pub async fn run(&self, body: &str, arguments: Vec<Value>) -> Value {
        let answered = self.driver.execute(body, arguments).await;
        answered.unwrap_or_else(|error| panic!("{body}: {error}")).json().clone()
    }
}

/// What a browser of a test does and does not do by itself.
fn capabilities(binary: &Path, profile: &TempDir, script: bool) -> Capabilities {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-sync",
        "--no-first-run",
        "--no-default-browser-check",
        "--force-color-profile=srgb",
        "--font-render-hinting=none",
        "--hide-scrollbars",
        "--lang=en-US",
        // Nothing leaves the machine: what is not the site has no address.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    let preferences =
        if script { json!({}) } else { json!({ "profile.managed_default_content_settings.javascript": 2 }) };
    let mut chosen = Capabilities::new();
    for (name, value) in [
        ("goog:chromeOptions", json!({ "binary": binary, "args": arguments, "prefs": preferences })),
        ("goog:loggingPrefs", json!({ "browser": "ALL", "performance": "ALL" })),
        // A dialog that a page opens is a finding: it stays, and the next step fails at it.
        ("unhandledPromptBehavior", json!("ignore")),
    ] {
        chosen.set(name, value).expect("the capability can be set");
    }
    chosen
}
