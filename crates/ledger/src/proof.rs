//! Proof documents: what a party of a case takes home, checkable offline.
//!
//! A [`Bundle`] proves one case's history against one signed checkpoint; a [`ConsistencyProof`] proves that a newer
//! checkpoint continues an older one. Both are JSON; binary members are base64.

use bastide_model::digest::Sha256Digest;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use crate::{Checkpoint, LedgerError, PublicLeaf, VerifierKey, tree, tree::Hash};

/// The `format` member of a [`Bundle`].
pub const BUNDLE_FORMAT: &str = "bastide-case-proof";
/// The `format` member of a [`ConsistencyProof`].
pub const CONSISTENCY_FORMAT: &str = "bastide-consistency-proof";
/// The `format` member of a [`PublicationProof`].
pub const PUBLICATION_FORMAT: &str = "bastide-publication-proof";
/// The `version` member of all of them.
pub const VERSION: u32 = 1;
/// No bundle with more events is written or read.
pub const MAX_EVENTS: usize = 100_000;
/// No bundle with more bytes is read.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Bytes that JSON holds as base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl std::fmt::Debug for Base64 {
    /// The length only: some are salts, some embargoed.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} bytes", self.0.len())
    }
}

impl Serialize for Base64 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map(Self).map_err(|_| serde::de::Error::custom("not base64"))
    }
}

/// A case's whole history with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The case's id.
    pub case: String,
    /// The signed note of the checkpoint that the proofs lead to.
    pub checkpoint: String,
    /// Every event of the case, in order.
    pub events: Vec<BundleEvent>,
}

/// One event with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleEvent {
    /// The leaf's index in the case log.
    pub index: u64,
    /// The leaf's salt.
    pub salt: Base64,
    /// The event's canonical bytes, which are text.
    pub entry: String,
    /// The hashes that lead from the leaf to the root.
    pub proof: Vec<Base64>,
    /// The sealed part, if whoever asked for the bundle may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RevealedBody>,
}

/// A sealed part laid open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevealedBody {
    /// The body's own salt.
    pub salt: Base64,
    /// The plaintext.
    pub plaintext: Base64,
}

impl std::fmt::Debug for RevealedBody {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("***")
    }
}

/// That a published document stands in the public log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationProof {
    /// [`PUBLICATION_FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The document's id in the log: advisory, version, kind.
    pub id: String,
    /// The leaf's index.
    pub index: u64,
    /// The hashes that lead from the leaf to the root.
    pub proof: Vec<Base64>,
    /// The signed note of the checkpoint that they lead to.
    pub checkpoint: String,
}

impl PublicationProof {
    /// Checks that exactly these bytes were published under this id.
    pub fn check(&self, document: &[u8], keys: &[VerifierKey]) -> Result<Checkpoint, LedgerError> {
        expect_format(&self.format, PUBLICATION_FORMAT, self.version)?;
        let checkpoint = Checkpoint::open(&self.checkpoint, keys)?;
        let leaf = PublicLeaf { id: self.id.clone(), digest: Sha256Digest::of(document) };
        let proof = decode(&self.proof, &self.id)?;
        tree::check_inclusion(&proof, checkpoint.size, checkpoint.root, self.index, &leaf.bytes())?;
        Ok(checkpoint)
    }
}

/// That the checkpoint `new` continues the checkpoint `old`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyProof {
    /// [`CONSISTENCY_FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The older checkpoint's signed note.
    pub old: String,
    /// The newer checkpoint's signed note.
    pub new: String,
    /// The hashes that lead from one to the other.
    pub proof: Vec<Base64>,
}

impl ConsistencyProof {
    /// The document made of two notes and the hashes of [`tree::prove_consistency`].
    pub fn new(old: String, new: String, proof: &[Hash]) -> Self {
        Self { format: CONSISTENCY_FORMAT.to_owned(), version: VERSION, old, new, proof: encode(proof) }
    }

    /// Checks both signatures and the hashes; returns the older and the newer checkpoint.
    pub fn check(&self, keys: &[VerifierKey]) -> Result<(Checkpoint, Checkpoint), LedgerError> {
        expect_format(&self.format, CONSISTENCY_FORMAT, self.version)?;
        let old = Checkpoint::open(&self.old, keys)?;
        let new = Checkpoint::open(&self.new, keys)?;
        if old.origin != new.origin {
            let reason = format!("`{}` and `{}` are two logs", old.origin, new.origin);
            return Err(LedgerError::malformed("consistency proof", "its checkpoints", reason));
        }
        let proof = decode(&self.proof, "consistency proof")?;
        tree::check_consistency(&proof, new.size, new.root, old.size, old.root)?;
        Ok((old, new))
    }
}

pub(crate) fn expect_format(found: &str, wanted: &'static str, version: u32) -> Result<(), LedgerError> {
    if found != wanted {
        let found: String = found.chars().take(64).collect();
        return Err(LedgerError::malformed(wanted, "format", format!("`{found}` is not this format")));
    }
    if version != VERSION {
        let reason = format!("version {version} is not known here; this program reads version {VERSION}");
        return Err(LedgerError::malformed(wanted, "version", reason));
    }
    Ok(())
}

/// The hashes of a proof, as documents hold them.
pub fn encode(proof: &[Hash]) -> Vec<Base64> {
    proof.iter().map(|hash| Base64(hash.0.to_vec())).collect()
}

pub(crate) fn decode(proof: &[Base64], place: &str) -> Result<Vec<Hash>, LedgerError> {
    // A proof in a tree within the size bound has at most 2 × 40 hashes.
    if proof.len() > 80 {
        return Err(LedgerError::malformed("proof", place, "it has more than 80 hashes"));
    }
    let hash = |bytes: &Base64| bytes.0.as_slice().try_into().map(Hash);
    let hashes: Result<Vec<Hash>, _> = proof.iter().map(hash).collect();
    hashes.map_err(|_| LedgerError::malformed("proof", place, "a hash has 32 bytes"))
}
