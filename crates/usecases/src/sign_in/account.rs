//! What somebody's account holds, for themselves; and how a change of it is written down and told.

use bastide_model::{digest::Sha256Digest, id::PersonId, time::Instant};
use bastide_store::{
    Append, Change, CredentialKind, Holder, Idempotency, NewEvent, NewOutbox, Passkey, SignInWay, StoreError,
    Stream, StreamBatch, StreamKind,
};
use serde_json::Value;

use super::Confirmation;
use crate::{Desk, PersonRecord, SignedIn, UseCaseError, act::TRIES, desk::store, proposal::RecoveryAhead};

/// A passkey, to its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyLine {
    /// Which.
    pub id: Sha256Digest,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Instant,
    /// When it was used last.
    pub last_used: Option<Instant>,
}

/// A session, to its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// Which.
    pub digest: Sha256Digest,
    /// The browser in words.
    pub device: String,
    /// How it began.
    pub way: SignInWay,
    /// When it began.
    pub since: Instant,
    /// When it was seen last.
    pub last_seen: Instant,
    /// Whether its browser was unknown when it began.
    pub new_device: bool,
    /// Whether it is the one that asks.
    pub this: bool,
}

/// A token, to its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLine {
    /// Which.
    pub digest: Sha256Digest,
    /// Its name; none for one that the desk's operator made.
    pub name: Option<String>,
    /// What it may be used for, in the words of its scopes.
    pub scopes: String,
    /// When it was made.
    pub created: Instant,
    /// When it ends.
    pub expires: Option<Instant>,
    /// The day on which it was used last.
    pub last_used: Option<Instant>,
}

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    /// What, by the name of the event.
    pub kind: String,
    /// When.
    pub at: Instant,
}

/// Somebody's account, to themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
    /// What the directory holds of them.
    pub record: PersonRecord,
    /// Their passkeys.
    pub passkeys: Vec<PasskeyLine>,
    /// Their sessions that have not ended.
    pub sessions: Vec<SessionLine>,
    /// Their tokens that work.
    pub tokens: Vec<TokenLine>,
    /// The last things that happened to the account, the newest first.
    pub events: Vec<AccountEvent>,
    /// How many events the ledger holds about the account.
    pub event_count: usize,
    /// In how many cases they take part.
    pub cases: usize,
    /// What this desk counts as confirmation.
    pub confirmation: Confirmation,
    /// That their passkeys are about to be replaced.
    pub recovery: Option<RecoveryAhead>,
    /// Why this desk can have no passkeys, where it cannot.
    pub no_passkeys: Option<&'static str>,
    /// Whether they must make a passkey before they see anything else.
    pub must_enrol: bool,
    /// Whether they may make a passkey now; otherwise they sign in by a link, or confirm, first.
    pub may_enrol: bool,
    /// Whether they confirmed just now.
    pub confirmed: bool,
}

/// How many of the last events an account shows.
const SHOWN: usize = 20;

impl Desk {
    /// One's own account.
    pub async fn account(&self, who: &SignedIn) -> Result<Account, UseCaseError> {
        let person = self.keeper(who)?;
        let now = self.now();
        let record = self.person(person).await?.ok_or(UseCaseError::NotSignedIn)?;
        let passkeys = self.passkeys(person).await?;
        let may_enrol = self.may_enrol(who, &passkeys);
        let credentials = self.store().credentials_of(Holder::Person(person)).await.map_err(store)?;
        let working = |kind| credentials.iter().filter(move |found| found.kind == kind && found.works(now));
        let known = self.store().sessions_of(person).await.map_err(store)?;
        let sessions = known.into_iter().filter_map(|session| {
            let credential = working(CredentialKind::Session).find(|found| found.digest == session.digest)?;
            Some(SessionLine {
                digest: session.digest,
                device: session.device,
                way: session.way,
                since: credential.created,
                last_seen: session.last_seen,
                new_device: session.new_device,
                this: session.digest == who.credential,
            })
        });
        let sessions = sessions.collect();
        let names = self.store().tokens_of(person).await.map_err(store)?;
        let tokens = working(CredentialKind::ApiToken).map(|found| {
            let named = names.iter().find(|token| token.digest == found.digest);
            TokenLine {
                digest: found.digest,
                name: named.map(|token| token.name.clone()),
                scopes: found.scopes.clone(),
                created: found.created,
                expires: found.expires,
                last_used: named.and_then(|token| token.last_used),
            }
        });
        let tokens = tokens.collect();
        let stream = Stream::new(StreamKind::Person, person.to_string());
        let events = self.store().stream(&stream).await.map_err(store)?;
        let event_count = events.len();
        let events = events.into_iter().rev().take(SHOWN);
        let events = events.map(|event| AccountEvent { kind: event.kind, at: event.at }).collect();
        Ok(Account {
            person,
            record,
            passkeys: passkeys.into_iter().map(line).collect(),
            sessions,
            tokens,
            events,
            event_count,
            cases: self.store().cases_of(person).await.map_err(store)?.len(),
            confirmation: self.settings().sign_in.confirmation,
            recovery: self.waits_for(&who.actor).await?.recovery,
            no_passkeys: self.relying_party().impossible(),
            must_enrol: who.actor.confined,
            may_enrol,
            confirmed: who.actor.stepped_up,
        })
    }

    /// Writes an event of a person's account, with the changes that belong to it and a notice to them.
    pub(super) async fn told(
        &self,
        person: PersonId,
        actor: Option<PersonId>,
        kind: &'static str,
        header: Value,
        changes: Vec<Change>,
    ) -> Result<(), UseCaseError> {
        self.record(person, actor, kind, header, changes, Some(&[person.to_string().as_str()])).await
    }

    /// Writes an event of a person's account, with the changes that belong to it and notices to these audiences.
    pub(super) async fn record(
        &self,
        person: PersonId,
        actor: Option<PersonId>,
        kind: &'static str,
        header: Value,
        changes: Vec<Change>,
        audiences: Option<&[&str]>,
    ) -> Result<(), UseCaseError> {
        self.record_once(person, actor, kind, header, changes, audiences, None).await
    }

    /// The same for a request that may come twice: the second time nothing is written.
    #[allow(
        clippy::too_many_arguments,
        reason = "an event, what belongs to it, and the request that it answers"
    )]
    pub(super) async fn record_once(
        &self,
        person: PersonId,
        actor: Option<PersonId>,
        kind: &'static str,
        header: Value,
        changes: Vec<Change>,
        audiences: Option<&[&str]>,
        once: Option<Idempotency>,
    ) -> Result<(), UseCaseError> {
        let stream = Stream::new(StreamKind::Person, person.to_string());
        let mut last = UseCaseError::Busy;
        for _ in 0..TRIES {
            let now = self.now();
            let expected = self.store().stream(&stream).await.map_err(store)?.len() as u64;
            let event =
                NewEvent { kind: kind.to_owned(), at: now, actor, header: header.clone(), body: None };
            let mut append = Append::at(now);
            append.batches.push(StreamBatch { stream: stream.clone(), expected, events: vec![event] });
            append.changes.clone_from(&changes);
            append.idempotency.clone_from(&once);
            for audience in audiences.unwrap_or_default() {
                append.outbox.push(NewOutbox::mail(&stream, expected + 1, *audience, kind, now));
            }
            match self.store().append(append).await {
                Ok(_) => return Ok(()),
                Err(error @ StoreError::Conflict { .. }) => last = store(error),
                Err(error) => return Err(store(error)),
            }
        }
        Err(last)
    }
}

fn line(passkey: Passkey) -> PasskeyLine {
    PasskeyLine { id: passkey.id, name: passkey.name, created: passkey.created, last_used: passkey.last_used }
}
