//! Who takes part in a case, as the authorisation function asks for it.

use bastide_authz::Role;
use bastide_model::id::{CaseId, PersonId};

use crate::{
    Store, StoreError,
    sql::{Connection, name_of},
};

/// A person in one role in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseParty {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Whether they may see content: signed the embargo, or there is none.
    pub consented: bool,
}

pub(crate) async fn set(
    connection: &mut Connection,
    case: CaseId,
    parties: &[CaseParty],
) -> Result<(), StoreError> {
    let case = case.to_string();
    connection.execute("DELETE FROM case_party WHERE case_id = $1", vec![case.as_str().into()]).await?;
    for party in parties {
        connection
            .execute(
                "INSERT INTO case_party (case_id, person, role, consented) VALUES ($1, $2, $3, $4)",
                vec![
                    case.as_str().into(),
                    party.person.to_string().into(),
                    name_of(&party.role).into(),
                    party.consented.into(),
                ],
            )
            .await?;
    }
    Ok(())
}

impl Store {
    /// Who takes part in a case.
    pub async fn case_parties(&self, case: CaseId) -> Result<Vec<CaseParty>, StoreError> {
        let sql = "SELECT person, role, consented FROM case_party WHERE case_id = $1 ORDER BY person, role";
        let rows = self.readers().rows("case_party", sql, vec![case.to_string().into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(CaseParty { person: row.parsed(0)?, role: row.named(1)?, consented: row.int(2)? == 1 })
            })
            .collect()
    }
}
