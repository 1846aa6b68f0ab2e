//! Mail that leaves the desk: into a spool directory, or to the operator's mail server over SMTP.
//!
//! [`Mail`] is what is sent, one recipient each; [`MailSink`] is where it goes: [`Spool`] or [`Smtp`], and a list in tests.
//! Everything of MIME and SMTP is lettre's. Who receives what, and whether still, is decided before, at the moment of sending
//! (`bastide-usecases`, `outbox`).
//!
//! Invariant: a mail keeps its id over every attempt, as its Message-ID, so that a receiver recognises a repetition.
//! Invariant: no error holds an address, a subject or a text. Invariant: a password and a mail cross a network only under TLS
//! whose certificate was checked; only a server on this machine is spoken to without.

mod document;
mod error;
pub mod fake;
mod letter;
mod mail;
mod smtp;
mod spool;

use std::{future::Future, pin::Pin};

pub use document::{Sender, SenderError};
pub use error::MailError;
pub use letter::{Letter, Part};
pub use mail::{Mail, Unsubscribe};
pub use smtp::{Smtp, SmtpError, SmtpServer};
pub use spool::Spool;

/// A mail on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Where mail goes.
pub trait MailSink: Send + Sync {
    /// Hands a mail over.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}
