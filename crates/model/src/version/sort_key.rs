//! Versions as bytes whose order is the order of the versions, so that an index compares without parsing.
//!
//! Two versions of one ecosystem compare as their keys do, byte by byte, and equal versions (`1.0`, `1.0.0`) have one key. A
//! number is its length and its bytes, most significant first; what is absent has a byte where its ecosystem's order puts it.
//! Keys are written into files: a change of this form is a new version of those files.

use semver::Prerelease as SemVerPrerelease;
use uv_pep440::{LocalSegment, LocalVersionSlice, PrereleaseKind};

use super::{Scheme, Version};

/// Ends a list; below everything that can follow in one.
const END: u8 = 0;
/// Stands where an absent part comes after every present one.
const LAST: u8 = 0xff;

impl Version {
    /// Bytes that order like the versions of its ecosystem; nothing for an opaque version, which has no order.
    ///
    /// At most about three times as long as the version is written.
    pub fn sort_key(&self) -> Option<Vec<u8>> {
        let mut key = Vec::with_capacity(24);
        match &self.scheme {
            Scheme::Pep440(version) => pep440(&mut key, version),
            Scheme::SemVer(version) => semver(&mut key, version),
            Scheme::Opaque => return None,
        }
        Some(key)
    }
}

/// PEP 440, "Summary of permitted suffixes and relative ordering".
fn pep440(key: &mut Vec<u8>, version: &uv_pep440::Version) {
    number(key, version.epoch());
    let release = version.release();
    let significant = release.iter().rposition(|part| *part != 0).map_or(0, |last| last + 1);
    for part in &release[..significant] {
        number(key, *part);
    }
    key.push(END);
    match (version.pre(), version.post(), version.dev()) {
        (Some(pre), ..) => {
            key.push(match pre.kind {
                PrereleaseKind::Alpha => 1,
                PrereleaseKind::Beta => 2,
                PrereleaseKind::Rc => 3,
            });
            number(key, pre.number);
        }
        // `1.0.dev1` comes before `1.0a1`.
        (None, None, Some(_)) => key.push(END),
        (None, ..) => key.push(LAST),
    }
    match version.post() {
        Some(post) => number(key, post),
        None => key.push(END),
    }
    match version.dev() {
        Some(dev) => number(key, dev),
        None => key.push(LAST),
    }
    if let LocalVersionSlice::Segments(segments) = version.local() {
        for segment in segments {
            match segment {
                LocalSegment::String(text) => text_part(key, 1, text),
                LocalSegment::Number(value) => {
                    key.push(2);
                    number(key, *value);
                }
            }
        }
    }
    key.push(END);
}

/// `SemVer` 2.0, 11: build metadata has no precedence.
fn semver(key: &mut Vec<u8>, version: &semver::Version) {
    for part in [version.major, version.minor, version.patch] {
        number(key, part);
    }
    if version.pre == SemVerPrerelease::EMPTY {
        key.push(LAST);
        return;
    }
    for identifier in version.pre.split('.') {
        // Numbers come before words; a number without leading zeros orders by its length, then its digits.
        if identifier.bytes().all(|byte| byte.is_ascii_digit()) {
            key.push(1);
            let digits = u8::try_from(identifier.len()).unwrap_or(u8::MAX);
            key.push(digits);
            key.extend_from_slice(identifier.as_bytes());
        } else {
            text_part(key, 2, identifier);
        }
    }
    key.push(END);
}

/// A number so that longer is larger: one more than the count of its bytes, then the bytes.
fn number(key: &mut Vec<u8>, value: u64) {
    let bytes = value.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = &bytes[zeros..];
    key.push(u8::try_from(significant.len() + 1).unwrap_or(LAST));
    key.extend_from_slice(significant);
}

/// A word of letters and digits, ended by what is below each of them.
fn text_part(key: &mut Vec<u8>, kind: u8, text: &str) {
    key.push(kind);
    key.extend_from_slice(text.as_bytes());
    key.push(END);
}
