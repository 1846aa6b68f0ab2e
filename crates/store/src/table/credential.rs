//! Secret tokens by their digest: API tokens, sessions, sign-in links, reporters' links. The secret itself is
//! never stored.

use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row, Value, name_of},
};

/// What a secret token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A token for the API, in a person's name.
    ApiToken,
    /// A signed-in browser.
    Session,
    /// A link that signs in once.
    SignInLink,
    /// The link by which a reporter without an account follows their report.
    ReporterLink,
}

/// Whose a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person's.
    Person(PersonId),
    /// A case's: whoever holds the link.
    Case(CaseId),
}

impl Holder {
    fn columns(self) -> (&'static str, String) {
        match self {
            Self::Person(person) => ("person", person.to_string()),
            Self::Case(case) => ("case", case.to_string()),
        }
    }
}

/// A credential as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The SHA-256 of the secret.
    pub digest: Sha256Digest,
    /// What it is for.
    pub kind: CredentialKind,
    /// Whose it is.
    pub holder: Holder,
    /// What it may be used for, in the words of the use cases.
    pub scopes: String,
    /// When it was made.
    pub created: Instant,
    /// From when it no longer works; never when absent.
    pub expires: Option<Instant>,
    /// When it was revoked or used up.
    pub revoked: Option<Instant>,
}

impl Credential {
    /// Whether it works at `now`.
    pub fn works(&self, now: Instant) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

pub(crate) const TABLE: Table = Table {
    name: "credential",
    columns: &[
        ("digest", Kind::Text),
        ("kind", Kind::Text),
        ("holder_kind", Kind::Text),
        ("holder", Kind::Text),
        ("scopes", Kind::Text),
        ("created", Kind::Int),
        ("expires", Kind::Int),
        ("revoked", Kind::Int),
    ],
    key: 1,
};

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    credential: &Credential,
) -> Result<(), StoreError> {
    let (holder_kind, holder) = credential.holder.columns();
    let values = vec![
        credential.digest.to_string().into(),
        name_of(&credential.kind).into(),
        holder_kind.into(),
        holder.into(),
        credential.scopes.as_str().into(),
        credential.created.into(),
        credential.expires.into(),
        credential.revoked.into(),
    ];
    TABLE.add(connection, keys, values).await
}

pub(crate) async fn consume(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
    at: Instant,
) -> Result<(), StoreError> {
    let values = vec![digest.to_string().into()];
    let rows = TABLE.rows_in(connection, keys, "WHERE digest = $1", values).await?;
    match rows.first() {
        Some(row) if read(row)?.works(at) => {
            TABLE.change(connection, keys, row, vec![("revoked", at.into())]).await
        }
        _ => Err(StoreError::Spent),
    }
}

pub(crate) async fn revoke(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
    at: Instant,
) -> Result<(), StoreError> {
    let values = vec![digest.to_string().into()];
    revoke_rows(connection, keys, "WHERE digest = $1 AND revoked IS NULL", values, at).await
}

pub(crate) async fn revoke_of(
    connection: &mut Connection,
    keys: &Keys,
    holder: Holder,
    at: Instant,
) -> Result<(), StoreError> {
    let (holder_kind, holder) = holder.columns();
    let rest = "WHERE holder_kind = $1 AND holder = $2 AND revoked IS NULL";
    revoke_rows(connection, keys, rest, vec![holder_kind.into(), holder.into()], at).await
}

async fn revoke_rows(
    connection: &mut Connection,
    keys: &Keys,
    rest: &str,
    values: Vec<Value>,
    at: Instant,
) -> Result<(), StoreError> {
    for row in TABLE.rows_in(connection, keys, rest, values).await? {
        TABLE.change(connection, keys, &row, vec![("revoked", at.into())]).await?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<Credential, StoreError> {
    let holder = match row.text(2)?.as_str() {
        "person" => Holder::Person(row.parsed(3)?),
        "case" => Holder::Case(row.parsed(3)?),
        _ => return Err(row.damaged("the holder")),
    };
    Ok(Credential {
        digest: row.parsed(0)?,
        kind: row.named(1)?,
        holder,
        scopes: row.text(4)?,
        created: row.instant(5)?,
        expires: row.optional_instant(6)?,
        revoked: row.optional_instant(7)?,
    })
}

impl Store {
    /// The credential whose secret has this digest, also when it no longer works.
    pub async fn credential(&self, digest: &Sha256Digest) -> Result<Option<Credential>, StoreError> {
        let values = vec![digest.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE digest = $1", values).await?;
        rows.first().map(read).transpose()
    }

    /// All credentials of a person or case, oldest first.
    pub async fn credentials_of(&self, holder: Holder) -> Result<Vec<Credential>, StoreError> {
        let (holder_kind, holder) = holder.columns();
        let rest = "WHERE holder_kind = $1 AND holder = $2 ORDER BY created, digest";
        let values = vec![holder_kind.into(), holder.into()];
        TABLE.rows(self.readers(), self.keys(), rest, values).await?.iter().map(read).collect()
    }
}
