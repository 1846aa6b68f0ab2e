//! Attachments and other sealed objects of cases, by name and version.

use bastide_authz::{Embargoed, Tier};
use bastide_model::id::CaseId;

use crate::{
    Store, StoreError,
    seal::Place,
    sql::{Connection, name_of},
    table::case_key::{self, CaseKeys},
};

pub(crate) async fn put(
    connection: &mut Connection,
    case_keys: &mut CaseKeys,
    object: &str,
    version: u32,
    bytes: &Embargoed<Vec<u8>>,
) -> Result<(), StoreError> {
    let (case, tier) = (bytes.case().to_string(), name_of(&bytes.tier()));
    let key = case_keys.get_or_make(connection, bytes.case()).await?;
    let name = format!("object:{object}");
    let place = Place { case: &case, object: &name, version: version.into(), tier: &tier };
    #[allow(clippy::disallowed_methods, reason = "it is sealed here")]
    let plaintext = bytes.expose_for_sealing();
    let sealed = key.seal(&place, plaintext)?;
    connection
        .execute(
            "INSERT INTO sealed_object (case_id, object, version, tier, sealed) VALUES ($1, $2, $3, $4, $5)",
            vec![case.into(), object.into(), i64::from(version).into(), tier.into(), sealed.into()],
        )
        .await?;
    Ok(())
}

impl Store {
    /// A sealed object, of this version or the newest; none when there is none or it was erased.
    pub async fn object(
        &self,
        case: CaseId,
        object: &str,
        version: Option<u32>,
    ) -> Result<Option<Embargoed<Vec<u8>>>, StoreError> {
        let id = case.to_string();
        let sql = "SELECT version, tier, sealed FROM sealed_object
                   WHERE case_id = $1 AND object = $2 AND (version = $3 OR $3 = 0) ORDER BY version DESC LIMIT 1";
        let wanted = i64::from(version.unwrap_or(0));
        let values = vec![id.as_str().into(), object.into(), wanted.into()];
        let Some(row) = self.readers().row("sealed_object", sql, values).await? else { return Ok(None) };
        let Some(key) = case_key::read(self.readers(), self.keys(), case).await? else { return Ok(None) };
        let tier: Tier = row.named(1)?;
        let (name, tier_name) = (format!("object:{object}"), name_of(&tier));
        let place = Place { case: &id, object: &name, version: row.int(0)?, tier: &tier_name };
        let opened = key.open(&place, &row.bytes(2)?);
        let bytes =
            opened.ok_or_else(|| StoreError::corrupt("a sealed object", format!("{object} of {id}")))?;
        Ok(Some(Embargoed::new(case, tier, bytes.to_vec())))
    }

    /// The names, versions and tiers of a case's objects.
    pub async fn objects(&self, case: CaseId) -> Result<Vec<(String, u32, Tier)>, StoreError> {
        let sql =
            "SELECT object, version, tier FROM sealed_object WHERE case_id = $1 ORDER BY object, version";
        let rows = self.readers().rows("sealed_object", sql, vec![case.to_string().into()]).await?;
        rows.iter()
            .map(|row| {
                let version = u32::try_from(row.int(1)?).map_err(|_| row.damaged("the version"))?;
                Ok((row.text(0)?, version, row.named(2)?))
            })
            .collect()
    }
}
