//! An event as the log commits to it: canonical bytes, salted commitment, leaf.
//!
//! The canonical bytes are [canonical JSON](crate::canonical) of exactly these members:
//! `{"actor":…,"at":…,"body":…,"header":…,"kind":…,"sequence":…,"stream_id":…,"stream_kind":…}` where `actor` is a
//! person's id or null, `at` is in microseconds since the Unix epoch, `sequence` counts from 1 within the stream
//! and `body` is null or `{"case":…,"commitment":…,"tier":…}` with the commitment in hexadecimal.
//!
//! Leaf of the case log (64 bytes): `SHA-256(salt) || HMAC-SHA-256(key = salt, canonical bytes)`. The 32 random
//! bytes of salt make the leaf say nothing to who does not hold them. Body commitment:
//! `HMAC-SHA-256(key = body salt, plaintext)`; the body salt is sealed together with the plaintext, so after the
//! sealed body is erased the commitment stays, verifiable and mute.

use std::fmt;

use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    time::Instant,
};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    LedgerError,
    canonical::{CanonicalJson, quoted},
};

/// 32 random bytes that hide what a commitment commits to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Salt(***)")
    }
}

impl Salt {
    /// `HMAC-SHA-256` of `bytes` under this salt.
    #[allow(clippy::missing_panics_doc, reason = "cannot panic: HMAC takes keys of any length")]
    pub fn commit(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .expect("HMAC takes a key of any length, so also 32 bytes");
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }
}

/// What an event says about its sealed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyCommitment {
    /// Under which case's key the body is sealed.
    pub case: CaseId,
    /// Whom the body is for, as the authorisation function names tiers.
    pub tier: String,
    /// [`Salt::commit`] of the plaintext under the body's own salt.
    pub commitment: [u8; 32],
}

/// An event as the log knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind of aggregate that the event belongs to: `case`, `conduct`, …
    pub stream_kind: String,
    /// Which one.
    pub stream_id: String,
    /// The event's number within its stream, from 1.
    pub sequence: u64,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// Who did it; none for the desk itself and for who is not signed in.
    pub actor: Option<PersonId>,
    /// The part that everybody who may read the event sees and that state is folded from.
    pub header: CanonicalJson,
    /// The commitment to the sealed part, where there is one.
    pub body: Option<BodyCommitment>,
}

impl Entry {
    /// The bytes that the log commits to; see the module's text.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let actor = self.actor.map_or_else(|| "null".to_owned(), |person| quoted(&person.to_string()));
        let body = self.body.as_ref().map_or_else(
            || "null".to_owned(),
            |body| {
                format!(
                    r#"{{"case":"{}","commitment":"{}","tier":{}}}"#,
                    body.case,
                    HEXLOWER.encode(&body.commitment),
                    quoted(&body.tier)
                )
            },
        );
        format!(
            r#"{{"actor":{actor},"at":{},"body":{body},"header":{},"kind":{},"sequence":{},"stream_id":{},"stream_kind":{}}}"#,
            self.at.as_micros(),
            self.header.as_str(),
            quoted(&self.kind),
            self.sequence,
            quoted(&self.stream_id),
            quoted(&self.stream_kind),
        )
        .into_bytes()
    }

    /// Reads canonical bytes back; refuses every other way to write the same.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let malformed = |reason: String| LedgerError::malformed("event", "its canonical bytes", reason);
        let read: EntryDocument =
            serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        let body = read
            .body
            .map(|body| {
                let commitment = HEXLOWER.decode(body.commitment.as_bytes()).ok();
                let commitment = commitment.and_then(|bytes| bytes.try_into().ok());
                commitment
                    .map(|commitment| BodyCommitment { case: body.case, tier: body.tier, commitment })
                    .ok_or_else(|| malformed("a body commitment is 64 hexadecimal digits".to_owned()))
            })
            .transpose()?;
        let entry = Self {
            stream_kind: read.stream_kind,
            stream_id: read.stream_id,
            sequence: read.sequence,
            kind: read.kind,
            at: Instant::from_micros(read.at),
            actor: read.actor,
            header: CanonicalJson::of(&read.header)?,
            body,
        };
        if entry.canonical_bytes() == bytes {
            Ok(entry)
        } else {
            Err(malformed("not in canonical form".to_owned()))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryDocument {
    actor: Option<PersonId>,
    at: i64,
    body: Option<BodyDocument>,
    header: serde_json::Value,
    kind: String,
    sequence: u64,
    stream_id: String,
    stream_kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyDocument {
    case: CaseId,
    commitment: String,
    tier: String,
}

/// A leaf of the case log: 64 bytes that hide an event and bind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseLeaf(pub [u8; 64]);

impl CaseLeaf {
    /// The leaf of these canonical bytes under this salt.
    pub fn of(salt: &Salt, canonical_bytes: &[u8]) -> Self {
        let mut leaf = [0; 64];
        leaf[..32].copy_from_slice(&Sha256::digest(salt.0));
        leaf[32..].copy_from_slice(&salt.commit(canonical_bytes));
        Self(leaf)
    }
}

/// A leaf of the public log: a document's id and the SHA-256 of its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicLeaf {
    /// The document's id as published, with version and format where it has several.
    pub id: String,
    /// The SHA-256 of the exact published bytes.
    pub digest: Sha256Digest,
}

impl PublicLeaf {
    /// The leaf's bytes: canonical JSON `{"id":…,"sha256":…}`.
    pub fn bytes(&self) -> Vec<u8> {
        format!(r#"{{"id":{},"sha256":"{}"}}"#, quoted(&self.id), self.digest).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry() -> Entry {
        Entry {
            stream_kind: "case".to_owned(),
            stream_id: CaseId::from_bytes([1; 16]).to_string(),
            sequence: 3,
            kind: "report-acknowledged".to_owned(),
            at: Instant::from_micros(1_700_000_000_000_000),
            actor: Some(PersonId::from_bytes([2; 16])),
            header: CanonicalJson::of(&json!({"clause": "C-1", "answer": "received"})).unwrap(),
            body: Some(BodyCommitment {
                case: CaseId::from_bytes([1; 16]),
                tier: "team-only".to_owned(),
                commitment: Salt([9; 32]).commit(b"thank you"),
            }),
        }
    }

    #[test]
    fn canonical_bytes_are_canonical_json_and_read_back() {
        for entry in [entry(), Entry { actor: None, body: None, ..entry() }] {
            let bytes = entry.canonical_bytes();
            assert_eq!(Entry::parse(&bytes).unwrap(), entry);
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(CanonicalJson::parse(&text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn another_way_to_write_an_event_is_refused() {
        let text = String::from_utf8(entry().canonical_bytes()).unwrap();
        assert!(Entry::parse(text.replace(":3,", ": 3,").as_bytes()).is_err());
        assert!(Entry::parse(text.replace("\"actor\"", "\"extra\":1,\"actor\"").as_bytes()).is_err());
        assert!(Entry::parse(b"\xff").is_err());
    }

    /// Every single-bit edit of the canonical bytes changes the leaf (a leaf is a MAC over all of them).
    #[test]
    fn a_leaf_binds_every_bit_and_the_salt() {
        let bytes = entry().canonical_bytes();
        let leaf = CaseLeaf::of(&Salt([5; 32]), &bytes);
        for bit in 0..bytes.len() * 8 {
            let mut edited = bytes.clone();
            edited[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(CaseLeaf::of(&Salt([5; 32]), &edited), leaf, "bit {bit}");
        }
        assert_ne!(CaseLeaf::of(&Salt([6; 32]), &bytes), leaf);
    }
}
