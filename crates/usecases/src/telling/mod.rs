//! Telling people downstream: what they subscribed to, whom an advisory concerns, what they are told and what came of it.
//!
//! Somebody names packages or gives a lockfile or SBOM ([`subscribe`](self)); of it only package, version, scope and path are
//! kept. When an advisory goes out or changes, a message to the desk itself leaves in the same transaction; handling it finds
//! every subscription that it affects and writes a notice for each ([`announce`]). The notices of one person go out together
//! as one mail that says what to do ([`mail`](self)), or one by one as signed calls of an address ([`webhook`](self)). When
//! the packages are given again, each notice learns what became of it.
//!
//! Invariant: an advisory is announced after it is public, never before. Invariant: whoever is not affected hears nothing; where
//! it cannot be told, they are told that. Invariant: the same advisory is told once for each subscription, however often it is
//! found, and again only when what must be done has changed.

mod announce;
mod mail;
mod subscribe;
mod webhook;

pub use announce::Announced;
pub(crate) use announce::announcement;
pub(crate) use mail::TEMPLATE as NOTICES;
pub use subscribe::{NewSubscription, NoticeView, Subscribed, SubscriptionView, WatchedSource};
pub use webhook::{Called, shown_secret};
