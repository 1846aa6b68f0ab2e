//! What goes in: events, changes of rows, leaves of the public log, outbox rows; one transaction each.

use std::fmt;

use bastide_authz::Embargoed;
use bastide_ledger::PublicLeaf;
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    change::{AccountChange, Change, SignInChange},
    table::{
        notice::NoticeChange, outbox::NewOutbox, passkey::Passkey, session::Session,
        sign_in_name::SignInName, subscription::SubscriptionChange, token::Token,
    },
};

/// The kinds of aggregates that have events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamKind {
    /// A case; the id is the case's.
    Case,
    /// A reporter's conduct.
    Conduct,
    /// A person's account.
    Person,
    /// A project's policy, versions and roles.
    Project,
    /// The programme itself.
    Programme,
    /// A change that needs two persons.
    Proposal,
    /// What subscribers are told: messages only, no events.
    Notice,
    /// Who read a case, and when; the id is the case's. The store itself writes to it ([`Change::NoteReading`]).
    Reading,
}

/// Names one sequence of events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    /// The kind of aggregate.
    pub kind: StreamKind,
    /// Which one.
    pub id: String,
}

impl Stream {
    /// The stream of a case.
    pub fn case(case: CaseId) -> Self {
        Self { kind: StreamKind::Case, id: case.to_string() }
    }

    /// A stream of any kind.
    pub fn new(kind: StreamKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Where the store itself writes that a case's contents were erased.
    pub(crate) fn erasures() -> Self {
        Self::new(StreamKind::Programme, "erasures")
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "stream {}/{}", crate::sql::name_of(&self.kind), self.id)
    }
}

/// One accepted command's effects.
#[derive(Debug, Clone)]
pub struct Append {
    /// When the command was accepted.
    pub at: Instant,
    /// Recognises a retry; every mutating call from outside has one.
    pub idempotency: Option<Idempotency>,
    /// The events, by stream. A stream stands here at most once.
    pub batches: Vec<StreamBatch>,
    /// Rows of projections.
    pub changes: Vec<Change>,
    /// Leaves of the public log beside those of [`Change::AddPublication`], which come by themselves.
    pub publications: Vec<PublicLeaf>,
    /// Messages to send.
    pub outbox: Vec<NewOutbox>,
}

impl Append {
    /// Nothing yet, at this instant.
    pub fn at(at: Instant) -> Self {
        Self {
            at,
            idempotency: None,
            batches: Vec::new(),
            changes: Vec::new(),
            publications: Vec::new(),
            outbox: Vec::new(),
        }
    }
}

/// Recognises the same request when it comes again.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Whose keys these are: a person, a credential, a route. Keys of different scopes do not meet.
    pub scope: String,
    /// The key that the client chose.
    pub key: String,
    /// The digest of the request's meaning.
    pub request: Sha256Digest,
    /// What to answer, now and on every retry. Stored sealed, because it may hold a secret link.
    pub response: Vec<u8>,
}

/// New events of one stream.
#[derive(Debug, Clone)]
pub struct StreamBatch {
    /// The stream.
    pub stream: Stream,
    /// How many events it held when the decision was made.
    pub expected: u64,
    /// What happened, in order.
    pub events: Vec<NewEvent>,
}

/// An event to store.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What happened, 1 to 64 characters.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Option<PersonId>,
    /// The plain part, from which state is folded; no fractions (write them as text).
    pub header: serde_json::Value,
    /// The sealed part, which is never needed to fold.
    pub body: Option<Embargoed<Vec<u8>>>,
}

/// Where an event was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The stream.
    pub stream: Stream,
    /// The event's number in it, from 1.
    pub sequence: u64,
    /// Its leaf in the case log.
    pub log_index: u64,
}

/// What became of an [`Append`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is stored, durably.
    Stored(Vec<Position>),
    /// It was stored before; the answer given then.
    Replayed(Vec<u8>),
}

/// No header is longer, in bytes of canonical JSON.
pub(crate) const MAX_HEADER_BYTES: usize = 256 * 1024;
/// No sealed part or stored document is longer, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// No name, id or key is longer, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 512;
/// No append holds more events, changes, leaves or messages than this, each.
pub(crate) const MAX_PARTS: usize = 10_000;
/// No subscription has more packages than this.
pub(crate) const MAX_ITEMS: usize = 20_000;

impl Append {
    /// Refuses what is out of bounds before it is queued.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let events: usize = self.batches.iter().map(|batch| batch.events.len()).sum();
        let parts = [events, self.changes.len(), self.publications.len(), self.outbox.len()];
        if parts.into_iter().any(|count| count > MAX_PARTS) {
            return Err(StoreError::refused(
                "a change",
                format!("it has more than {MAX_PARTS} parts of a kind"),
            ));
        }
        if let Some(idempotency) = &self.idempotency {
            named("an idempotency scope", &idempotency.scope)?;
            named("an idempotency key", &idempotency.key)?;
            sized("a response", idempotency.response.len())?;
        }
        let mut seen = std::collections::BTreeSet::new();
        for batch in &self.batches {
            named("a stream id", &batch.stream.id)?;
            if !seen.insert(&batch.stream) {
                return Err(StoreError::refused(batch.stream.to_string(), "it stands twice in one change"));
            }
            if batch.stream == Stream::erasures() {
                return Err(StoreError::refused(batch.stream.to_string(), "only an erasure writes to it"));
            }
            if batch.stream.kind == StreamKind::Reading {
                return Err(StoreError::refused(batch.stream.to_string(), "only a reading writes to it"));
            }
            for event in &batch.events {
                check_event(&batch.stream, event)?;
            }
        }
        for leaf in &self.publications {
            named("a public leaf's id", &leaf.id)?;
        }
        for change in &self.changes {
            match change {
                Change::PutObject { object, bytes, .. } => {
                    named("an object's name", object)?;
                    sized("an object", bytes.length())?;
                }
                Change::AddSnapshot { bytes, .. } => sized("a snapshot", bytes.len())?,
                Change::PutProposal(proposal) => sized("a proposal", proposal.content.len())?,
                Change::SaveFilter { name, query, .. } => {
                    named("a filter's name", name)?;
                    sized("a filter", query.len())?;
                }
                Change::NoteReading(reading) => {
                    named("as what somebody reads", &reading.viewer)?;
                    if reading.purpose.as_ref().is_some_and(|purpose| purpose.case() != reading.case) {
                        return Err(StoreError::refused(
                            "a purpose",
                            "it is under another case's embargo than what is read",
                        ));
                    }
                    sized("a purpose", reading.purpose.as_ref().map_or(0, Embargoed::length))?;
                }
                Change::Claim { name, .. } => named("a claimed name", name)?,
                Change::Subscription(
                    SubscriptionChange::Add { items, .. } | SubscriptionChange::Refresh { items, .. },
                ) if items.len() > MAX_ITEMS => {
                    let reason = format!("it has more than {MAX_ITEMS} packages");
                    return Err(StoreError::refused("a subscription", reason));
                }
                Change::Notice(NoticeChange::Add(notice)) => sized("a notice", notice.content.len())?,
                Change::Account(AccountChange::AddLink(link)) => {
                    named("a link's id", &link.id)?;
                    named("an address", &link.address)?;
                }
                Change::Account(AccountChange::AddName { name, .. }) => match name {
                    SignInName::Mail(address) => named("an address", address)?,
                    SignInName::Outside { issuer, subject } => {
                        named("an issuer", issuer)?;
                        named("a subject", subject)?;
                    }
                },
                Change::SignIn(SignInChange::AddPasskey(Passkey { name, document, .. })) => {
                    named("a passkey's name", name)?;
                    sized("a passkey", document.len())?;
                }
                Change::SignIn(SignInChange::RenamePasskey { name, .. }) => named("a passkey's name", name)?,
                Change::SignIn(SignInChange::AddSession(Session { device, .. })) => {
                    named("a browser's name", device)?;
                }
                Change::SignIn(SignInChange::PutToken(Token { name, .. })) => named("a token's name", name)?,
                Change::SignIn(SignInChange::AddCeremony(new)) => sized("a ceremony", new.state.len())?,
                Change::AddPublication(publication) => {
                    plain("an advisory's id", &publication.advisory)?;
                    plain("a document's kind", &publication.kind)?;
                    sized("a publication", publication.bytes.len())?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn check_event(stream: &Stream, event: &NewEvent) -> Result<(), StoreError> {
    if event.kind.is_empty() || event.kind.len() > 64 {
        return Err(StoreError::refused("an event's kind", "it has 1 to 64 characters"));
    }
    let Some(body) = &event.body else { return Ok(()) };
    if stream.kind == StreamKind::Case && stream.id != body.case().to_string() {
        return Err(StoreError::refused(
            "an event's body",
            "it is under another case's embargo than its stream",
        ));
    }
    sized("an event's body", body.length())
}

fn named(what: &str, name: &str) -> Result<(), StoreError> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(StoreError::refused(what, format!("it has 1 to {MAX_NAME_BYTES} bytes")));
    }
    Ok(())
}

/// What stands in public addresses and file names.
fn plain(what: &str, name: &str) -> Result<(), StoreError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) || name.contains("..") {
        return Err(StoreError::refused(what, "it is 1 to 64 letters, digits, dashes, underscores or dots"));
    }
    Ok(())
}

fn sized(what: &str, length: usize) -> Result<(), StoreError> {
    if length > MAX_BODY_BYTES {
        return Err(StoreError::refused(what, format!("it is longer than {MAX_BODY_BYTES} bytes")));
    }
    Ok(())
}
