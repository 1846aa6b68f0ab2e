//! Talking to a desk over its JSON API.
//!
//! One client with its limits in one place: timeouts, no redirect (a token goes to the desk that it was made for and to
//! nobody else), no proxy from the environment, answers bounded. A call that changes something carries a fresh idempotency
//! key; when its answer is lost, it is sent again with the same key, so that nothing happens twice.

use std::time::Duration;

use bastide_desk::policy::PolicyProblem;
use bastide_model::finding::Finding;
use bastide_usecases::{Entropy, Secret, SystemEntropy};
use data_encoding::HEXLOWER;
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, chain};

/// How often a request is sent when its answer is lost.
const TRIES: u32 = 3;
/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(40);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// No answer is longer, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// Nobody in particular.
    Anonymous,
    /// A person, by an API token.
    Token(Secret),
    /// A reporter, by the secret of their status link.
    ReportLink(Secret),
}

/// A desk somewhere.
#[derive(Debug, Clone)]
pub(crate) struct RemoteDesk {
    base: Url,
    credential: Credential,
    http: reqwest::Client,
}

/// Why a try failed.
enum Failure {
    /// The answer was lost or the desk was busy: the same request may be sent again.
    Lost(Diagnostic),
    /// The desk has answered, and the answer is no.
    Answered(Diagnostic),
}

impl RemoteDesk {
    /// The desk at this address.
    pub(crate) fn new(address: &str, credential: Credential) -> Result<Self, Diagnostic> {
        let base = desk_address(address)?;
        // Whoever was first has installed it; there is one provider in the program.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("bastide/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| Diagnostic::cannot(format!("no connection can be made: {}", chain(&error))))?;
        Ok(Self { base, credential, http })
    }

    /// The desk's address, without a slash at the end.
    pub(crate) fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Whether requests are made in somebody's name.
    pub(crate) const fn is_anonymous(&self) -> bool {
        matches!(self.credential, Credential::Anonymous)
    }

    /// Reads a JSON answer.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Diagnostic> {
        let bytes = self.get_bytes(path).await?;
        parse(&bytes, path)
    }

    /// Reads a document.
    pub(crate) async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Diagnostic> {
        self.call(&Method::GET, path, None, None).await
    }

    /// Asks for something that changes nothing, such as a lint.
    pub(crate) async fn ask(&self, path: &str, body: &Value) -> Result<Value, Diagnostic> {
        parse(&self.call(&Method::POST, path, Some(body), None).await?, path)
    }

    /// Changes something, once: under a fresh key, which a repetition carries too.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Diagnostic> {
        let key = fresh_key();
        parse(&self.call(&Method::POST, path, Some(body), Some(&key)).await?, path)
    }

    /// The same, for an answer that is no JSON.
    pub(crate) async fn post_for_bytes(&self, path: &str, body: &Value) -> Result<Vec<u8>, Diagnostic> {
        self.call(&Method::POST, path, Some(body), Some(&fresh_key())).await
    }

    async fn call(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Vec<u8>, Diagnostic> {
        let mut tries = 1;
        loop {
            match self.try_once(method, path, body, key).await {
                Ok(bytes) => return Ok(bytes),
                Err(Failure::Answered(diagnostic)) => return Err(diagnostic),
                Err(Failure::Lost(diagnostic)) if tries == TRIES => return Err(diagnostic),
                Err(Failure::Lost(_)) => {
                    tracing::info!(tries, "the answer was lost; the same request is sent again");
                    tokio::time::sleep(Duration::from_millis(250) * 4_u32.pow(tries - 1)).await;
                    tries += 1;
                }
            }
        }
    }

    async fn try_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Vec<u8>, Failure> {
        let url = format!("{}{path}", self.address());
        let mut request = self.http.request(method.clone(), url);
        request = match &self.credential {
            Credential::Anonymous => request,
            Credential::Token(token) => request.bearer_auth(token.reveal()),
            Credential::ReportLink(secret) => request.header("Report-Link", secret.reveal()),
        };
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let lost = |error: &reqwest::Error| Failure::Lost(self.unreachable(error));
        let mut response = request.send().await.map_err(|error| lost(&error))?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST_BYTES {
                let what = format!("the answer is longer than {MOST_BYTES} bytes");
                return Err(Failure::Answered(Diagnostic::cannot(what).at(self.address())));
            }
        }
        if status.is_success() {
            return Ok(bytes);
        }
        let diagnostic = self.refusal(status, &bytes);
        Err(if status.is_server_error() { Failure::Lost(diagnostic) } else { Failure::Answered(diagnostic) })
    }

    fn unreachable(&self, error: &reqwest::Error) -> Diagnostic {
        // The error's own text would repeat the whole address, and a path may hold a secret.
        let reason = std::error::Error::source(error).map_or_else(|| "no answer".to_owned(), chain);
        Diagnostic::cannot(format!("the desk does not answer: {reason}"))
            .at(self.address())
            .remedy("check the address and the network, and try again; a change is made at most once")
    }

    /// A problem document (RFC 9457) as people read it.
    fn refusal(&self, status: StatusCode, bytes: &[u8]) -> Diagnostic {
        let problem: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let member = |name: &str| problem[name].as_str().map(str::to_owned);
        let mut what = member("detail").unwrap_or_else(|| format!("the desk answered {status}"));
        // A refusal's own words end with its remedy; it is said once, on its own line.
        if let Some(remedy) = member("remedy").filter(|remedy| !remedy.is_empty()) {
            what = what.replace(&format!(" {remedy}"), "");
        }
        if let Some(rule) = member("rule").filter(|rule| !what.contains(rule.as_str())) {
            what = format!("{what} ({rule})");
        }
        let problems: Vec<PolicyProblem> =
            serde_json::from_value(problem["problems"].clone()).unwrap_or_default();
        for problem in problems {
            what = format!("{what}\n  {problem}");
        }
        let findings: Vec<Finding> = serde_json::from_value(problem["findings"].clone()).unwrap_or_default();
        let mut diagnostic = match status {
            StatusCode::UNPROCESSABLE_ENTITY if findings.is_empty() => Diagnostic::usage(what),
            _ if status.is_client_error() && status != StatusCode::UNAUTHORIZED => Diagnostic::refused(what),
            _ => Diagnostic::cannot(what),
        };
        if let Some(field) = member("field") {
            diagnostic = diagnostic.at(format!("`{field}`"));
        }
        let remedy = member("remedy").or_else(|| match status {
            StatusCode::UNAUTHORIZED => Some(format!("sign in: bastide login {}", self.address())),
            StatusCode::NOT_FOUND if self.is_anonymous() => {
                Some(format!("if it is yours, sign in first: bastide login {}", self.address()))
            }
            status if status.is_redirection() => {
                Some("give the desk's own address; nothing is sent on to another".to_owned())
            }
            _ => None,
        });
        if let Some(remedy) = remedy {
            diagnostic = diagnostic.remedy(remedy);
        }
        diagnostic.with_findings(findings)
    }
}

/// A fresh idempotency key.
fn fresh_key() -> String {
    let mut bytes = [0; 16];
    SystemEntropy.fill(&mut bytes);
    HEXLOWER.encode(&bytes)
}

fn parse(bytes: &[u8], path: &str) -> Result<Value, Diagnostic> {
    serde_json::from_slice(bytes).map_err(|error| {
        Diagnostic::cannot(format!("the answer is not JSON: {error}"))
            .at(path.to_owned())
            .remedy("check that the address is a bastide desk's")
    })
}

/// A desk's address: TLS, or the machine itself. A secret never goes over the network in plain.
pub(crate) fn desk_address(text: &str) -> Result<Url, Diagnostic> {
    let wrong = |reason: String| {
        Diagnostic::usage(reason)
            .at(text.to_owned())
            .remedy("give the desk's address: https://desk.example.org")
    };
    let url = Url::parse(text.trim().trim_end_matches('/'))
        .map_err(|error| wrong(format!("this is no address: {error}")))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("this address has no host".to_owned())),
    };
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(wrong("this is more than a desk's address".to_owned()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        "http" => Err(wrong("without TLS anybody on the way could read your token".to_owned())),
        other => Err(wrong(format!("`{other}` is no way to reach a desk"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_on_the_machine() {
        for good in
            ["https://desk.example.org", "http://localhost:8080/", "http://127.0.0.1:1", "http://[::1]:1"]
        {
            assert!(desk_address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://desk.example.org",
            "ftp://localhost",
            "desk.example.org",
            "https://a:b@c.example",
            "https://x.example/?q",
        ] {
            assert!(desk_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_differ_and_are_what_the_desk_takes() {
        let (first, second) = (fresh_key(), fresh_key());
        assert_ne!(first, second);
        assert!(first.parse::<bastide_usecases::RequestKey>().is_ok());
    }
}
