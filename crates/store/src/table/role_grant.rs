//! Grants: a person's roles in the programme, in projects and in cases.

use bastide_authz::{Grant, Role, Scope};
use bastide_model::id::PersonId;

use crate::{
    Store, StoreError,
    sql::{Connection, Row, name_of},
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
    person: PersonId,
    grant: &Grant,
) -> Result<(), StoreError> {
    connection
        .execute(
            "INSERT INTO role_grant (person, role, scope, valid_from, valid_until, confirmed)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person, role, scope) DO UPDATE SET
             valid_from = excluded.valid_from, valid_until = excluded.valid_until, confirmed = excluded.confirmed",
            vec![
                person.to_string().into(),
                name_of(&grant.role).into(),
                scope_text(&grant.scope).into(),
                grant.from.into(),
                grant.until.into(),
                grant.confirmed.into(),
            ],
        )
        .await?;
    Ok(())
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

fn grant(row: &Row, first: usize) -> Result<Grant, StoreError> {
    Ok(Grant {
        role: row.named(first)?,
        scope: scope_read(row, first + 1)?,
        from: row.instant(first + 2)?,
        until: row.optional_instant(first + 3)?,
        confirmed: row.int(first + 4)? == 1,
    })
}

impl Store {
    /// A person's grants, also those that have not begun, have ended or are not confirmed.
    pub async fn grants_of(&self, person: PersonId) -> Result<Vec<Grant>, StoreError> {
        let sql = "SELECT role, scope, valid_from, valid_until, confirmed FROM role_grant WHERE person = $1
                   ORDER BY scope, role";
        let rows = self.readers().rows("role_grant", sql, vec![person.to_string().into()]).await?;
        rows.iter().map(|row| grant(row, 0)).collect()
    }

    /// Who has grants in exactly this scope.
    pub async fn grants_in(&self, scope: &Scope) -> Result<Vec<(PersonId, Grant)>, StoreError> {
        let sql =
            "SELECT person, role, scope, valid_from, valid_until, confirmed FROM role_grant WHERE scope = $1
                   ORDER BY role, person";
        let rows = self.readers().rows("role_grant", sql, vec![scope_text(scope).into()]).await?;
        rows.iter().map(|row| Ok((row.parsed(0)?, grant(row, 1)?))).collect()
    }
}
