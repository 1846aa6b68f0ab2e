//! Ledger persistence, sealed bodies, projections and outbox, on SQLite and PostgreSQL.
//!
//! A newcomer starts at [`Store`]. Everything that changes goes through [`Store::append`]: events with their ledger
//! leaves, the rows of projections, the leaves of the public log and the outbox, in one transaction, with an
//! idempotency key. One writer task commits up to 256 such jobs at once ([`writer`]); readers have a read-only pool.
//! Each table has one file under `table/`, named as the table.
//!
//! What is stored where: an event's header is plain, because state is folded from it; its body is sealed under the
//! case's own key (`seal`), in a table of its own, because it may be erased. The case's key is wrapped by a key
//! that lies in a file outside the database (`keys`).
//!
//! Invariant: one SQL text serves both engines; only 64-bit integers, text and bytes are stored; instants are
//! microseconds. Invariant: nothing that is embargoed stands in the database in plain, in an error or in a log line.
//! Invariant: tables of history refuse UPDATE and DELETE in SQL, too.

mod append;
mod change;
mod config;
mod counts;
mod engine;
mod error;
mod event;
mod gate;
mod growth;
mod keys;
mod prove;
pub mod rotate;
mod row;
mod schema;
mod seal;
mod sql;
mod store;
mod table;
pub mod transfer;
mod upgrade;
mod verify;
mod writer;

pub use append::{Append, Appended, Idempotency, NewEvent, Position, Stream, StreamBatch, StreamKind};
pub use bastide_ledger::{Log, PublicLeaf};
pub use change::{AccountChange, Change, SignInChange};
pub use config::{Config, KeySource, Location};
pub use counts::{Counts, Queue};
pub use error::StoreError;
pub use event::{Body, SealedEvent, StoredEvent};
pub use keys::LogKey;
pub use schema::SCHEMA_VERSION;
pub use store::{Figures, Store};
pub use table::{
    account_link::AccountLink,
    case_party::CaseParty,
    case_reading::{CaseReading, NewReading},
    case_summary::{CaseSummary, InboxQuery, OwnedBy},
    ceremony::{Ceremony, CeremonyKind},
    claim::ClaimKind,
    credential::{Credential, CredentialKind, Holder},
    notice::{Notice, NoticeChange, NoticeState},
    outbox::{NewOutbox, OutboxChannel, OutboxMessage, OutboxState},
    passkey::{Passkey, PasskeyEnd},
    proposal::{Proposal, ProposalState},
    publication::Publication,
    session::{Session, SignInWay},
    sign_in_name::SignInName,
    snapshot::Snapshot,
    subscription::{Subscribed, Subscription, SubscriptionChange, SubscriptionChannel, SubscriptionItem},
    token::Token,
};
pub use verify::{Problem, VerifyReport};
