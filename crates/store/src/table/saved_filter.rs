//! Filters of the inbox that somebody saved under a name. They hold no words that were searched for.

use bastide_model::id::PersonId;

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::Connection,
};

/// How many filters a person has at most.
const MOST: usize = 20;

pub(crate) const TABLE: Table = Table {
    name: "saved_filter",
    columns: &[("person", Kind::Text), ("name", Kind::Text), ("query", Kind::Text)],
    key: 2,
};

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    person: PersonId,
    name: &str,
    query: &str,
) -> Result<(), StoreError> {
    let values = vec![person.to_string().into(), name.into()];
    let others = TABLE.rows_in(connection, keys, "WHERE person = $1 AND name <> $2", values).await?.len();
    if others >= MOST {
        return Err(StoreError::refused(
            "a saved filter",
            format!("you have {MOST} already; remove one first"),
        ));
    }
    TABLE.put(connection, keys, vec![person.to_string().into(), name.into(), query.into()]).await
}

pub(crate) async fn remove(
    connection: &mut Connection,
    person: PersonId,
    name: &str,
) -> Result<(), StoreError> {
    let values = vec![person.to_string().into(), name.into()];
    connection.execute("DELETE FROM saved_filter WHERE person = $1 AND name = $2", values).await?;
    Ok(())
}

impl Store {
    /// A person's saved filters, name and query, by name.
    pub async fn saved_filters(&self, person: PersonId) -> Result<Vec<(String, String)>, StoreError> {
        let rest = "WHERE person = $1 ORDER BY name";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![person.to_string().into()]).await?;
        rows.iter().map(|row| Ok((row.text(1)?, row.text(2)?))).collect()
    }
}
