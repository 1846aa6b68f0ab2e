//! Persons as documents.

use bastide_model::id::PersonId;
use serde_json::Value as Json;

use crate::{Store, StoreError, sql::Connection};

pub(crate) async fn put(
    connection: &mut Connection,
    id: PersonId,
    document: &Json,
) -> Result<(), StoreError> {
    connection
        .execute(
            "INSERT INTO person (id, document) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET document = excluded.document",
            vec![id.to_string().into(), document.to_string().into()],
        )
        .await?;
    Ok(())
}

impl Store {
    /// A person's document.
    pub async fn person(&self, id: PersonId) -> Result<Option<Json>, StoreError> {
        let sql = "SELECT document FROM person WHERE id = $1";
        let row = self.readers().row("person", sql, vec![id.to_string().into()]).await?;
        row.map(|row| row.json(0)).transpose()
    }

    /// All persons, by id.
    pub async fn persons(&self) -> Result<Vec<(PersonId, Json)>, StoreError> {
        let rows =
            self.readers().rows("person", "SELECT id, document FROM person ORDER BY id", vec![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0)?, row.json(1)?))).collect()
    }
}
