//! Browsers that somebody has signed in from, by the digest of a random cookie: a sign-in from any other is told to its
//! owner.

use bastide_model::{digest::Sha256Digest, id::PersonId, time::Instant};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::Connection,
};

pub(crate) const TABLE: Table = Table {
    name: "known_device",
    columns: &[("digest", Kind::Text), ("person", Kind::Text), ("since", Kind::Int)],
    key: 2,
};

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
    person: PersonId,
    at: Instant,
) -> Result<(), StoreError> {
    let values = vec![digest.to_string().into(), person.to_string().into(), at.into()];
    TABLE.add_once(connection, keys, values).await
}

/// No browser of this person is known any more: the next sign-in from each is told again.
pub(crate) async fn forget(connection: &mut Connection, person: PersonId) -> Result<(), StoreError> {
    let values = vec![person.to_string().into()];
    connection.execute("DELETE FROM known_device WHERE person = $1", values).await?;
    Ok(())
}

impl Store {
    /// Whether this person has signed in from the browser with this cookie.
    pub async fn knows_device(&self, digest: &Sha256Digest, person: PersonId) -> Result<bool, StoreError> {
        let values = vec![digest.to_string().into(), person.to_string().into()];
        let rest = "WHERE digest = $1 AND person = $2";
        Ok(!TABLE.rows(self.readers(), self.keys(), rest, values).await?.is_empty())
    }
}
