//! A mailbox for tests: what the desk would have sent.

use std::sync::Mutex;

use bastide_usecases::{Desk, Mail, MailSink};

/// Everybody's mailbox.
#[derive(Default)]
pub(crate) struct Mailbox(Mutex<Vec<Mail>>);

impl MailSink for Mailbox {
    fn send(&self, mail: &Mail) -> Result<(), String> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

impl Mailbox {
    /// What came since somebody looked last.
    pub(crate) async fn fetch(&self, desk: &Desk) -> Vec<Mail> {
        desk.deliver(self).await.unwrap();
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}
