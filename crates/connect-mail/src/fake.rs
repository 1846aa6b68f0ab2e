//! A mailbox for the tests of whoever sends mail.

use std::sync::{Mutex, PoisonError};

use crate::{Mail, MailError, MailSink, Sending};

/// Everybody's mailbox: keeps what comes, or fails as it was told to.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    mails: Vec<Mail>,
    tried: Vec<String>,
    failures: Vec<MailError>,
    closed: bool,
}

impl Mailbox {
    /// The next mails fail with these, one each.
    pub fn fail_with(&self, failures: impl IntoIterator<Item = MailError>) {
        self.with(|inside| inside.failures = failures.into_iter().collect());
    }

    /// Whether nobody answers, from now on.
    pub fn close(&self, closed: bool) {
        self.with(|inside| inside.closed = closed);
    }

    /// The mails that came since somebody took them last.
    pub fn take(&self) -> Vec<Mail> {
        self.with(|inside| std::mem::take(&mut inside.mails))
    }

    /// How many mails lie here.
    pub fn count(&self) -> usize {
        self.with(|inside| inside.mails.len())
    }

    /// The ids of all mails that somebody tried to send, also those that failed.
    pub fn tried(&self) -> Vec<String> {
        self.with(|inside| inside.tried.clone())
    }

    fn with<T>(&self, does: impl FnOnce(&mut Inside) -> T) -> T {
        does(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl MailSink for Mailbox {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        let answer = self.with(|inside| {
            inside.tried.push(mail.id.clone());
            if inside.closed {
                return Err(MailError::Unreachable);
            }
            if !inside.failures.is_empty() {
                return Err(inside.failures.remove(0));
            }
            inside.mails.push(mail.clone());
            Ok(())
        });
        Box::pin(async move { answer })
    }
}
