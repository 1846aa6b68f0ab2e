//! Writing a whole database from its lines, in one transaction: all of it or nothing.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{
    Beginning, End, FORMAT, Summary, TableBeginning, TableDigest,
    table::{self, Kind, Table},
};
use crate::{
    Location, StoreError, engine,
    schema::{self, SCHEMA_VERSION},
    sql::{Connection, Value, assembled, placeholders},
};

/// How many values one statement takes at most.
const VALUES: usize = 900;

/// Writes lines into an empty database.
#[derive(Debug)]
pub struct Loader {
    connection: Connection,
    /// Given back when the data lie there.
    lock: Option<std::fs::File>,
    summary: Option<Summary>,
    expected: BTreeMap<&'static str, Table>,
    current: Option<Writing>,
    ended: bool,
    number: u64,
}

struct Writing {
    table: Table,
    kinds: Vec<Kind>,
    rows: u64,
    digest: Sha256,
    waiting: Vec<Value>,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Writing({} row {})", self.table.name, self.rows)
    }
}

/// Refuses a place that holds something.
pub async fn emptiness(location: &Location) -> Result<(), StoreError> {
    match location {
        Location::Sqlite { directory } => {
            let path = directory.join(crate::config::DATABASE_FILE);
            match std::fs::metadata(&path) {
                Ok(found) if found.len() > 0 => {
                    // A restoration that was killed leaves a file without a table.
                    let mut connection = engine::connect_reading(location).await?;
                    let sql = "SELECT COUNT(*) FROM sqlite_schema";
                    let row = connection.row("tables", sql, vec![]).await;
                    connection.close().await;
                    match row?.map_or(Ok(0), |row| row.int(0))? {
                        0 => Ok(()),
                        _ => Err(StoreError::Exists { what: path.display().to_string() }),
                    }
                }
                _ => Ok(()),
            }
        }
        Location::Postgres { .. } => {
            let mut connection = engine::connect(location).await?;
            let sql = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()";
            let row = connection.row("tables", sql, vec![]).await?;
            connection.close().await;
            match row.map_or(Ok(0), |row| row.int(0))? {
                0 => Ok(()),
                _ => {
                    Err(StoreError::Exists { what: "a table in the PostgreSQL database's schema".to_owned() })
                }
            }
        }
    }
}

impl Loader {
    /// Begins to write at an empty place; it is taken for this process.
    pub async fn begin(location: &Location) -> Result<Self, StoreError> {
        emptiness(location).await?;
        let mut lock = None;
        if let Location::Sqlite { directory } = location {
            lock = Some(engine::lock(directory)?);
        }
        let mut connection = engine::connect(location).await?;
        crate::gate::check(&mut connection).await?;
        connection.run(engine::begin(&connection)).await?;
        Ok(Self {
            connection,
            lock,
            summary: None,
            expected: BTreeMap::new(),
            current: None,
            ended: false,
            number: 0,
        })
    }

    fn wrong(&self, reason: &str) -> StoreError {
        StoreError::Refused { what: format!("line {} of the backup", self.number), reason: reason.to_owned() }
    }

    /// Takes the next line, without its end.
    pub async fn take(&mut self, line: &str) -> Result<(), StoreError> {
        self.number += 1;
        let json: Json = serde_json::from_str(line).map_err(|_| self.wrong("it is not JSON"))?;
        if self.ended {
            return Err(self.wrong("something stands behind the end"));
        }
        match (self.summary.is_some(), json) {
            (false, json) => self.beginning(json).await,
            (true, Json::Array(cells)) => self.row(cells, line).await,
            (true, json @ Json::Object(_)) if json.get("columns").is_some() => self.table(json),
            (true, json @ Json::Object(_)) if json.get("sha256").is_some() => self.table_ends(json).await,
            (true, json @ Json::Object(_)) => self.end(json),
            _ => Err(self.wrong("it is no part of a backup")),
        }
    }

    async fn beginning(&mut self, json: Json) -> Result<(), StoreError> {
        let beginning: Beginning =
            serde_json::from_value(json).map_err(|_| self.wrong("it is not the beginning of a backup"))?;
        if beginning.format != FORMAT {
            return Err(self.wrong("it is of another format than this program knows"));
        }
        if !(1..=SCHEMA_VERSION).contains(&beginning.schema) {
            return Err(StoreError::Newer {
                place: "the backup".to_owned(),
                found: beginning.schema,
                known: SCHEMA_VERSION,
            });
        }
        schema::migrate_to(&mut self.connection, 0, beginning.schema).await?;
        let tables = table::tables(&mut self.connection, beginning.schema).await?;
        self.expected = tables.into_iter().map(|table| (table.name, table)).collect();
        self.summary = Some(Summary { schema: beginning.schema, logs: beginning.logs, tables: Vec::new() });
        Ok(())
    }

    fn table(&mut self, json: Json) -> Result<(), StoreError> {
        let beginning: TableBeginning =
            serde_json::from_value(json).map_err(|_| self.wrong("it does not begin a table"))?;
        if self.current.is_some() {
            return Err(self.wrong("the table before has no end"));
        }
        let table = self.expected.remove(beginning.table.as_str());
        let table =
            table.ok_or_else(|| self.wrong("this schema has no such table, or it stood here before"))?;
        if table.columns != beginning.columns {
            return Err(self.wrong("the table has other columns in this schema"));
        }
        let kinds = table.columns.iter().map(|(_, kind)| *kind).collect();
        self.current = Some(Writing { table, kinds, rows: 0, digest: Sha256::new(), waiting: Vec::new() });
        Ok(())
    }

    async fn row(&mut self, cells: Vec<Json>, line: &str) -> Result<(), StoreError> {
        let number = self.number;
        let wrong = |reason: &str| StoreError::Refused {
            what: format!("line {number} of the backup"),
            reason: reason.to_owned(),
        };
        let writing = self.current.as_mut().ok_or_else(|| wrong("a row stands outside of a table"))?;
        let values =
            table::row(cells, &writing.kinds).ok_or_else(|| wrong("the row does not fit its table"))?;
        writing.digest.update(line.as_bytes());
        writing.digest.update(b"\n");
        writing.rows += 1;
        writing.waiting.extend(values);
        if writing.waiting.len() + writing.kinds.len() > VALUES {
            write(&mut self.connection, writing).await?;
        }
        Ok(())
    }

    async fn table_ends(&mut self, json: Json) -> Result<(), StoreError> {
        let told: TableDigest =
            serde_json::from_value(json).map_err(|_| self.wrong("it does not end a table"))?;
        let mut writing = self.current.take().ok_or_else(|| self.wrong("no table has begun"))?;
        write(&mut self.connection, &mut writing).await?;
        let sha256 = HEXLOWER.encode(&writing.digest.finalize()[..]);
        let found = TableDigest { table: writing.table.name.to_owned(), rows: writing.rows, sha256 };
        if found != told {
            return Err(
                self.wrong("the rows of this table are not those that were written: the backup is damaged")
            );
        }
        if let Some(summary) = &mut self.summary {
            summary.tables.push(found);
        }
        Ok(())
    }

    fn end(&mut self, json: Json) -> Result<(), StoreError> {
        let end: End = serde_json::from_value(json).map_err(|_| self.wrong("it is no part of a backup"))?;
        let tables = self.summary.as_ref().map_or(0, |summary| summary.tables.len() as u64);
        if self.current.is_some() || !self.expected.is_empty() || end.tables != tables || end.end != FORMAT {
            return Err(self.wrong("tables are missing"));
        }
        self.ended = true;
        Ok(())
    }

    /// Makes it durable; refused, and nothing is there, when the end was not reached.
    pub async fn finish(mut self) -> Result<Summary, StoreError> {
        let Some(summary) = self.summary.take().filter(|_| self.ended) else {
            let reason = "it ends too early: the backup is not whole".to_owned();
            self.abandon().await;
            return Err(StoreError::Refused { what: "the backup".to_owned(), reason });
        };
        if self.connection.is_sqlite() {
            let mark = format!("PRAGMA application_id = {}", engine::APPLICATION_ID);
            self.connection.run(assembled(mark)).await?;
        }
        self.connection.run("COMMIT").await?;
        self.connection.close().await;
        drop(self.lock.take());
        Ok(summary)
    }

    /// Takes back everything.
    pub async fn abandon(mut self) {
        if let Err(error) = self.connection.run("ROLLBACK").await {
            tracing::debug!(%error, "what was begun is taken back by closing the connection");
        }
        self.connection.close().await;
    }
}

async fn write(connection: &mut Connection, writing: &mut Writing) -> Result<(), StoreError> {
    let width = writing.kinds.len();
    let values = std::mem::take(&mut writing.waiting);
    if values.is_empty() {
        return Ok(());
    }
    let groups: Vec<String> =
        (0..values.len() / width).map(|row| format!("({})", placeholders(row * width + 1, width))).collect();
    let (name, names) = (writing.table.name, writing.table.names());
    let sql = format!("INSERT INTO {name} ({names}) VALUES {}", groups.join(","));
    connection.execute(assembled(sql), values).await?;
    Ok(())
}
