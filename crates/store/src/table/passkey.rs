//! Passkeys: the public keys by which people sign in and confirm, with the counter that their device showed last.

use bastide_model::{digest::Sha256Digest, id::PersonId, time::Instant};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row, Value, name_of},
};

/// Why a passkey no longer works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasskeyEnd {
    /// Its owner removed it.
    Removed,
    /// Its counter went back: there may be two copies of it.
    Copied,
    /// Its owner lost their passkeys, and two administrators let them begin anew.
    Recovered,
}

/// A passkey as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The SHA-256 of the credential's id: no device gives one to two people.
    pub id: Sha256Digest,
    /// Whose it is.
    pub person: PersonId,
    /// The name that its owner gave it.
    pub name: String,
    /// The public key and what the device said of itself, as the use cases write it.
    pub document: Vec<u8>,
    /// The counter that the device showed last; 0 for devices that do not count.
    pub counter: u32,
    /// When it was made.
    pub created: Instant,
    /// When it was used last.
    pub last_used: Option<Instant>,
    /// When it ended and why; then it opens nothing.
    pub ended: Option<(Instant, PasskeyEnd)>,
}

pub(crate) const TABLE: Table = Table {
    name: "passkey",
    columns: &[
        ("id", Kind::Text),
        ("person", Kind::Text),
        ("name", Kind::Text),
        ("document", Kind::Bytes),
        ("counter", Kind::Int),
        ("created", Kind::Int),
        ("last_used", Kind::Int),
        ("ended", Kind::Int),
        ("ended_why", Kind::Text),
    ],
    key: 1,
};

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    passkey: &Passkey,
) -> Result<(), StoreError> {
    let values = vec![
        passkey.id.to_string().into(),
        passkey.person.to_string().into(),
        passkey.name.as_str().into(),
        passkey.document.as_slice().into(),
        i64::from(passkey.counter).into(),
        passkey.created.into(),
        passkey.last_used.into(),
        passkey.ended.map(|(at, _)| at).into(),
        passkey.ended.map(|(_, why)| name_of(&why)).into(),
    ];
    TABLE.add(connection, keys, values).await
}

/// The row of a passkey that works.
async fn working(connection: &mut Connection, keys: &Keys, id: &Sha256Digest) -> Result<Row, StoreError> {
    let values = vec![id.to_string().into()];
    let rows = TABLE.rows_in(connection, keys, "WHERE id = $1 AND ended IS NULL", values).await?;
    rows.into_iter().next().ok_or(StoreError::Spent)
}

/// Writes down that a passkey was used. Of two uses with the same counter one is refused, whoever was checked first.
pub(crate) async fn used(
    connection: &mut Connection,
    keys: &Keys,
    id: &Sha256Digest,
    counter: u32,
    document: &[u8],
    at: Instant,
) -> Result<(), StoreError> {
    let row = working(connection, keys, id).await?;
    let before = read(&row)?.counter;
    if (counter > 0 || before > 0) && counter <= before {
        return Err(StoreError::Spent);
    }
    let changes =
        vec![("counter", i64::from(counter).into()), ("document", document.into()), ("last_used", at.into())];
    TABLE.change(connection, keys, &row, changes).await
}

pub(crate) async fn rename(
    connection: &mut Connection,
    keys: &Keys,
    id: &Sha256Digest,
    name: &str,
) -> Result<(), StoreError> {
    let row = working(connection, keys, id).await?;
    TABLE.change(connection, keys, &row, vec![("name", name.into())]).await
}

pub(crate) async fn end(
    connection: &mut Connection,
    keys: &Keys,
    id: &Sha256Digest,
    why: PasskeyEnd,
    at: Instant,
) -> Result<(), StoreError> {
    let row = working(connection, keys, id).await?;
    let changes: Vec<(&str, Value)> = vec![("ended", at.into()), ("ended_why", name_of(&why).into())];
    TABLE.change(connection, keys, &row, changes).await
}

pub(crate) fn read(row: &Row) -> Result<Passkey, StoreError> {
    let ended = match (row.optional_instant(7)?, row.optional_text(8)?) {
        (None, None) => None,
        (Some(at), Some(_)) => Some((at, row.named(8)?)),
        _ => return Err(row.damaged("the end of a passkey")),
    };
    Ok(Passkey {
        id: row.parsed(0)?,
        person: row.parsed(1)?,
        name: row.text(2)?,
        document: row.bytes(3)?,
        counter: u32::try_from(row.int(4)?).map_err(|_| row.damaged("the counter"))?,
        created: row.instant(5)?,
        last_used: row.optional_instant(6)?,
        ended,
    })
}

impl Store {
    /// The passkey of this id, also when it no longer works.
    pub async fn passkey(&self, id: &Sha256Digest) -> Result<Option<Passkey>, StoreError> {
        let values = vec![id.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE id = $1", values).await?;
        rows.first().map(read).transpose()
    }

    /// A person's passkeys that work, oldest first.
    pub async fn passkeys_of(&self, person: PersonId) -> Result<Vec<Passkey>, StoreError> {
        let rest = "WHERE person = $1 AND ended IS NULL ORDER BY created, id";
        let values = vec![person.to_string().into()];
        TABLE.rows(self.readers(), self.keys(), rest, values).await?.iter().map(read).collect()
    }
}
