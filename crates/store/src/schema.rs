//! The one ordered list of migration steps, for both engines.
//!
//! A step is one change. `{INT}`, `{TEXT}`, `{BYTES}` stand for the engine's column types, `{STRICT}` for SQLite's
//! table option. Steps are only ever appended; the number of applied steps is the schema's version. All steps that
//! are missing are applied in one transaction, so a killed program leaves the old schema or the new one.

use crate::{
    StoreError,
    sql::{Connection, assembled},
};

/// One change of the schema.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A statement for both engines.
    Both(&'static str),
    /// A statement that only PostgreSQL needs.
    Postgres(&'static str),
    /// From now on the table refuses UPDATE and DELETE (and TRUNCATE) in SQL.
    AppendOnly(&'static str),
}

use Step::{AppendOnly, Both, Postgres};

const STEPS: &[Step] = &[
    Both("CREATE TABLE meta (name {TEXT} NOT NULL PRIMARY KEY, value {TEXT} NOT NULL) {STRICT}"),
    Postgres(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME; END $$",
    ),
    // The ledger. An event's header is plain; what it says about its sealed body are the three body columns.
    Both(
        "CREATE TABLE event (log_index {INT} NOT NULL PRIMARY KEY, stream_kind {TEXT} NOT NULL,
         stream_id {TEXT} NOT NULL, sequence {INT} NOT NULL, kind {TEXT} NOT NULL, at {INT} NOT NULL, actor {TEXT},
         header {TEXT} NOT NULL, body_case {TEXT}, body_tier {TEXT}, body_commitment {BYTES},
         salt {BYTES} NOT NULL, UNIQUE (stream_kind, stream_id, sequence)) {STRICT}",
    ),
    AppendOnly("event"),
    Both(
        "CREATE TABLE log_leaf (log {TEXT} NOT NULL, position {INT} NOT NULL, leaf {BYTES} NOT NULL,
         PRIMARY KEY (log, position)) {STRICT}",
    ),
    AppendOnly("log_leaf"),
    Both(
        "CREATE TABLE log_hash (log {TEXT} NOT NULL, position {INT} NOT NULL, hash {BYTES} NOT NULL,
         PRIMARY KEY (log, position)) {STRICT}",
    ),
    AppendOnly("log_hash"),
    Both(
        "CREATE TABLE log_head (log {TEXT} NOT NULL PRIMARY KEY, size {INT} NOT NULL, root {BYTES} NOT NULL) {STRICT}",
    ),
    Both(
        "CREATE TABLE checkpoint (log {TEXT} NOT NULL, size {INT} NOT NULL, note {TEXT} NOT NULL,
         PRIMARY KEY (log, size)) {STRICT}",
    ),
    AppendOnly("checkpoint"),
    // What may be erased stands apart from what may not.
    Both(
        "CREATE TABLE case_key (case_id {TEXT} NOT NULL PRIMARY KEY, wrapped_by {TEXT} NOT NULL,
         wrapped {BYTES} NOT NULL) {STRICT}",
    ),
    Both(
        "CREATE TABLE event_body (log_index {INT} NOT NULL PRIMARY KEY REFERENCES event (log_index),
         case_id {TEXT} NOT NULL, sealed {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX event_body_case ON event_body (case_id)"),
    Both(
        "CREATE TABLE sealed_object (case_id {TEXT} NOT NULL, object {TEXT} NOT NULL, version {INT} NOT NULL,
         tier {TEXT} NOT NULL, sealed {BYTES} NOT NULL, PRIMARY KEY (case_id, object, version)) {STRICT}",
    ),
    Both("CREATE TABLE erasure (case_id {TEXT} NOT NULL PRIMARY KEY, log_index {INT} NOT NULL) {STRICT}"),
    AppendOnly("erasure"),
    Both(
        "CREATE TABLE idempotency (scope {TEXT} NOT NULL, key {TEXT} NOT NULL, request {BYTES} NOT NULL,
         response {BYTES} NOT NULL, at {INT} NOT NULL, PRIMARY KEY (scope, key)) {STRICT}",
    ),
    Both("CREATE INDEX idempotency_at ON idempotency (at)"),
    // Projections; `row_check` is what `row` compares their rows with.
    Both(
        "CREATE TABLE person (id {TEXT} NOT NULL PRIMARY KEY, document {TEXT} NOT NULL,
         row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both(
        "CREATE TABLE project (name {TEXT} NOT NULL PRIMARY KEY, title {TEXT} NOT NULL,
         document {TEXT} NOT NULL, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both(
        "CREATE TABLE role_grant (person {TEXT} NOT NULL, role {TEXT} NOT NULL, scope {TEXT} NOT NULL,
         valid_from {INT} NOT NULL, valid_until {INT}, confirmed {INT} NOT NULL,
         row_check {BYTES} NOT NULL, PRIMARY KEY (person, role, scope)) {STRICT}",
    ),
    Both("CREATE INDEX role_grant_scope ON role_grant (scope)"),
    Both(
        "CREATE TABLE credential (digest {TEXT} NOT NULL PRIMARY KEY, kind {TEXT} NOT NULL,
         holder_kind {TEXT} NOT NULL, holder {TEXT} NOT NULL, scopes {TEXT} NOT NULL, created {INT} NOT NULL,
         expires {INT}, revoked {INT}, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX credential_holder ON credential (holder_kind, holder)"),
    Both(
        "CREATE TABLE case_summary (case_id {TEXT} NOT NULL PRIMARY KEY, project {TEXT} NOT NULL,
         lifecycle {TEXT} NOT NULL, severity {TEXT}, owner {TEXT}, reference {TEXT} NOT NULL UNIQUE,
         received_at {INT} NOT NULL, next_due {INT}, next_task {TEXT}, updated_at {INT} NOT NULL,
         closed {INT} NOT NULL, title_tier {TEXT} NOT NULL, title {BYTES},
         wake_at {INT}, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX case_summary_inbox ON case_summary (project, closed, next_due)"),
    Both("CREATE INDEX case_summary_wake ON case_summary (closed, wake_at)"),
    Both(
        "CREATE TABLE case_party (case_id {TEXT} NOT NULL, person {TEXT} NOT NULL, role {TEXT} NOT NULL,
         consented {INT} NOT NULL, row_check {BYTES} NOT NULL, PRIMARY KEY (case_id, person, role)) {STRICT}",
    ),
    Both("CREATE INDEX case_party_person ON case_party (person)"),
    Both(
        "CREATE TABLE publication (advisory {TEXT} NOT NULL, version {INT} NOT NULL, kind {TEXT} NOT NULL,
         project {TEXT} NOT NULL, published_at {INT} NOT NULL, withdrawn_at {INT}, title {TEXT} NOT NULL,
         digest {TEXT} NOT NULL, log_index {INT} NOT NULL UNIQUE, bytes {BYTES} NOT NULL,
         row_check {BYTES} NOT NULL, PRIMARY KEY (advisory, version, kind)) {STRICT}",
    ),
    AppendOnly("publication"),
    Both("CREATE INDEX publication_at ON publication (kind, published_at)"),
    Both(
        "CREATE TABLE snapshot (digest {TEXT} NOT NULL PRIMARY KEY, kind {TEXT} NOT NULL,
         bytes {BYTES} NOT NULL, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    AppendOnly("snapshot"),
    Both(
        "CREATE TABLE outbox (id {TEXT} NOT NULL PRIMARY KEY, case_id {TEXT}, stream_kind {TEXT} NOT NULL,
         stream_id {TEXT} NOT NULL, sequence {INT} NOT NULL, channel {TEXT} NOT NULL, audience {TEXT} NOT NULL,
         template {TEXT} NOT NULL, parameters {BYTES}, not_before {INT} NOT NULL, attempts {INT} NOT NULL,
         state {TEXT} NOT NULL, note {TEXT}, row_check {BYTES} NOT NULL,
         UNIQUE (stream_kind, stream_id, sequence, audience, channel)) {STRICT}",
    ),
    Both("CREATE INDEX outbox_due ON outbox (state, not_before)"),
    Both(
        "CREATE TABLE claim (name {TEXT} NOT NULL PRIMARY KEY, case_id {TEXT} NOT NULL,
         row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both(
        "CREATE TABLE case_project (case_id {TEXT} NOT NULL, project {TEXT} NOT NULL,
         row_check {BYTES} NOT NULL, PRIMARY KEY (case_id, project)) {STRICT}",
    ),
    Both("CREATE INDEX case_project_project ON case_project (project)"),
    // What two persons decide. The database holds that they are two, whatever a program thinks.
    Both(
        "CREATE TABLE proposal (id {TEXT} NOT NULL PRIMARY KEY, kind {TEXT} NOT NULL, object {TEXT} NOT NULL,
         proposer {TEXT} NOT NULL, created {INT} NOT NULL, expires {INT} NOT NULL, state {TEXT} NOT NULL,
         decided_by {TEXT}, decided_at {INT}, content {BYTES} NOT NULL, row_check {BYTES} NOT NULL,
         CONSTRAINT proposal_two_persons
         CHECK (state <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> proposer))) {STRICT}",
    ),
    Both("CREATE INDEX proposal_state ON proposal (state, expires)"),
    Both("CREATE INDEX outbox_audience ON outbox (audience, state)"),
    // Reporters with an account, and the names by which people sign in.
    Both(
        "CREATE TABLE account_link (id {TEXT} NOT NULL PRIMARY KEY, address_hash {TEXT} NOT NULL,
         address {BYTES} NOT NULL, digest {TEXT}, created {INT} NOT NULL, expires {INT} NOT NULL, used {INT},
         row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX account_link_address ON account_link (address_hash, created)"),
    Both("CREATE INDEX account_link_digest ON account_link (digest)"),
    Both("CREATE INDEX account_link_created ON account_link (created)"),
    Both(
        "CREATE TABLE sign_in_name (name {TEXT} NOT NULL PRIMARY KEY, person {TEXT} NOT NULL,
         row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX sign_in_name_person ON sign_in_name (person)"),
    Both(
        "CREATE TABLE report_seen (person {TEXT} NOT NULL, case_id {TEXT} NOT NULL, sequence {INT} NOT NULL,
         row_check {BYTES} NOT NULL, PRIMARY KEY (person, case_id)) {STRICT}",
    ),
    Both(
        "CREATE TABLE case_reading (case_id {TEXT} NOT NULL, person {TEXT} NOT NULL, viewer {TEXT} NOT NULL,
         logged_at {INT} NOT NULL, read_at {INT} NOT NULL, seen {INT} NOT NULL, event {INT} NOT NULL,
         with_purpose {INT} NOT NULL, row_check {BYTES} NOT NULL, PRIMARY KEY (case_id, person)) {STRICT}",
    ),
    Both("CREATE INDEX case_reading_person ON case_reading (person)"),
    Both(
        "CREATE TABLE case_snooze (case_id {TEXT} NOT NULL, person {TEXT} NOT NULL, until {INT} NOT NULL,
         row_check {BYTES} NOT NULL, PRIMARY KEY (case_id, person)) {STRICT}",
    ),
    Both("CREATE INDEX case_snooze_person ON case_snooze (person, until)"),
    Both(
        "CREATE TABLE saved_filter (person {TEXT} NOT NULL, name {TEXT} NOT NULL, query {TEXT} NOT NULL,
         row_check {BYTES} NOT NULL, PRIMARY KEY (person, name)) {STRICT}",
    ),
    // How people sign in, beside their credentials.
    Both(
        "CREATE TABLE passkey (id {TEXT} NOT NULL PRIMARY KEY, person {TEXT} NOT NULL, name {TEXT} NOT NULL,
         document {BYTES} NOT NULL, counter {INT} NOT NULL, created {INT} NOT NULL, last_used {INT}, ended {INT},
         ended_why {TEXT}, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX passkey_person ON passkey (person)"),
    Both(
        "CREATE TABLE session (digest {TEXT} NOT NULL PRIMARY KEY, person {TEXT} NOT NULL, way {TEXT} NOT NULL,
         device {TEXT} NOT NULL, new_device {INT} NOT NULL, last_seen {INT} NOT NULL, confirmed {INT},
         row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX session_person ON session (person, last_seen)"),
    Both(
        "CREATE TABLE known_device (digest {TEXT} NOT NULL, person {TEXT} NOT NULL, since {INT} NOT NULL,
         row_check {BYTES} NOT NULL, PRIMARY KEY (digest, person)) {STRICT}",
    ),
    Both(
        "CREATE TABLE ceremony (digest {TEXT} NOT NULL PRIMARY KEY, kind {TEXT} NOT NULL, session {TEXT},
         person {TEXT}, state {BYTES} NOT NULL, created {INT} NOT NULL, expires {INT} NOT NULL,
         row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX ceremony_session ON ceremony (session, created)"),
    // A token's name and the day on which it was used last: for its owner.
    Both(
        "CREATE TABLE token (digest {TEXT} NOT NULL PRIMARY KEY, person {TEXT} NOT NULL, name {TEXT} NOT NULL,
         last_used {INT}, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX token_person ON token (person)"),
    // The public keys of both logs, each from the size on from which it signs.
    Both(
        "CREATE TABLE log_key (log {TEXT} NOT NULL, number {INT} NOT NULL, verifier {TEXT} NOT NULL,
         first_size {INT} NOT NULL, since {INT} NOT NULL, row_check {BYTES} NOT NULL,
         PRIMARY KEY (log, number)) {STRICT}",
    ),
    AppendOnly("log_key"),
    // What people want to hear of, and what they were told.
    Both(
        "CREATE TABLE subscription (id {TEXT} NOT NULL PRIMARY KEY, person {TEXT} NOT NULL, kind {TEXT} NOT NULL,
         channel {TEXT} NOT NULL, digest {TEXT} NOT NULL, sealed {BYTES} NOT NULL, created {INT} NOT NULL,
         refreshed {INT} NOT NULL, ended {INT}, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX subscription_person ON subscription (person)"),
    Both("CREATE UNIQUE INDEX subscription_digest ON subscription (digest)"),
    Both(
        "CREATE TABLE subscription_item (subscription {TEXT} NOT NULL, position {INT} NOT NULL, person {TEXT} NOT NULL,
         channel {TEXT} NOT NULL, ecosystem {TEXT} NOT NULL, name {TEXT} NOT NULL, version {TEXT}, scope {TEXT} NOT NULL,
         path {TEXT} NOT NULL, row_check {BYTES} NOT NULL, PRIMARY KEY (subscription, position)) {STRICT}",
    ),
    Both("CREATE INDEX subscription_item_name ON subscription_item (ecosystem, name)"),
    Both("CREATE INDEX subscription_item_person ON subscription_item (person)"),
    Both(
        "CREATE TABLE notice (id {TEXT} NOT NULL PRIMARY KEY, subscription {TEXT} NOT NULL, person {TEXT} NOT NULL,
         advisory {TEXT} NOT NULL, content {TEXT} NOT NULL, state {TEXT} NOT NULL, found {INT} NOT NULL,
         since {INT} NOT NULL, row_check {BYTES} NOT NULL) {STRICT}",
    ),
    Both("CREATE INDEX notice_person ON notice (person, state)"),
    Both("CREATE INDEX notice_subscription ON notice (subscription)"),
    Both("CREATE INDEX notice_advisory ON notice (advisory)"),
];

/// The version of the schema that this program knows.
#[allow(clippy::cast_possible_wrap, reason = "the list of steps has far fewer than 2^63 items")]
pub const SCHEMA_VERSION: i64 = STEPS.len() as i64;

/// The schema version of the database, 0 when it has no table of versions.
pub(crate) async fn version(connection: &mut Connection) -> Result<i64, StoreError> {
    let there = if connection.is_sqlite() {
        "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'"
    } else {
        "SELECT COUNT(*) FROM information_schema.tables
         WHERE table_schema = current_schema() AND table_name = 'schema_version'"
    };
    let there = connection.row("schema_version", there, vec![]).await?;
    if there.map_or(Ok(0), |row| row.int(0))? == 0 {
        return Ok(0);
    }
    let newest =
        connection.row("schema_version", "SELECT COALESCE(MAX(version), 0) FROM schema_version", vec![]);
    newest.await?.map_or(Ok(0), |row| row.int(0))
}

/// Applies the steps that are missing. Runs inside the caller's transaction.
pub(crate) async fn migrate(connection: &mut Connection, from: i64) -> Result<(), StoreError> {
    migrate_to(connection, from, SCHEMA_VERSION).await
}

/// The tables that the first `version` steps make, with the columns of their keys.
pub(crate) fn tables(version: i64) -> Vec<(&'static str, Vec<&'static str>)> {
    let steps = STEPS.iter().take(usize::try_from(version).unwrap_or(0));
    let texts = steps.filter_map(|step| match step {
        Both(text) => text.strip_prefix("CREATE TABLE "),
        Postgres(_) | AppendOnly(_) => None,
    });
    let made = texts.filter_map(|text| {
        let (name, definition) = text.split_once(" (")?;
        let key = if let Some((_, rest)) = definition.split_once("PRIMARY KEY (") {
            rest.split_once(')')?.0.split(',').map(str::trim).collect()
        } else {
            let column = definition.split(',').find(|column| column.contains("PRIMARY KEY"))?;
            vec![column.split_whitespace().next()?]
        };
        Some((name, key))
    });
    made.collect()
}

/// Applies the steps after `from` up to the schema `to`. Runs inside the caller's transaction.
pub(crate) async fn migrate_to(connection: &mut Connection, from: i64, to: i64) -> Result<(), StoreError> {
    if from == 0 {
        let versions = "CREATE TABLE schema_version (version {INT} NOT NULL PRIMARY KEY) {STRICT}";
        connection.run(assembled(for_engine(versions, connection.is_sqlite()))).await?;
    }
    let missing = (1..=to).zip(STEPS).skip(usize::try_from(from).unwrap_or(0));
    for (version, step) in missing {
        for statement in statements(step, connection.is_sqlite()) {
            connection.run(assembled(statement)).await?;
        }
        connection
            .execute("INSERT INTO schema_version (version) VALUES ($1)", vec![i64::into(version)])
            .await?;
    }
    Ok(())
}

fn for_engine(text: &str, sqlite: bool) -> String {
    let (int, plain_text, bytes, strict) = if sqlite {
        ("INTEGER", "TEXT", "BLOB", "STRICT")
    } else {
        // Both engines compare text by its bytes.
        ("BIGINT", "TEXT COLLATE \"C\"", "BYTEA", "")
    };
    text.replace("{INT}", int)
        .replace("{TEXT}", plain_text)
        .replace("{BYTES}", bytes)
        .replace("{STRICT}", strict)
}

fn statements(step: &Step, sqlite: bool) -> Vec<String> {
    match step {
        Both(text) => vec![for_engine(text, sqlite)],
        Postgres(_) if sqlite => vec![],
        Postgres(text) => vec![(*text).to_owned()],
        AppendOnly(table) if sqlite => ["UPDATE", "DELETE"]
            .iter()
            .map(|verb| {
                format!(
                    "CREATE TRIGGER {table}_refuses_{} BEFORE {verb} ON {table}
                     BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END",
                    verb.to_lowercase()
                )
            })
            .collect(),
        AppendOnly(table) => vec![format!(
            "CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_that_the_steps_make_is_known_with_its_key() {
        let made =
            STEPS.iter().filter(|step| matches!(step, Both(text) if text.contains("CREATE TABLE"))).count();
        let tables = tables(SCHEMA_VERSION);
        assert_eq!(tables.len(), made, "a step makes one table and begins with CREATE TABLE: {tables:?}");
        assert!(tables.contains(&("log_leaf", vec!["log", "position"])), "{tables:?}");
        assert!(tables.contains(&("event_body", vec!["log_index"])), "{tables:?}");
        assert!(tables.iter().all(|(_, key)| !key.is_empty()), "{tables:?}");
    }
}
