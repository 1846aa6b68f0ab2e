//! Reading a whole database in one snapshot, while others write.

use bastide_ledger::Log;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    Beginning, End, FORMAT, LogHead, Summary, TableBeginning, TableDigest,
    table::{self, Table},
};
use crate::{
    Location, StoreError, engine, schema,
    schema::SCHEMA_VERSION,
    sql::{Connection, Value, assembled, placeholders},
};

/// How many rows are read at once.
const PAGE: usize = 200;

/// A snapshot that is read line by line.
#[derive(Debug)]
pub struct Dump {
    connection: Connection,
    summary: Summary,
    tables: std::vec::IntoIter<Table>,
    current: Option<Reading>,
    ended: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Beginning,
    Tables,
    Ended,
}

/// The table that is being read.
struct Reading {
    table: Table,
    after: Option<Vec<Value>>,
    rows: u64,
    digest: Sha256,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Reading({} row {})", self.table.name, self.rows)
    }
}

/// Takes a snapshot of the database at a place. Needs neither keys nor the lock: a desk may go on there.
pub async fn dump(location: &Location) -> Result<Dump, StoreError> {
    let mut connection = engine::connect_reading(location).await?;
    let begin =
        if connection.is_sqlite() { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
    connection.run(begin).await?;
    let schema = schema::version(&mut connection).await?;
    if schema > SCHEMA_VERSION {
        return Err(StoreError::Newer { place: location.place(), found: schema, known: SCHEMA_VERSION });
    }
    if schema == 0 {
        let reason = "there are no tables of ours in it".to_owned();
        return Err(StoreError::Foreign { place: location.place(), reason });
    }
    let mut logs = Vec::new();
    for log in Log::ALL {
        let sql = "SELECT size, root FROM log_head WHERE log = $1";
        let row = connection.row("log_head", sql, vec![log.name().into()]).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("the head", log.name()))?;
        let root = HEXLOWER.encode(&row.bytes(1)?);
        logs.push(LogHead { log: log.name().to_owned(), size: row.count(0)?, root });
    }
    let tables = table::tables(&mut connection, schema).await?.into_iter();
    let summary = Summary { schema, logs, tables: Vec::new() };
    Ok(Dump { connection, summary, tables, current: None, ended: Stage::Beginning })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("our own lines are text, numbers and lists")
}

impl Dump {
    /// The schema of the rows.
    pub fn schema(&self) -> i64 {
        self.summary.schema
    }

    /// Where the logs stand.
    pub fn logs(&self) -> &[LogHead] {
        &self.summary.logs
    }

    /// The next lines, each with its end; none when everything was read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut text = String::new();
        match self.ended {
            Stage::Ended => return Ok(None),
            Stage::Beginning => {
                let (schema, logs) = (self.summary.schema, self.summary.logs.clone());
                text = json(&Beginning { format: FORMAT.to_owned(), schema, logs });
                text.push('\n');
                self.ended = Stage::Tables;
            }
            Stage::Tables => {
                if let Some(reading) = self.current.take() {
                    self.page(reading, &mut text).await?;
                } else if let Some(table) = self.tables.next() {
                    let (name, columns) = (table.name.to_owned(), table.columns.clone());
                    text = json(&TableBeginning { table: name, columns });
                    text.push('\n');
                    self.current = Some(Reading { table, after: None, rows: 0, digest: Sha256::new() });
                } else {
                    let tables = self.summary.tables.len() as u64;
                    text = json(&End { end: FORMAT.to_owned(), tables });
                    text.push('\n');
                    self.ended = Stage::Ended;
                }
            }
        }
        Ok(Some(text.into_bytes()))
    }

    async fn page(&mut self, mut reading: Reading, text: &mut String) -> Result<(), StoreError> {
        let table = &reading.table;
        let (names, key) = (table.names(), table.key_names());
        let after = match &reading.after {
            Some(_) => format!("WHERE ({key}) > ({})", placeholders(1, table.key.len())),
            None => String::new(),
        };
        let sql = format!("SELECT {names} FROM {} {after} ORDER BY {key} LIMIT {PAGE}", table.name);
        let values = reading.after.clone().unwrap_or_default();
        let rows = self.connection.rows(table.name, assembled(sql), values).await?;
        for row in &rows {
            let values = table.values(row)?;
            let line = table::line(&values);
            reading.digest.update(line.as_bytes());
            reading.digest.update(b"\n");
            reading.rows += 1;
            reading.after = Some(table.key.iter().map(|at| values[*at].clone()).collect());
            text.push_str(&line);
            text.push('\n');
        }
        if rows.len() == PAGE {
            self.current = Some(reading);
            return Ok(());
        }
        let sha256 = HEXLOWER.encode(&reading.digest.finalize()[..]);
        let digest = TableDigest { table: table.name.to_owned(), rows: reading.rows, sha256 };
        text.push_str(&json(&digest));
        text.push('\n');
        self.summary.tables.push(digest);
        Ok(())
    }

    /// Reads on to the end without keeping anything; gives what the database comes to.
    pub async fn finish(mut self) -> Result<Summary, StoreError> {
        while self.next().await?.is_some() {}
        self.connection.close().await;
        Ok(self.summary)
    }
}
