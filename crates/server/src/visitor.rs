//! Who is asking: read from the request, with the rights of this moment.

use axum::http::{HeaderMap, HeaderValue, header};
use bastide_authz::Actor;
use bastide_usecases::{Browser, Secret, SignedIn, UseCaseError, proposal::Waiting};

use crate::App;

/// The header in which the command line sends a reporter's secret link.
pub(crate) const REPORT_LINK: &str = "report-link";

/// The person or reporter behind a request.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// The signed-in person, if one.
    pub(crate) signed_in: Option<SignedIn>,
    /// The reporter's secret, if the request carries one.
    pub(crate) report_link: Option<Secret>,
    /// What `authorize` sees.
    pub(crate) actor: Actor,
    /// Whether the secret came by cookie: then the answer is for a browser.
    pub(crate) session: Option<Secret>,
    /// What of proposals they are told on every page.
    pub(crate) waiting: Waiting,
}

/// The cookies of the site. Over TLS they carry the `__Host-` prefix, which pins them to this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// A signed-in session.
    Session,
    /// A reporter's secret link.
    Report,
    /// A browser that somebody signed in from: long-lived and random, so that a sign-in from another is noticed. It opens
    /// nothing.
    Device,
    /// A sign-in that is under way at a provider. It comes along when a link from there leads back, which a strict
    /// cookie does not.
    Outside,
}

/// How long a browser is known, in seconds: the longest that browsers keep a cookie.
const DEVICE_LASTS: u32 = 400 * 24 * 60 * 60;

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Report, true) => "__Host-report",
            (Self::Report, false) => "report",
            (Self::Device, true) => "__Host-device",
            (Self::Device, false) => "device",
            (Self::Outside, true) => "__Host-outside",
            (Self::Outside, false) => "outside",
        }
    }

    /// The header value that sets this cookie.
    pub(crate) fn set(self, app: &App, secret: &Secret) -> Option<HeaderValue> {
        let secure = app.options().secure_cookies;
        let flag = if secure { "; Secure" } else { "" };
        let (site, lasts) = match self {
            Self::Device => ("Strict", format!("; Max-Age={DEVICE_LASTS}")),
            Self::Outside => ("Lax", "; Max-Age=600".to_owned()),
            Self::Session | Self::Report => ("Strict", String::new()),
        };
        let name = self.name(secure);
        let text = format!("{name}={}; Path=/; HttpOnly; SameSite={site}{flag}{lasts}", secret.reveal());
        HeaderValue::from_str(&text).ok()
    }

    /// The header value that takes this cookie away.
    pub(crate) fn clear(self, app: &App) -> HeaderValue {
        let secure = app.options().secure_cookies;
        let text = match (self, secure) {
            (Self::Session, true) => "__Host-session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
            (Self::Session, false) => "session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
            (Self::Report, true) => "__Host-report=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
            (Self::Report, false) => "report=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
            (Self::Device, true) => "__Host-device=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
            (Self::Device, false) => "device=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
            (Self::Outside, true) => "__Host-outside=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
            (Self::Outside, false) => "outside=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
        };
        HeaderValue::from_static(text)
    }

    /// The value that the browser sent.
    pub(crate) fn read(self, headers: &HeaderMap, secure: bool) -> Option<Secret> {
        let name = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| Secret::given(value))
    }
}

impl Visitor {
    /// Reads who is asking. A bearer token that does not work is an error, so that a script learns of it; a stale
    /// cookie is simply nobody.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Self, UseCaseError> {
        let secure = app.options().secure_cookies;
        let mut visitor = Self {
            signed_in: None,
            report_link: None,
            actor: Actor::anonymous(),
            session: None,
            waiting: Waiting::default(),
        };
        if let Some(token) = bearer(headers) {
            let signed_in = app.desk().signed_in(&token).await?;
            visitor.actor = signed_in.actor.clone();
            visitor.signed_in = Some(signed_in);
        } else if let Some(session) = Cookie::Session.read(headers, secure) {
            match app.desk().signed_in(&session).await {
                Ok(signed_in) => {
                    visitor.actor = signed_in.actor.clone();
                    visitor.signed_in = Some(signed_in);
                    visitor.session = Some(session);
                }
                Err(UseCaseError::NotSignedIn) => {}
                Err(error) => return Err(error),
            }
        }
        if visitor.session.is_some() {
            // A page is there without its notices, too.
            visitor.waiting = app.desk().waits_for(&visitor.actor).await.unwrap_or_default();
        }
        let by_header = headers.get(REPORT_LINK).and_then(|value| value.to_str().ok()).map(Secret::given);
        visitor.report_link = by_header.or_else(|| Cookie::Report.read(headers, secure));
        Ok(visitor)
    }
}

/// The browser that a request comes from, as a sign-in keeps it.
pub(crate) fn browser(app: &App, headers: &HeaderMap) -> Browser {
    let secure = app.options().secure_cookies;
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Browser {
        cookie: Cookie::Device.read(headers, secure).filter(|secret| secret.reveal().len() <= 64),
        session: Cookie::Session.read(headers, secure),
        ..Browser::of(agent)
    }
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer "))?;
    Some(Secret::given(token))
}
