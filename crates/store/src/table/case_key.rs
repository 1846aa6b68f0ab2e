//! One random key per case, wrapped by the key outside the database. Erasing the row makes everything that was
//! sealed under it unreadable for good, in every copy of the database that holds no older row.

use std::{collections::BTreeMap, sync::Arc};

use bastide_model::id::CaseId;

use crate::{
    StoreError,
    keys::Keys,
    seal::SealingKey,
    sql::{Connection, Pool, assembled, placeholders},
};

/// The case keys that one transaction has read or made.
pub(crate) struct CaseKeys {
    keys: Arc<Keys>,
    known: BTreeMap<CaseId, SealingKey>,
}

impl CaseKeys {
    pub(crate) fn new(keys: Arc<Keys>) -> Self {
        Self { keys, known: BTreeMap::new() }
    }

    /// Forgets everything: a job was rolled back or a key erased.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }

    /// The case's key, made now if it has none. A case whose contents were erased gets no new one.
    pub(crate) async fn get_or_make(
        &mut self,
        connection: &mut Connection,
        case: CaseId,
    ) -> Result<SealingKey, StoreError> {
        if let Some(key) = self.known.get(&case) {
            return Ok(key.clone());
        }
        let id = case.to_string();
        let sql = "SELECT wrapped FROM case_key WHERE case_id = $1";
        let key = if let Some(row) = connection.row("case_key", sql, vec![id.as_str().into()]).await? {
            unwrap(&self.keys, &id, &row.bytes(0)?)?
        } else {
            let sql = "SELECT log_index FROM erasure WHERE case_id = $1";
            if connection.row("erasure", sql, vec![id.as_str().into()]).await?.is_some() {
                return Err(StoreError::Erased { case: id });
            }
            let key = SealingKey::random()?;
            let wrapped = self.keys.wrap(&id, &key)?;
            connection
                .execute(
                    "INSERT INTO case_key (case_id, wrapped_by, wrapped) VALUES ($1, $2, $3)",
                    vec![id.into(), self.keys.sealing_id().into(), wrapped.into()],
                )
                .await?;
            key
        };
        self.known.insert(case, key.clone());
        Ok(key)
    }
}

/// The case's key for reading; none when it was erased or never made.
pub(crate) async fn read(pool: &Pool, keys: &Keys, case: CaseId) -> Result<Option<SealingKey>, StoreError> {
    let id = case.to_string();
    let sql = "SELECT wrapped FROM case_key WHERE case_id = $1";
    let row = pool.row("case_key", sql, vec![id.as_str().into()]).await?;
    row.map(|row| unwrap(keys, &id, &row.bytes(0)?)).transpose()
}

/// The keys of several cases, those that have one.
pub(crate) async fn read_many(
    pool: &Pool,
    keys: &Keys,
    cases: &[CaseId],
) -> Result<BTreeMap<CaseId, SealingKey>, StoreError> {
    let mut found = BTreeMap::new();
    for chunk in cases.chunks(500) {
        let marks = placeholders(1, chunk.len());
        let sql = assembled(format!("SELECT case_id, wrapped FROM case_key WHERE case_id IN ({marks})"));
        let values = chunk.iter().map(|case| case.to_string().into()).collect();
        for row in pool.rows("case_key", sql, values).await? {
            found.insert(row.parsed(0)?, unwrap(keys, &row.text(0)?, &row.bytes(1)?)?);
        }
    }
    Ok(found)
}

/// Whether a case's contents were erased.
pub(crate) async fn erased(pool: &Pool, case: CaseId) -> Result<bool, StoreError> {
    let sql = "SELECT log_index FROM erasure WHERE case_id = $1";
    Ok(pool.row("erasure", sql, vec![case.to_string().into()]).await?.is_some())
}

fn unwrap(keys: &Keys, case: &str, wrapped: &[u8]) -> Result<SealingKey, StoreError> {
    keys.unwrap(case, wrapped).ok_or_else(|| StoreError::corrupt("the sealing key", case))
}
