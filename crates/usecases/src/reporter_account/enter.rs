//! A link is followed: the account is made or found, and its owner signed in.

use bastide_model::{id::PersonId, party::Identity};
use bastide_store::{AccountChange, AccountLink, Append, Change, SignInName, StoreError, StreamKind};
use serde_json::json;

use crate::{Desk, PersonRecord, Secret, UseCaseError, desk::store, sign_in::own_address};

/// How a person is called who gave no name.
const NAMELESS: &str = "A reporter";
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountEntry {
    /// An account that is made by following it.
    New,
    /// An account that is there.
    Known,
}

impl Desk {
    /// What this link would open; it is not spent by looking.
    pub async fn account_entry(&self, secret: &Secret) -> Result<AccountEntry, UseCaseError> {
        let link = self.working_link(secret).await?;
        match self.account_of(&link).await? {
            Some(_) => Ok(AccountEntry::Known),
            None => Ok(AccountEntry::New),
        }
    }

    /// Spends a link; gives the person whose account it opens. `name` is how a new account's owner wants to be called.
    pub async fn enter_account(&self, secret: &Secret, name: &str) -> Result<PersonId, UseCaseError> {
        let now = self.now();
        let link = self.working_link(secret).await?;
        let mut append = Append::at(now);
        append.changes.push(Change::Account(AccountChange::TakeLink { digest: secret.digest(), at: now }));
        let person = if let Some(person) = self.account_of(&link).await? {
            person
        } else {
            let person: PersonId = self.fresh();
            let record = PersonRecord {
                name: named(name)?,
                identities: vec![Identity::Mail { address: link.address.clone() }],
                reporter_account: true,
            };
            let header = json!({ "reporter-account": true });
            let note = self.note(StreamKind::Person, person.to_string(), "person-added", header).await?;
            append.batches.push(note);
            append.changes.push(Change::PutPerson { id: person, document: crate::admin::document(&record)? });
            let name = SignInName::Mail(link.address);
            append.changes.push(Change::Account(AccountChange::AddName { name, person }));
            person
        };
        match self.store().append(append).await {
            Ok(_) => Ok(person),
            // Two links of one address, followed at the same moment: the other one made the account.
            Err(StoreError::Exists { .. }) => Err(UseCaseError::Busy),
            Err(error) => Err(store(error)),
        }
    }

    async fn working_link(&self, secret: &Secret) -> Result<AccountLink, UseCaseError> {
        let found = self.store().account_link_by_digest(&secret.digest()).await.map_err(store)?;
        // A link that proves somebody's further address makes no account.
        let opens = |link: &AccountLink| link.works(self.now()) && own_address::owner(link).is_none();
        found.filter(opens).ok_or(UseCaseError::NotSignedIn)
    }

    /// The person whose account a link opens. Whoever has taken on a role since the mail was sent is not signed in by it.
    async fn account_of(&self, link: &AccountLink) -> Result<Option<PersonId>, UseCaseError> {
        let name = SignInName::Mail(link.address.clone());
        let Some(person) = self.store().person_named(&name).await.map_err(store)? else { return Ok(None) };
        if self.has_role(person).await? { Err(UseCaseError::NotSignedIn) } else { Ok(Some(person)) }
    }
}

fn named(name: &str) -> Result<String, UseCaseError> {
    let name = name.trim();
    let fine = name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    match (fine, name.is_empty()) {
        (true, true) => Ok(NAMELESS.to_owned()),
        (true, false) => Ok(name.to_owned()),
        (false, _) => Err(UseCaseError::invalid(
            "name",
            format!("a name is one line of at most {LONGEST_NAME} characters"),
            "Shorten it, or leave it out.",
        )),
    }
}
