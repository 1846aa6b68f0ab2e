//! Somebody asks for a link by mail, and the mail is sent.

use bastide_authz::Role;
use bastide_connect_mail::Mail;
use bastide_model::{id::PersonId, party::Identity, time::Span};
use bastide_store::{
    AccountChange, AccountLink, Append, Change, NewOutbox, OutboxMessage, SignInName, Stream, StreamKind,
};

use super::MailAddress;
use crate::{Desk, Secret, UseCaseError, desk::store};

/// How long a link works.
const LINK: Span = Span::hours(24);
/// How many links one address is sent in an hour. Whoever asks more often is answered the same and gets no mail.
const PER_HOUR: usize = 3;
/// How many links one address is sent in a day.
const PER_DAY: usize = 8;
/// How many links the desk sends in a day, to anybody: whoever makes it write to strangers is stopped.
const IN_ALL: u64 = 2_000;
/// The text of the mail, and the mark of its row in the outbox.
pub(crate) const TEMPLATE: &str = "account-link";

impl Desk {
    /// Asks for a link to a reporter's account by mail. The answer is the same for every address: whether it is known, has
    /// a role or asked too often is found out when the mail is sent, or not sent.
    pub async fn ask_for_account(&self, address: &str) -> Result<(), UseCaseError> {
        let address = MailAddress::read(address)?;
        let id = Secret::fresh(self.entropy()).reveal().to_owned();
        self.ask_for_link(&address, id, TEMPLATE).await
    }

    /// Asks for a mail with a link, within the limits that hold for each address and for all.
    pub(crate) async fn ask_for_link(
        &self,
        address: &MailAddress,
        id: String,
        template: &str,
    ) -> Result<(), UseCaseError> {
        let now = self.now();
        let day = now - Span::hours(24);
        let (own, all) = self.store().account_links_since(address.as_str(), day).await.map_err(store)?;
        let hour = own.iter().filter(|at| now.since(**at) < Span::hours(1)).count();
        if all >= IN_ALL {
            return Err(UseCaseError::Busy);
        }
        if hour >= PER_HOUR || own.len() >= PER_DAY {
            return Ok(());
        }
        let mut append = Append::at(now);
        append.changes.push(Change::Account(AccountChange::AddLink(AccountLink {
            id: id.clone(),
            address: address.as_str().to_owned(),
            digest: None,
            created: now,
            expires: now + LINK,
            used: None,
        })));
        let stream = Stream::new(StreamKind::Programme, format!("account-link-{id}"));
        append.outbox.push(NewOutbox::mail(&stream, 1, id, template, now));
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// The mail with a link, when it is sent: the link gets its secret only now, and another each time it is sent again.
    /// Nothing when the request was used or has ended. Whoever has a role is told that a mail does not sign them in.
    pub(crate) async fn account_mail(&self, message: &OutboxMessage) -> Result<Option<Mail>, UseCaseError> {
        let now = self.now();
        let found = self.store().account_link(&message.audience).await.map_err(store)?;
        let Some(link) = found.filter(|link| link.works(now)) else { return Ok(None) };
        let desk = &self.settings().public_url;
        let text = if self.address_has_role(&link.address).await? {
            format!(
                "Somebody, perhaps you, asked for a link to a reporter's account with this address.\n\nThis address belongs \
                 to a person with a role at the desk. A mail does not sign in anybody who has a role, so there is no link \
                 here. Sign in as you usually do:\n{desk}/sign-in\n"
            )
        } else {
            let secret = Secret::fresh(self.entropy());
            let mut append = Append::at(now);
            let digest = secret.digest();
            append.changes.push(Change::Account(AccountChange::LinkSent { id: link.id.clone(), digest }));
            self.store().append(append).await.map_err(store)?;
            format!(
                "Somebody, perhaps you, asked for a link to a reporter's account with this address.\n\nOpen it and press the \
                 button. It works once, until {}:\n{desk}/reports/enter/{}\n\nIf it was not you, ignore this mail: nothing \
                 happens.\n",
                link.expires.for_people(),
                secret.reveal()
            )
        };
        // Each sending has a link of its own, so none is a repetition of another.
        let id = format!("{}-{}", message.id, message.attempts);
        Ok(Some(Mail::plain(id, self.now(), link.address, "Your link to the security desk", text)))
    }

    /// Whether somebody with a role is known by this address, proved or not.
    async fn address_has_role(&self, address: &str) -> Result<bool, UseCaseError> {
        let named = SignInName::Mail(address.to_owned());
        if let Some(person) = self.store().person_named(&named).await.map_err(store)?
            && self.has_role(person).await?
        {
            return Ok(true);
        }
        for (person, record) in self.persons().await? {
            let known = record.identities.iter().any(
                |identity| matches!(identity, Identity::Mail { address: own } if own.eq_ignore_ascii_case(address)),
            );
            if known && self.has_role(person).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a person has a role in the programme, a project or a case, other than that of a reporter. One that is past,
    /// or that waits for their word, counts: whoever had a role keeps their account as people with a role keep it.
    pub(crate) async fn has_role(&self, person: PersonId) -> Result<bool, UseCaseError> {
        let grants = self.store().grants_of(person).await.map_err(store)?;
        if grants.iter().any(|grant| !matches!(grant.role, Role::Reporter | Role::Subscriber)) {
            return Ok(true);
        }
        for line in self.store().cases_of(person).await.map_err(store)? {
            let parties = self.store().case_parties(line.case).await.map_err(store)?;
            if parties.iter().any(|party| party.person == person && party.role != Role::Reporter) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets requests for links that have ended: an address that nobody made an account with is not kept.
    pub async fn forget_account_links(&self) -> Result<(), UseCaseError> {
        let mut append = Append::at(self.now());
        // The last day is what the limits count.
        let before = self.now() - Span::hours(24);
        append.changes.push(Change::Account(AccountChange::ForgetLinks { before }));
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }
}
