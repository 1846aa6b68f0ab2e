//! Requests for a link by mail that opens a reporter's account: who asked, whether the link was sent, whether it was used.
//!
//! An address is sealed; a keyed hash of it counts how often somebody asked. The link itself stands here as its digest, and
//! only once it is sent.

use bastide_model::{digest::Sha256Digest, time::Instant};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    seal::Place,
    sql::{Connection, Row, Value},
};

/// A request for a link by mail.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountLink {
    /// Its id; a random one.
    pub id: String,
    /// Where the link goes. Two addresses that differ in case only are one.
    pub address: String,
    /// The SHA-256 of the link's secret, once it was sent.
    pub digest: Option<Sha256Digest>,
    /// When it was asked for.
    pub created: Instant,
    /// When the link ends.
    pub expires: Instant,
    /// When it was used.
    pub used: Option<Instant>,
}

impl std::fmt::Debug for AccountLink {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AccountLink").field("id", &self.id).finish_non_exhaustive()
    }
}

impl AccountLink {
    /// Whether the link opens an account at `now`.
    pub fn works(&self, now: Instant) -> bool {
        self.used.is_none() && now < self.expires
    }
}

pub(crate) const TABLE: Table = Table {
    name: "account_link",
    columns: &[
        ("id", Kind::Text),
        ("address_hash", Kind::Text),
        ("address", Kind::Bytes),
        ("digest", Kind::Text),
        ("created", Kind::Int),
        ("expires", Kind::Int),
        ("used", Kind::Int),
    ],
    key: 1,
};

fn place(id: &str) -> Place<'_> {
    Place { case: "desk", object: id, version: 1, tier: "" }
}

fn hashed(address: &str) -> String {
    format!("bastide-account-link-v1\n{}", address.to_lowercase())
}

/// Seals the address of a row anew, and hashes it anew.
pub(crate) fn seal_anew(keys: &Keys, values: &mut [Value]) -> Result<(), StoreError> {
    let (Value::Text(Some(id)), Value::Text(Some(hash)), Value::Bytes(Some(sealed))) =
        (&values[0], &values[1], &values[2])
    else {
        return Err(StoreError::corrupt("an account link", "its row"));
    };
    let (hash, sealed) = (keys.name_hashed_anew(hash), keys.sealed_anew(&place(id), sealed)?);
    values[1] = hash.into();
    if let Some(anew) = sealed {
        values[2] = anew.into();
    }
    Ok(())
}

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    link: &AccountLink,
) -> Result<(), StoreError> {
    let sealed = keys.seal(&place(&link.id), link.address.as_bytes())?;
    let values = vec![
        link.id.as_str().into(),
        keys.name_hash(&hashed(&link.address)).into(),
        sealed.into(),
        link.digest.as_ref().map(ToString::to_string).into(),
        link.created.into(),
        link.expires.into(),
        link.used.into(),
    ];
    TABLE.add(connection, keys, values).await
}

/// Gives the link its secret; one that is sent anew gets another, and the one before ends.
pub(crate) async fn sent(
    connection: &mut Connection,
    keys: &Keys,
    id: &str,
    digest: &Sha256Digest,
) -> Result<(), StoreError> {
    let rows = TABLE.rows_in(connection, keys, "WHERE id = $1 AND used IS NULL", vec![id.into()]).await?;
    let row = rows.first().ok_or(StoreError::Spent)?;
    TABLE.change(connection, keys, row, vec![("digest", Some(digest.to_string()).into())]).await
}

pub(crate) async fn take(
    connection: &mut Connection,
    keys: &Keys,
    digest: &Sha256Digest,
    at: Instant,
) -> Result<(), StoreError> {
    let rows = TABLE.rows_in(connection, keys, "WHERE digest = $1", vec![digest.to_string().into()]).await?;
    match rows.first() {
        Some(row) if read(row, keys)?.works(at) => {
            TABLE.change(connection, keys, row, vec![("used", at.into())]).await
        }
        _ => Err(StoreError::Spent),
    }
}

pub(crate) async fn forget(connection: &mut Connection, before: Instant) -> Result<(), StoreError> {
    connection.execute("DELETE FROM account_link WHERE expires < $1", vec![before.into()]).await?;
    Ok(())
}

fn read(row: &Row, keys: &Keys) -> Result<AccountLink, StoreError> {
    let id = row.text(0)?;
    let opened = keys.open(&place(&id), &row.bytes(2)?).map(|bytes| bytes.to_vec());
    let address = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(AccountLink {
        address: address.ok_or_else(|| StoreError::corrupt("an account link's address", id.clone()))?,
        digest: row.optional_parsed(3)?,
        created: row.instant(4)?,
        expires: row.instant(5)?,
        used: row.optional_instant(6)?,
        id,
    })
}

impl Store {
    /// The request with this id.
    pub async fn account_link(&self, id: &str) -> Result<Option<AccountLink>, StoreError> {
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE id = $1", vec![id.into()]).await?;
        rows.first().map(|row| read(row, self.keys())).transpose()
    }

    /// The request whose link's secret has this digest, also when it no longer works.
    pub async fn account_link_by_digest(
        &self,
        digest: &Sha256Digest,
    ) -> Result<Option<AccountLink>, StoreError> {
        let values = vec![digest.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE digest = $1", values).await?;
        rows.first().map(|row| read(row, self.keys())).transpose()
    }

    /// When links were asked for since `since`: to this address, and how many to any.
    pub async fn account_links_since(
        &self,
        address: &str,
        since: Instant,
    ) -> Result<(Vec<Instant>, u64), StoreError> {
        let mut own = Vec::new();
        for hash in self.keys().name_hashes(&hashed(address)) {
            let rest = "WHERE address_hash = $1 AND created >= $2 ORDER BY created";
            let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![hash.into(), since.into()]).await?;
            for row in &rows {
                own.push(row.instant(4)?);
            }
        }
        own.sort_unstable();
        let all = "SELECT COUNT(*) FROM account_link WHERE created >= $1";
        let all = self.readers().rows("account_link", all, vec![since.into()]).await?;
        Ok((own, all.first().map_or(Ok(0), |row| row.count(0))?))
    }
}
