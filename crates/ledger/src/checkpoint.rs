//! Checkpoints: a tree's size and root, signed as a C2SP note (tlog-checkpoint, signed-note).
//!
//! A log's origin is also the name of its key. Keys are the texts that the C2SP tools use:
//! `PRIVATE+KEY+<origin>+<id>+<base64>` and `<origin>+<id>+<base64>`, Ed25519.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::SigningKey as Ed25519Key;
use signed_note::{Note, StandardSigner, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::Hash;
use zeroize::Zeroizing;

use crate::{LedgerError, tree};

/// The signed-note name of Ed25519.
const ALGORITHM_ED25519: u8 = 1;
/// No note that we read is longer.
const MAX_NOTE_BYTES: usize = 64 * 1024;

/// A log's private key.
pub struct SigningKey {
    text: Zeroizing<String>,
    signer: StandardSigner,
    verifier: VerifierKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({} ***)", self.verifier.origin())
    }
}

impl SigningKey {
    /// The key of the log `origin` made of 32 random bytes. The origin has no white space and no `+`.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, LedgerError> {
        if origin.len() > 200 || !signed_note::is_key_name_valid(origin) {
            let reason =
                "use 1 to 200 characters without spaces and `+`, such as `desk.example.org/case-log`";
            return Err(LedgerError::malformed("log origin", origin.escape_debug().to_string(), reason));
        }
        let key = Ed25519Key::from_bytes(seed);
        let public = [&[ALGORITHM_ED25519][..], key.verifying_key().as_bytes()].concat();
        let private = Zeroizing::new([&[ALGORITHM_ED25519][..], &seed[..]].concat());
        let id = signed_note::key_id(origin, &public);
        let text =
            Zeroizing::new(format!("PRIVATE+KEY+{origin}+{id:08x}+{}", BASE64.encode(private.as_slice())));
        Self::parse(&text)
    }

    /// Reads a private key's text. The text is never part of an error.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let text = text.trim();
        let malformed = |reason: &str| LedgerError::malformed("log signing key", "its text", reason);
        let signer = StandardSigner::new(text).map_err(|error| malformed(&error.to_string()))?;
        let mut parts = text.splitn(5, '+').skip(2);
        let (Some(origin), Some(_), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("it has fewer than five parts"));
        };
        let secret = BASE64.decode(encoded.as_bytes()).map(Zeroizing::new).ok();
        let seed = secret.as_ref().and_then(|secret| secret.get(1..)).and_then(|seed| seed.try_into().ok());
        let seed: &[u8; 32] = seed.ok_or_else(|| malformed("an Ed25519 seed has 32 bytes"))?;
        let public = Ed25519Key::from_bytes(seed).verifying_key();
        let verifier = VerifierKey::parse(&signed_note::new_ed25519_verifier_key(origin, &public))?;
        Ok(Self { text: Zeroizing::new(text.to_owned()), signer, verifier })
    }

    /// The secret text, for the one file that keeps it.
    pub fn secret_text(&self) -> &str {
        &self.text
    }

    /// The key that everybody may know.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }
}

/// A log's public key: who checks a checkpoint names the keys that they trust.
#[derive(Clone)]
pub struct VerifierKey {
    text: String,
    verifier: StandardVerifier,
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl Eq for VerifierKey {}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl VerifierKey {
    /// Reads `<origin>+<id>+<base64>`.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let text = text.trim();
        let shown: String = text.chars().take(80).collect();
        let verifier = StandardVerifier::new(text)
            .map_err(|error| LedgerError::malformed("verifier key", shown.clone(), error.to_string()))?;
        Ok(Self { text: text.to_owned(), verifier })
    }

    /// The log whose checkpoints this key signs.
    pub fn origin(&self) -> &str {
        self.verifier.name()
    }
}

/// What a log says it is: so many leaves with this root.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Checkpoint {
    /// The signed note of a tree of `size` leaves.
    #[allow(clippy::missing_panics_doc, reason = "cannot panic: a key that was read always signs")]
    pub fn sign(size: u64, root: Hash, key: &SigningKey) -> String {
        let checkpoint = tlog_tiles::Checkpoint::new(key.verifier.origin(), size, root, "")
            .expect("the origin of a key that was read is not empty");
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).expect("a checkpoint is lines of plain text");
        note.add_sigs(&[&key.signer]).expect("a key that was read has a valid name and Ed25519 always signs");
        String::from_utf8(note.to_bytes()).expect("a note of plain text is UTF-8")
    }

    /// Reads a signed note. At least one of `keys` must be its origin's and must have signed it; signatures by
    /// unknown keys (witnesses) are ignored, a wrong one by a known key is an error.
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Self, LedgerError> {
        let malformed = |reason: String| LedgerError::malformed("checkpoint", "its note", reason);
        if note.len() > MAX_NOTE_BYTES {
            return Err(malformed(format!("longer than {MAX_NOTE_BYTES} bytes")));
        }
        let signed = Note::from_bytes(note.as_bytes()).map_err(|error| malformed(error.to_string()))?;
        let read = tlog_tiles::Checkpoint::from_bytes(signed.text())
            .map_err(|_| malformed("not the three lines origin, size, root".to_owned()))?;
        if !read.extension().is_empty() {
            return Err(malformed("it has extension lines, which this log never writes".to_owned()));
        }
        tree::bounded(read.size())?;
        let unsigned = |reason: String| LedgerError::Unsigned { origin: read.origin().to_owned(), reason };
        let ours: Vec<&VerifierKey> = keys.iter().filter(|key| key.origin() == read.origin()).collect();
        if ours.is_empty() {
            return Err(unsigned("none of the given verifier keys is for this origin".to_owned()));
        }
        let boxed = ours.iter().map(|key| Box::new(key.verifier.clone()) as Box<dyn Verifier>).collect();
        signed.verify(&VerifierList::new(boxed)).map_err(|error| unsigned(error.to_string()))?;
        Ok(Self { origin: read.origin().to_owned(), size: read.size(), root: *read.hash() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed("desk.example.org/case-log", &[7; 32]).unwrap()
    }

    #[test]
    fn keys_read_back_and_never_print_the_secret() {
        let key = key();
        let read = SigningKey::parse(key.secret_text()).unwrap();
        assert_eq!(read.verifier_key(), key.verifier_key());
        assert_eq!(&VerifierKey::parse(&key.verifier_key().to_string()).unwrap(), key.verifier_key());
        assert_eq!(format!("{key:?}"), "SigningKey(desk.example.org/case-log ***)");
        assert!(SigningKey::from_seed("two words", &[7; 32]).is_err());
        assert!(SigningKey::parse("PRIVATE+KEY+x+00000000+AQ==").is_err());
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_only() {
        let note = Checkpoint::sign(3, tree::leaf_hash(b"x"), &key());
        let open = Checkpoint::open(&note, &[key().verifier_key().clone()]).unwrap();
        assert_eq!((open.size, open.root), (3, tree::leaf_hash(b"x")));
        let other = SigningKey::from_seed("desk.example.org/case-log", &[8; 32]).unwrap();
        let stranger = SigningKey::from_seed("other.example.org/case-log", &[7; 32]).unwrap();
        for keys in [vec![], vec![other.verifier_key().clone()], vec![stranger.verifier_key().clone()]] {
            assert!(matches!(Checkpoint::open(&note, &keys), Err(LedgerError::Unsigned { .. })));
        }
    }

    #[test]
    fn every_single_bit_edit_of_a_checkpoint_is_refused() {
        let note = Checkpoint::sign(130, tree::leaf_hash(b"x"), &key());
        let keys = [key().verifier_key().clone()];
        let mut refused = 0;
        for bit in 0..note.len() * 8 {
            let mut bytes = note.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let opened = String::from_utf8(bytes).map(|edited| Checkpoint::open(&edited, &keys));
            assert!(!matches!(opened, Ok(Ok(_))), "bit {bit}");
            refused += 1;
        }
        assert_eq!(refused, note.len() * 8);
    }
}
