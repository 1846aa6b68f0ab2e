//! Signing in through GitHub or an `OpenID` Connect provider that the operator configured.
//!
//! A provider says whose account it is; whose account belongs to which person is the desk's to know. So an account signs in
//! only whom it was linked to: by the person themselves from their account page, with a fresh confirmation, or by an
//! administrator who names it. Anybody else gets a page that says so, and may make a reporter's account with it, which has no
//! role.
//!
//! What one sign-in is compared with (state, nonce, the secret of PKCE, which provider, which browser, what it is for) stays
//! here, on the server, for ten minutes, and is taken by the first answer, whatever that is. The answer must come from the
//! browser that began: it holds a random cookie, of which the digest is kept.
//!
//! Invariant: no mail address and no handle of a provider finds a person. Invariant: a sign-in through a provider is never a
//! fresh confirmation.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bastide_authz::{Action, Object};
use bastide_connect_identity::{Ceremony, IdentityError, IdentityProvider, Returned, Vouched};
use bastide_model::{
    digest::Sha256Digest,
    id::PersonId,
    party::Identity,
    time::{Instant, Span},
};
use bastide_store::{AccountChange, Append, Change, NewOutbox, SignInName, StoreError, StreamKind};
use serde_json::json;

use crate::{Browser, Desk, PersonRecord, Secret, SignedIn, UseCaseError, desk::store};

/// How long a sign-in may take.
const LASTS: Span = Span::minutes(10);
/// How many sign-ins are under way at once; beyond that the oldest give way.
const MOST: usize = 10_000;

/// What a sign-in is for.
#[derive(Debug, Clone)]
pub enum OutsidePurpose {
    /// To sign in, and to go on at this path of the desk.
    SignIn {
        /// The path.
        next: String,
        /// The browser, as it was when it left: it comes back by a link from elsewhere, with which its cookies do not.
        from: Browser,
    },
    /// To link the account to whoever is signed in by this session.
    Link {
        /// Who.
        person: PersonId,
        /// Their session.
        session: Sha256Digest,
    },
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct OutsideBegun {
    /// Where to send the browser.
    pub address: String,
    /// What the browser keeps until it comes back.
    pub browser: Secret,
}

/// What came of a sign-in.
#[derive(Debug)]
pub enum OutsideDone {
    /// The account is this person's.
    Person {
        /// Who.
        person: PersonId,
        /// Where to go on.
        next: String,
        /// The browser, as it was when it left.
        from: Browser,
    },
    /// The account is linked now.
    Linked {
        /// How it is recognised.
        shown: String,
    },
    /// The account is nobody's. With the ticket a reporter's account can be made with it, in this browser, soon.
    Unknown {
        /// How it is recognised.
        shown: String,
        /// The ticket.
        ticket: Secret,
    },
}

/// Why a sign-in came to nothing.
#[derive(Debug)]
pub enum OutsideError {
    /// There is no such provider.
    NoProvider,
    /// The answer belongs to no sign-in of this browser: too late, used before, begun elsewhere or at another provider.
    Stale,
    /// Whoever was asked said no.
    Declined,
    /// The provider could not be asked, or its word does not hold.
    Provider(IdentityError),
    /// The account is linked to somebody else.
    Taken,
    /// The desk.
    Desk(UseCaseError),
}

impl From<UseCaseError> for OutsideError {
    fn from(error: UseCaseError) -> Self {
        Self::Desk(error)
    }
}

/// The providers of a desk and the sign-ins that are under way. Cheap to clone.
#[derive(Clone, Default)]
pub struct OutsideSignIn {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    providers: Vec<Arc<dyn IdentityProvider>>,
    under_way: Mutex<BTreeMap<Sha256Digest, UnderWay>>,
}

impl fmt::Debug for OutsideSignIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.inner.providers.iter().map(|provider| provider.name()).collect();
        out.debug_struct("OutsideSignIn").field("providers", &names).finish_non_exhaustive()
    }
}

/// One sign-in, by the digest of its state or of its ticket.
struct UnderWay {
    provider: String,
    browser: Sha256Digest,
    expires: Instant,
    kind: Kind,
}

enum Kind {
    /// The browser is at the provider.
    Away { ceremony: Ceremony, purpose: OutsidePurpose },
    /// The account is nobody's, and a reporter's account may be made with it.
    Offered { vouched: Vouched },
}

impl OutsideSignIn {
    /// These providers, in the order in which they are offered.
    pub fn new(providers: Vec<Arc<dyn IdentityProvider>>) -> Self {
        Self { inner: Arc::new(Inner { providers, under_way: Mutex::default() }) }
    }

    /// The providers' short names and names for people.
    pub fn offered(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner.providers.iter().map(|provider| (provider.name(), provider.title()))
    }

    /// What people call the provider with this issuer.
    pub fn title_of(&self, issuer: &str) -> Option<&str> {
        let found = self.inner.providers.iter().find(|provider| provider.issuer() == issuer);
        found.map(|provider| provider.title())
    }

    fn provider(&self, name: &str) -> Result<Arc<dyn IdentityProvider>, OutsideError> {
        let found = self.inner.providers.iter().find(|provider| provider.name() == name);
        found.cloned().ok_or(OutsideError::NoProvider)
    }

    fn keep(&self, digest: Sha256Digest, under_way: UnderWay, now: Instant) {
        let mut all = self.inner.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, one| now < one.expires);
        while all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, one)| one.expires).map(|(digest, _)| *digest);
            let Some(oldest) = oldest else { break };
            all.remove(&oldest);
        }
        all.insert(digest, under_way);
    }

    /// Takes what was kept, for the browser that began it; whatever comes of it, it is gone.
    fn take(&self, secret: &Secret, provider: &str, browser: Option<&Secret>, now: Instant) -> Option<Kind> {
        let taken =
            self.inner.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&secret.digest())?;
        let same = browser.is_some_and(|browser| browser.digest() == taken.browser);
        (same && taken.provider == provider && now < taken.expires).then_some(taken.kind)
    }

    /// Begins a sign-in at a provider.
    pub async fn begin(
        &self,
        desk: &Desk,
        provider: &str,
        purpose: OutsidePurpose,
    ) -> Result<OutsideBegun, OutsideError> {
        let (provider, now) = (self.provider(provider)?, desk.now());
        let fresh = || Secret::fresh(desk.entropy());
        let (state, browser) = (fresh(), fresh());
        let ceremony = Ceremony {
            state: state.reveal().to_owned(),
            nonce: fresh().reveal().to_owned(),
            verifier: fresh().reveal().to_owned(),
            back: format!("{}/sign-in/return/{}", desk.settings().public_url, provider.name()),
        };
        let address = provider.begin(&ceremony, now).await.map_err(OutsideError::Provider)?;
        let under_way = UnderWay {
            provider: provider.name().to_owned(),
            browser: browser.digest(),
            expires: now + LASTS,
            kind: Kind::Away { ceremony, purpose },
        };
        self.keep(state.digest(), under_way, now);
        Ok(OutsideBegun { address, browser })
    }

    /// Ends a sign-in with what the browser brought back. `returned` is none where the provider sent an error instead.
    pub async fn finish(
        &self,
        desk: &Desk,
        provider: &str,
        state: &Secret,
        returned: Option<&Returned>,
        browser: Option<&Secret>,
    ) -> Result<OutsideDone, OutsideError> {
        let (provider, now) = (self.provider(provider)?, desk.now());
        let kind = self.take(state, provider.name(), browser, now);
        let (Some(Kind::Away { ceremony, purpose }), Some(browser)) = (kind, browser) else {
            return Err(OutsideError::Stale);
        };
        let returned = returned.ok_or(OutsideError::Declined)?;
        let vouched = provider.finish(&ceremony, returned, now).await.map_err(OutsideError::Provider)?;
        let known = desk.outside_person(&vouched).await?;
        match (purpose, known) {
            (OutsidePurpose::SignIn { next, from }, Some(person)) => {
                Ok(OutsideDone::Person { person, next, from })
            }
            (OutsidePurpose::SignIn { .. }, None) => {
                let (ticket, shown) = (Secret::fresh(desk.entropy()), vouched.shown.clone());
                let offer = UnderWay {
                    provider: provider.name().to_owned(),
                    browser: browser.digest(),
                    expires: now + LASTS,
                    kind: Kind::Offered { vouched },
                };
                self.keep(ticket.digest(), offer, now);
                Ok(OutsideDone::Unknown { shown, ticket })
            }
            (OutsidePurpose::Link { person, session }, known) => {
                if known.is_some_and(|known| known != person) {
                    return Err(OutsideError::Taken);
                }
                desk.link_outside(person, &session, &vouched, known.is_some()).await?;
                Ok(OutsideDone::Linked { shown: vouched.shown })
            }
        }
    }

    /// Makes a reporter's account with an account that was nobody's.
    pub async fn make_account(
        &self,
        desk: &Desk,
        provider: &str,
        ticket: &Secret,
        browser: Option<&Secret>,
    ) -> Result<PersonId, OutsideError> {
        let Some(Kind::Offered { vouched }) = self.take(ticket, provider, browser, desk.now()) else {
            return Err(OutsideError::Stale);
        };
        desk.reporter_by_outside(&vouched).await
    }
}

fn name_of(vouched: &Vouched) -> SignInName {
    SignInName::Outside { issuer: vouched.issuer.clone(), subject: vouched.subject.clone() }
}

fn identity_of(vouched: &Vouched) -> Identity {
    Identity::Outside {
        issuer: vouched.issuer.clone(),
        subject: vouched.subject.clone(),
        shown: vouched.shown.clone(),
    }
}

/// The names by which somebody with these identities signs in.
pub(crate) fn names_of(identities: &[Identity]) -> Vec<SignInName> {
    let outside = |identity: &Identity| match identity {
        Identity::Outside { issuer, subject, .. } => {
            Some(SignInName::Outside { issuer: issuer.clone(), subject: subject.clone() })
        }
        Identity::Mail { .. } | Identity::Forge { .. } => None,
    };
    identities.iter().filter_map(outside).collect()
}

/// What changes by which names somebody signs in, when their identities change.
pub(crate) fn name_changes(old: &[Identity], new: &[Identity], person: PersonId) -> Vec<Change> {
    let (old, new) = (names_of(old), names_of(new));
    let gone = old.iter().filter(|name| !new.contains(name)).cloned();
    let removed = gone.map(|name| Change::Account(AccountChange::RemoveName { name, person }));
    let come = new.iter().filter(|name| !old.contains(name)).cloned();
    let added = come.map(|name| Change::Account(AccountChange::AddName { name, person }));
    removed.chain(added).collect()
}

impl Desk {
    /// Whose account this is.
    async fn outside_person(&self, vouched: &Vouched) -> Result<Option<PersonId>, UseCaseError> {
        self.store().person_named(&name_of(vouched)).await.map_err(store)
    }

    /// Whether somebody may link an account to themselves now: in a browser, freshly confirmed.
    pub fn may_link_outside(&self, who: &SignedIn) -> Result<PersonId, UseCaseError> {
        let person = who.actor.person.ok_or(UseCaseError::NotSignedIn)?;
        self.permit(&who.actor, Action::OwnAccount, Object::Person(person))?;
        if who.actor.stepped_up { Ok(person) } else { Err(UseCaseError::StepUp) }
    }

    async fn link_outside(
        &self,
        person: PersonId,
        session: &Sha256Digest,
        vouched: &Vouched,
        linked: bool,
    ) -> Result<(), OutsideError> {
        let now = self.now();
        let found = self.store().credential(session).await.map_err(store)?;
        if found.is_none_or(|session| !session.works(now)) {
            return Err(OutsideError::Desk(UseCaseError::NotSignedIn));
        }
        let mut record = self.person(person).await?.ok_or(UseCaseError::NotSignedIn)?;
        record.identities.retain(|known| !is_account(known, &vouched.issuer, &vouched.subject));
        record.identities.push(identity_of(vouched));
        let mut append = self.account_changed(person, "identity-linked", &vouched.issuer, &record).await?;
        if !linked {
            let name = name_of(vouched);
            append.changes.push(Change::Account(AccountChange::AddName { name, person }));
        }
        self.append_name(append).await
    }

    /// Takes an account away from whoever is signed in.
    pub async fn unlink_outside(
        &self,
        who: &SignedIn,
        issuer: &str,
        subject: &str,
    ) -> Result<(), UseCaseError> {
        let person = self.may_link_outside(who)?;
        let mut record = self.person(person).await?.ok_or(UseCaseError::NotSignedIn)?;
        let before = record.identities.len();
        record.identities.retain(|known| !is_account(known, issuer, subject));
        if record.identities.len() == before {
            return Err(UseCaseError::NotFound);
        }
        let mut append = self.account_changed(person, "identity-unlinked", issuer, &record).await?;
        let name = SignInName::Outside { issuer: issuer.to_owned(), subject: subject.to_owned() };
        append.changes.push(Change::Account(AccountChange::RemoveName { name, person }));
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// A changed record of a person with the event that says so, and the notice to them. The provider is named, the account is
    /// not: the log stays.
    async fn account_changed(
        &self,
        person: PersonId,
        event: &str,
        issuer: &str,
        record: &PersonRecord,
    ) -> Result<Append, UseCaseError> {
        let header = json!({ "issuer": issuer });
        let mut append = Append::at(self.now());
        let mut batch = self.note(StreamKind::Person, person.to_string(), event, header).await?;
        for event in &mut batch.events {
            event.actor = Some(person);
        }
        if event != "person-added" {
            let (stream, sequence) = (&batch.stream, batch.expected + 1);
            append.outbox.push(NewOutbox::mail(stream, sequence, person.to_string(), event, append.at));
        }
        append.batches.push(batch);
        let document = crate::admin::document(record)?;
        append.changes.push(Change::PutPerson { id: person, document });
        Ok(append)
    }

    async fn append_name(&self, append: Append) -> Result<(), OutsideError> {
        match self.store().append(append).await {
            Ok(_) => Ok(()),
            Err(StoreError::Exists { .. }) => Err(OutsideError::Taken),
            Err(error) => Err(OutsideError::Desk(store(error))),
        }
    }

    async fn reporter_by_outside(&self, vouched: &Vouched) -> Result<PersonId, OutsideError> {
        let person: PersonId = self.fresh();
        let record = PersonRecord {
            name: vouched.shown.clone(),
            identities: vec![identity_of(vouched)],
            reporter_account: true,
        };
        let mut append = self.account_changed(person, "person-added", &vouched.issuer, &record).await?;
        let name = name_of(vouched);
        append.changes.push(Change::Account(AccountChange::AddName { name, person }));
        self.append_name(append).await?;
        Ok(person)
    }
}

fn is_account(identity: &Identity, wanted_issuer: &str, wanted_subject: &str) -> bool {
    matches!(identity, Identity::Outside { issuer, subject, .. } if issuer == wanted_issuer && subject == wanted_subject)
}
