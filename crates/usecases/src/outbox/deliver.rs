//! Sending what is due: at least once, with a stable id, under a lease, with growing pauses after failures.

use bastide_connect_mail::{Mail, MailSink};
use bastide_model::{
    id::PersonId,
    time::{Instant, Span},
};
use bastide_store::{Append, Change, OutboxChannel, OutboxMessage, StreamKind};

use super::{
    Audience,
    text::{Reader, text},
};
use crate::{
    Desk, UseCaseError,
    desk::store,
    reporter_account,
    sign_in::{RECOVERY_LINK, own_address},
    telling,
};

/// How long a claimed message is nobody else's.
pub(crate) const LEASE: Span = Span::minutes(5);

/// After this many failures a message is given up and stays visible as such. One that is refused for good is given up at once.
const ATTEMPTS: u32 = 8;

/// The subject of every mail about the desk's own work: it says nothing.
const SUBJECT: &str = "There is news for you at the security desk";

/// What one round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Messages that were handed over.
    pub sent: usize,
    /// Messages that ended quietly, because nobody was left to tell: nothing went wrong.
    pub dropped: usize,
    /// Messages that failed and are tried again.
    pub failed: usize,
    /// Messages that failed for good: dead letters.
    pub given_up: usize,
}

/// The mails that a message becomes, and what is written down once all of them are sent.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) mails: Vec<Mail>,
    pub(crate) after: Vec<Change>,
}

impl FromIterator<Mail> for Prepared {
    fn from_iter<I: IntoIterator<Item = Mail>>(mails: I) -> Self {
        Self { mails: mails.into_iter().collect(), after: Vec::new() }
    }
}

/// A message that failed is tried again after a pause that doubles, and given up after the last attempt. The attempt was
/// counted when the message was claimed.
pub(crate) fn again(message: &OutboxMessage, now: Instant, note: &str) -> Change {
    let (id, note) = (message.id.clone(), note.to_owned());
    if message.attempts >= ATTEMPTS {
        return Change::OutboxGivenUp { id, at: now, note };
    }
    let wait = Span::minutes(1 << message.attempts.saturating_sub(1).min(10));
    Change::OutboxRetry { id, not_before: now + wait, note }
}

impl Desk {
    /// Sends what is due, unless everything outgoing is held. At least once; receivers recognise a repetition by the
    /// Message-ID.
    pub async fn deliver(&self, sink: &dyn MailSink) -> Result<Delivery, UseCaseError> {
        let now = self.now();
        if self.outbound_hold().await?.is_some() {
            return Ok(Delivery::default());
        }
        let messages =
            self.store().claim_outbox(OutboxChannel::Mail, now, now + LEASE, 100).await.map_err(store)?;
        let mut delivery = Delivery::default();
        for message in messages {
            let mut append = Append::at(self.now());
            append.changes = self.send_one(&message, sink, &mut delivery).await;
            // One message that cannot be settled must not keep the others; it comes again when its lease ends.
            if let Err(error) = self.store().append(append).await {
                tracing::error!(message = %message.id, %error, "a message could not be settled");
            }
        }
        Ok(delivery)
    }

    async fn send_one(
        &self,
        message: &OutboxMessage,
        sink: &dyn MailSink,
        delivery: &mut Delivery,
    ) -> Vec<Change> {
        let (id, now) = (message.id.clone(), self.now());
        let mut after = Vec::new();
        let mut sent = 0;
        let mut failure = None;
        let mut is_final = true;
        match self.mails(message).await {
            Ok(prepared) => {
                after = prepared.after;
                for mail in prepared.mails {
                    match sink.send(&mail).await {
                        Ok(()) => sent += 1,
                        Err(error) => {
                            is_final &= error.is_final();
                            failure = Some(error.to_string());
                        }
                    }
                }
            }
            Err(error) => {
                tracing::error!(message = %message.id, ?error, "nobody can say who receives a message");
                is_final = false;
                failure = Some("its recipients could not be read".to_owned());
            }
        }
        let change = match failure {
            // The attempt was counted when the message was claimed.
            Some(note) if is_final => Change::OutboxGivenUp { id, at: now, note },
            Some(note) => again(message, now, &note),
            None if sent == 0 => {
                let note =
                    "nobody was left to tell: nobody may hear of it now, or nobody has an address".to_owned();
                Change::OutboxEnded { id, at: now, note }
            }
            None => Change::OutboxSent { id, at: now },
        };
        match change {
            Change::OutboxSent { .. } => {
                delivery.sent += 1;
                after.push(change);
                return after;
            }
            Change::OutboxRetry { .. } => delivery.failed += 1,
            Change::OutboxEnded { .. } => delivery.dropped += 1,
            _ => delivery.given_up += 1,
        }
        vec![change]
    }

    /// The mails that a message becomes at this moment.
    async fn mails(&self, message: &OutboxMessage) -> Result<Prepared, UseCaseError> {
        if message.template == reporter_account::TEMPLATE {
            return Ok(self.account_mail(message).await?.into_iter().collect());
        }
        if message.template == RECOVERY_LINK {
            return Ok(self.recovery_mail(message).await?.into_iter().collect());
        }
        if message.template == telling::NOTICES {
            return self.notice_mails(message).await;
        }
        if message.template == own_address::TEMPLATE {
            return Ok(self.own_address_mail(message).await?.into_iter().collect());
        }
        let link = self.link(message);
        let mut mails: Vec<Mail> = Vec::new();
        for (person, address) in self.recipients(message).await? {
            let id = format!("{}-{}", message.id, short(person));
            // Somebody's second address gets a mail of its own.
            let before = mails.iter().filter(|mail| mail.id.starts_with(&id)).count();
            let id = if before == 0 { id } else { format!("{id}-{}", before + 1) };
            let reader = self.reader(message, person).await?;
            mails.push(Mail::plain(id, self.now(), address, SUBJECT, text(&message.template, reader, &link)));
        }
        Ok(mails.into_iter().collect())
    }

    /// As whom somebody reads a message.
    async fn reader(&self, message: &OutboxMessage, person: PersonId) -> Result<Reader, UseCaseError> {
        if message.audience == Audience::Administrators.name() {
            return Ok(Reader::Administrator);
        }
        let newcomer = message.template == "role-offered" && !self.has_signed_in(person).await?;
        Ok(if newcomer { Reader::Newcomer } else { Reader::Concerned })
    }

    /// Where to read on. Whoever is asked for their consent cannot open the case yet, and gets the page that asks.
    fn link(&self, message: &OutboxMessage) -> String {
        let desk = &self.settings().public_url;
        match message.case {
            None if message.stream.kind == StreamKind::Proposal => {
                format!("{desk}/admin/proposals/{}", message.stream.id)
            }
            None if message.template == "role-offered" => format!("{desk}/roles"),
            None if message.stream.kind == StreamKind::Person
                && message.audience == Audience::Administrators.name() =>
            {
                format!("{desk}/admin/people/{}", message.stream.id)
            }
            Some(case) if message.template == "invitation" => format!("{desk}/cases/{case}/invitation"),
            Some(case) if message.audience == Audience::Reporter.name() => format!("{desk}/reports/{case}"),
            Some(case) => format!("{desk}/cases/{case}"),
            None => format!("{desk}/account"),
        }
    }
}

fn short(person: PersonId) -> String {
    person.to_string().trim_start_matches("person-").chars().take(8).collect()
}
