//! The key by which a retried request is recognised.

use bastide_authz::Actor;
use bastide_model::digest::Sha256Digest;
use bastide_store::Idempotency;
use serde::{Serialize, de::DeserializeOwned};

use crate::{UseCaseError, error::unreadable};

/// The idempotency key that a client sent; every mutating call has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey(String);

/// A text that is no idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 8 to 128 letters, digits, dashes or underscores; a random one is best")]
pub struct RequestKeyError;

impl std::str::FromStr for RequestKey {
    type Err = RequestKeyError;

    fn from_str(text: &str) -> Result<Self, RequestKeyError> {
        let good = (8..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if good { Ok(Self(text.to_owned())) } else { Err(RequestKeyError) }
    }
}

impl RequestKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose keys they are: keys of different people never meet.
pub(crate) fn scope(actor: &Actor) -> String {
    match (actor.person, actor.reporter_of) {
        (Some(person), _) => person.to_string(),
        (None, Some(case)) => format!("reporter of {case}"),
        (None, None) => "anonymous".to_owned(),
    }
}

/// The same for a request that anybody may send: strangers who happen to choose the same key must not meet, so a key
/// of theirs counts together with what they send. Who knows both has sent it.
pub(crate) fn scope_of(actor: &Actor, request: &Sha256Digest) -> String {
    match (actor.person, actor.reporter_of) {
        (None, None) => format!("anonymous {request}"),
        _ => scope(actor),
    }
}

/// The digest of a request's meaning.
pub(crate) fn digest(what: &str, request: &impl Serialize) -> Sha256Digest {
    let mut bytes = what.as_bytes().to_vec();
    bytes.push(0);
    // What cannot be written as JSON is digested as nothing: then only the key tells requests apart.
    bytes.extend(serde_json::to_vec(request).unwrap_or_default());
    Sha256Digest::of(&bytes)
}

/// The answer to a request, kept for its retries.
pub(crate) fn kept(
    scope: &str,
    key: &RequestKey,
    request: Sha256Digest,
    answer: &impl Serialize,
) -> Idempotency {
    Idempotency {
        scope: scope.to_owned(),
        key: key.as_str().to_owned(),
        request,
        response: serde_json::to_vec(answer).unwrap_or_default(),
    }
}

/// The answer that was given then.
pub(crate) fn answered<T: DeserializeOwned>(answer: &[u8]) -> Result<T, UseCaseError> {
    serde_json::from_slice(answer).map_err(|error| {
        UseCaseError::Corrupt(format!("a stored answer cannot be read: {}", unreadable(&error)))
    })
}
