//! The one writer: jobs in, group commits out.
//!
//! Jobs wait in a bounded queue. The writer takes what is there, up to [`GROUP`], into one transaction, each job
//! within a savepoint, so that a refused job leaves no trace and disturbs no other. Answers go out after the one
//! commit. When a transaction fails, everybody in it hears "unknown", the connection is dropped and a new one is
//! opened and checked; nothing is tried twice, because after a failed fsync a second one may lie.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bastide_ledger::Log;
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Location, StoreError,
    append::{Append, Appended, NewEvent, Position, Stream, StreamKind},
    change::{AccountChange, Change, SignInChange},
    engine, event,
    growth::{Growth, stored_integer},
    keys::Keys,
    sql::Connection,
    store,
    table::{
        account_link,
        case_key::CaseKeys,
        case_party, case_project, case_reading, case_snooze, case_summary, ceremony, checkpoint, claim,
        credential, device, idempotency, notice,
        outbox::{self, OutboxChannel, OutboxMessage, OutboxState},
        passkey, person, project, proposal, publication, report_seen, role_grant, saved_filter,
        sealed_object, session, sign_in_name, snapshot, subscription, token,
    },
};

/// How many jobs one transaction takes at most.
pub(crate) const GROUP: usize = 256;
/// How many jobs may wait.
pub(crate) const QUEUE: usize = 1024;

/// What the writer can do.
#[derive(Debug)]
pub(crate) enum Task {
    Append(Box<Append>),
    EraseCase { case: CaseId, at: Instant, actor: Option<PersonId> },
    SignCheckpoint(Log),
    ClaimOutbox { channel: OutboxChannel, now: Instant, lease_until: Instant, limit: u32 },
    PruneAnswers { before: Instant },
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) enum Done {
    Appended(Appended),
    Erased(u64),
    Checkpoint(String),
    Claimed(Vec<OutboxMessage>),
    Pruned(u64),
}

/// A task and who waits for it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) task: Task,
    pub(crate) answer: oneshot::Sender<Result<Done, StoreError>>,
}

/// Counts since the store was opened.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) jobs: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) reopened: AtomicU64,
    /// Grows after every transaction, whatever became of it, before anybody hears of it.
    pub(crate) epoch: AtomicU64,
}

pub(crate) struct Writer {
    pub(crate) connection: Option<Connection>,
    pub(crate) location: Location,
    pub(crate) keys: Arc<Keys>,
    pub(crate) counters: Arc<Counters>,
    /// Something was erased whose old pages may still stand in SQLite's log.
    pub(crate) truncate: bool,
    /// Held as long as the writer works: nobody else may open the directory.
    pub(crate) lock: Option<File>,
}

impl Writer {
    /// Works until every sender is gone.
    pub(crate) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut group = Vec::with_capacity(GROUP);
        while jobs.recv_many(&mut group, GROUP).await > 0 {
            let (tasks, answers): (Vec<_>, Vec<_>) =
                group.drain(..).map(|job| (job.task, job.answer)).unzip();
            self.counters.jobs.fetch_add(tasks.len() as u64, Ordering::Relaxed);
            let committed = self.commit(tasks).await;
            self.counters.epoch.fetch_add(1, Ordering::Release);
            match committed {
                Ok(outcomes) => {
                    for (answer, outcome) in answers.into_iter().zip(outcomes) {
                        // Whoever no longer waits finds the outcome by their idempotency key.
                        drop(answer.send(outcome));
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a transaction failed; the connection is opened anew");
                    self.connection = None;
                    for answer in answers {
                        drop(answer.send(Err(error.clone())));
                    }
                }
            }
        }
        if let Some(connection) = self.connection.take() {
            connection.close().await;
        }
        drop(self.lock.take());
    }

    /// Runs tasks in one transaction. An error means that nothing is known of any of them.
    async fn commit(&mut self, tasks: Vec<Task>) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.reopen().await?,
        };
        let mut transaction = Transaction::begin(connection, &self.keys).await?;
        let mut outcomes = Vec::with_capacity(tasks.len());
        for task in tasks {
            outcomes.push(transaction.perform(task).await?);
        }
        let anything = outcomes.iter().any(Result::is_ok);
        self.truncate |= transaction.erased;
        let mut connection = transaction.end(anything).await?;
        self.truncate |= outcomes.iter().any(|outcome| matches!(outcome, Ok(Done::Erased(_))));
        if self.truncate && connection.is_sqlite() {
            self.truncate = !truncate_log(&mut connection).await;
        }
        self.connection = Some(connection);
        if anything {
            self.counters.commits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(outcomes)
    }

    async fn reopen(&self) -> Result<Connection, StoreError> {
        let mut connection = engine::connect(&self.location).await?;
        engine::hold(&mut connection, engine::Holding::Shared).await?;
        engine::check(&mut connection).await?;
        store::same_keys(&mut connection, &self.keys).await?;
        self.counters.reopened.fetch_add(1, Ordering::Relaxed);
        Ok(connection)
    }
}

/// Moves SQLite's log into the database file and empties it, so that nothing erased stands in it. Whether it
/// succeeded: a long reader may be in the way, then it is tried after the next commit.
pub(crate) async fn truncate_log(connection: &mut Connection) -> bool {
    let row = connection.row("wal_checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)", vec![]).await;
    let emptied = matches!(row, Ok(Some(row)) if row.int(0) == Ok(0));
    if !emptied {
        tracing::warn!(
            "SQLite's log could not be emptied after an erasure; it is tried again after the next change"
        );
    }
    emptied
}

/// One transaction: the logs' growth and the case keys that it has seen. Dropped before its end, it takes the
/// connection with it.
struct Transaction {
    connection: Connection,
    keys: Arc<Keys>,
    growth: Growth,
    case_keys: CaseKeys,
    /// Something was erased.
    erased: bool,
}

impl Transaction {
    async fn begin(mut connection: Connection, keys: &Arc<Keys>) -> Result<Self, StoreError> {
        connection.run(engine::begin(&connection)).await?;
        let growth = Growth::begin(&mut connection).await?;
        Ok(Self {
            connection,
            keys: Arc::clone(keys),
            growth,
            case_keys: CaseKeys::new(Arc::clone(keys)),
            erased: false,
        })
    }

    async fn end(mut self, commit: bool) -> Result<Connection, StoreError> {
        if commit {
            self.growth.finish(&mut self.connection).await?;
            self.connection.run("COMMIT").await?;
        } else {
            self.connection.run("ROLLBACK").await?;
        }
        Ok(self.connection)
    }

    /// Does one task within a savepoint. The inner error is the task's own refusal; the outer one ends the whole
    /// transaction.
    async fn perform(&mut self, task: Task) -> Result<Result<Done, StoreError>, StoreError> {
        if let Task::SignCheckpoint(log) = task {
            // Writes the leaves so far, which no savepoint of ours could take back: it succeeds or all fails.
            let note = checkpoint::sign(&mut self.connection, &mut self.growth, &self.keys, log).await?;
            return Ok(Ok(Done::Checkpoint(note)));
        }
        let mark = self.growth.mark();
        self.connection.run("SAVEPOINT job").await?;
        let outcome = match task {
            Task::Append(append) => self.append(*append).await.map(Done::Appended),
            Task::EraseCase { case, at, actor } => self.erase(case, at, actor).await.map(Done::Erased),
            Task::ClaimOutbox { channel, now, lease_until, limit } => {
                outbox::claim(&mut self.connection, &self.keys, channel, now, lease_until, limit)
                    .await
                    .map(Done::Claimed)
            }
            Task::PruneAnswers { before } => {
                idempotency::prune(&mut self.connection, before).await.map(Done::Pruned)
            }
            Task::SignCheckpoint(_) => unreachable!("handled above"),
        };
        match outcome {
            Err(error @ StoreError::Unavailable { .. }) => Err(error),
            Err(refusal) => {
                self.connection.run("ROLLBACK TO SAVEPOINT job").await?;
                self.connection.run("RELEASE SAVEPOINT job").await?;
                self.growth.reset(mark);
                self.case_keys.forget();
                Ok(Err(refusal))
            }
            Ok(done) => {
                self.connection.run("RELEASE SAVEPOINT job").await?;
                Ok(Ok(done))
            }
        }
    }

    async fn append(&mut self, append: Append) -> Result<Appended, StoreError> {
        let at = append.at;
        if let Some(idempotency) = &append.idempotency {
            let answer = idempotency::replay(&mut self.connection, &self.keys, idempotency).await?;
            if let Some(answer) = answer {
                return Ok(Appended::Replayed(answer));
            }
        }
        let mut positions = Vec::new();
        for batch in append.batches {
            let found = event::length(&mut self.connection, &batch.stream).await?;
            if found != batch.expected {
                return Err(StoreError::Conflict { stream: batch.stream, expected: batch.expected, found });
            }
            for (sequence, new) in (found + 1..).zip(batch.events) {
                let log_index = self.insert_event(&batch.stream, sequence, new).await?;
                positions.push(Position { stream: batch.stream.clone(), sequence, log_index });
            }
        }
        for change in append.changes {
            self.change(change).await?;
        }
        for leaf in &append.publications {
            self.growth.push(Log::Public, leaf.bytes());
        }
        for message in &append.outbox {
            outbox::add(&mut self.connection, &self.keys, message).await?;
        }
        if let Some(idempotency) = &append.idempotency {
            idempotency::insert(&mut self.connection, &self.keys, idempotency, at).await?;
        }
        Ok(Appended::Stored(positions))
    }

    async fn insert_event(
        &mut self,
        stream: &Stream,
        sequence: u64,
        new: NewEvent,
    ) -> Result<u64, StoreError> {
        event::insert(&mut self.connection, &mut self.growth, &mut self.case_keys, stream, sequence, new)
            .await
    }

    async fn change(&mut self, change: Change) -> Result<(), StoreError> {
        let (connection, keys) = (&mut self.connection, &*self.keys);
        match change {
            Change::PutPerson { id, document } => person::put(connection, keys, id, &document).await,
            Change::PutProject { name, title, document } => {
                project::put(connection, keys, &name, title, &document).await
            }
            Change::PutGrant { person, grant } => role_grant::put(connection, keys, person, &grant).await,
            Change::RemoveGrant { person, role, scope } => {
                role_grant::remove(connection, person, role, &scope).await
            }
            Change::AddCredential(new) => credential::add(connection, keys, &new).await,
            Change::ConsumeCredential { digest, at } => {
                credential::consume(connection, keys, &digest, at).await
            }
            Change::RevokeCredential { digest, at } => {
                credential::revoke(connection, keys, &digest, at).await
            }
            Change::RevokeCredentialsOf { holder, at } => {
                credential::revoke_of(connection, keys, holder, at).await
            }
            Change::SignIn(change) => sign_in(connection, keys, change).await,
            Change::PutCaseSummary(summary) => {
                case_summary::put(connection, keys, &mut self.case_keys, &summary).await
            }
            Change::SetCaseParties { case, parties } => {
                case_party::set(connection, keys, case, &parties).await
            }
            Change::SetCaseProjects { case, projects } => {
                case_project::set(connection, keys, case, &projects).await
            }
            Change::NoteReading(reading) => {
                case_reading::note(connection, keys, &mut self.growth, &mut self.case_keys, *reading).await
            }
            Change::Snooze { case, person, until } => {
                case_snooze::put(connection, keys, case, person, until).await
            }
            Change::SaveFilter { person, name, query } => {
                saved_filter::put(connection, keys, person, &name, &query).await
            }
            Change::RemoveFilter { person, name } => saved_filter::remove(connection, person, &name).await,
            Change::Claim { case, kind, name } => claim::add(connection, keys, case, kind, &name).await,
            Change::ReleaseClaims { case } => claim::release(connection, case).await,
            Change::PostponeWake { case, until } => {
                case_summary::postpone(connection, keys, case, until).await
            }
            Change::PutObject { object, version, bytes } => {
                sealed_object::put(connection, &mut self.case_keys, &object, version, &bytes).await
            }
            Change::AddPublication(new) => {
                let log_index = self.growth.next_index(Log::Public);
                self.growth.push(Log::Public, new.leaf().bytes());
                publication::add(connection, keys, &new, log_index).await
            }
            Change::PutProposal(new) => proposal::put(connection, keys, &new).await,
            Change::AddSnapshot { kind, bytes } => snapshot::add(connection, keys, &kind, bytes).await,
            Change::GiveUpMessagesTo { audience, note } => {
                outbox::give_up_to(connection, keys, &audience, &note).await
            }
            Change::Subscription(change) => subscription::apply(connection, keys, change).await,
            Change::Notice(change) => notice::apply(connection, keys, change).await,
            Change::Account(change) => account(connection, keys, change).await,
            Change::ForgetPerson { person } => person::forget(connection, person).await,
            Change::ForgetAnswersOf { scope } => idempotency::forget(connection, &scope).await,
            Change::EraseCase { case, at, actor } => {
                self.erased = true;
                self.erase(case, at, actor).await.map(|_| ())
            }
            Change::OutboxSent { id, at } => {
                outbox::settle(connection, keys, &id, OutboxState::Sent, at, None).await
            }
            Change::OutboxRetry { id, not_before, note } => {
                outbox::settle(connection, keys, &id, OutboxState::Waiting, not_before, Some(note)).await
            }
            Change::OutboxEnded { id, at, note } => {
                outbox::settle(connection, keys, &id, OutboxState::Dropped, at, Some(note)).await
            }
            Change::OutboxGivenUp { id, at, note } => {
                outbox::settle(connection, keys, &id, OutboxState::GivenUp, at, Some(note)).await
            }
            Change::OutboxRevived { id, not_before } => {
                outbox::decide(connection, keys, &id, OutboxState::Waiting, not_before).await
            }
            Change::OutboxDropped { id, at } => {
                outbox::decide(connection, keys, &id, OutboxState::Dropped, at).await
            }
        }
    }

    /// Erases what a case has under seal, and its key; writes that into the ledger. Returns the leaf's index.
    async fn erase(&mut self, case: CaseId, at: Instant, actor: Option<PersonId>) -> Result<u64, StoreError> {
        let id = case.to_string();
        let sql = "SELECT log_index FROM erasure WHERE case_id = $1";
        if let Some(row) = self.connection.row("erasure", sql, vec![id.as_str().into()]).await? {
            return row.count(0);
        }
        if event::length(&mut self.connection, &Stream::new(StreamKind::Case, id.as_str())).await? == 0 {
            return Err(StoreError::Absent { what: id });
        }
        let erasures = Stream::erasures();
        let sequence = event::length(&mut self.connection, &erasures).await? + 1;
        let header = json!({ "case": id });
        let kind = "contents-erased".to_owned();
        let event = NewEvent { kind, at, actor, header, body: None };
        let log_index = self.insert_event(&erasures, sequence, event).await?;
        let values = vec![id.as_str().into(), stored_integer(log_index)];
        self.connection.execute("INSERT INTO erasure (case_id, log_index) VALUES ($1, $2)", values).await?;
        for sql in [
            "DELETE FROM event_body WHERE case_id = $1",
            "DELETE FROM sealed_object WHERE case_id = $1",
            "DELETE FROM case_key WHERE case_id = $1",
        ] {
            self.connection.execute(sql, vec![id.as_str().into()]).await?;
        }
        case_summary::erase_title(&mut self.connection, &self.keys, &id).await?;
        self.case_keys.forget();
        Ok(log_index)
    }
}

/// Writes what concerns accounts.
async fn account(connection: &mut Connection, keys: &Keys, change: AccountChange) -> Result<(), StoreError> {
    match change {
        AccountChange::AddLink(link) => account_link::add(connection, keys, &link).await,
        AccountChange::LinkSent { id, digest } => account_link::sent(connection, keys, &id, &digest).await,
        AccountChange::TakeLink { digest, at } => account_link::take(connection, keys, &digest, at).await,
        AccountChange::ForgetLinks { before } => account_link::forget(connection, before).await,
        AccountChange::AddName { name, person } => sign_in_name::add(connection, keys, &name, person).await,
        AccountChange::RemoveName { name, person } => {
            sign_in_name::remove(connection, keys, &name, person).await
        }
        AccountChange::ReportSeen { person, case, sequence } => {
            report_seen::put(connection, keys, person, case, sequence).await
        }
    }
}

/// A change of how people sign in.
async fn sign_in(connection: &mut Connection, keys: &Keys, change: SignInChange) -> Result<(), StoreError> {
    match change {
        SignInChange::AddPasskey(new) => passkey::add(connection, keys, &new).await,
        SignInChange::PasskeyUsed { id, counter, document, at } => {
            passkey::used(connection, keys, &id, counter, &document, at).await
        }
        SignInChange::RenamePasskey { id, name } => passkey::rename(connection, keys, &id, &name).await,
        SignInChange::EndPasskey { id, why, at } => passkey::end(connection, keys, &id, why, at).await,
        SignInChange::AddSession(new) => session::add(connection, keys, &new).await,
        SignInChange::SessionSeen { digest, at } => session::seen(connection, keys, &digest, at).await,
        SignInChange::SessionConfirmed { digest, at } => {
            session::confirmed(connection, keys, &digest, at).await
        }
        SignInChange::AddDevice { digest, person, at } => {
            device::add(connection, keys, &digest, person, at).await
        }
        SignInChange::ForgetDevices { person } => device::forget(connection, person).await,
        SignInChange::PutToken(token) => token::put(connection, keys, &token).await,
        SignInChange::AddCeremony(new) => ceremony::add(connection, keys, &new).await,
        SignInChange::TakeCeremony { digest } => ceremony::take(connection, keys, &digest).await,
    }
}
