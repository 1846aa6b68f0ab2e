//! Rows of projections under a check value, so that no bit of them changes unnoticed.
//!
//! The ledger vouches for events; projections (grants, credentials, the inbox) are not in it. Each of their rows
//! ends with an HMAC-SHA-256 over the table's name and all its values, under a key derived from the one that lies
//! outside the database. Damage shows when the row is read; and whoever can write to the database, but does not
//! hold the key file, cannot make themselves a grant or revive a credential. (They can still delete a row, or put
//! back an older one with its older check value.)

use crate::{
    StoreError,
    keys::Keys,
    sql::{Connection, Pool, Row, Value, assembled, placeholders},
};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
}

/// A table whose rows carry a check value in their last column, `row_check`.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name in SQL.
    pub(crate) name: &'static str,
    /// Its columns without the check value, the key's first.
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// How many columns the key has.
    pub(crate) key: usize,
}

/// The tables that nobody may write to twice: their rows keep the check values of their time.
const LASTING: [&str; 3] = ["publication", "snapshot", "log_key"];

/// How far the rewriting of a table got.
pub(crate) struct Rewritten {
    /// The key of the last row that was looked at; none at the end.
    pub(crate) last: Option<Vec<Value>>,
    /// How many rows changed.
    pub(crate) changed: u64,
}

impl Table {
    /// Whether its rows are never written anew.
    pub(crate) fn lasts(&self) -> bool {
        LASTING.contains(&self.name)
    }

    /// Writes the next rows, those after `after`, with their check values anew, and with what `anew` does to their values.
    pub(crate) async fn rewrite(
        &self,
        connection: &mut Connection,
        keys: &Keys,
        after: Option<Vec<Value>>,
        limit: usize,
        anew: &impl Fn(&mut Vec<Value>) -> Result<(), StoreError>,
    ) -> Result<Rewritten, StoreError> {
        let key: Vec<&str> = self.columns[..self.key].iter().map(|(name, _)| *name).collect();
        let names = key.join(", ");
        let beyond = after.as_ref().map_or_else(String::new, |after| {
            format!("WHERE ({names}) > ({})", placeholders(1, after.len()))
        });
        let rest = format!("{beyond} ORDER BY {names} LIMIT {limit}");
        let rows = self.rows_in(connection, keys, &rest, after.unwrap_or_default()).await?;
        let (mut last, mut changed) = (None, 0);
        for row in &rows {
            let mut values = self.values(row)?;
            let before = values[..self.key].to_vec();
            if row.bytes(self.columns.len())? != keys.row_check(&self.checked(&values)) {
                anew(&mut values)?;
                if values[..self.key] != before {
                    let columns = key.iter().enumerate().map(|(at, name)| format!("{name} = ${}", at + 1));
                    let columns = columns.collect::<Vec<_>>().join(" AND ");
                    let sql = format!("DELETE FROM {} WHERE {columns}", self.name);
                    connection.execute(assembled(sql), before.clone()).await?;
                }
                self.put(connection, keys, values).await?;
                changed += 1;
            }
            last = Some(before);
        }
        Ok(Rewritten { last, changed })
    }

    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    fn select(&self, rest: &str) -> String {
        format!("SELECT {}, row_check FROM {} {rest}", self.names(), self.name)
    }

    /// The rows that `rest` chooses, in the order of the columns, each checked.
    pub(crate) async fn rows(
        &self,
        pool: &Pool,
        keys: &Keys,
        rest: &str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = self.unchecked(pool, rest, values).await?;
        rows.iter().try_for_each(|row| self.check(keys, row))?;
        Ok(rows)
    }

    /// The rows that `rest` chooses, for who checks them one by one.
    pub(crate) async fn unchecked(
        &self,
        pool: &Pool,
        rest: &str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        pool.rows(self.name, assembled(self.select(rest)), values).await
    }

    /// The same inside the writer's transaction.
    pub(crate) async fn rows_in(
        &self,
        connection: &mut Connection,
        keys: &Keys,
        rest: &str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = connection.rows(self.name, assembled(self.select(rest)), values).await?;
        rows.iter().try_for_each(|row| self.check(keys, row))?;
        Ok(rows)
    }

    /// Compares a row with its check value.
    pub(crate) fn check(&self, keys: &Keys, row: &Row) -> Result<(), StoreError> {
        let values = self.values(row)?;
        if keys.is_row_check(&self.checked(&values), &row.bytes(self.columns.len())?, self.lasts()) {
            return Ok(());
        }
        let key: Vec<String> = values[..self.key].iter().map(Value::for_people).collect();
        Err(row.damaged(&key.join(", ")))
    }

    /// Writes a new row; [`StoreError::Exists`] when there is one of this key.
    pub(crate) async fn add(
        &self,
        connection: &mut Connection,
        keys: &Keys,
        values: Vec<Value>,
    ) -> Result<(), StoreError> {
        self.write(connection, keys, values, "").await
    }

    /// Writes a new row unless there is one of this key.
    pub(crate) async fn add_once(
        &self,
        connection: &mut Connection,
        keys: &Keys,
        values: Vec<Value>,
    ) -> Result<(), StoreError> {
        self.write(connection, keys, values, " ON CONFLICT DO NOTHING").await
    }

    /// Writes a row in place of the one of this key, if there is one.
    pub(crate) async fn put(
        &self,
        connection: &mut Connection,
        keys: &Keys,
        values: Vec<Value>,
    ) -> Result<(), StoreError> {
        let key: Vec<&str> = self.columns[..self.key].iter().map(|(name, _)| *name).collect();
        let rest = self.columns[self.key..].iter().map(|(name, _)| *name).chain(["row_check"]);
        let set: Vec<String> = rest.map(|name| format!("{name} = excluded.{name}")).collect();
        let conflict = format!(" ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), set.join(", "));
        self.write(connection, keys, values, &conflict).await
    }

    /// Writes a row that was read back with some columns changed.
    pub(crate) async fn change(
        &self,
        connection: &mut Connection,
        keys: &Keys,
        row: &Row,
        changes: Vec<(&str, Value)>,
    ) -> Result<(), StoreError> {
        let mut values = self.values(row)?;
        for (name, value) in changes {
            let column = self.columns.iter().position(|(column, _)| *column == name);
            values[column.expect("our own statements name columns that the table has")] = value;
        }
        self.put(connection, keys, values).await
    }

    async fn write(
        &self,
        connection: &mut Connection,
        keys: &Keys,
        mut values: Vec<Value>,
        conflict: &str,
    ) -> Result<(), StoreError> {
        debug_assert_eq!(values.len(), self.columns.len(), "one value for each column of {}", self.name);
        values.push(keys.row_check(&self.checked(&values)).into());
        let marks = placeholders(1, values.len());
        let sql =
            format!("INSERT INTO {} ({}, row_check) VALUES ({marks}){conflict}", self.name, self.names());
        connection.execute(assembled(sql), values).await?;
        Ok(())
    }

    fn values(&self, row: &Row) -> Result<Vec<Value>, StoreError> {
        let read = |(column, (_, kind)): (usize, &(&str, Kind))| match kind {
            Kind::Int => row.optional_int(column).map(Value::Int),
            Kind::Text => row.optional_text(column).map(Value::Text),
            Kind::Bytes => row.optional_bytes(column).map(Value::Bytes),
        };
        self.columns.iter().enumerate().map(read).collect()
    }

    /// Every value goes in after a mark of its kind and its length, so no two rows have the same bytes.
    fn checked(&self, values: &[Value]) -> Vec<u8> {
        let mut bytes = b"bastide-row-v1".to_vec();
        let mut push = |mark: u8, part: &[u8]| {
            bytes.push(mark);
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        };
        push(b'T', self.name.as_bytes());
        for value in values {
            match value {
                Value::Int(Some(number)) => push(b'i', &number.to_be_bytes()),
                Value::Text(Some(text)) => push(b't', text.as_bytes()),
                Value::Bytes(Some(part)) => push(b'b', part),
                Value::Int(None) | Value::Text(None) | Value::Bytes(None) => push(b'n', b""),
            }
        }
        bytes
    }
}
