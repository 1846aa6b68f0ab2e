//! Sealing: XChaCha20-Poly1305 with the thing's place as associated data.
//!
//! A sealed value is 24 random bytes of nonce and the ciphertext. Its associated data are the format's name, the
//! case, the object within the case, the version and the tier, each after its length: a sealed value that was moved
//! to another case, object, version or tier does not open.

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use zeroize::Zeroizing;

use crate::{StoreError, keys::fill_random};

const NONCE_BYTES: usize = 24;

/// A 256-bit key that seals: a case's own, or the one outside the database that wraps those.
#[derive(Clone)]
pub(crate) struct SealingKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for SealingKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SealingKey(***)")
    }
}

/// What a sealed value is, bound into its seal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The case's id, or `desk` for what belongs to no case.
    pub(crate) case: &'a str,
    /// The object within it.
    pub(crate) object: &'a str,
    /// The object's version.
    pub(crate) version: i64,
    /// Whom it is for; empty where that does not apply.
    pub(crate) tier: &'a str,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let version = self.version.to_be_bytes();
        let fields: [&[u8]; 5] = [
            b"bastide-seal-v1",
            self.case.as_bytes(),
            self.object.as_bytes(),
            &version,
            self.tier.as_bytes(),
        ];
        let mut data = Vec::new();
        for field in fields {
            data.extend_from_slice(&(field.len() as u64).to_be_bytes());
            data.extend_from_slice(field);
        }
        data
    }
}

impl SealingKey {
    pub(crate) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// A new random key.
    pub(crate) fn random() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        fill_random(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Seals `plaintext` for its place.
    pub(crate) fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        fill_random(&mut nonce)?;
        let payload = Payload { msg: plaintext, aad: &place.associated_data() };
        let sealed = XChaCha20Poly1305::new((&*self.0).into())
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::refused("a sealed part", "it is too long for its cipher"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for this place; none when it was sealed elsewhere, under another key, or altered.
    pub(crate) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: ciphertext, aad: &place.associated_data() };
        let cipher = XChaCha20Poly1305::new((&*self.0).into());
        cipher.decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    /// Wraps another key for storage.
    pub(crate) fn wrap(&self, case: &str, key: &Self) -> Result<Vec<u8>, StoreError> {
        self.seal(&Self::wrapping_place(case), key.0.as_slice())
    }

    /// Unwraps what [`Self::wrap`] made for this case.
    pub(crate) fn unwrap(&self, case: &str, wrapped: &[u8]) -> Option<Self> {
        let bytes = self.open(&Self::wrapping_place(case), wrapped)?;
        <[u8; 32]>::try_from(bytes.as_slice()).ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    fn wrapping_place(case: &str) -> Place<'_> {
        Place { case, object: "case-key", version: 1, tier: "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { case: "case-a", object: "message", version: 2, tier: "team-only" };

    #[test]
    fn what_was_sealed_opens_in_its_place_only() {
        let key = SealingKey::random().unwrap();
        let sealed = key.seal(&PLACE, b"secret").unwrap();
        assert_eq!(key.open(&PLACE, &sealed).unwrap().as_slice(), b"secret");
        let elsewhere = [
            Place { case: "case-b", ..PLACE },
            Place { object: "title", ..PLACE },
            Place { version: 3, ..PLACE },
            Place { tier: "public", ..PLACE },
        ];
        for place in elsewhere {
            assert!(key.open(&place, &sealed).is_none());
        }
        assert!(SealingKey::random().unwrap().open(&PLACE, &sealed).is_none());
        assert!(key.open(&PLACE, b"short").is_none());
    }

    #[test]
    fn every_single_bit_edit_of_a_sealed_value_is_refused() {
        let key = SealingKey::random().unwrap();
        let sealed = key.seal(&PLACE, b"secret").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut edited = sealed.clone();
            edited[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(&PLACE, &edited).is_none(), "bit {bit}");
        }
    }

    #[test]
    fn a_wrapped_key_unwraps_for_its_case_only() {
        let (outer, inner) = (SealingKey::random().unwrap(), SealingKey::random().unwrap());
        let wrapped = outer.wrap("case-a", &inner).unwrap();
        assert_eq!(outer.unwrap("case-a", &wrapped).unwrap().0, inner.0);
        assert!(outer.unwrap("case-b", &wrapped).is_none());
        assert!(inner.unwrap("case-a", &wrapped).is_none());
    }
}
