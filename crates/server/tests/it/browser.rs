//! A browser without script: it keeps cookies, follows redirects and sends forms exactly as their page has them.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use scraper::{ElementRef, Html, Selector};

use crate::site::Site;

/// Somebody's browser.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    cookies: BTreeMap<String, String>,
    /// The page shown.
    pub(crate) text: String,
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its address.
    pub(crate) address: String,
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

impl<'a> Browser<'a> {
    /// A browser that has been nowhere.
    pub(crate) fn new(site: &'a Site) -> Self {
        Self {
            site,
            cookies: BTreeMap::new(),
            text: String::new(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            address: String::new(),
        }
    }

    /// A browser that a sign-in link was opened in, and its button pressed.
    pub(crate) async fn signed_in(site: &'a Site, person: bastide_model::id::PersonId) -> Self {
        let link = site.desk.issue_sign_in_link(person).await.unwrap();
        let mut browser = Self::new(site);
        browser.open(&format!("/sign-in/{}", link.reveal())).await;
        browser.send("do-sign-in", &[]).await;
        assert_eq!(browser.address, "/inbox");
        browser
    }

    /// What it keeps for the site.
    pub(crate) fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// The value of a cookie that it keeps.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.get(name).cloned()
    }

    /// Plants a cookie.
    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Opens an address.
    pub(crate) async fn open(&mut self, address: &str) -> &Self {
        let request = self.request(Request::get(address)).body(Body::empty()).unwrap();
        address.clone_into(&mut self.address);
        self.take(request).await;
        self
    }

    fn request(&self, builder: axum::http::request::Builder) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let builder = builder.header("sec-fetch-site", "same-origin");
        if cookies.is_empty() { builder } else { builder.header("cookie", cookies.join("; ")) }
    }

    async fn take(&mut self, request: Request<Body>) {
        let mut request = request;
        for _ in 0..5 {
            let answer = self.site.send(request).await;
            for cookie in answer.headers.get_all("set-cookie") {
                let (name, value) =
                    cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                if value.is_empty() {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
            (self.status, self.headers, self.text) = (answer.status, answer.headers, answer.text);
            if self.status != StatusCode::SEE_OTHER {
                return;
            }
            self.headers["location"].to_str().unwrap().clone_into(&mut self.address);
            request = self.request(Request::get(&self.address)).body(Body::empty()).unwrap();
        }
        panic!("redirects without end at {}", self.address);
    }

    /// Sends the form with this id, its own values replaced by `answers`. Names that the form has not are an error,
    /// but a button's.
    pub(crate) async fn send(&mut self, form: &str, answers: &[(&str, &str)]) -> &Self {
        let (action, pairs) = self.filled(form, answers);
        self.post(&action, &pairs).await
    }

    /// Sends these pairs to an address as a form.
    pub(crate) async fn post(&mut self, action: &str, pairs: &[(String, String)]) -> &Self {
        let body = serde_urlencoded::to_string(pairs).unwrap();
        let builder = Request::post(action).header("content-type", "application/x-www-form-urlencoded");
        let request = self.request(builder).body(Body::from(body)).unwrap();
        action.clone_into(&mut self.address);
        self.take(request).await;
        self
    }

    /// Sends the form with this id as `multipart/form-data`, with files (name, bytes) in its control `files`.
    pub(crate) async fn send_files(
        &mut self,
        form: &str,
        answers: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> &Self {
        let (action, pairs) = self.filled(form, answers);
        let page = Html::parse_document(&self.text);
        let control = selector(&format!("form#{form}[enctype='multipart/form-data'] input[name=files]"));
        assert!(page.select(&control).next().is_some(), "{form} at {} takes no files", self.address);
        let mut body = Vec::new();
        let head = |name: &str, rest: &str| {
            format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n")
        };
        for (name, value) in &pairs {
            body.extend_from_slice(format!("{}{value}\r\n", head(name, "")).as_bytes());
        }
        for (name, bytes) in files {
            body.extend_from_slice(head("files", &format!("; filename=\"{name}\"")).as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--limit--\r\n");
        let builder = Request::post(&action).header("content-type", "multipart/form-data; boundary=limit");
        let request = self.request(builder).body(Body::from(body)).unwrap();
        self.address = action;
        self.take(request).await;
        self
    }

    /// What sending a form would send: its action and its pairs.
    pub(crate) fn filled(&self, form: &str, answers: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let page = Html::parse_document(&self.text);
        let found = page.select(&selector(&format!("form#{form}"))).next();
        let found = found.unwrap_or_else(|| panic!("{} has no form {form}:\n{}", self.address, self.words()));
        let mut pairs = controls(found);
        for (name, value) in answers {
            let known = found
                .select(&selector("input,textarea,select,button"))
                .any(|control| control.attr("name") == Some(name));
            assert!(known, "{form} at {} has no field {name}", self.address);
            pairs.retain(|(other, _)| other != name);
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        (found.attr("action").unwrap().to_owned(), pairs)
    }

    /// Where the browser is, without the query.
    pub(crate) fn place(&self) -> &str {
        self.address.split('?').next().unwrap_or_default()
    }

    /// The words of the page's main part, without markup.
    pub(crate) fn words(&self) -> String {
        let page = Html::parse_document(&self.text);
        let main = page.select(&selector("main")).next();
        let text: String = main.map(|main| main.text().collect()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The words of the page's main part, a line for each piece of text, as snapshots hold them.
    pub(crate) fn lines(&self) -> String {
        let page = Html::parse_document(&self.text);
        let main = page.select(&selector("main")).next();
        let pieces = main.into_iter().flat_map(|main| main.text().map(str::trim).collect::<Vec<_>>());
        pieces.filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The first address that a link with these words leads to.
    pub(crate) fn link(&self, words: &str) -> String {
        let page = Html::parse_document(&self.text);
        let found = page.select(&selector("a")).find(|link| link.text().collect::<String>().contains(words));
        let found =
            found.unwrap_or_else(|| panic!("{} has no link {words:?}:\n{}", self.address, self.words()));
        found.attr("href").unwrap().to_owned()
    }
}

/// The pairs that a form's controls send as they stand; of buttons none.
fn controls(form: ElementRef<'_>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for control in form.select(&selector("input,textarea,select")) {
        let Some(name) = control.attr("name") else { continue };
        if control.attr("type") == Some("file") {
            continue;
        }
        let value = match control.value().name() {
            "textarea" => Some(control.text().collect::<String>().replace('\n', "\r\n")),
            "select" => {
                let chosen = control.select(&selector("option[selected]")).next();
                chosen
                    .or(control.select(&selector("option")).next())
                    .and_then(|option| option.attr("value"))
                    .map(str::to_owned)
            }
            _ if matches!(control.attr("type"), Some("checkbox" | "radio")) => {
                control.attr("checked").map(|_| control.attr("value").unwrap_or("on").to_owned())
            }
            _ => Some(control.attr("value").unwrap_or_default().to_owned()),
        };
        pairs.extend(value.map(|value| (name.to_owned(), value)));
    }
    pairs
}
