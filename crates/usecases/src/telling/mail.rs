//! The mail that tells a person of everything that concerns them, with what to do.

use bastide_advisory::Advisory;
use bastide_connect_mail::{Letter, Mail, Part, Unsubscribe};
use bastide_impact::subscription::Concern;
use bastide_model::id::PersonId;
use bastide_store::{Change, Notice, NoticeChange, NoticeState, OutboxMessage, Subscription};

use super::subscribe::concerns;
use crate::{Desk, UseCaseError, desk::store, outbox::Prepared};

/// The mark of such a message's row in the outbox.
pub(crate) const TEMPLATE: &str = "notices";

/// How many subscriptions one mail speaks of; its one click ends all of them, and an address has its bounds.
const TOGETHER: usize = 10;

/// How many notices one mail tells in full.
const IN_FULL: usize = 25;

impl Desk {
    /// The mails of a person's waiting notices, as a rule one, and what is settled once they are sent. A subscription that ended meanwhile is not told.
    pub(crate) async fn notice_mails(&self, message: &OutboxMessage) -> Result<Prepared, UseCaseError> {
        let mut prepared = Prepared::default();
        let Ok(person) = message.audience.parse::<PersonId>() else { return Ok(prepared) };
        let waiting = self.store().notices_waiting_for(person).await.map_err(store)?;
        if waiting.is_empty() {
            return Ok(prepared);
        }
        // The right to be told is looked at now.
        if self.account_recipient(message).await?.is_empty() {
            return Ok(prepared);
        }
        let Some(to) = self.mail_address(person).await? else { return Ok(prepared) };
        let mut by_subscription: Vec<(Subscription, Vec<Notice>)> = Vec::new();
        for notice in waiting {
            if let Some((_, notices)) =
                by_subscription.iter_mut().find(|(own, _)| own.id == notice.subscription)
            {
                notices.push(notice);
                continue;
            }
            let found = self.store().subscription(notice.subscription).await.map_err(store)?;
            if let Some(own) = found.filter(|own| own.ended.is_none()) {
                by_subscription.push((own, vec![notice]));
            }
        }
        for (number, part) in (1..).zip(by_subscription.chunks(TOGETHER)) {
            let letter = self.letter(part).await?;
            let secrets: Vec<&str> = part.iter().map(|(own, _)| own.secret.as_str()).collect();
            let address = format!("{}/unsubscribe/{}", self.settings().public_url, secrets.join("."));
            let notices: Vec<&Notice> = part.iter().flat_map(|(_, notices)| notices).collect();
            let id = if number == 1 { message.id.clone() } else { format!("{}-{number}", message.id) };
            prepared.mails.push(Mail {
                html: Some(letter.html()),
                unsubscribe: Some(Unsubscribe { address }),
                ..Mail::plain(id, self.now(), to.as_str(), subject(&notices), letter.text())
            });
            prepared.after.extend(notices.iter().map(|notice| {
                let (id, at) = (notice.id.clone(), self.now());
                Change::Notice(NoticeChange::Now { id, state: NoticeState::Told, at })
            }));
        }
        Ok(prepared)
    }

    async fn letter(&self, all: &[(Subscription, Vec<Notice>)]) -> Result<Letter, UseCaseError> {
        let url = &self.settings().public_url;
        let mut letter = Letter::default();
        let mut told = 0;
        for (subscription, notices) in all {
            letter.push(Part::Paragraph(format!(
                "You asked the security desk to watch \u{201c}{}\u{201d}. {}",
                subscription.title,
                match notices.len() {
                    1 => "One published advisory concerns it.".to_owned(),
                    many => format!("{many} published advisories concern it."),
                }
            )));
            for notice in notices {
                told += 1;
                if told > IN_FULL {
                    continue;
                }
                let record = self.newest_record(&notice.advisory).await?;
                about(&mut letter, notice, record.as_ref());
            }
            let place = format!("{url}/account/subscriptions/{}", subscription.id);
            letter.push(Part::Link(
                "Everything that concerns it, with the way that brings each package in".to_owned(),
                place,
            ));
            letter.push(Part::Link(
                format!("Watch \u{201c}{}\u{201d} no more (one click, no sign-in)", subscription.title),
                format!("{url}/unsubscribe/{}", subscription.secret),
            ));
        }
        if told > IN_FULL {
            letter.push(Part::Paragraph(format!("{} more are on these pages.", told - IN_FULL)));
        }
        Ok(letter)
    }
}

/// What one notice says: what happened, why it concerns them, what to do.
fn about(letter: &mut Letter, notice: &Notice, record: Option<&Advisory>) {
    let summary = record.and_then(|record| record.summary.clone()).unwrap_or_default();
    let heading =
        if summary.is_empty() { notice.advisory.clone() } else { format!("{}: {summary}", notice.advisory) };
    letter.push(Part::Heading(heading));
    for concern in concerns(notice) {
        letter.push(Part::Paragraph(sentence(&concern)));
        let commands = concern.commands();
        if !commands.is_empty() {
            let lines = commands.into_iter().map(|command| command.line).collect();
            letter.push(Part::Lines(lines));
        }
    }
}

/// What an advisory means for a package, in sentences.
pub(super) fn sentence(concern: &Concern) -> String {
    let watched = &concern.watched;
    let version = watched.version.as_deref().unwrap_or("(version not known)");
    let through = match watched.path.as_slice() {
        [] | [_] => String::new(),
        path => format!(" It comes in through {}.", path.join(" \u{2192} ")),
    };
    let affected = match (concern.certain, &watched.version) {
        (true, _) => "is affected",
        (false, None) => "is named by it; look which version you have",
        (false, Some(_)) => "may be affected: this version cannot be compared",
    };
    let todo = match concern.fixed.first() {
        Some(fixed) => format!(" Go to {fixed} or later:"),
        None => " No version mends it yet; the advisory says what to do meanwhile.".to_owned(),
    };
    format!("{} {version} {affected}.{through}{todo}", watched.name)
}

/// One line that says whether to read on now.
fn subject(notices: &[&Notice]) -> String {
    let mut names: Vec<String> =
        notices.iter().flat_map(|notice| concerns(notice)).map(|concern| concern.watched.name).collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(3);
    names.truncate(3);
    let names = names.join(", ");
    let names = if more == 0 { names } else { format!("{names} and {more} more") };
    match notices {
        [one] => format!("Security: {} concerns your {names}", one.advisory),
        many => format!("Security: {} advisories concern your {names}", many.len()),
    }
}
