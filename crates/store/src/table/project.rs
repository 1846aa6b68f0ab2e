//! Projects as documents.

use bastide_model::party::ProjectName;
use serde_json::Value as Json;

use crate::{Store, StoreError, sql::Connection};

pub(crate) async fn put(
    connection: &mut Connection,
    name: &ProjectName,
    title: String,
    document: &Json,
) -> Result<(), StoreError> {
    connection
        .execute(
            "INSERT INTO project (name, title, document) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET title = excluded.title, document = excluded.document",
            vec![name.as_str().into(), title.into(), document.to_string().into()],
        )
        .await?;
    Ok(())
}

impl Store {
    /// A project's title and document.
    pub async fn project(&self, name: &ProjectName) -> Result<Option<(String, Json)>, StoreError> {
        let sql = "SELECT title, document FROM project WHERE name = $1";
        let row = self.readers().row("project", sql, vec![name.as_str().into()]).await?;
        row.map(|row| Ok((row.text(0)?, row.json(1)?))).transpose()
    }

    /// All projects by name: name, title, document.
    pub async fn projects(&self) -> Result<Vec<(ProjectName, String, Json)>, StoreError> {
        let sql = "SELECT name, title, document FROM project ORDER BY name";
        let rows = self.readers().rows("project", sql, vec![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0)?, row.text(1)?, row.json(2)?))).collect()
    }
}
