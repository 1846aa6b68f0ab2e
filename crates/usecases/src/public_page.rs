//! A published advisory as its page shows it: the record, its documents with digests, its versions, its proofs.
//!
//! Invariant: made of published rows and of nothing else, so that it says the same whatever cases are open.

use bastide_advisory::{Advisory, text};
use bastide_ledger::PublicationProof;
use bastide_model::{digest::Sha256Digest, party::ProjectName, time::Instant};
use bastide_store::Publication;

use crate::{
    Desk, DocumentKind, PublishedDocument, UseCaseError,
    desk::store,
    import::{self, IMPORTED},
    publication::read_record,
};

/// The most versions of an advisory that a page lists.
const VERSIONS: usize = 100;

/// One version of a published advisory.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicPage {
    /// Whose it is.
    pub project: ProjectName,
    /// The record, in this version.
    pub record: Advisory,
    /// The version's documents, with their digests.
    pub documents: Vec<PublishedDocument>,
    /// All versions, the newest first, each with its day and its text.
    pub versions: Vec<PublicVersion>,
    /// Where it was published, when it was imported.
    pub source: Option<String>,
}

/// A version of an advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicVersion {
    /// Its number.
    pub number: u32,
    /// When it was published.
    pub at: Instant,
    /// What it says, as plain text: what versions are compared by.
    pub text: String,
}

impl Desk {
    /// A published advisory: this version of it, or the newest.
    pub async fn public_page(
        &self,
        advisory: &str,
        version: Option<u32>,
    ) -> Result<PublicPage, UseCaseError> {
        let rows = self.store().publications_of(advisory).await.map_err(store)?;
        let (rows, foreign): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| DocumentKind::find(&row.kind).is_some());
        if rows.is_empty() {
            return imported(advisory, version, foreign);
        }
        let newest = rows.first().map(|row| row.version).ok_or(UseCaseError::NotFound)?;
        let wanted = version.unwrap_or(newest);
        let record = rows
            .iter()
            .find(|row| row.version == wanted && row.kind == DocumentKind::Record.as_str())
            .ok_or(UseCaseError::NotFound)?;
        let project = record.project.clone();
        let record = read_record(advisory, &record.bytes)?;
        let texts = rows.iter().filter(|row| row.kind == DocumentKind::Text.as_str()).take(VERSIONS);
        let versions = texts
            .map(|row| PublicVersion {
                number: row.version,
                at: row.published_at,
                text: String::from_utf8_lossy(&row.bytes).into_owned(),
            })
            .collect();
        let documents = rows
            .into_iter()
            .filter(|row| row.version == wanted)
            .filter_map(|row| {
                Some(PublishedDocument {
                    kind: DocumentKind::find(&row.kind)?,
                    version: row.version,
                    digest: Sha256Digest::of(&row.bytes),
                    bytes: row.bytes,
                    published_at: row.published_at,
                    imported: false,
                })
            })
            .collect();
        Ok(PublicPage { project, record, documents, versions, source: None })
    }

    /// The proof that a published document stands in the public log; it verifies offline.
    pub async fn publication_proof(
        &self,
        advisory: &str,
        version: Option<u32>,
        kind: DocumentKind,
    ) -> Result<PublicationProof, UseCaseError> {
        let document = self.published(advisory, version, kind).await?;
        let stored = if document.imported { IMPORTED } else { kind.as_str() };
        let found =
            self.store().prove_publication(advisory, document.version, stored).await.map_err(store)?;
        found.ok_or(UseCaseError::NotFound)
    }
}

/// The page of an advisory of which only imported documents are here.
fn imported(
    advisory: &str,
    version: Option<u32>,
    rows: Vec<Publication>,
) -> Result<PublicPage, UseCaseError> {
    let (records, sources): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.kind == IMPORTED);
    let wanted = version.or(records.first().map(|row| row.version)).ok_or(UseCaseError::NotFound)?;
    let mut versions = Vec::new();
    for row in records.iter().take(VERSIONS) {
        let text = text::render(&import::read(advisory, &row.bytes)?);
        versions.push(PublicVersion { number: row.version, at: row.published_at, text });
    }
    let source = sources.into_iter().find(|row| row.version == wanted);
    let found = records.into_iter().find(|row| row.version == wanted).ok_or(UseCaseError::NotFound)?;
    let mut record = import::read(advisory, &found.bytes)?;
    record.version = wanted;
    Ok(PublicPage {
        project: found.project,
        record,
        documents: vec![PublishedDocument {
            kind: DocumentKind::Osv,
            version: wanted,
            digest: Sha256Digest::of(&found.bytes),
            bytes: found.bytes,
            published_at: found.published_at,
            imported: true,
        }],
        versions,
        source: Some(source.map(|row| String::from_utf8_lossy(&row.bytes).into_owned()).unwrap_or_default()),
    })
}
