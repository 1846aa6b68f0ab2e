//! The public keys of this desk: those that sign its logs now, and all that did.

use askama::Template;

use crate::{
    Shell, Text,
    part::{Link, Moment},
};

/// The page of the public keys.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/public_keys.html")]
pub struct PublicKeys {
    /// The frame.
    pub shell: Shell,
    /// The logs, each with its keys.
    pub logs: Vec<LogKeys>,
    /// The same for programs, and where the keys are used.
    pub links: Vec<Link>,
}

/// The keys of one log.
#[derive(Debug, Clone)]
pub struct LogKeys {
    /// What the log is called.
    pub title: Text,
    /// What its key signs, in a sentence.
    pub signs: Text,
    /// The keys, newest first.
    pub keys: Vec<PublicKeyRow>,
}

/// A public key of a log.
#[derive(Debug, Clone)]
pub struct PublicKeyRow {
    /// The key as verifiers take it.
    pub key: Text,
    /// Since when it signs.
    pub since: Moment,
    /// When the next one took over; none for the present one.
    pub until: Option<Moment>,
    /// Which sizes of the log it signed. Empty where that is not told.
    pub sizes: Text,
}
