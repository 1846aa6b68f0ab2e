//! The guarded client.

use std::{collections::BTreeSet, error::Error as _, sync::Arc, time::Duration};

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use reqwest::redirect::Policy;

use crate::{
    Answering, Destination, Names, NotPublic, Origin, Refused, SystemNames, Web, WebError, names::Resolver,
};

/// How much of the world's time and text is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a request may take, with its redirects.
    pub time: Duration,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long an answer may be, in bytes.
    pub body: usize,
    /// How many redirects are followed.
    pub redirects: usize,
}

impl Default for Limits {
    /// What the documents of an identity provider need, many times over.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            connect: Duration::from_secs(4),
            body: 1024 * 1024,
            redirects: 3,
        }
    }
}

/// An HTTP client that reaches public addresses and the named origins.
#[derive(Debug, Clone)]
pub struct GuardedClient {
    named: BTreeSet<Origin>,
    limits: Limits,
    /// Its resolver refuses what is not public.
    guarded: reqwest::Client,
    /// For named origins only.
    plain: reqwest::Client,
}

impl GuardedClient {
    /// A client that reaches public addresses, and `named` whatever their addresses are.
    pub fn new(named: BTreeSet<Origin>) -> Self {
        Self::with(named, &(Arc::new(SystemNames) as Arc<dyn Names>), Limits::default())
    }

    /// A client with a resolver and limits of its own.
    ///
    /// # Panics
    ///
    /// When no TLS can be set up: the program was built without a provider of cryptography.
    pub fn with(named: BTreeSet<Origin>, names: &Arc<dyn Names>, limits: Limits) -> Self {
        // Whoever was first has installed it; there is one provider in the program.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = |guarded: bool| {
            reqwest::Client::builder()
                .user_agent(concat!("bastide/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(limits.connect)
                .timeout(limits.time)
                .redirect(Policy::none())
                .referer(false)
                .no_proxy()
                .https_only(guarded)
                .dns_resolver(Arc::new(Resolver { names: Arc::clone(names), guarded }))
                .build()
                .expect("a client with these settings can be made wherever TLS can")
        };
        Self { named, limits, guarded: client(true), plain: client(false) }
    }

    async fn follow(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, WebError> {
        let (parts, body) = request.into_parts();
        let (method, mut headers) = (parts.method, parts.headers);
        let mut at = look(&parts.uri.to_string(), &self.named)?;
        for redirects in 0.. {
            let answer = self.once(&at, &method, &headers, &body).await?;
            if !is_redirect(answer.status()) {
                return Ok(answer);
            }
            let refused = |why| WebError::Refused { origin: at.origin.to_string(), why };
            if redirects == self.limits.redirects {
                return Err(refused(Refused::Redirects { most: self.limits.redirects }));
            }
            let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let target = location.and_then(|location| at.address.join(location).ok());
            let Some(target) = target.filter(|_| method == Method::GET) else {
                return Err(refused(Refused::Redirect));
            };
            // What the operator named is for the addresses that we ask for, not for where others send us: a redirect stays
            // within its origin or leads to the public Internet.
            let same = Origin::of(&target).as_ref() == Some(&at.origin);
            let nobody = BTreeSet::new();
            at = look(target.as_str(), if same { &self.named } else { &nobody })?;
            if !same {
                for secret in [header::AUTHORIZATION, header::COOKIE] {
                    headers.remove(secret);
                }
            }
        }
        unreachable!("the loop ends with an answer or an error")
    }

    async fn once(
        &self,
        at: &Destination,
        method: &Method,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Response<Vec<u8>>, WebError> {
        let client = if at.named { &self.plain } else { &self.guarded };
        let failed = |error: reqwest::Error| failure(&error, &at.origin);
        let request =
            client.request(method.clone(), at.address.clone()).headers(headers.clone()).body(body.to_vec());
        let mut answer = request.send().await.map_err(failed)?;
        let mut read = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if read.len() + chunk.len() > self.limits.body {
                return Err(WebError::TooLong { origin: at.origin.to_string(), most: self.limits.body });
            }
            read.extend_from_slice(&chunk);
        }
        let mut response = Response::new(read);
        *response.status_mut() = answer.status();
        std::mem::swap(response.headers_mut(), answer.headers_mut());
        Ok(response)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn look(address: &str, named: &BTreeSet<Origin>) -> Result<Destination, WebError> {
    Destination::of(address, named).map_err(|why| WebError::Refused { origin: origin_of(address), why })
}

/// What an error may say of an address that was refused.
fn origin_of(address: &str) -> String {
    let read = url::Url::parse(address).ok().as_ref().and_then(Origin::of);
    read.map_or_else(|| "an address".to_owned(), |origin| origin.to_string())
}

fn failure(error: &reqwest::Error, origin: &Origin) -> WebError {
    let origin = origin.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(block) = inner.downcast_ref::<NotPublic>() {
            return WebError::Refused { origin, why: (*block).into() };
        }
        cause = inner.source();
    }
    if error.is_timeout() { WebError::TimedOut { origin } } else { WebError::Unreachable { origin } }
}

impl Web for GuardedClient {
    fn send(&self, request: Request<Vec<u8>>) -> Answering<'_, Result<Response<Vec<u8>>, WebError>> {
        Box::pin(async move {
            let origin = origin_of(&request.uri().to_string());
            // The client's own limit is for one request; this one is for the whole chain, with its resolving.
            match tokio::time::timeout(self.limits.time, self.follow(request)).await {
                Ok(answer) => answer,
                Err(_) => Err(WebError::TimedOut { origin }),
            }
        })
    }
}
