//! What a person sees in their browser, and what the browser says to its makers.

use serde_json::{Value, json};
use thirtyfour::By;

use super::{Chromium, MOMENT, MOMENTS};

/// What has the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    /// Its element's name in lower case; `body` when nothing has it.
    pub element: String,
    /// Its name for people: label, words, title.
    pub name: String,
    /// Its `name`, as forms send it.
    pub field: String,
    /// The id of its form, if it has one.
    pub form: String,
    /// What it holds: a text, a choice.
    pub value: String,
    /// Where it leads, if anywhere.
    pub href: String,
    /// Whether somebody who looks sees that it has the focus.
    pub visible: bool,
    /// Where it stands among all elements of the document.
    pub position: u64,
}

/// Describes the focused element.
const FOCUS: &str = r#"
    const it = document.activeElement || document.body;
    const style = getComputedStyle(it);
    const box = it.getBoundingClientRect();
    const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
    const label = it.labels && it.labels.length ? it.labels[0].innerText : "";
    return {
        element: it.localName,
        name: (it.getAttribute("aria-label") || label || it.innerText || it.title || "").trim().replace(/\s+/g, " "),
        field: it.getAttribute("name") || "",
        form: (it.form || it.closest("form") || {}).id || "",
        value: it.value || "",
        href: it.getAttribute("href") || "",
        visible: ringed && inside,
        position: Array.prototype.indexOf.call(document.querySelectorAll("*"), it),
    };
"#;

impl Chromium {
    /// Where the browser is: path and query.
    pub async fn place(&self) -> String {
        let url = self.driver.current_url().await.expect("a browser is somewhere");
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// The words of the page's main part that a person sees, one space between them.
    pub async fn text(&self) -> String {
        self.text_of("main").await
    }

    /// The words of the first element of this kind, one space between them; nothing where there is none.
    pub async fn text_of(&self, selector: &str) -> String {
        let Ok(found) = self.driver.find(By::Css(selector)).await else { return String::new() };
        let text = found.text().await.unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The address of the first link whose words contain these.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn link(&self, words: &str) -> String {
        let place = By::XPath(format!("//a[contains(normalize-space(), \"{words}\")]"));
        let found = self.driver.find(place).await;
        let found = found.unwrap_or_else(|error| panic!("no link {words:?}: {error}"));
        found.attr("href").await.ok().flatten().unwrap_or_default()
    }

    /// Says that the page holds these words, now or in a moment.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn must_show(&self, words: &str) {
        for _ in 0..MOMENTS / 4 {
            if self.text().await.contains(words) {
                return;
            }
            tokio::time::sleep(MOMENT).await;
        }
        let text = self.text().await;
        assert!(text.contains(words), "{} does not say {words:?}:\n{text}", self.place().await);
    }

    /// Says that the page does not hold these words.
    ///
    /// # Panics
    ///
    /// When it does.
    pub async fn must_not_show(&self, words: &str) {
        let text = self.text().await;
        assert!(!text.contains(words), "{} says {words:?}:\n{text}", self.place().await);
    }

    /// What has the keyboard.
    ///
    /// # Panics
    ///
    /// When the page does not say.
    pub async fn focus(&self) -> Focus {
        let found = self.run(FOCUS, Vec::new()).await;
        let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
        Focus {
            element: text("element"),
            name: text("name"),
            field: text("field"),
            form: text("form"),
            value: text("value"),
            href: text("href"),
            visible: found["visible"] == true,
            position: found["position"].as_u64().unwrap_or(u64::MAX),
        }
    }

    /// How many pixels the page is wider than its window.
    pub async fn overhang(&self) -> u64 {
        let body = "return Math.max(0, document.documentElement.scrollWidth - innerWidth)";
        self.run(body, Vec::new()).await.as_u64().unwrap_or(u64::MAX)
    }

    /// What the browser complained about since it was last asked: refused content, failed scripts, and every request to
    /// anywhere but the site. Answers 4xx to an address that somebody opened are no complaint.
    ///
    /// # Panics
    ///
    /// When the browser does not tell.
    pub async fn grievances(&self) -> Vec<String> {
        let said = self.driver.browser_log().await.expect("a browser keeps a log");
        let mut all: Vec<String> = said
            .into_iter()
            .filter(|entry| !entry.message.contains("Failed to load resource: the server responded"))
            // Advice for makers of pages, such as which field a password manager might fill in.
            .filter(|entry| entry.level != "DEBUG")
            // What a person who signs out wishes for.
            .filter(|entry| !entry.message.contains("Clear-Site-Data header"))
            .map(|entry| format!("{} {}", entry.level, entry.message))
            .collect();
        let events = self.driver.get_log("performance").await.expect("a browser keeps a log");
        for entry in events {
            let event: Value = serde_json::from_str(&entry.message).unwrap_or_default();
            let event = &event["message"];
            if event["method"] != "Network.requestWillBeSent" {
                continue;
            }
            let address = event["params"]["request"]["url"].as_str().unwrap_or_default();
            let own = address.strip_prefix(&self.origin).is_some_and(|rest| rest.starts_with('/'));
            // The browser's own pages, and what stands in the address itself, go nowhere.
            let nowhere = ["chrome:", "about:", "data:"].iter().any(|kind| address.starts_with(kind));
            if !own && !nowhere {
                all.push(format!("request to {address}"));
            }
        }
        all
    }

    /// Says that the browser had nothing to complain about since it was last asked.
    ///
    /// # Panics
    ///
    /// When it had.
    pub async fn must_be_content(&self) {
        let grievances = self.grievances().await;
        assert!(grievances.is_empty(), "{}: {grievances:#?}", self.place().await);
    }

    /// Runs this in every page before anything of the page runs.
    pub async fn beforehand(&self, source: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    }
}
