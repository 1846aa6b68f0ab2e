//! What an append changes besides events: rows of projections, accounts, sign-in.

use bastide_authz::{Embargoed, Grant, Role, Scope};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    party::ProjectName,
    time::Instant,
};

use crate::table::{
    account_link::AccountLink,
    case_party::CaseParty,
    case_reading::NewReading,
    case_summary::CaseSummary,
    ceremony::Ceremony,
    claim::ClaimKind,
    credential::{Credential, Holder},
    notice::NoticeChange,
    passkey::{Passkey, PasskeyEnd},
    proposal::Proposal,
    publication::Publication,
    session::Session,
    sign_in_name::SignInName,
    subscription::SubscriptionChange,
    token::Token,
};

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
    /// What people want to hear of.
    Subscription(SubscriptionChange),
    /// What subscribers are told.
    Notice(NoticeChange),
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
    /// known of sessions and tokens beside their digests, browsers, ceremonies, saved filters, what they put aside, how
    /// far they read their reports, and what they subscribed to.
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
    /// A message that waited ends without having been sent, because nobody is left to tell.
    OutboxEnded {
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
