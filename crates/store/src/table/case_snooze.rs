//! What somebody put aside until an instant: their own inbox leaves it out till then. Nobody else's changes.

use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Value, placeholders},
};

pub(crate) const TABLE: Table = Table {
    name: "case_snooze",
    columns: &[("case_id", Kind::Text), ("person", Kind::Text), ("until", Kind::Int)],
    key: 2,
};

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    case: CaseId,
    person: PersonId,
    until: Instant,
) -> Result<(), StoreError> {
    TABLE.put(connection, keys, vec![case.to_string().into(), person.to_string().into(), until.into()]).await
}

impl Store {
    /// Until when a person put these cases aside; who put none aside has none in the answer.
    pub async fn snoozes_of(
        &self,
        person: PersonId,
        cases: &[CaseId],
    ) -> Result<Vec<(CaseId, Instant)>, StoreError> {
        let mut found = Vec::new();
        for chunk in cases.chunks(500) {
            let marks = placeholders(2, chunk.len());
            let mut values: Vec<Value> = vec![person.to_string().into()];
            values.extend(chunk.iter().map(|case| Value::from(case.to_string())));
            let rest = format!("WHERE person = $1 AND case_id IN ({marks})");
            for row in TABLE.rows(self.readers(), self.keys(), &rest, values).await? {
                found.push((row.parsed(0)?, row.instant(2)?));
            }
        }
        Ok(found)
    }
}
