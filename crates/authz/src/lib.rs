//! The one authorisation function: who may do what to which object.
//!
//! [`authorize`] is called by the routing layer for every request and again when a notification is sent. Rights are
//! read at each call; nothing is remembered in a token. Its answer is a [`Permit`], which is also the only key that
//! opens an [`Embargoed`] value.
//!
//! Invariant: a [`Permit`] is made here and nowhere else. Invariant: what is not allowed is denied (default deny);
//! a door shows a denied object exactly as an absent one.

mod actor;
mod authorize;
mod embargoed;
mod object;

pub use actor::{Actor, Grant, Reach, Role, Scope};
pub use authorize::{Action, Decision, Permit, authorize};
pub use embargoed::{Embargoed, WrongPermit};
pub use object::{CaseObject, Member, Object, Tier, Viewer};
