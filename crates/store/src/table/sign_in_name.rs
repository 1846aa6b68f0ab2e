//! By what else somebody is known who signs in: an address that a link by mail proved, an account at a provider.
//!
//! A keyed hash of the name stands here, so each belongs to one person and nobody who only has the database learns whose
//! account at which provider is whose; what the person is shown of it stands in their record.

use bastide_ledger::Salt;
use bastide_model::id::PersonId;

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::Connection,
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

fn digest(keys: &Keys, name: &SignInName) -> String {
    let text = match name {
        SignInName::Mail(address) => format!("bastide-sign-in-v1\nmail\n{}", address.to_lowercase()),
        SignInName::Outside { issuer, subject } => {
            format!("bastide-sign-in-v1\noutside\n{}:{issuer}\n{subject}", issuer.len())
        }
    };
    data_encoding::HEXLOWER.encode(&Salt(*keys.rows).commit(text.as_bytes()))
}

/// Gives a name to a person; [`StoreError::Exists`] when it is somebody's.
pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    name: &SignInName,
    person: PersonId,
) -> Result<(), StoreError> {
    TABLE.add(connection, keys, vec![digest(keys, name).into(), person.to_string().into()]).await
}

/// Takes a name from a person; no error when it is not theirs.
pub(crate) async fn remove(
    connection: &mut Connection,
    keys: &Keys,
    name: &SignInName,
    person: PersonId,
) -> Result<(), StoreError> {
    let values = vec![digest(keys, name).into(), person.to_string().into()];
    connection.execute("DELETE FROM sign_in_name WHERE name = $1 AND person = $2", values).await?;
    Ok(())
}

impl Store {
    /// Whose name this is.
    pub async fn person_named(&self, name: &SignInName) -> Result<Option<PersonId>, StoreError> {
        let values = vec![digest(self.keys(), name).into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE name = $1", values).await?;
        rows.first().map(|row| row.parsed(1)).transpose()
    }
}
