//! Grants: a person's roles in the programme, in projects and in cases.

use bastide_authz::{Grant, Role, Scope};
use bastide_model::id::PersonId;

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row, name_of},
};

pub(crate) const TABLE: Table = Table {
    name: "role_grant",
    columns: &[
        ("person", Kind::Text),
        ("role", Kind::Text),
        ("scope", Kind::Text),
        ("valid_from", Kind::Int),
        ("valid_until", Kind::Int),
        ("confirmed", Kind::Int),
    ],
    key: 3,
};

/// A scope as its column holds it.
fn scope_text(scope: &Scope) -> String {
    match scope {
        Scope::Programme => "programme".to_owned(),
        Scope::Project(name) => format!("project:{name}"),
        Scope::Case(case) => format!("case:{case}"),
    }
}

fn scope_read(row: &Row, column: usize) -> Result<Scope, StoreError> {
    let text = row.text(column)?;
    let read = match text.split_once(':') {
        None if text == "programme" => Some(Scope::Programme),
        Some(("project", name)) => name.parse().ok().map(Scope::Project),
        Some(("case", case)) => case.parse().ok().map(Scope::Case),
        _ => None,
    };
    read.ok_or_else(|| row.damaged("the scope"))
}

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    person: PersonId,
    grant: &Grant,
) -> Result<(), StoreError> {
    let values = vec![
        person.to_string().into(),
        name_of(&grant.role).into(),
        scope_text(&grant.scope).into(),
        grant.from.into(),
        grant.until.into(),
        grant.confirmed.into(),
    ];
    TABLE.put(connection, keys, values).await
}

pub(crate) async fn remove(
    connection: &mut Connection,
    person: PersonId,
    role: Role,
    scope: &Scope,
) -> Result<(), StoreError> {
    let values = vec![person.to_string().into(), name_of(&role).into(), scope_text(scope).into()];
    connection
        .execute("DELETE FROM role_grant WHERE person = $1 AND role = $2 AND scope = $3", values)
        .await?;
    Ok(())
}

fn grant(row: &Row) -> Result<(PersonId, Grant), StoreError> {
    let grant = Grant {
        role: row.named(1)?,
        scope: scope_read(row, 2)?,
        from: row.instant(3)?,
        until: row.optional_instant(4)?,
        confirmed: row.int(5)? == 1,
    };
    Ok((row.parsed(0)?, grant))
}

impl Store {
    /// A person's grants, also those that have not begun, have ended or are not confirmed.
    pub async fn grants_of(&self, person: PersonId) -> Result<Vec<Grant>, StoreError> {
        let rest = "WHERE person = $1 ORDER BY scope, role";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![person.to_string().into()]).await?;
        rows.iter().map(|row| Ok(grant(row)?.1)).collect()
    }

    /// Who has grants in exactly this scope.
    pub async fn grants_in(&self, scope: &Scope) -> Result<Vec<(PersonId, Grant)>, StoreError> {
        let rest = "WHERE scope = $1 ORDER BY role, person";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![scope_text(scope).into()]).await?;
        rows.iter().map(grant).collect()
    }
}
