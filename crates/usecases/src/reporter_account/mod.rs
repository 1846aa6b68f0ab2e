//! Reporters who want an account: a link by mail instead of a password, and all their reports in one place.
//!
//! Nobody needs an account to report. Who wants one gives an address ([`ask`](self)); a link goes there that works once and
//! for a day, and whoever follows it is signed in ([`enter`](self)). Such a person has no role: what they may see are the
//! reports that they sent while signed in, and those that they gave to the account by their secret links ([`keep`](self)).
//!
//! Invariant: the answer to a request for a link says nothing about the address; whether it is known is looked up when the
//! mail is sent. Invariant: a mailbox opens no account that has a role, so whoever reads somebody's mail reads no case of
//! others. Invariant: a report comes under an account only in the browser that holds its secret link, never by a mail, so a
//! mistyped address shows nobody a report.

mod address;
mod ask;
mod enter;
mod keep;
mod list;

pub(crate) use address::MailAddress;
pub(crate) use ask::TEMPLATE;
pub use enter::AccountEntry;
pub use list::OwnReport;
