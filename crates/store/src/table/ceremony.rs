//! Passkey ceremonies under way: what the desk asked a browser to sign. Each is taken once, whatever comes of it, and
//! there are never more than a bounded number.

use bastide_model::{digest::Sha256Digest, id::PersonId, time::Instant};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row, name_of},
};

/// What a ceremony is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CeremonyKind {
    /// A new passkey.
    Enrol,
    /// Signing in.
    SignIn,
    /// Confirming that it is still the same person.
    Confirm,
}

/// A ceremony under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// The SHA-256 of its handle.
    pub digest: Sha256Digest,
    /// What it is for.
    pub kind: CeremonyKind,
    /// The session that it belongs to; none when somebody signs in.
    pub session: Option<Sha256Digest>,
    /// Who is signed in.
    pub person: Option<PersonId>,
    /// What the answer is compared with.
    pub state: Vec<u8>,
    /// When it began.
    pub created: Instant,
    /// From when it can no longer be finished.
    pub expires: Instant,
}

/// How many ceremonies one session has under way; an older one gives way to a new one.
const PER_SESSION: i64 = 5;
/// How many sign-ins are under way at once; an older one gives way to a new one.
const SIGNING_IN: i64 = 5_000;
/// How many ceremonies of sessions are under way at once.
const OF_SESSIONS: i64 = 20_000;

pub(crate) const TABLE: Table = Table {
    name: "ceremony",
    columns: &[
        ("digest", Kind::Text),
        ("kind", Kind::Text),
        ("session", Kind::Text),
        ("person", Kind::Text),
        ("state", Kind::Bytes),
        ("created", Kind::Int),
        ("expires", Kind::Int),
    ],
    key: 1,
};

/// Adds one; those that are over, and the oldest beyond the bounds, go.
pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    ceremony: &Ceremony,
) -> Result<(), StoreError> {
    let now = ceremony.created;
    connection.execute("DELETE FROM ceremony WHERE expires <= $1", vec![now.into()]).await?;
    let keep = "(SELECT digest FROM ceremony WHERE session IS NULL ORDER BY created DESC, digest LIMIT $1)";
    let bound = match &ceremony.session {
        Some(session) => {
            let sql = "DELETE FROM ceremony WHERE session = $1 AND digest NOT IN
                (SELECT digest FROM ceremony WHERE session = $1 ORDER BY created DESC, digest LIMIT $2)";
            let values = vec![session.to_string().into(), (PER_SESSION - 1).into()];
            connection.execute(sql, values).await?;
            OF_SESSIONS
        }
        None => SIGNING_IN,
    };
    let (is, keep) = match &ceremony.session {
        Some(_) => ("IS NOT NULL", keep.replace("IS NULL", "IS NOT NULL")),
        None => ("IS NULL", keep.to_owned()),
    };
    let sql = format!("DELETE FROM ceremony WHERE session {is} AND digest NOT IN {keep}");
    connection.execute(crate::sql::assembled(sql), vec![(bound - 1).into()]).await?;
    let values = vec![
        ceremony.digest.to_string().into(),
        name_of(&ceremony.kind).into(),
        ceremony.session.map(|digest| digest.to_string()).into(),
        ceremony.person.map(|person| person.to_string()).into(),
        ceremony.state.as_slice().into(),
        ceremony.created.into(),
        ceremony.expires.into(),
    ];
    TABLE.add(connection, keys, values).await
}

/// Takes one away; [`StoreError::Spent`] when somebody has taken it before.
pub(crate) async fn take(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
) -> Result<(), StoreError> {
    let values = vec![digest.to_string().into()];
    if TABLE.rows_in(connection, keys, "WHERE digest = $1", values.clone()).await?.is_empty() {
        return Err(StoreError::Spent);
    }
    connection.execute("DELETE FROM ceremony WHERE digest = $1", values).await?;
    Ok(())
}

fn read(row: &Row) -> Result<Ceremony, StoreError> {
    Ok(Ceremony {
        digest: row.parsed(0)?,
        kind: row.named(1)?,
        session: row.optional_parsed(2)?,
        person: row.optional_parsed(3)?,
        state: row.bytes(4)?,
        created: row.instant(5)?,
        expires: row.instant(6)?,
    })
}

impl Store {
    /// The ceremony whose handle has this digest.
    pub async fn ceremony(&self, digest: &Sha256Digest) -> Result<Option<Ceremony>, StoreError> {
        let values = vec![digest.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE digest = $1", values).await?;
        rows.first().map(read).transpose()
    }

    /// How many ceremonies are under way.
    pub async fn ceremonies(&self) -> Result<u64, StoreError> {
        let rows = self.readers().rows("ceremony", "SELECT COUNT(*) FROM ceremony", vec![]).await?;
        rows.first().map_or(Ok(0), |row| row.count(0))
    }
}
