//! Up to where a reporter with an account has seen their report, so that they find unread answers.

use bastide_model::id::{CaseId, PersonId};

use crate::{
    Store, StoreError,
    growth::stored_integer,
    keys::Keys,
    row::{Kind, Table},
    sql::Connection,
};

pub(crate) const TABLE: Table = Table {
    name: "report_seen",
    columns: &[("person", Kind::Text), ("case_id", Kind::Text), ("sequence", Kind::Int)],
    key: 2,
};

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    person: PersonId,
    case: CaseId,
    sequence: u64,
) -> Result<(), StoreError> {
    let values = vec![person.to_string().into(), case.to_string().into(), stored_integer(sequence)];
    TABLE.put(connection, keys, values).await
}

impl Store {
    /// The number of the last event that this person saw of this report; 0 when they never opened it.
    pub async fn report_seen(&self, person: PersonId, case: CaseId) -> Result<u64, StoreError> {
        let values = vec![person.to_string().into(), case.to_string().into()];
        let rest = "WHERE person = $1 AND case_id = $2";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, values).await?;
        rows.first().map_or(Ok(0), |row| row.count(2))
    }
}
