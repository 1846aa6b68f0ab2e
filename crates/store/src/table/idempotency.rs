//! Answers given before, so that a retried request gets the same one. The answer is sealed: it may hold a secret
//! link, which stands nowhere else in the database in plain.

use bastide_model::{digest::Sha256Digest, time::Instant};

use crate::{
    StoreError,
    append::Idempotency,
    keys::Keys,
    seal::Place,
    sql::{Connection, Pool, Row},
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
    let opened = keys.sealing.open(&place(&object), &row.bytes(1)?);
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
    let response = keys.sealing.seal(&place(&object), &idempotency.response)?;
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
