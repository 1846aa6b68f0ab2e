//! By what else somebody is known who signs in: an address that a link by mail proved, an account at a provider.
//!
//! A keyed hash of the name stands here, so each belongs to one person and nobody who only has the database learns whose
//! account at which provider is whose; what the person is shown of it stands in their record.

use bastide_model::id::PersonId;

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Value},
};

/// A name by which somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInName {
    /// A mail address of a reporter's account, proved by a link. Two that differ in case only are one.
    Mail(String),
    /// An account at a provider: who vouches for it, and the provider's own unchanging name for it.
    Outside {
        /// The issuer, as it calls itself.
        issuer: String,
        /// The subject, as the issuer calls it.
        subject: String,
    },
}

pub(crate) const TABLE: Table =
    Table { name: "sign_in_name", columns: &[("name", Kind::Text), ("person", Kind::Text)], key: 1 };

fn hashed(name: &SignInName) -> String {
    match name {
        SignInName::Mail(address) => format!("bastide-sign-in-v1\nmail\n{}", address.to_lowercase()),
        SignInName::Outside { issuer, subject } => {
            format!("bastide-sign-in-v1\noutside\n{}:{issuer}\n{subject}", issuer.len())
        }
    }
}

/// Hashes the name of a row anew.
pub(crate) fn hash_anew(keys: &Keys, values: &mut [Value]) -> Result<(), StoreError> {
    let Value::Text(Some(hash)) = &values[0] else {
        return Err(StoreError::corrupt("a name to sign in by", "its row"));
    };
    values[0] = keys.name_hashed_anew(hash).into();
    Ok(())
}

/// Gives a name to a person; [`StoreError::Exists`] when it is somebody's.
pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    name: &SignInName,
    person: PersonId,
) -> Result<(), StoreError> {
    let text = hashed(name);
    for hash in keys.name_hashes(&text).into_iter().skip(1) {
        if !TABLE.rows_in(connection, keys, "WHERE name = $1", vec![hash.into()]).await?.is_empty() {
            return Err(StoreError::Exists { what: "this name to sign in by".to_owned() });
        }
    }
    TABLE.add(connection, keys, vec![keys.name_hash(&text).into(), person.to_string().into()]).await
}

/// Takes a name from a person; no error when it is not theirs.
pub(crate) async fn remove(
    connection: &mut Connection,
    keys: &Keys,
    name: &SignInName,
    person: PersonId,
) -> Result<(), StoreError> {
    for hash in keys.name_hashes(&hashed(name)) {
        let values = vec![hash.into(), person.to_string().into()];
        connection.execute("DELETE FROM sign_in_name WHERE name = $1 AND person = $2", values).await?;
    }
    Ok(())
}

impl Store {
    /// Whose name this is.
    pub async fn person_named(&self, name: &SignInName) -> Result<Option<PersonId>, StoreError> {
        for hash in self.keys().name_hashes(&hashed(name)) {
            let rows = TABLE.rows(self.readers(), self.keys(), "WHERE name = $1", vec![hash.into()]).await?;
            if let Some(row) = rows.first() {
                return row.parsed(1).map(Some);
            }
        }
        Ok(None)
    }
}
