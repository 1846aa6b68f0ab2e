//! What people can do at the desk, one function per thing: load, authorise, decide, append.
//!
//! Doors (the server's pages and API, the command line, the demo) parse, call a use case and render its answer; they
//! hold no logic. A use case reads what it needs from the store, asks `authorize` with the rights of this moment, lets
//! the pure desk decide, and appends the events, their ledger leaves, the changed projections, the published documents
//! and the messages to send in one transaction.
//!
//! A newcomer starts at [`Desk`]; [`step`] is the vocabulary of what can be done in a case.
//!
//! Invariant: no HTTP, no HTML, no terminal here. Invariant: every change goes through `Store::append`; every read of a
//! case goes through `Desk::open_case`, which authorises.

mod act;
mod admin;
mod advisory_service;
mod attachment;
pub mod backup;
mod case_archive;
mod case_view;
mod clock;
mod conduct;
mod conduct_export;
mod credential;
mod desk;
mod directory;
mod draft;
mod entropy;
mod error;
mod health;
mod history;
mod import;
mod inbox;
mod invitation;
mod kept;
mod leak;
mod limit;
mod lint;
mod new_project;
mod object;
mod offer;
mod onboarding;
mod operate;
mod outbox;
mod outside;
mod people;
mod personal_data;
mod project_rules;
mod projection;
mod proof;
pub mod proposal;
mod public_page;
mod publication;
mod reading;
mod report;
mod reporter_account;
mod request;
mod sign_in;
pub mod step;
mod step_command;
mod step_table;
mod submit;
mod summary;
mod telling;
mod tick;
mod timeline;

pub use act::Done;
pub use admin::NewPerson;
pub use advisory_service::{AdvisoryService, Snapshots};
pub use attachment::AttachedFile;
pub use bastide_connect_identity::{
    GitHub, GitHubAddresses, IdentityError, IdentityProvider, Oidc, OidcSettings, Returned,
    fake::ScriptedProvider,
};
pub use bastide_store::SignInWay;
pub use case_view::{CaseEntry, CaseView, OpenedContent};
pub use clock::{SimulatedClock, SystemClock};
pub use conduct::{ConductDone, ConductEntry, ConductStep, ConductView};
pub use credential::{Secret, SignedIn};
pub use desk::{Desk, Settings};
pub use directory::{PersonRecord, ProjectFacts, ProjectRecord, role_in_words};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use error::UseCaseError;
pub use health::{Check, Job, Limits, Measured, Round};
pub use import::{ForeignRecord, ImportReport};
pub use inbox::{InboxFilter, InboxPage, InboxRow, OwnerFilter, SEARCHED};
pub use invitation::InvitationTerms;
pub use new_project::{Coordinator, NewProject, RuleSource};
pub use offer::Offer;
pub use onboarding::{ProjectVersion, SetUpStep};
pub use operate::{DeadLetter, Hold, LetterDecision, Operations};
pub use outbox::Delivery;
pub use outside::{OutsideBegun, OutsideDone, OutsideError, OutsidePurpose, OutsideSignIn};
pub use people::{
    CredentialLine, PersonLine, PersonView, RoleOutcome, read_identity, shown as shown_identity,
};
pub use personal_data::{WHAT_STAYS, pseudonym};
pub use project_rules::{ProjectSetup, WrittenRules};
pub use proposal::kind::RoleChange;
pub use public_page::{PublicPage, PublicVersion};
pub use publication::{DocumentKind, Preview, PublicAdvisory, PublishedDocument, assigner as cve_assigner};
pub use reading::{CaseReader, PURPOSE_LASTS};
pub use report::{ReporterView, StageOf, judged};
pub use reporter_account::{AccountEntry, OwnReport};
pub use request::{RequestKey, RequestKeyError};
pub use sign_in::{
    Account, AccountEvent, Asked, Browser, Confirmation, NewSession, NewToken, PasskeyLine, SessionLine,
    SignInPolicy, TOKEN_DAYS, TokenLine, TokenScope, no_passkeys,
};
pub use submit::{ReportSubmission, Submitted};
pub use telling::{
    Announced, Called, NewSubscription, NoticeView, Subscribed, SubscriptionView, WatchedSource, shown_secret,
};
pub use timeline::{EntryKind, Timeline, TimelineWindow, WINDOW};
