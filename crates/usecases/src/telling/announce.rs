//! An advisory is out: whom does it concern?

use std::collections::{BTreeMap, BTreeSet};

use bastide_advisory::Advisory;
use bastide_impact::subscription::{Concern, concern};
use bastide_model::{
    digest::Sha256Digest,
    id::{PersonId, SubscriptionId},
    time::{Instant, Span},
};
use bastide_store::{
    Append, Change, NewOutbox, Notice, NoticeChange, NoticeState, OutboxChannel, OutboxMessage, Stream,
    StreamKind, Subscribed, SubscriptionChannel,
};

use super::{mail, subscribe::watched_of};
use crate::{Desk, UseCaseError, desk::store, outbox};

/// How long notices of one person are gathered before a mail tells them together.
pub(super) const GATHERED: Span = Span::minutes(5);
/// How many notices one transaction writes.
const AT_ONCE: usize = 2_000;
/// The text of a call for one notice.
pub(super) const WEBHOOK: &str = "notice";
/// The audience of announcements: the desk itself.
const SUBSCRIBERS: &str = "subscribers";

/// What an announcement came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announced {
    /// Subscribed packages that were looked at.
    pub looked_at: usize,
    /// Notices for subscriptions that are affected, or may be.
    pub notices: usize,
    /// People who are told.
    pub people: usize,
}

/// The message to the desk that an advisory is out in this version; it leaves with whatever published it.
pub(crate) fn announcement(advisory: &str, version: u32, now: Instant) -> NewOutbox {
    let stream = Stream::new(StreamKind::Notice, format!("advisory {advisory}"));
    NewOutbox {
        channel: OutboxChannel::Announcement,
        once: true,
        parameters: Some(advisory.as_bytes().to_vec()),
        ..NewOutbox::mail(&stream, version.into(), SUBSCRIBERS, SUBSCRIBERS, now)
    }
}

/// The subscribed packages of one subscription that an advisory concerns.
struct Found {
    person: PersonId,
    channel: SubscriptionChannel,
    concerns: Vec<Concern>,
}

impl Desk {
    /// Finds out whom the advisories concern that were announced. Gives how many were looked at.
    pub async fn announce_due(&self) -> Result<usize, UseCaseError> {
        let now = self.now();
        let due = self.store().claim_outbox(OutboxChannel::Announcement, now, now + outbox::LEASE, 10);
        let due = due.await.map_err(store)?;
        for message in &due {
            let settled = match self.announce_message(message).await {
                Ok(announced) => {
                    tracing::info!(
                        notices = announced.notices,
                        people = announced.people,
                        "subscribers are told of an advisory"
                    );
                    Change::OutboxSent { id: message.id.clone(), at: self.now() }
                }
                Err(error) => {
                    tracing::error!(message = %message.id, ?error, "an advisory could not be announced");
                    outbox::again(message, self.now(), "the subscriptions could not be read")
                }
            };
            let mut append = Append::at(self.now());
            append.changes.push(settled);
            self.store().append(append).await.map_err(store)?;
        }
        Ok(due.len())
    }

    async fn announce_message(&self, message: &OutboxMessage) -> Result<Announced, UseCaseError> {
        // The newest version is what holds, whichever was announced.
        let id =
            message.parameters.clone().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        match self.newest_record(&id).await? {
            Some(record) => self.announce(&record).await,
            None => Ok(Announced::default()),
        }
    }

    /// Writes a notice for every subscription that a public advisory affects, or may affect. Asked again it finds the same and
    /// changes nothing.
    pub async fn announce(&self, advisory: &Advisory) -> Result<Announced, UseCaseError> {
        let mut announced = Announced::default();
        let mut found: BTreeMap<SubscriptionId, Found> = BTreeMap::new();
        for (ecosystem, name) in packages(advisory) {
            let subscribed = self.store().subscribed_to(&ecosystem, &name).await.map_err(store)?;
            announced.looked_at += subscribed.len();
            gather(advisory, subscribed, &mut found);
        }
        announced.notices = found.len();
        announced.people = found.values().map(|found| found.person).collect::<BTreeSet<_>>().len();
        let found: Vec<(SubscriptionId, Found)> = found.into_iter().collect();
        for part in found.chunks(AT_ONCE) {
            let append = self.notices(advisory, part);
            self.store().append(append).await.map_err(store)?;
        }
        Ok(announced)
    }

    /// The notices, and the messages that tell them.
    fn notices(&self, advisory: &Advisory, found: &[(SubscriptionId, Found)]) -> Append {
        let now = self.now();
        let mut append = Append::at(now);
        let mut by_mail = BTreeSet::new();
        for (subscription, found) in found {
            let notice = notice(advisory, *subscription, found, now);
            match found.channel {
                SubscriptionChannel::Mail => {
                    by_mail.insert(found.person);
                }
                SubscriptionChannel::Webhook => {
                    let stream = Stream::new(StreamKind::Notice, notice.id.clone());
                    append.outbox.push(NewOutbox {
                        channel: OutboxChannel::Webhook,
                        once: true,
                        ..NewOutbox::mail(&stream, 1, found.person.to_string(), WEBHOOK, now)
                    });
                }
            }
            append.changes.push(Change::Notice(NoticeChange::Add(Box::new(notice))));
        }
        // The end of the window that holds now: whatever else comes until then goes in the same mail.
        let window = now.as_micros().max(0).unsigned_abs() / GATHERED.as_micros().unsigned_abs() + 1;
        let ends = i64::try_from(window).unwrap_or(i64::MAX).saturating_mul(GATHERED.as_micros());
        for person in by_mail {
            let stream = Stream::new(StreamKind::Notice, format!("notices to {person}"));
            append.outbox.push(NewOutbox {
                once: true,
                not_before: Instant::from_micros(ends),
                ..NewOutbox::mail(&stream, window, person.to_string(), mail::TEMPLATE, now)
            });
        }
        append
    }
}

/// The packages that an advisory names, each once, by ecosystem and normalised name.
fn packages(advisory: &Advisory) -> BTreeSet<(String, String)> {
    let named = advisory.affected.iter().filter_map(|affected| affected.package.as_ref());
    named
        .map(|named| {
            let package = named.package();
            (package.ecosystem().osv_name().to_owned(), package.name().to_owned())
        })
        .collect()
}

/// Holds an advisory against subscribed packages; equal versions are judged once.
fn gather(advisory: &Advisory, subscribed: Vec<Subscribed>, found: &mut BTreeMap<SubscriptionId, Found>) {
    let mut judged: BTreeMap<Option<String>, Option<Concern>> = BTreeMap::new();
    for row in subscribed {
        let own = watched_of(&row.item);
        let verdict = judged.entry(own.version.clone()).or_insert_with(|| concern(advisory, &own));
        let Some(concern) = verdict.clone() else { continue };
        let entry = found.entry(row.subscription).or_insert_with(|| Found {
            person: row.person,
            channel: row.channel,
            concerns: Vec::new(),
        });
        entry.concerns.push(concern.of(own));
    }
}

fn notice(advisory: &Advisory, subscription: SubscriptionId, found: &Found, now: Instant) -> Notice {
    // One advisory under several names is one; what must be done decides whether it is told again.
    let names = advisory.aliases.iter().map(String::as_str).chain([advisory.id.as_str()]);
    let group = names.filter(|name| name.starts_with("CVE-")).min().unwrap_or(&advisory.id);
    let done: Vec<String> = found
        .concerns
        .iter()
        .map(|concern| {
            let watched = &concern.watched;
            format!(
                "{}:{}:{:?}:{}:{}",
                watched.ecosystem,
                watched.name,
                watched.version,
                concern.certain,
                concern.fixed.join(",")
            )
        })
        .collect();
    let digest = Sha256Digest::of(format!("{subscription}\n{group}\n{}", done.join("\n")).as_bytes());
    Notice {
        id: format!("notice-{}", &digest.to_string()[..32]),
        subscription,
        person: found.person,
        advisory: advisory.id.clone(),
        content: serde_json::to_string(&found.concerns).unwrap_or_default(),
        state: NoticeState::Waiting,
        found: now,
        since: now,
    }
}
