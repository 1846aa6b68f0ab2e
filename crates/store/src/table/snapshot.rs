//! Bytes frozen under their digest: the policy and the threat model that a case was decided by.

use bastide_model::digest::Sha256Digest;

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::Connection,
};

/// Frozen bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Their SHA-256.
    pub digest: Sha256Digest,
    /// What they are.
    pub kind: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

pub(crate) const TABLE: Table = Table {
    name: "snapshot",
    columns: &[("digest", Kind::Text), ("kind", Kind::Text), ("bytes", Kind::Bytes)],
    key: 1,
};

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    kind: &str,
    bytes: Vec<u8>,
) -> Result<(), StoreError> {
    let digest = Sha256Digest::of(&bytes).to_string();
    TABLE.add_once(connection, keys, vec![digest.into(), kind.into(), bytes.into()]).await
}

impl Store {
    /// The bytes with this digest, compared with it.
    pub async fn snapshot(&self, digest: &Sha256Digest) -> Result<Option<Snapshot>, StoreError> {
        let values = vec![digest.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE digest = $1", values).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (kind, bytes) = (row.text(1)?, row.bytes(2)?);
        if Sha256Digest::of(&bytes) != *digest {
            return Err(StoreError::corrupt("a snapshot", digest.to_string()));
        }
        Ok(Some(Snapshot { digest: *digest, kind, bytes }))
    }
}
