//! Projects as documents.

use bastide_model::party::ProjectName;
use serde_json::Value as Json;

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::Connection,
};

pub(crate) const TABLE: Table = Table {
    name: "project",
    columns: &[("name", Kind::Text), ("title", Kind::Text), ("document", Kind::Text)],
    key: 1,
};

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    name: &ProjectName,
    title: String,
    document: &Json,
) -> Result<(), StoreError> {
    let values = vec![name.as_str().into(), title.into(), document.to_string().into()];
    TABLE.put(connection, keys, values).await
}

impl Store {
    /// A project's title and document.
    pub async fn project(&self, name: &ProjectName) -> Result<Option<(String, Json)>, StoreError> {
        let values = vec![name.as_str().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE name = $1", values).await?;
        rows.first().map(|row| Ok((row.text(1)?, row.json(2)?))).transpose()
    }

    /// All projects by name: name, title, document.
    pub async fn projects(&self) -> Result<Vec<(ProjectName, String, Json)>, StoreError> {
        let rows = TABLE.rows(self.readers(), self.keys(), "ORDER BY name", vec![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0)?, row.text(1)?, row.json(2)?))).collect()
    }
}
