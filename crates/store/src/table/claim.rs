//! Names that belong to one case: an advisory's public id from its first draft on, and a CVE number. They are free again when
//! the case ends without having published anything.
//!
//! The names are under embargo until they are published, so a keyed hash stands here: equal names meet, and nobody
//! who only has the database can try names out.

use bastide_model::id::CaseId;

use crate::{
    StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Value},
};

/// What kind of name a case claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimKind {
    /// The public id of the case's advisory.
    AdvisoryId,
    /// The CVE number of a vulnerability of the case.
    CveNumber,
}

impl ClaimKind {
    /// The kind in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AdvisoryId => "advisory id",
            Self::CveNumber => "CVE number",
        }
    }
}

pub(crate) const TABLE: Table =
    Table { name: "claim", columns: &[("name", Kind::Text), ("case_id", Kind::Text)], key: 1 };

/// Names that differ in case only are one name: they stand in addresses and in file names.
fn hashed(kind: ClaimKind, name: &str) -> String {
    format!("bastide-claim-v1\n{}\n{}", kind.as_str(), name.to_ascii_lowercase())
}

/// Hashes the name of a row anew.
pub(crate) fn hash_anew(keys: &Keys, values: &mut [Value]) -> Result<(), StoreError> {
    let Value::Text(Some(hash)) = &values[0] else { return Err(StoreError::corrupt("a claim", "its row")) };
    values[0] = keys.name_hashed_anew(hash).into();
    Ok(())
}

/// Claims a name for a case; no error when the case has it already.
pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    case: CaseId,
    kind: ClaimKind,
    name: &str,
) -> Result<(), StoreError> {
    let text = hashed(kind, name);
    for hash in keys.name_hashes(&text) {
        let rows = TABLE.rows_in(connection, keys, "WHERE name = $1", vec![hash.into()]).await?;
        match rows.first() {
            None => {}
            Some(row) if row.parsed::<CaseId>(1)? == case => return Ok(()),
            Some(_) => return Err(StoreError::Claimed { kind }),
        }
    }
    TABLE.add(connection, keys, vec![keys.name_hash(&text).into(), case.to_string().into()]).await
}

/// Forgets everything that a case has claimed.
pub(crate) async fn release(connection: &mut Connection, case: CaseId) -> Result<(), StoreError> {
    connection.execute("DELETE FROM claim WHERE case_id = $1", vec![case.to_string().into()]).await?;
    Ok(())
}
