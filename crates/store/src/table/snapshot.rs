//! Bytes frozen under their digest: the policy and the threat model that a case was decided by.

use bastide_model::digest::Sha256Digest;

use crate::{Store, StoreError, sql::Connection};

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

pub(crate) async fn add(connection: &mut Connection, kind: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
    let digest = Sha256Digest::of(&bytes).to_string();
    connection
        .execute(
            "INSERT INTO snapshot (digest, kind, bytes) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING",
            vec![digest.into(), kind.into(), bytes.into()],
        )
        .await?;
    Ok(())
}

impl Store {
    /// The bytes with this digest, compared with it.
    pub async fn snapshot(&self, digest: &Sha256Digest) -> Result<Option<Snapshot>, StoreError> {
        let sql = "SELECT kind, bytes FROM snapshot WHERE digest = $1";
        let row = self.readers().row("snapshot", sql, vec![digest.to_string().into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let (kind, bytes) = (row.text(0)?, row.bytes(1)?);
        if Sha256Digest::of(&bytes) != *digest {
            return Err(StoreError::corrupt("a snapshot", digest.to_string()));
        }
        Ok(Some(Snapshot { digest: *digest, kind, bytes }))
    }
}
