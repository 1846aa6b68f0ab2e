//! The tables beside the ledger, one file each, named as the table.

pub(crate) mod account_link;
pub(crate) mod case_party;
pub(crate) mod case_reading;
pub(crate) mod case_snooze;
pub(crate) mod case_summary;
pub(crate) mod claim;
pub(crate) mod credential;
pub(crate) mod outbox;
pub(crate) mod proposal;
pub(crate) mod publication;
pub(crate) mod report_seen;
pub(crate) mod saved_filter;
pub(crate) mod sign_in_name;
pub(crate) mod snapshot;

pub(crate) mod case_key;
pub(crate) mod case_project;
pub(crate) mod checkpoint;
pub(crate) mod idempotency;
pub(crate) mod log_key;
pub(crate) mod person;
pub(crate) mod project;
pub(crate) mod role_grant;
pub(crate) mod sealed_object;

pub(crate) mod notice;
pub(crate) mod subscription;

pub(crate) mod ceremony;
pub(crate) mod device;
pub(crate) mod passkey;
pub(crate) mod session;
pub(crate) mod token;
