//! What participants of a case tell each other, and what a message does to whoever receives or sends it.
//!
//! A newcomer reads [`Message`] (the 28 message types of CERT/CC's Vultron protocol), then [`Participant`] (the state
//! that messages act on) and the two tables: [`receive`] and [`send`]. Both are pure: they return the state after the
//! message and what is to be said in turn, or say why the message does not fit; delivering it is somebody else's work.
//!
//! Where Vultron contradicts itself we have decided, each decision with a test:
//!
//! 1. A proposed change of the embargo makes a signatory *lapse*, not *invited* (against EP-05-001).
//! 2. A valid report can be neither declared invalid nor closed (against the table of sent messages).
//! 3. Whether observed attacks end an embargo is the policy's choice ([`OnAttacks`](crate::machine::invariants::OnAttacks)); by default they do.
//! 4. "Attacks observed" sets A alone, not also P (against the printed table and CSB-06-001 to CSB-06-004).
//! 5. "Exploit public" about what is public already leaves the embargo alone: publication has ended it.
//! 6. Embargo states are written short (`NONE`); the long names of the older examples are read too ([`wire`]).
//!
//! And one that keeps conversations finite: an acknowledgement and an error are never answered by an error, although
//! RMB-07-002 and RMB-08-002 ask for that when the report is unknown.
//!
//! Invariant: no chain of automatic answers is endless, and no message breaks a law of
//! [`invariants`](crate::machine::invariants) that held before.

mod message;
mod participant;
mod receive;
mod send;
pub mod wire;

pub use message::{Family, Message};
pub use participant::{Essence, Participant, Role};
pub use receive::{Learned, Outcome, Unexpected, receive};
pub use send::{CannotSend, Sent, send};
