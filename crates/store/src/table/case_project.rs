//! Which projects a case concerns, beside the one that it was reported to: their inboxes show it, too.

use std::collections::BTreeMap;

use bastide_model::{id::CaseId, party::ProjectName};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Value, placeholders},
};

pub(crate) const TABLE: Table =
    Table { name: "case_project", columns: &[("case_id", Kind::Text), ("project", Kind::Text)], key: 2 };

pub(crate) async fn set(
    connection: &mut Connection,
    keys: &Keys,
    case: CaseId,
    projects: &[ProjectName],
) -> Result<(), StoreError> {
    let case = case.to_string();
    connection.execute("DELETE FROM case_project WHERE case_id = $1", vec![case.as_str().into()]).await?;
    for project in projects {
        TABLE.add(connection, keys, vec![case.as_str().into(), project.as_str().into()]).await?;
    }
    Ok(())
}

impl Store {
    /// The projects that each of several cases concerns.
    pub async fn projects_of(
        &self,
        cases: &[CaseId],
    ) -> Result<BTreeMap<CaseId, Vec<ProjectName>>, StoreError> {
        let mut found: BTreeMap<CaseId, Vec<ProjectName>> = BTreeMap::new();
        for chunk in cases.chunks(500) {
            let rest =
                format!("WHERE case_id IN ({}) ORDER BY case_id, project", placeholders(1, chunk.len()));
            let values = chunk.iter().map(|case| Value::from(case.to_string())).collect();
            for row in TABLE.rows(self.readers(), self.keys(), &rest, values).await? {
                found.entry(row.parsed(0)?).or_default().push(row.parsed(1)?);
            }
        }
        Ok(found)
    }

    /// The projects that a case concerns, by name.
    pub async fn case_projects(&self, case: CaseId) -> Result<Vec<ProjectName>, StoreError> {
        let rest = "WHERE case_id = $1 ORDER BY project";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![case.to_string().into()]).await?;
        rows.iter().map(|row| row.parsed(1)).collect()
    }
}
