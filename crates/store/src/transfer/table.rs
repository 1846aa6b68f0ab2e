//! The tables of a schema as the database has them: columns with their kinds, and the key from our own list of steps.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    StoreError, schema,
    sql::{Connection, Row, Value},
};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Int,
    Text,
    Bytes,
}

/// A table as it stands in a database.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: Vec<(String, Kind)>,
    /// Positions of the key's columns.
    pub(super) key: Vec<usize>,
}

/// The tables of the first `version` steps, in the order in which they came into being, which is one that references
/// between them allow.
pub(super) async fn tables(connection: &mut Connection, version: i64) -> Result<Vec<Table>, StoreError> {
    let mut found = Vec::new();
    for (name, key) in schema::tables(version) {
        let columns = columns(connection, name).await?;
        let position = |wanted: &&str| columns.iter().position(|(column, _)| column == wanted);
        let key: Option<Vec<usize>> = key.iter().map(position).collect();
        let key = key.filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| StoreError::corrupt("the key of a table", name))?;
        found.push(Table { name, columns, key });
    }
    Ok(found)
}

async fn columns(connection: &mut Connection, table: &str) -> Result<Vec<(String, Kind)>, StoreError> {
    let sql = if connection.is_sqlite() {
        "SELECT name, type FROM pragma_table_info($1) ORDER BY cid"
    } else {
        "SELECT column_name::text, data_type::text FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
    };
    let mut columns = Vec::new();
    for row in connection.rows("columns", sql, vec![table.into()]).await? {
        let kind = match row.text(1)?.to_ascii_lowercase().as_str() {
            "integer" | "bigint" => Kind::Int,
            "text" => Kind::Text,
            "blob" | "bytea" => Kind::Bytes,
            _ => return Err(StoreError::corrupt("a column of table", table)),
        };
        columns.push((row.text(0)?, kind));
    }
    Ok(columns)
}

impl Table {
    /// The columns' names, separated by commas.
    pub(super) fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The key's columns.
    pub(super) fn key_names(&self) -> String {
        self.key.iter().map(|at| self.columns[*at].0.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// A row's values.
    pub(super) fn values(&self, row: &Row) -> Result<Vec<Value>, StoreError> {
        let read = |(at, (_, kind)): (usize, &(String, Kind))| match kind {
            Kind::Int => row.optional_int(at).map(Value::Int),
            Kind::Text => row.optional_text(at).map(Value::Text),
            Kind::Bytes => row.optional_bytes(at).map(Value::Bytes),
        };
        self.columns.iter().enumerate().map(read).collect()
    }
}

/// A row as a line.
pub(super) fn line(values: &[Value]) -> String {
    let cell = |value: &Value| match value {
        Value::Int(Some(number)) => Json::from(*number),
        Value::Text(Some(text)) => Json::from(text.as_str()),
        Value::Bytes(Some(bytes)) => Json::from(BASE64.encode(bytes)),
        Value::Int(None) | Value::Text(None) | Value::Bytes(None) => Json::Null,
    };
    Json::Array(values.iter().map(cell).collect()).to_string()
}

/// A line as a row of these kinds.
pub(super) fn row(cells: Vec<Json>, kinds: &[Kind]) -> Option<Vec<Value>> {
    if cells.len() != kinds.len() {
        return None;
    }
    let value = |(cell, kind): (Json, &Kind)| {
        Some(match (kind, cell) {
            (Kind::Int, Json::Null) => Value::Int(None),
            (Kind::Text, Json::Null) => Value::Text(None),
            (Kind::Bytes, Json::Null) => Value::Bytes(None),
            (Kind::Int, Json::Number(number)) => Value::Int(Some(number.as_i64()?)),
            (Kind::Text, Json::String(text)) => Value::Text(Some(text)),
            (Kind::Bytes, Json::String(text)) => Value::Bytes(Some(BASE64.decode(text.as_bytes()).ok()?)),
            _ => return None,
        })
    };
    cells.into_iter().zip(kinds).map(value).collect()
}
