//! Calls of an address that a subscriber named, one for each notice.

use bastide_connect_web::{Web, webhook};
use bastide_model::time::Span;
use bastide_store::{
    Append, Change, Notice, NoticeChange, NoticeState, OutboxChannel, OutboxMessage, Subscription,
};
use serde_json::{Value, json};

use super::{mail::sentence, subscribe::concerns};
use crate::{Desk, UseCaseError, desk::store, outbox};

/// How many calls one round makes.
const AT_ONCE: u32 = 50;

/// What became of a round of calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Called {
    /// Answered with success.
    pub answered: usize,
    /// Nobody subscribes any more.
    pub dropped: usize,
    /// Failed; tried again.
    pub failed: usize,
}

/// Refuses an address that could not be called.
pub(super) fn check_address(address: &str) -> Result<(), UseCaseError> {
    if webhook::callable(address) {
        return Ok(());
    }
    Err(UseCaseError::invalid(
        "webhook",
        "this address cannot be called",
        "Write it as https://hooks.example.org/security; it must be on the public Internet.",
    ))
}

impl Desk {
    /// Makes the calls that are due, unless everything outgoing is held. At least once each; a receiver recognises a repetition
    /// by its id.
    pub async fn call_webhooks(&self, web: &dyn Web) -> Result<Called, UseCaseError> {
        let mut called = Called::default();
        if self.outbound_hold().await?.is_some() {
            return Ok(called);
        }
        let now = self.now();
        let due = self.store().claim_outbox(OutboxChannel::Webhook, now, now + outbox::LEASE, AT_ONCE);
        for message in due.await.map_err(store)? {
            let mut append = Append::at(self.now());
            append.changes = self.call(&message, web, &mut called).await?;
            if let Err(error) = self.store().append(append).await {
                tracing::error!(message = %message.id, %error, "a call could not be settled");
            }
        }
        Ok(called)
    }

    async fn call(
        &self,
        message: &OutboxMessage,
        web: &dyn Web,
        called: &mut Called,
    ) -> Result<Vec<Change>, UseCaseError> {
        let (id, at) = (message.id.clone(), self.now());
        let Some((notice, subscription, address)) = self.to_call(message).await? else {
            called.dropped += 1;
            return Ok(vec![Change::OutboxSent { id, at }]);
        };
        let body = serde_json::to_vec(&self.body(&notice, &subscription)).unwrap_or_default();
        let seconds = at.as_micros() / Span::seconds(1).as_micros();
        let request = webhook::signed(&address, subscription.secret.as_bytes(), &message.id, seconds, body);
        let failure = match request {
            None => "its address cannot be called",
            Some(request) => match web.send(request).await {
                Ok(answer) if answer.status().is_success() => {
                    called.answered += 1;
                    let told = NoticeChange::Now { id: notice.id, state: NoticeState::Told, at };
                    return Ok(vec![Change::OutboxSent { id, at }, Change::Notice(told)]);
                }
                Ok(_) => "the address did not answer with success",
                Err(_) => "the address could not be reached, or is not a public one",
            },
        };
        called.failed += 1;
        Ok(vec![outbox::again(message, at, failure)])
    }

    /// What is to be called, if the subscription still stands and its owner may still be told.
    async fn to_call(
        &self,
        message: &OutboxMessage,
    ) -> Result<Option<(Notice, Subscription, String)>, UseCaseError> {
        if self.account_recipient(message).await?.is_empty() {
            return Ok(None);
        }
        let Some(notice) = self.store().notice(&message.stream.id).await.map_err(store)? else {
            return Ok(None);
        };
        let found = self.store().subscription(notice.subscription).await.map_err(store)?;
        let Some(subscription) = found.filter(|own| own.ended.is_none()) else { return Ok(None) };
        Ok(subscription.address.clone().map(|address| (notice, subscription, address)))
    }

    /// What a call says: public matter, and the subscriber's own.
    fn body(&self, notice: &Notice, subscription: &Subscription) -> Value {
        let url = &self.settings().public_url;
        let concerns = concerns(notice);
        json!({
            "type": "advisory.concerns",
            "timestamp": notice.found,
            "data": {
                "notice": notice.id,
                "subscription": subscription.id,
                "advisory": notice.advisory,
                "osv": format!("{url}/v1/vulns/{}", notice.advisory),
                "page": format!("{url}/account/subscriptions/{}", subscription.id),
                "concerns": concerns.iter().map(|concern| json!({
                    "ecosystem": concern.watched.ecosystem, "name": concern.watched.name,
                    "version": concern.watched.version, "scope": concern.watched.scope,
                    "path": concern.watched.path, "certain": concern.certain, "fixed": concern.fixed,
                    "what-to-do": sentence(concern),
                    "commands": concern.commands().into_iter().map(|command| command.line).collect::<Vec<_>>(),
                })).collect::<Vec<_>>(),
            },
        })
    }
}

/// The secret as a receiver's library takes it.
pub fn shown_secret(subscription: &Subscription) -> String {
    webhook::shown_key(subscription.secret.as_bytes())
}
