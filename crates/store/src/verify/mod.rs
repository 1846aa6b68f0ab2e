//! The check of everything: the database as its engine sees it, every event as pages read it, the trees rebuilt
//! from their leaves, checkpoints, published documents, frozen bytes. All that is wrong is named, not only the first.

mod log;

use std::collections::{BTreeMap, BTreeSet};

use bastide_ledger::Log;
use bastide_model::digest::Sha256Digest;

use crate::{
    Location, Store, StoreError, Stream,
    event::{self, EventRecord, OpenedKeys, RecordBody},
    growth::stored_integer,
    row::Table,
    sql::name_of,
    table::{
        account_link, case_key, case_party, case_project, case_reading, case_snooze, case_summary, ceremony,
        claim, credential, device, log_key, notice, outbox, passkey, person, project, proposal, publication,
        report_seen, role_grant, saved_filter, session, sign_in_name, snapshot, subscription, token,
    },
};

/// How many rows are read at once.
const PAGE: i64 = 500;
/// How many rows with documents in them are read at once.
const DOCUMENTS: i64 = 50;
/// Every table whose rows carry a check value.
pub(crate) const TABLES: [&Table; 27] = [
    &person::TABLE,
    &project::TABLE,
    &role_grant::TABLE,
    &credential::TABLE,
    &case_summary::TABLE,
    &case_party::TABLE,
    &case_project::TABLE,
    &case_reading::TABLE,
    &case_snooze::TABLE,
    &saved_filter::TABLE,
    &claim::TABLE,
    &log_key::TABLE,
    &publication::TABLE,
    &snapshot::TABLE,
    &outbox::TABLE,
    &proposal::TABLE,
    &account_link::TABLE,
    &sign_in_name::TABLE,
    &report_seen::TABLE,
    &passkey::TABLE,
    &session::TABLE,
    &device::TABLE,
    &ceremony::TABLE,
    &token::TABLE,
    &subscription::TABLE,
    &subscription::ITEMS,
    &notice::TABLE,
];
/// No report names more problems.
const MAX_PROBLEMS: usize = 1000;

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// The engine, and what could not be checked on it.
    pub notes: Vec<String>,
    /// Events read and compared with their leaves.
    pub events: u64,
    /// Of these, with a sealed body that opened and met its commitment.
    pub bodies: u64,
    /// Of these, with an erased body.
    pub erased: u64,
    /// Leaves of the case log.
    pub case_leaves: u64,
    /// Leaves of the public log.
    pub public_leaves: u64,
    /// Checkpoints whose signature and root hold.
    pub checkpoints: u64,
    /// Sealed objects that opened.
    pub objects: u64,
    /// Published documents whose bytes have their digest, which is in the public log.
    pub publications: u64,
    /// Frozen bytes that have their digest.
    pub snapshots: u64,
    /// Rows of projections (grants, credentials, inbox, …) that meet their check value.
    pub rows: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What and where, in words for people.
    pub message: String,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, message: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { message: message.into() });
        }
    }

    /// Notes damage and goes on; passes on that the database is unavailable.
    fn noted<T>(&mut self, result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Unavailable { reason }) => Err(StoreError::Unavailable { reason }),
            Err(error) => {
                self.problem(error.to_string());
                Ok(None)
            }
        }
    }
}

impl Store {
    /// Checks everything. Damage is in the report; an error means that the check itself could not be done.
    pub async fn verify(&self) -> Result<VerifyReport, StoreError> {
        let mut report = VerifyReport::default();
        let engine = self.check_engine(&mut report).await;
        report.noted(engine)?;
        // The store may grow while it is checked: each log is checked to where it stood at the beginning.
        for log in Log::ALL {
            let Some(extent) = report.noted(self.extent(log).await)? else { continue };
            if log == Log::Case {
                let checked = self.check_events(extent.size, &mut report).await;
                report.noted(checked)?;
            }
            let size = self.check_log(log, extent, &mut report).await;
            let size = report.noted(size)?.unwrap_or(0);
            match log {
                Log::Case => report.case_leaves = size,
                Log::Public => report.public_leaves = size,
            }
            let strays = self.check_strays(log, &mut report).await;
            report.noted(strays)?;
        }
        for checked in [
            self.check_objects(&mut report).await,
            self.check_publications(&mut report).await,
            self.check_snapshots(&mut report).await,
            self.check_projections(&mut report).await,
        ] {
            report.noted(checked)?;
        }
        Ok(report)
    }

    async fn check_engine(&self, report: &mut VerifyReport) -> Result<(), StoreError> {
        if let Location::Postgres { .. } = self.location() {
            report.notes.push(
                "PostgreSQL: its files are checked by the server (data checksums, pg_amcheck), not here; every \
                 record is read and compared"
                    .to_owned(),
            );
            return Ok(());
        }
        report.notes.push("SQLite: integrity_check and foreign_key_check".to_owned());
        for row in self.readers().rows("integrity_check", "PRAGMA integrity_check", vec![]).await? {
            let finding = row.text(0)?;
            if finding != "ok" {
                report.problem(format!("the database file: {finding}"));
            }
        }
        for row in self.readers().rows("foreign_key_check", "PRAGMA foreign_key_check", vec![]).await? {
            report.problem(format!("a row of table {} refers to nothing", row.text(0)?));
        }
        Ok(())
    }

    /// Reads every event before leaf `size` as pages do.
    async fn check_events(&self, size: u64, report: &mut VerifyReport) -> Result<(), StoreError> {
        let mut opened = OpenedKeys::new();
        let mut lengths: BTreeMap<Stream, u64> = BTreeMap::new();
        let mut erasures = BTreeSet::new();
        let mut next = 0;
        loop {
            let rows = event::rows_between(self.readers(), next, size, PAGE).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let index = row.count(0)?;
                if index != next {
                    report.problem(format!("leaf {next} of the case log has no event"));
                }
                next = index + 1;
                report.events += 1;
                let read = event::read(row, self.keys(), &mut opened);
                let Some(record) = report.noted(read)? else { continue };
                match record.body {
                    RecordBody::None => {}
                    RecordBody::Sealed { .. } => report.bodies += 1,
                    RecordBody::Erased => report.erased += 1,
                }
                note_erasure(&record, &mut erasures);
                let length = lengths.entry(record.stream.clone()).or_insert(0);
                *length += 1;
                if record.entry.sequence != *length {
                    report.problem(format!(
                        "{}: its event number {length} is missing or out of order",
                        record.stream
                    ));
                    *length = record.entry.sequence;
                }
            }
        }
        if next != size {
            report.problem(format!("leaf {next} of the case log has no event"));
        }
        let sql = "SELECT case_id, log_index FROM erasure WHERE log_index < $1";
        let rows = self.readers().rows("erasure", sql, vec![stored_integer(size)]).await?;
        for row in &rows {
            let found = (row.text(0)?, row.count(1)?);
            if !erasures.remove(&found) {
                report.problem(format!("{} is marked as erased, but the ledger does not say so", found.0));
            }
        }
        for (case, index) in erasures {
            report.problem(format!("{case} was erased (leaf {index} of the case log), but is not marked so"));
        }
        Ok(())
    }

    async fn check_objects(&self, report: &mut VerifyReport) -> Result<(), StoreError> {
        let sql = "SELECT case_id, object, version FROM sealed_object ORDER BY case_id, object, version";
        for row in self.readers().rows("sealed_object", sql, vec![]).await? {
            let version = u32::try_from(row.int(2)?).map_err(|_| row.damaged("the version"))?;
            let (case, object) = (row.parsed(0)?, row.text(1)?);
            let read = self.object(case, &object, Some(version)).await;
            match report.noted(read)? {
                Some(Some(_)) => report.objects += 1,
                Some(None) if case_key::erased(self.readers(), case).await? => {}
                Some(None) => report.problem(format!("the key of {object} of {case} is missing")),
                None => {}
            }
        }
        Ok(())
    }

    /// Compares every published document with its digest and that with the public log.
    async fn check_publications(&self, report: &mut VerifyReport) -> Result<(), StoreError> {
        let order = "ORDER BY advisory, version, kind LIMIT $1 OFFSET $2";
        for page in 0.. {
            let values = vec![DOCUMENTS.into(), (page * DOCUMENTS).into()];
            let rows = publication::TABLE.unchecked(self.readers(), order, values).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let Some(document) = report.noted(publication::read(row))? else { continue };
                let sql = "SELECT leaf FROM log_leaf WHERE log = $1 AND position = $2";
                let values = vec![Log::Public.name().into(), stored_integer(row.count(9)?)];
                let leaf = self.readers().row("log_leaf", sql, values).await?;
                let leaf = leaf.map_or(Ok(Vec::new()), |leaf| leaf.bytes(0))?;
                if leaf == document.leaf().bytes() {
                    report.publications += 1;
                } else {
                    let id = document.leaf().id;
                    report.problem(format!("{id} is not what the public log says was published"));
                }
            }
        }
        Ok(())
    }

    async fn check_snapshots(&self, report: &mut VerifyReport) -> Result<(), StoreError> {
        for row in
            self.readers().rows("snapshot", "SELECT digest FROM snapshot ORDER BY digest", vec![]).await?
        {
            let digest: Sha256Digest = row.parsed(0)?;
            let read = self.snapshot(&digest).await;
            report.snapshots += u64::from(report.noted(read)?.flatten().is_some());
        }
        Ok(())
    }

    /// Compares every row of every projection with its check value; opens every title.
    async fn check_projections(&self, report: &mut VerifyReport) -> Result<(), StoreError> {
        for table in TABLES {
            let key: Vec<&str> = table.columns[..table.key].iter().map(|(name, _)| *name).collect();
            let order = format!("ORDER BY {} LIMIT $1 OFFSET $2", key.join(", "));
            for page in 0.. {
                let values = vec![DOCUMENTS.into(), (page * DOCUMENTS).into()];
                let rows = table.unchecked(self.readers(), &order, values).await?;
                if rows.is_empty() {
                    break;
                }
                for row in &rows {
                    report.rows += u64::from(report.noted(table.check(self.keys(), row))?.is_some());
                }
            }
        }
        let sql = "SELECT case_id FROM case_summary ORDER BY case_id";
        for row in self.readers().rows("case_summary", sql, vec![]).await? {
            let read = self.case_summary(row.parsed(0)?).await;
            report.noted(read)?;
        }
        let sql = "SELECT DISTINCT stream_id FROM event WHERE stream_kind = $1 AND stream_id NOT IN
                   (SELECT case_id FROM case_summary)";
        let kind = name_of(&crate::StreamKind::Case);
        for row in self.readers().rows("event", sql, vec![kind.into()]).await? {
            report.notes.push(format!("{} has no line in the inbox", row.text(0)?));
        }
        Ok(())
    }
}

/// Remembers what the ledger says about erased cases.
fn note_erasure(record: &EventRecord, erasures: &mut BTreeSet<(String, u64)>) {
    if record.stream != Stream::erasures() {
        return;
    }
    if let Some(case) = record.entry.header.value().get("case").and_then(|case| case.as_str()) {
        erasures.insert((case.to_owned(), record.log_index));
    }
}
