//! What goes in: events, changes of rows, leaves of the public log, outbox rows; one transaction each.

use std::fmt;

use bastide_authz::{Embargoed, Grant, Role, Scope};
use bastide_ledger::PublicLeaf;
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    party::ProjectName,
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    table::{
        account_link::AccountLink,
        case_party::CaseParty,
        case_reading::NewReading,
        case_summary::CaseSummary,
        ceremony::Ceremony,
        claim::ClaimKind,
        credential::{Credential, Holder},
        outbox::NewOutbox,
        passkey::{Passkey, PasskeyEnd},
        proposal::Proposal,
        publication::Publication,
        session::Session,
        sign_in_name::SignInName,
        token::Token,
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

/// A change of a projection's row.
#[derive(Debug, Clone)]
pub enum Change {
    /// A person's document.
    PutPerson {
        /// Who.
        id: PersonId,
        /// What is known of them.
        document: serde_json::Value,
    },
    /// A project's title and document.
    PutProject {
        /// Its name.
        name: ProjectName,
        /// The name that people read.
        title: String,
        /// What is known of it.
        document: serde_json::Value,
    },
    /// A grant, new or changed (the same person, role and scope).
    PutGrant {
        /// Who gets it.
        person: PersonId,
        /// What.
        grant: Grant,
    },
    /// The end of a grant.
    RemoveGrant {
        /// Whose.
        person: PersonId,
        /// The role.
        role: Role,
        /// The scope.
        scope: Scope,
    },
    /// A new credential.
    AddCredential(Credential),
    /// Uses up a credential that works once; [`StoreError::Spent`] when it no longer works at `at`.
    ConsumeCredential {
        /// The SHA-256 of the secret.
        digest: Sha256Digest,
        /// When.
        at: Instant,
    },
    /// Revokes a credential; no error when there is none or it is revoked already.
    RevokeCredential {
        /// The SHA-256 of the secret.
        digest: Sha256Digest,
        /// When.
        at: Instant,
    },
    /// Revokes all credentials of a person or case.
    RevokeCredentialsOf {
        /// Whose.
        holder: Holder,
        /// When.
        at: Instant,
    },
    /// Passkeys, what is known of sessions, known browsers, ceremonies under way.
    SignIn(SignInChange),
    /// A case's line in the inbox.
    PutCaseSummary(Box<CaseSummary>),
    /// Who takes part in a case: all of them, replacing what was there.
    SetCaseParties {
        /// The case.
        case: CaseId,
        /// Who, in which role.
        parties: Vec<CaseParty>,
    },
    /// Which projects a case concerns: all of them, replacing what was there.
    SetCaseProjects {
        /// The case.
        case: CaseId,
        /// Which.
        projects: Vec<ProjectName>,
    },
    /// Somebody reads a case: an event once an hour, and how far they have read.
    NoteReading(Box<NewReading>),
    /// Somebody puts a case aside for themselves; an instant that is past takes it back.
    Snooze {
        /// The case.
        case: CaseId,
        /// Whose inbox leaves it out.
        person: PersonId,
        /// Until when.
        until: Instant,
    },
    /// Saves a filter of somebody's inbox, in place of the one of this name; refused when they have too many.
    SaveFilter {
        /// Whose.
        person: PersonId,
        /// Its name.
        name: String,
        /// What it chooses.
        query: String,
    },
    /// Removes a saved filter; no error when there is none.
    RemoveFilter {
        /// Whose.
        person: PersonId,
        /// Its name.
        name: String,
    },
    /// Claims a name for a case; [`StoreError::Claimed`] when another case has it.
    Claim {
        /// The case.
        case: CaseId,
        /// What kind of name.
        kind: ClaimKind,
        /// The name.
        name: String,
    },
    /// Gives all names that a case has claimed free again, because it is over and nothing of it was published.
    ReleaseClaims {
        /// The case.
        case: CaseId,
    },
    /// The clock looks at the case not before an instant; no error when the case is unknown or wakes by itself later.
    PostponeWake {
        /// The case.
        case: CaseId,
        /// Until when.
        until: Instant,
    },
    /// An attachment or other sealed object of a case; a version is never replaced.
    PutObject {
        /// The object's name within its case (the case and tier come with the bytes).
        object: String,
        /// Its version, from 1.
        version: u32,
        /// The bytes.
        bytes: Embargoed<Vec<u8>>,
    },
    /// A published document, never replaced; its leaf of the public log is written with it.
    AddPublication(Box<Publication>),
    /// Bytes frozen under their digest (a policy, a threat model); the same bytes again are no error.
    AddSnapshot {
        /// What it is: `policy`, `threat-model`.
        kind: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A change that needs two persons, new or decided; the database refuses an approval by its proposer.
    PutProposal(Box<Proposal>),
    /// Links by mail, names by which people sign in, what reporters have seen.
    Account(AccountChange),
    /// A message was sent.
    OutboxSent {
        /// The message.
        id: String,
        /// When.
        at: Instant,
    },
    /// A message could not be sent and is tried again.
    OutboxRetry {
        /// The message.
        id: String,
        /// Not before this.
        not_before: Instant,
        /// Why, without content.
        note: String,
    },
    /// No message that waits for this audience will be sent.
    GiveUpMessagesTo {
        /// For whom: a person's id.
        audience: String,
        /// Why, without content.
        note: String,
    },
    /// Forgets what is kept about how somebody signs in and how they like to work: passkeys, names they sign in by, what is
    /// known of sessions and tokens beside their digests, browsers, ceremonies, saved filters, what they put aside and how
    /// far they read their reports.
    ForgetPerson {
        /// Whom.
        person: PersonId,
    },
    /// Forgets the answers kept for retries of one scope's requests.
    ForgetAnswersOf {
        /// Whose.
        scope: String,
    },
    /// Erases what a case has under seal, and its key, in the transaction of whatever decides it.
    EraseCase {
        /// The case.
        case: CaseId,
        /// When.
        at: Instant,
        /// Who decided it; nobody for the clock.
        actor: Option<PersonId>,
    },
    /// A message could not be sent and is not tried again by itself: a dead letter, which somebody looks at.
    OutboxGivenUp {
        /// The message.
        id: String,
        /// When.
        at: Instant,
        /// Why, without content.
        note: String,
    },
    /// A dead letter is tried again, as if it were new.
    OutboxRevived {
        /// The message.
        id: String,
        /// Not before this.
        not_before: Instant,
    },
    /// A dead letter is never sent.
    OutboxDropped {
        /// The message.
        id: String,
        /// When.
        at: Instant,
    },
}

/// A change of reporters' accounts and of the names by which people sign in.
#[derive(Debug, Clone)]
pub enum AccountChange {
    /// Somebody asked for a link by mail.
    AddLink(AccountLink),
    /// A link gets its secret, because it is sent now; [`StoreError::Spent`] when it was used.
    LinkSent {
        /// Which.
        id: String,
        /// The SHA-256 of the secret.
        digest: Sha256Digest,
    },
    /// Uses up a link; [`StoreError::Spent`] when it no longer works at `at`.
    TakeLink {
        /// The SHA-256 of the secret.
        digest: Sha256Digest,
        /// When.
        at: Instant,
    },
    /// Forgets requests whose links ended before an instant.
    ForgetLinks {
        /// Before when.
        before: Instant,
    },
    /// A name by which a person signs in; [`StoreError::Exists`] when it is somebody's.
    AddName {
        /// The name.
        name: SignInName,
        /// Who.
        person: PersonId,
    },
    /// A person no longer signs in by a name; no error when it is not theirs.
    RemoveName {
        /// The name.
        name: SignInName,
        /// Who.
        person: PersonId,
    },
    /// A reporter has seen their report up to an event.
    ReportSeen {
        /// Who.
        person: PersonId,
        /// Which report.
        case: CaseId,
        /// The event's number.
        sequence: u64,
    },
}

/// A change of how people sign in, beside their credentials.
#[derive(Debug, Clone)]
pub enum SignInChange {
    /// A new passkey; [`StoreError::Exists`] when the device's credential is somebody's already.
    AddPasskey(Passkey),
    /// A passkey was used; [`StoreError::Spent`] when it ended meanwhile or its counter did not grow.
    PasskeyUsed {
        /// Which.
        id: Sha256Digest,
        /// The counter that the device showed.
        counter: u32,
        /// What is known of it now.
        document: Vec<u8>,
        /// When.
        at: Instant,
    },
    /// A passkey's new name.
    RenamePasskey {
        /// Which.
        id: Sha256Digest,
        /// Its name.
        name: String,
    },
    /// A passkey's end; [`StoreError::Spent`] when it has ended.
    EndPasskey {
        /// Which.
        id: Sha256Digest,
        /// Why.
        why: PasskeyEnd,
        /// When.
        at: Instant,
    },
    /// What is known of a new session; its credential is added beside it.
    AddSession(Session),
    /// A session was seen; [`StoreError::Spent`] when it is not known.
    SessionSeen {
        /// Which.
        digest: Sha256Digest,
        /// When.
        at: Instant,
    },
    /// A session's holder confirmed that it is they.
    SessionConfirmed {
        /// Which.
        digest: Sha256Digest,
        /// When.
        at: Instant,
    },
    /// A person signed in from this browser; no error when it is known.
    AddDevice {
        /// The SHA-256 of its cookie.
        digest: Sha256Digest,
        /// Who.
        person: PersonId,
        /// Since when.
        at: Instant,
    },
    /// A person's browsers are no longer known.
    ForgetDevices {
        /// Whose.
        person: PersonId,
    },
    /// A token's name, or the day on which it was used; its credential is added beside it.
    PutToken(Token),
    /// A ceremony begins; the oldest beyond the bounds give way.
    AddCeremony(Ceremony),
    /// A ceremony is over, whatever came of it; [`StoreError::Spent`] when it was before.
    TakeCeremony {
        /// The SHA-256 of its handle.
        digest: Sha256Digest,
    },
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
