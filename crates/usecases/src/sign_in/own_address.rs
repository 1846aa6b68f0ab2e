//! A mail address of one's own, proved by a link that goes there. By it somebody hears what is due and what happens to their
//! account, and is reached when they lost their passkeys.

use bastide_connect_mail::Mail;
use bastide_model::{id::PersonId, party::Identity};
use bastide_store::{AccountChange, AccountLink, Append, Change, OutboxMessage};
use serde_json::json;

use crate::{
    Desk, PersonRecord, Secret, SignedIn, UseCaseError, admin::document, desk::store,
    people::MOST_IDENTITIES, reporter_account::MailAddress,
};

/// The text of the mail, and the mark of its row in the outbox.
pub(crate) const TEMPLATE: &str = "address-link";

/// Whose further address a link proves; nobody's for a link to a reporter's account.
pub(crate) fn owner(link: &AccountLink) -> Option<PersonId> {
    link.id.split_once('.')?.0.parse().ok()
}

fn mail(address: &str) -> Identity {
    Identity::Mail { address: address.to_owned() }
}

impl Desk {
    /// Sends a link to an address that somebody wants to add to their account: freshly confirmed, because mail about lost
    /// passkeys may go there one day. The answer is the same whether somebody else has the address.
    pub async fn ask_for_own_address(&self, who: &SignedIn, address: &str) -> Result<(), UseCaseError> {
        let person = self.confirmed_keeper(who)?;
        let address = MailAddress::read(address)?;
        self.with_address(person, address.as_str()).await?;
        let id = format!("{person}.{}", Secret::fresh(self.entropy()).reveal());
        self.ask_for_link(&address, id, TEMPLATE).await
    }

    /// The person's record with the address in it.
    async fn with_address(&self, person: PersonId, address: &str) -> Result<PersonRecord, UseCaseError> {
        let mut record = self.person(person).await?.ok_or(UseCaseError::NotSignedIn)?;
        let known = |identity: &Identity| matches!(identity, Identity::Mail { address: own } if own.eq_ignore_ascii_case(address));
        if record.identities.iter().any(known) {
            let reason = "this address is yours already";
            return Err(UseCaseError::invalid("address", reason, "Nothing is left to do."));
        }
        if record.identities.len() >= MOST_IDENTITIES {
            let remedy = "Ask an administrator to take one away first.";
            return Err(UseCaseError::invalid(
                "address",
                "you have 10 addresses and accounts already",
                remedy,
            ));
        }
        record.identities.push(mail(address));
        Ok(record)
    }

    /// The mail with the link, when it is sent: the link gets its secret only now. Whoever asked for an address of somebody
    /// else sends them a mail that says so, and no link.
    pub(crate) async fn own_address_mail(
        &self,
        message: &OutboxMessage,
    ) -> Result<Option<Mail>, UseCaseError> {
        let now = self.now();
        let found = self.store().account_link(&message.audience).await.map_err(store)?;
        let Some(link) = found.filter(|link| link.works(now)) else { return Ok(None) };
        let Some(person) = owner(&link) else { return Ok(None) };
        let desk = &self.settings().public_url;
        let text = if self.unused(&[mail(&link.address)], Some(person)).await.is_err() {
            format!(
                "Somebody wanted to add this address to their account at the security desk. It belongs to another account \
                 there, so nothing happened. If it was you, sign in to that account, or ask an administrator:\n{desk}/sign-in\n"
            )
        } else {
            let secret = Secret::fresh(self.entropy());
            let mut append = Append::at(now);
            let digest = secret.digest();
            append.changes.push(Change::Account(AccountChange::LinkSent { id: link.id.clone(), digest }));
            self.store().append(append).await.map_err(store)?;
            format!(
                "Somebody, perhaps you, wants to add this address to their account at the security desk.\n\nIf it was you, open \
                 this in the browser in which you are signed in, and press the button. It works once, until \
                 {}:\n{desk}/account/address/{}\n\nIf it was not you, ignore this mail: nothing happens.\n",
                link.expires.for_people(),
                secret.reveal()
            )
        };
        // Each sending has a link of its own, so none is a repetition of another.
        let id = format!("{}-{}", message.id, message.attempts);
        Ok(Some(Mail::plain(id, now, link.address, "Your link to the security desk", text)))
    }

    /// Spends a link: the address that it went to is the person's from now on. They are told on every address.
    pub async fn add_own_address(&self, who: &SignedIn, secret: &Secret) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        let now = self.now();
        let found = self.store().account_link_by_digest(&secret.digest()).await.map_err(store)?;
        let Some(link) = found.filter(|link| link.works(now) && owner(link) == Some(person)) else {
            return Err(UseCaseError::invalid(
                "link",
                "this link was used, is older than a day, or was asked for from another account",
                "Ask for another one on your account page.",
            ));
        };
        self.unused(&[mail(&link.address)], Some(person)).await?;
        let record = self.with_address(person, &link.address).await?;
        let changes = vec![
            Change::Account(AccountChange::TakeLink { digest: secret.digest(), at: now }),
            Change::PutPerson { id: person, document: document(&record)? },
        ];
        self.told(person, Some(person), "address-added", json!({}), changes).await
    }
}
