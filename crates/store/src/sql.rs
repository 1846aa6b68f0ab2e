//! A thin layer over the two engines: the same statement, values in, rows out.
//!
//! Statements are written once, with `$1` parameters. Rows give 64-bit integers, text and bytes; anything else in
//! a column is damage and says so with the table's name.

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, Row as _, SqlSafeStr, Sqlite,
    SqliteConnection, SqlitePool, postgres::PgRow, sqlite::SqliteRow,
};

use crate::StoreError;

/// A value for a statement.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    /// As an error names a key: never longer than a line.
    pub(crate) fn for_people(&self) -> String {
        match self {
            Self::Int(Some(number)) => number.to_string(),
            Self::Text(Some(text)) => text.chars().take(80).collect(),
            Self::Bytes(Some(bytes)) => format!("{} bytes", bytes.len()),
            Self::Int(None) | Self::Text(None) | Self::Bytes(None) => "nothing".to_owned(),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}
impl From<bastide_model::time::Instant> for Value {
    fn from(value: bastide_model::time::Instant) -> Self {
        Self::Int(Some(value.as_micros()))
    }
}
impl From<Option<bastide_model::time::Instant>> for Value {
    fn from(value: Option<bastide_model::time::Instant>) -> Self {
        Self::Int(value.map(bastide_model::time::Instant::as_micros))
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}
impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}
impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Bytes(value)
    }
}

/// A row of an answer.
pub(crate) struct Row {
    table: &'static str,
    row: EngineRow,
}

enum EngineRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    fn get<T>(&self, column: usize) -> Result<T, StoreError>
    where
        for<'r> T:
            sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite> + sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        let value = match &self.row {
            EngineRow::Sqlite(row) => row.try_get(column),
            EngineRow::Postgres(row) => row.try_get(column),
        };
        value.map_err(|_| {
            StoreError::corrupt(format!("a row of table {}", self.table), format!("column {column}"))
        })
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.get(column)
    }
    /// A count or position, which is never negative.
    pub(crate) fn count(&self, column: usize) -> Result<u64, StoreError> {
        let value = self.int(column)?;
        u64::try_from(value).map_err(|_| self.damaged(&format!("column {column}")))
    }
    pub(crate) fn optional_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }
    pub(crate) fn instant(&self, column: usize) -> Result<bastide_model::time::Instant, StoreError> {
        self.int(column).map(bastide_model::time::Instant::from_micros)
    }
    pub(crate) fn optional_instant(
        &self,
        column: usize,
    ) -> Result<Option<bastide_model::time::Instant>, StoreError> {
        Ok(self.optional_int(column)?.map(bastide_model::time::Instant::from_micros))
    }
    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        self.get(column)
    }
    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        self.get(column)
    }
    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }
    pub(crate) fn optional_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(column)
    }
    /// A text that must parse as `T`.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| self.damaged(&format!("column {column}")))
    }
    /// A text that may be absent and otherwise must parse as `T`.
    pub(crate) fn optional_parsed<T: std::str::FromStr>(
        &self,
        column: usize,
    ) -> Result<Option<T>, StoreError> {
        let text = self.optional_text(column)?;
        text.map(|text| text.parse().map_err(|_| self.damaged(&format!("column {column}")))).transpose()
    }
    /// A text that must be one of the names of `T`'s serialised form.
    pub(crate) fn named<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T, StoreError> {
        let name = serde_json::Value::String(self.text(column)?);
        serde_json::from_value(name).map_err(|_| self.damaged(&format!("column {column}")))
    }
    /// A JSON document.
    pub(crate) fn json(&self, column: usize) -> Result<serde_json::Value, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.damaged(&format!("column {column}")))
    }
    /// The error that this row is damaged.
    pub(crate) fn damaged(&self, place: &str) -> StoreError {
        StoreError::corrupt(format!("a row of table {}", self.table), place)
    }
}

/// The name of a unit variant in its serialised form (`Tier::TeamOnly` is `team-only`).
pub(crate) fn name_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => unreachable!("called for enumerations of unit variants only, which serialise as text"),
    }
}

/// Binds the values to a statement of either engine.
macro_rules! bound {
    ($engine:ty, $sql:expr, $values:expr) => {{
        let mut query = sqlx::query::<$engine>($sql);
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

/// One connection: the writer's.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connection {
    /// Runs a statement; returns how many rows it touched.
    pub(crate) async fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        refuse_nul(&values)?;
        Ok(match self {
            Self::Sqlite(connection) => {
                bound!(Sqlite, sql, values).execute(connection).await?.rows_affected()
            }
            Self::Postgres(connection) => {
                bound!(Postgres, sql, values).execute(connection).await?.rows_affected()
            }
        })
    }

    /// Runs a statement without parameters and without preparing it (transactions, DDL, settings).
    pub(crate) async fn run(&mut self, sql: impl SqlSafeStr) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(|_| ())?,
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(|_| ())?,
        }
        Ok(())
    }

    /// All rows of an answer.
    pub(crate) async fn rows(
        &mut self,
        table: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        refuse_nul(&values)?;
        Ok(match self {
            Self::Sqlite(connection) => {
                let rows = bound!(Sqlite, sql, values).fetch_all(connection).await?;
                rows.into_iter().map(|row| Row { table, row: EngineRow::Sqlite(row) }).collect()
            }
            Self::Postgres(connection) => {
                let rows = bound!(Postgres, sql, values).fetch_all(connection).await?;
                rows.into_iter().map(|row| Row { table, row: EngineRow::Postgres(row) }).collect()
            }
        })
    }

    /// The first row of an answer, if there is one.
    pub(crate) async fn row(
        &mut self,
        table: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(table, sql, values).await?.into_iter().next())
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Says goodbye to the database; errors no longer matter.
    pub(crate) async fn close(self) {
        let closed = match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        };
        if let Err(error) = closed {
            tracing::warn!(%error, "the database connection did not close cleanly");
        }
    }
}

/// The readers' connections.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Pool {
    /// All rows of an answer.
    pub(crate) async fn rows(
        &self,
        table: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        refuse_nul(&values)?;
        Ok(match self {
            Self::Sqlite(pool) => {
                let rows = bound!(Sqlite, sql, values).fetch_all(pool).await?;
                rows.into_iter().map(|row| Row { table, row: EngineRow::Sqlite(row) }).collect()
            }
            Self::Postgres(pool) => {
                let rows = bound!(Postgres, sql, values).fetch_all(pool).await?;
                rows.into_iter().map(|row| Row { table, row: EngineRow::Postgres(row) }).collect()
            }
        })
    }

    /// The first row of an answer, if there is one.
    pub(crate) async fn row(
        &self,
        table: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(table, sql, values).await?.into_iter().next())
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A statement assembled from our own text and a number of placeholders; values still go in as parameters.
pub(crate) fn assembled(sql: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(sql)
}

/// `$first, …` for `count` parameters.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(",")
}

/// PostgreSQL's text cannot hold U+0000; both engines refuse it alike.
fn refuse_nul(values: &[Value]) -> Result<(), StoreError> {
    let has_nul = |value: &Value| matches!(value, Value::Text(Some(text)) if text.contains('\0'));
    if values.iter().any(has_nul) {
        return Err(StoreError::refused("a text", "it holds the character U+0000"));
    }
    Ok(())
}
