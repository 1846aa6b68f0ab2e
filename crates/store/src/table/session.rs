//! What is known of a signed-in browser beside its secret: how it signed in, when it was seen, when its holder confirmed
//! that it is they. The secret itself is a credential; an address is never stored.

use bastide_model::{digest::Sha256Digest, id::PersonId, time::Instant};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row, Value, name_of},
};

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignInWay {
    /// By a one-time link.
    Link,
    /// By a passkey.
    Passkey,
    /// By trading an API token for a session.
    Token,
    /// By another house that vouches for them: a forge, an institution.
    Vouched,
}

/// A session beside its credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The SHA-256 of its secret; the credential's key.
    pub digest: Sha256Digest,
    /// Whose it is.
    pub person: PersonId,
    /// How it began.
    pub way: SignInWay,
    /// The browser in words, such as `Firefox on Linux`.
    pub device: String,
    /// Whether the browser was unknown when it signed in.
    pub new_device: bool,
    /// When it was seen last, to the minute.
    pub last_seen: Instant,
    /// When its holder last confirmed by a passkey that it is they.
    pub confirmed: Option<Instant>,
}

pub(crate) const TABLE: Table = Table {
    name: "session",
    columns: &[
        ("digest", Kind::Text),
        ("person", Kind::Text),
        ("way", Kind::Text),
        ("device", Kind::Text),
        ("new_device", Kind::Int),
        ("last_seen", Kind::Int),
        ("confirmed", Kind::Int),
    ],
    key: 1,
};

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    session: &Session,
) -> Result<(), StoreError> {
    let values = vec![
        session.digest.to_string().into(),
        session.person.to_string().into(),
        name_of(&session.way).into(),
        session.device.as_str().into(),
        session.new_device.into(),
        session.last_seen.into(),
        session.confirmed.into(),
    ];
    TABLE.add(connection, keys, values).await
}

pub(crate) async fn seen(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
    at: Instant,
) -> Result<(), StoreError> {
    change(connection, keys, digest, vec![("last_seen", at.into())]).await
}

pub(crate) async fn confirmed(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
    at: Instant,
) -> Result<(), StoreError> {
    change(connection, keys, digest, vec![("confirmed", at.into()), ("last_seen", at.into())]).await
}

async fn change(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
    changes: Vec<(&str, Value)>,
) -> Result<(), StoreError> {
    let rows = TABLE.rows_in(connection, keys, "WHERE digest = $1", vec![digest.to_string().into()]).await?;
    match rows.first() {
        Some(row) => TABLE.change(connection, keys, row, changes).await,
        None => Err(StoreError::Spent),
    }
}

fn read(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        digest: row.parsed(0)?,
        person: row.parsed(1)?,
        way: row.named(2)?,
        device: row.text(3)?,
        new_device: row.int(4)? == 1,
        last_seen: row.instant(5)?,
        confirmed: row.optional_instant(6)?,
    })
}

impl Store {
    /// What is known of the session whose secret has this digest.
    pub async fn session(&self, digest: &Sha256Digest) -> Result<Option<Session>, StoreError> {
        let values = vec![digest.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE digest = $1", values).await?;
        rows.first().map(read).transpose()
    }

    /// A person's sessions, also ended ones, the last seen first; at most 500.
    pub async fn sessions_of(&self, person: PersonId) -> Result<Vec<Session>, StoreError> {
        let rest = "WHERE person = $1 ORDER BY last_seen DESC, digest LIMIT 500";
        let values = vec![person.to_string().into()];
        TABLE.rows(self.readers(), self.keys(), rest, values).await?.iter().map(read).collect()
    }
}
