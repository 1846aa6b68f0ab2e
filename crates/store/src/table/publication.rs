//! What was published: exact bytes per advisory, version and kind of document, never changed.

use bastide_ledger::{Log, PublicLeaf, PublicationProof, proof};
use bastide_model::{digest::Sha256Digest, party::ProjectName, time::Instant};

use crate::{
    Store, StoreError,
    growth::stored_integer,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row},
};

/// A published document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The advisory's published id.
    pub advisory: String,
    /// The version of the advisory, from 1; a revision and a withdrawal are new versions.
    pub version: u32,
    /// The kind of document: `osv`, `csaf`, `cve`, `text`, …
    pub kind: String,
    /// Whose advisory it is.
    pub project: ProjectName,
    /// When this version was published.
    pub published_at: Instant,
    /// When the advisory was withdrawn, in the version that says so.
    pub withdrawn_at: Option<Instant>,
    /// The advisory's title, which is public now.
    pub title: String,
    /// The exact bytes.
    pub bytes: Vec<u8>,
}

impl Publication {
    /// The leaf of the public log that stands for this document; the store writes it together with the document.
    pub fn leaf(&self) -> PublicLeaf {
        let id = format!("{}/{}/{}", self.advisory, self.version, self.kind);
        PublicLeaf { id, digest: Sha256Digest::of(&self.bytes) }
    }
}

pub(crate) const TABLE: Table = Table {
    name: "publication",
    columns: &[
        ("advisory", Kind::Text),
        ("version", Kind::Int),
        ("kind", Kind::Text),
        ("project", Kind::Text),
        ("published_at", Kind::Int),
        ("withdrawn_at", Kind::Int),
        ("title", Kind::Text),
        ("digest", Kind::Text),
        ("bytes", Kind::Bytes),
        ("log_index", Kind::Int),
    ],
    key: 3,
};

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    publication: &Publication,
    log_index: u64,
) -> Result<(), StoreError> {
    let values = vec![
        publication.advisory.as_str().into(),
        i64::from(publication.version).into(),
        publication.kind.as_str().into(),
        publication.project.as_str().into(),
        publication.published_at.into(),
        publication.withdrawn_at.into(),
        publication.title.as_str().into(),
        Sha256Digest::of(&publication.bytes).to_string().into(),
        publication.bytes.clone().into(),
        stored_integer(log_index),
    ];
    TABLE.add(connection, keys, values).await
}

/// Reads a publication and compares its bytes with their digest.
pub(crate) fn read(row: &Row) -> Result<Publication, StoreError> {
    let publication = Publication {
        advisory: row.text(0)?,
        version: u32::try_from(row.int(1)?).map_err(|_| row.damaged("the version"))?,
        kind: row.text(2)?,
        project: row.parsed(3)?,
        published_at: row.instant(4)?,
        withdrawn_at: row.optional_instant(5)?,
        title: row.text(6)?,
        bytes: row.bytes(8)?,
    };
    if Sha256Digest::of(&publication.bytes) == row.parsed(7)? {
        Ok(publication)
    } else {
        let place =
            format!("{} version {} as {}", publication.advisory, publication.version, publication.kind);
        Err(StoreError::corrupt("a published document", place))
    }
}

impl Store {
    /// One published document: of this version, or the newest.
    pub async fn publication(
        &self,
        advisory: &str,
        version: Option<u32>,
        kind: &str,
    ) -> Result<Option<Publication>, StoreError> {
        let rest = "WHERE advisory = $1 AND kind = $2 AND (version = $3 OR $3 = 0)
                   ORDER BY version DESC LIMIT 1";
        let version = stored_integer(version.unwrap_or(0).into());
        let rows = TABLE
            .rows(self.readers(), self.keys(), rest, vec![advisory.into(), kind.into(), version])
            .await?;
        rows.first().map(read).transpose()
    }

    /// The proof that a published document stands in the public log, to be checked offline with
    /// [`PublicationProof::check`].
    pub async fn prove_publication(
        &self,
        advisory: &str,
        version: u32,
        kind: &str,
    ) -> Result<Option<PublicationProof>, StoreError> {
        let sql = "SELECT log_index FROM publication WHERE advisory = $1 AND version = $2 AND kind = $3";
        let values = vec![advisory.into(), i64::from(version).into(), kind.into()];
        let Some(row) = self.readers().row("publication", sql, values).await? else { return Ok(None) };
        let index = row.count(0)?;
        let (note, hashes) = self.prove_leaf(Log::Public, index).await?;
        let id = format!("{advisory}/{version}/{kind}");
        Ok(Some(PublicationProof {
            format: proof::PUBLICATION_FORMAT.to_owned(),
            version: proof::VERSION,
            id,
            index,
            proof: proof::encode(&hashes),
            checkpoint: note,
        }))
    }

    /// How many documents were ever published; it grows with each, since none is taken back.
    pub async fn publication_count(&self) -> Result<u64, StoreError> {
        let row = self.readers().row("publication", "SELECT COUNT(*) FROM publication", Vec::new()).await?;
        row.map_or(Ok(0), |row| row.count(0))
    }

    /// All documents of an advisory, newest version first.
    pub async fn publications_of(&self, advisory: &str) -> Result<Vec<Publication>, StoreError> {
        let rest = "WHERE advisory = $1 ORDER BY version DESC, kind";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![advisory.into()]).await?;
        rows.iter().map(read).collect()
    }

    /// The newest version of every advisory as this kind of document, newest first; of one project or of all.
    pub async fn latest_publications(
        &self,
        kind: &str,
        project: Option<&ProjectName>,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<Publication>, StoreError> {
        let rest = "p WHERE kind = $1 AND (project = $2 OR $2 = '') AND version =
                   (SELECT MAX(q.version) FROM publication q WHERE q.advisory = p.advisory AND q.kind = p.kind)
                   ORDER BY published_at DESC, advisory LIMIT $3 OFFSET $4";
        let project = project.map_or("", ProjectName::as_str);
        let (limit, offset) = (i64::from(limit.min(1000)), i64::from(offset));
        let values = vec![kind.into(), project.into(), limit.into(), offset.into()];
        let rows = TABLE.rows(self.readers(), self.keys(), rest, values).await?;
        rows.iter().map(read).collect()
    }
}
