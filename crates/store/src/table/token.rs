//! What is known of an API token beside its secret: the name that its owner gave it, and when it was used last.

use bastide_model::{digest::Sha256Digest, id::PersonId, time::Instant};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row},
};

/// A token beside its credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The SHA-256 of its secret; the credential's key.
    pub digest: Sha256Digest,
    /// Whose it is.
    pub person: PersonId,
    /// What its owner calls it.
    pub name: String,
    /// When it was used last, to the day.
    pub last_used: Option<Instant>,
}

pub(crate) const TABLE: Table = Table {
    name: "token",
    columns: &[
        ("digest", Kind::Text),
        ("person", Kind::Text),
        ("name", Kind::Text),
        ("last_used", Kind::Int),
    ],
    key: 1,
};

/// A new token, or one that was used.
pub(crate) async fn put(connection: &mut Connection, keys: &Keys, token: &Token) -> Result<(), StoreError> {
    let values = vec![
        token.digest.to_string().into(),
        token.person.to_string().into(),
        token.name.as_str().into(),
        token.last_used.into(),
    ];
    TABLE.put(connection, keys, values).await
}

fn read(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        digest: row.parsed(0)?,
        person: row.parsed(1)?,
        name: row.text(2)?,
        last_used: row.optional_instant(3)?,
    })
}

impl Store {
    /// What is known of the token whose secret has this digest.
    pub async fn token(&self, digest: &Sha256Digest) -> Result<Option<Token>, StoreError> {
        let values = vec![digest.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE digest = $1", values).await?;
        rows.first().map(read).transpose()
    }

    /// What is known of a person's tokens.
    pub async fn tokens_of(&self, person: PersonId) -> Result<Vec<Token>, StoreError> {
        let values = vec![person.to_string().into()];
        let rest = "WHERE person = $1 ORDER BY name, digest";
        TABLE.rows(self.readers(), self.keys(), rest, values).await?.iter().map(read).collect()
    }
}
