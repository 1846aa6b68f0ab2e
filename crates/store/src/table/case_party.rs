//! Who takes part in a case, as the authorisation function asks for it.

use std::collections::BTreeMap;

use bastide_authz::Role;
use bastide_model::id::{CaseId, PersonId};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Value, name_of, placeholders},
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

pub(crate) const TABLE: Table = Table {
    name: "case_party",
    columns: &[
        ("case_id", Kind::Text),
        ("person", Kind::Text),
        ("role", Kind::Text),
        ("consented", Kind::Int),
    ],
    key: 3,
};

pub(crate) async fn set(
    connection: &mut Connection,
    keys: &Keys,
    case: CaseId,
    parties: &[CaseParty],
) -> Result<(), StoreError> {
    let case = case.to_string();
    connection.execute("DELETE FROM case_party WHERE case_id = $1", vec![case.as_str().into()]).await?;
    for party in parties {
        let values = vec![
            case.as_str().into(),
            party.person.to_string().into(),
            name_of(&party.role).into(),
            party.consented.into(),
        ];
        TABLE.add(connection, keys, values).await?;
    }
    Ok(())
}

impl Store {
    /// Who takes part in each of several cases.
    pub async fn parties_of(&self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, Vec<CaseParty>>, StoreError> {
        let mut found: BTreeMap<CaseId, Vec<CaseParty>> = BTreeMap::new();
        for chunk in cases.chunks(500) {
            let rest =
                format!("WHERE case_id IN ({}) ORDER BY case_id, person, role", placeholders(1, chunk.len()));
            let values = chunk.iter().map(|case| Value::from(case.to_string())).collect();
            for row in TABLE.rows(self.readers(), self.keys(), &rest, values).await? {
                let party =
                    CaseParty { person: row.parsed(1)?, role: row.named(2)?, consented: row.int(3)? == 1 };
                found.entry(row.parsed(0)?).or_default().push(party);
            }
        }
        Ok(found)
    }

    /// Who takes part in a case.
    pub async fn case_parties(&self, case: CaseId) -> Result<Vec<CaseParty>, StoreError> {
        let rest = "WHERE case_id = $1 ORDER BY person, role";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![case.to_string().into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(CaseParty { person: row.parsed(1)?, role: row.named(2)?, consented: row.int(3)? == 1 })
            })
            .collect()
    }

    /// Whether somebody takes part in any case as more than its reporter.
    pub async fn takes_part(&self, person: PersonId) -> Result<bool, StoreError> {
        let rest = "WHERE person = $1 AND role <> 'reporter' ORDER BY case_id LIMIT 1";
        let values = vec![person.to_string().into()];
        Ok(!TABLE.rows(self.readers(), self.keys(), rest, values).await?.is_empty())
    }
}
