//! What the desk would have sent, for tests.

use bastide_connect_mail::Mail;
pub(crate) use bastide_connect_mail::fake::Mailbox;
use bastide_usecases::Desk;

/// Looking into a mailbox after the desk has sent what is due.
pub(crate) trait Fetch {
    /// What came since somebody looked last.
    async fn fetch(&self, desk: &Desk) -> Vec<Mail>;
}

impl Fetch for Mailbox {
    async fn fetch(&self, desk: &Desk) -> Vec<Mail> {
        desk.deliver(self).await.unwrap();
        self.take()
    }
}
