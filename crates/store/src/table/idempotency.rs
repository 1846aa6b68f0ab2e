//! Answers given before, so that a retried request gets the same one. The answer is sealed: it may hold a secret
//! link, which stands nowhere else in the database in plain.

use bastide_model::{digest::Sha256Digest, time::Instant};

use crate::{
    StoreError,
    append::Idempotency,
    keys::Keys,
    seal::Place,
    sql::{Connection, Pool, Row, Value},
};

const SELECT: &str = "SELECT request, response FROM idempotency WHERE scope = $1 AND key = $2";

/// The stored answer, inside the writer's transaction.
pub(crate) async fn replay(
    connection: &mut Connection,
    keys: &Keys,
    idempotency: &Idempotency,
) -> Result<Option<Vec<u8>>, StoreError> {
    let (scope, key) = (&idempotency.scope, &idempotency.key);
    let row = connection.row("idempotency", SELECT, vec![scope.as_str().into(), key.as_str().into()]).await?;
    row.map(|row| open(&row, keys, scope, key, &idempotency.request)).transpose()
}

/// The stored answer, for a reader.
pub(crate) async fn read(
    pool: &Pool,
    keys: &Keys,
    scope: &str,
    key: &str,
    request: &Sha256Digest,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = pool.row("idempotency", SELECT, vec![scope.into(), key.into()]).await?;
    row.map(|row| open(&row, keys, scope, key, request)).transpose()
}

fn open(
    row: &Row,
    keys: &Keys,
    scope: &str,
    key: &str,
    request: &Sha256Digest,
) -> Result<Vec<u8>, StoreError> {
    if row.bytes(0)? != request.0 {
        return Err(StoreError::IdempotencyMismatch { scope: scope.to_owned() });
    }
    let object = object_name(scope, key, request);
    let opened = keys.open(&place(&object), &row.bytes(1)?);
    opened.map(|bytes| bytes.to_vec()).ok_or_else(|| StoreError::corrupt("a stored answer", scope))
}

/// Keeps the answer to a request.
pub(crate) async fn insert(
    connection: &mut Connection,
    keys: &Keys,
    idempotency: &Idempotency,
    at: Instant,
) -> Result<(), StoreError> {
    let object = object_name(&idempotency.scope, &idempotency.key, &idempotency.request);
    let response = keys.seal(&place(&object), &idempotency.response)?;
    connection
        .execute(
            "INSERT INTO idempotency (scope, key, request, response, at) VALUES ($1, $2, $3, $4, $5)",
            vec![
                idempotency.scope.as_str().into(),
                idempotency.key.as_str().into(),
                idempotency.request.0.to_vec().into(),
                response.into(),
                at.into(),
            ],
        )
        .await?;
    Ok(())
}

/// Seals the next answers anew, those after `after`; gives the last one's key, none at the end, and how many changed.
pub(crate) async fn seal_anew(
    connection: &mut Connection,
    keys: &Keys,
    after: Option<(String, String)>,
    limit: Value,
) -> Result<(Option<(String, String)>, u64), StoreError> {
    let sql = "SELECT scope, key, request, response FROM idempotency WHERE (scope, key) > ($1, $2)
               ORDER BY scope, key LIMIT $3";
    let (scope, key) = after.unwrap_or_default();
    let rows = connection.rows("idempotency", sql, vec![scope.into(), key.into(), limit]).await?;
    let (mut last, mut changed) = (None, 0);
    for row in &rows {
        let (scope, key) = (row.text(0)?, row.text(1)?);
        let request = row.bytes(2)?.try_into().map(Sha256Digest).map_err(|_| row.damaged(&scope))?;
        let object = object_name(&scope, &key, &request);
        if let Some(response) = keys.sealed_anew(&place(&object), &row.bytes(3)?)? {
            let sql = "UPDATE idempotency SET response = $3 WHERE scope = $1 AND key = $2";
            let values = vec![scope.as_str().into(), key.as_str().into(), response.into()];
            connection.execute(sql, values).await?;
            changed += 1;
        }
        last = Some((scope, key));
    }
    Ok((last, changed))
}

/// Forgets answers given before an instant; returns how many.
pub(crate) async fn prune(connection: &mut Connection, before: Instant) -> Result<u64, StoreError> {
    connection.execute("DELETE FROM idempotency WHERE at < $1", vec![before.into()]).await
}

/// Forgets the answers of one scope.
pub(crate) async fn forget(connection: &mut Connection, scope: &str) -> Result<(), StoreError> {
    connection.execute("DELETE FROM idempotency WHERE scope = $1", vec![scope.into()]).await?;
    Ok(())
}

fn place(object: &str) -> Place<'_> {
    Place { case: "desk", object, version: 1, tier: "" }
}

fn object_name(scope: &str, key: &str, request: &Sha256Digest) -> String {
    format!("answer:{}:{scope}:{key}:{request}", scope.len())
}
