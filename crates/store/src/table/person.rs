//! Persons as documents.

use bastide_model::id::PersonId;
use serde_json::Value as Json;

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::Connection,
};

pub(crate) const TABLE: Table =
    Table { name: "person", columns: &[("id", Kind::Text), ("document", Kind::Text)], key: 1 };

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    id: PersonId,
    document: &Json,
) -> Result<(), StoreError> {
    TABLE.put(connection, keys, vec![id.to_string().into(), document.to_string().into()]).await
}

/// Deletes what is kept about how a person signs in and likes to work. Their document, which names them, is replaced beside it.
pub(crate) async fn forget(connection: &mut Connection, person: PersonId) -> Result<(), StoreError> {
    let values = vec![person.to_string().into()];
    for sql in [
        "DELETE FROM sign_in_name WHERE person = $1",
        "DELETE FROM passkey WHERE person = $1",
        "DELETE FROM session WHERE person = $1",
        "DELETE FROM known_device WHERE person = $1",
        "DELETE FROM ceremony WHERE person = $1",
        "DELETE FROM token WHERE person = $1",
        "DELETE FROM saved_filter WHERE person = $1",
        "DELETE FROM case_snooze WHERE person = $1",
        "DELETE FROM report_seen WHERE person = $1",
        "DELETE FROM notice WHERE person = $1",
        "DELETE FROM subscription_item WHERE person = $1",
        "DELETE FROM subscription WHERE person = $1",
    ] {
        connection.execute(sql, values.clone()).await?;
    }
    Ok(())
}

impl Store {
    /// A person's document.
    pub async fn person(&self, id: PersonId) -> Result<Option<Json>, StoreError> {
        let rows =
            TABLE.rows(self.readers(), self.keys(), "WHERE id = $1", vec![id.to_string().into()]).await?;
        rows.first().map(|row| row.json(1)).transpose()
    }

    /// All persons, by id.
    pub async fn persons(&self) -> Result<Vec<(PersonId, Json)>, StoreError> {
        let rows = TABLE.rows(self.readers(), self.keys(), "ORDER BY id", vec![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0)?, row.json(1)?))).collect()
    }
}
