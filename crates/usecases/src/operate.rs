//! Operating the desk: holding everything outgoing, dead letters, and what an administrator sees of the machinery.
//!
//! Nothing here is about a case: a dead letter is named by its id and its text's name, counts are counts. Each act is an
//! event of the programme, so that nobody silences the desk unseen.

use bastide_authz::{Action, Actor, Object};
use bastide_model::{id::PersonId, time::Instant};
use bastide_store::{Append, Change, Counts, Idempotency, NewEvent, Queue, Stream, StreamBatch, StreamKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Desk, RequestKey, UseCaseError,
    desk::store,
    health::{Job, Round},
    request,
};

/// No reason is longer, in characters.
const REASON: usize = 500;
/// How many dead letters are shown at once.
const SHOWN: u32 = 200;
/// What an accepted act answers, now and on a retry.
const DONE: &[u8] = b"done";

/// Nothing leaves the desk while this stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Why, in the words of whoever ordered it.
    pub reason: String,
    /// Who ordered it.
    pub by: Option<PersonId>,
    /// Since when.
    pub since: Instant,
    /// When it ends by itself; until somebody ends it without.
    pub until: Option<Instant>,
}

/// The sealed order as it stands in the history's header.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    reason: String,
    until: Option<Instant>,
}

/// A message that could not be sent and waits for somebody's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id, the beginning of its Message-ID.
    pub id: String,
    /// How it was to be sent.
    pub channel: String,
    /// Which text it is.
    pub template: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub given_up: Instant,
    /// Why, without content.
    pub why: String,
}

/// What an administrator decides about a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterDecision {
    /// Try it again now.
    Retry,
    /// Never send it.
    Drop,
}

/// The machinery as its administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operations {
    /// The order that holds everything outgoing, if there is one.
    pub hold: Option<Hold>,
    /// What waits.
    pub counts: Counts,
    /// The writer's queue.
    pub queue: Queue,
    /// The jobs and how their last rounds ended.
    pub jobs: Vec<(Job, Round)>,
    /// Room left where the database lies, in bytes.
    pub free_bytes: Option<u64>,
    /// What waits for a decision, newest first.
    pub dead_letters: Vec<DeadLetter>,
}

fn stream() -> Stream {
    Stream::new(StreamKind::Programme, "outbound")
}

impl Desk {
    /// The order that holds everything outgoing now.
    pub async fn outbound_hold(&self) -> Result<Option<Hold>, UseCaseError> {
        let events = self.store().stream(&stream()).await.map_err(store)?;
        let last = events.into_iter().rev().find(|event| matches!(event.kind.as_str(), HELD | RELEASED));
        let Some(event) = last.filter(|event| event.kind == HELD) else { return Ok(None) };
        let order: Order = serde_json::from_value(event.header).map_err(|_| {
            UseCaseError::Corrupt(
                "the order that holds mail cannot be read: run `bastide ledger verify`".into(),
            )
        })?;
        let hold = Hold { reason: order.reason, by: event.actor, since: event.at, until: order.until };
        Ok(Some(hold).filter(|hold| hold.until.is_none_or(|until| self.now() < until)))
    }

    /// Holds everything outgoing, until an instant or until somebody ends it. What is told meanwhile waits in the outbox
    /// and is sent afterwards, to whoever may hear of it then. A new order replaces one that stands.
    pub async fn hold_outbound(
        &self,
        actor: &Actor,
        key: &RequestKey,
        reason: &str,
        until: Option<Instant>,
    ) -> Result<(), UseCaseError> {
        self.permit(actor, Action::Operate, Object::Programme)?;
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON {
            return Err(UseCaseError::invalid(
                "reason",
                format!("a reason has 1 to {REASON} characters"),
                "Say in a sentence why nothing may leave; name no case.",
            ));
        }
        if until.is_some_and(|until| until <= self.now()) {
            return Err(UseCaseError::invalid(
                "until",
                "this instant has passed",
                "Name a later one, or leave it empty.",
            ));
        }
        let header = json!(Order { reason: reason.to_owned(), until });
        self.operate(actor, key, HELD, header, Vec::new()).await
    }

    /// Lets everything outgoing go again.
    pub async fn release_outbound(&self, actor: &Actor, key: &RequestKey) -> Result<(), UseCaseError> {
        self.permit(actor, Action::Operate, Object::Programme)?;
        self.operate(actor, key, RELEASED, json!({}), Vec::new()).await
    }

    /// Decides about a dead letter.
    pub async fn decide_dead_letter(
        &self,
        actor: &Actor,
        key: &RequestKey,
        id: &str,
        decision: LetterDecision,
    ) -> Result<(), UseCaseError> {
        self.permit(actor, Action::Operate, Object::Programme)?;
        let id = id.to_owned();
        let header = json!({ "message": id });
        let (kind, change) = match decision {
            LetterDecision::Retry => {
                ("dead-letter-retried", Change::OutboxRevived { id, not_before: self.now() })
            }
            LetterDecision::Drop => ("dead-letter-dropped", Change::OutboxDropped { id, at: self.now() }),
        };
        match self.operate(actor, key, kind, header, vec![change]).await {
            Err(UseCaseError::Store(bastide_store::StoreError::Absent { .. })) => Err(UseCaseError::NotFound),
            done => done,
        }
    }

    /// The machinery, for its administrator.
    pub async fn operations(&self, actor: &Actor) -> Result<Operations, UseCaseError> {
        self.permit(actor, Action::Operate, Object::Programme)?;
        let letters = self.store().dead_letters(SHOWN).await.map_err(store)?;
        let dead_letters = letters.into_iter().map(|message| DeadLetter {
            id: message.id,
            channel: message.channel.as_str().to_owned(),
            template: message.template,
            attempts: message.attempts,
            given_up: message.not_before,
            why: message.note.unwrap_or_default(),
        });
        Ok(Operations {
            hold: self.outbound_hold().await?,
            counts: self.store().counts(self.now()).await.map_err(store)?,
            queue: self.store().queue(),
            jobs: self.rounds(),
            free_bytes: self.store().free_bytes(),
            dead_letters: dead_letters.collect(),
        })
    }

    async fn operate(
        &self,
        actor: &Actor,
        key: &RequestKey,
        kind: &str,
        header: Value,
        changes: Vec<Change>,
    ) -> Result<(), UseCaseError> {
        let stream = stream();
        let at = self.now();
        let mut append = Append::at(at);
        append.idempotency = Some(Idempotency {
            scope: request::scope(actor),
            key: key.as_str().to_owned(),
            request: request::digest(kind, &header),
            response: DONE.to_vec(),
        });
        let expected = self.store().stream(&stream).await.map_err(store)?.len() as u64;
        let event = NewEvent { kind: kind.to_owned(), at, actor: actor.person, header, body: None };
        append.batches.push(StreamBatch { stream, expected, events: vec![event] });
        append.changes = changes;
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }
}

const HELD: &str = "outbound-held";
const RELEASED: &str = "outbound-released";
