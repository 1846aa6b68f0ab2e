//! Sessions: they begin by a link, a passkey, a token or another house's word, are seen, confirmed and ended.

use bastide_authz::{Actor, Grant, Reach, Role};
use bastide_model::{
    digest::Sha256Digest,
    id::PersonId,
    time::{Instant, Span},
};
use bastide_store::{
    Append, Change, Credential, CredentialKind, Holder, Passkey, Session, SignInChange, SignInWay,
};
use serde_json::json;

use super::{Browser, Confirmation};
use crate::{
    Desk, Secret, SignedIn, UseCaseError,
    credential::{FRESH, Held, STEP_UP_SCOPE, reach, scoped},
    desk::store,
};

/// A session is written down as seen at most this often.
const SEEN: Span = Span::minutes(1);

/// A session that has just begun.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its secret, for the cookie.
    pub secret: Secret,
    /// The secret of the browser's long-lived cookie, when it had none.
    pub device: Option<Secret>,
}

/// How a session came about and what it has shown since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How it began.
    pub(crate) way: SignInWay,
    /// When it began.
    pub(crate) since: Instant,
    /// Whether its holder has a passkey.
    pub(crate) has_passkey: bool,
}

/// What begins a session.
pub(super) struct Opening {
    pub(super) person: PersonId,
    pub(super) way: SignInWay,
    pub(super) scopes: String,
    pub(super) expires: Option<Instant>,
    pub(super) confirmed: Option<Instant>,
    /// What must happen in the same transaction.
    pub(super) with: Vec<Change>,
}

/// Whether a role lets its holder see what is under embargo, or let others see it.
fn sees_embargoed(grant: &Grant) -> bool {
    !matches!(grant.role, Role::Reporter | Role::Subscriber | Role::Board | Role::Service)
}

impl Desk {
    /// Trades a sign-in link (once) or an API token for a session. The session can do no more than the token, and ends
    /// no later.
    pub async fn sign_in(&self, secret: &Secret, browser: &Browser) -> Result<NewSession, UseCaseError> {
        let now = self.now();
        let digest = secret.digest();
        let credential = self.store().credential(&digest).await.map_err(store)?;
        let credential = credential.filter(|found| found.works(now)).ok_or(UseCaseError::NotSignedIn)?;
        let Holder::Person(person) = credential.holder else { return Err(UseCaseError::NotSignedIn) };
        let opening = match credential.kind {
            CredentialKind::SignInLink => Opening {
                person,
                way: SignInWay::Link,
                scopes: STEP_UP_SCOPE.to_owned(),
                expires: None,
                confirmed: None,
                with: vec![Change::ConsumeCredential { digest, at: now }],
            },
            CredentialKind::ApiToken => Opening {
                person,
                way: SignInWay::Token,
                scopes: credential.scopes.clone(),
                expires: credential.expires,
                confirmed: None,
                with: Vec::new(),
            },
            CredentialKind::Session | CredentialKind::ReporterLink => return Err(UseCaseError::NotSignedIn),
        };
        self.open_session(opening, browser).await
    }

    /// Whether this secret would sign somebody in now. Spends nothing.
    pub async fn sign_in_works(&self, secret: &Secret) -> Result<bool, UseCaseError> {
        let credential = self.store().credential(&secret.digest()).await.map_err(store)?;
        let signs_in = |found: &Credential| {
            matches!(found.kind, CredentialKind::SignInLink | CredentialKind::ApiToken)
                && matches!(found.holder, Holder::Person(_))
        };
        Ok(credential.is_some_and(|found| signs_in(&found) && found.works(self.now())))
    }

    /// A session for somebody for whom a mailbox or another house vouches; the caller has checked its word. Their word
    /// confirms nothing; a passkey does.
    pub async fn sign_in_vouched(
        &self,
        person: PersonId,
        browser: &Browser,
    ) -> Result<NewSession, UseCaseError> {
        let opening = Opening {
            person,
            way: SignInWay::Vouched,
            scopes: String::new(),
            expires: None,
            confirmed: None,
            with: Vec::new(),
        };
        self.open_session(opening, browser).await
    }

    /// Begins a session under a new secret; the browser's earlier one ends. A browser that is not known to be this
    /// person's is told to them.
    pub(super) async fn open_session(
        &self,
        opening: Opening,
        browser: &Browser,
    ) -> Result<NewSession, UseCaseError> {
        let now = self.now();
        let person = opening.person;
        let known = match &browser.cookie {
            Some(cookie) => self.store().knows_device(&cookie.digest(), person).await.map_err(store)?,
            None => false,
        };
        let fresh_cookie = browser.cookie.is_none().then(|| Secret::fresh(self.entropy()));
        let cookie = browser.cookie.as_ref().or(fresh_cookie.as_ref()).map(Secret::digest);
        let secret = Secret::fresh(self.entropy());
        let lasts = now + self.settings().sign_in.lasts;
        let mut changes = opening.with;
        changes.push(Change::AddCredential(Credential {
            digest: secret.digest(),
            kind: CredentialKind::Session,
            holder: Holder::Person(person),
            scopes: opening.scopes,
            created: now,
            expires: Some(opening.expires.map_or(lasts, |end| end.min(lasts))),
            revoked: None,
        }));
        changes.push(Change::SignIn(SignInChange::AddSession(Session {
            digest: secret.digest(),
            person,
            way: opening.way,
            device: if browser.device.is_empty() {
                "an unknown program".into()
            } else {
                browser.device.clone()
            },
            new_device: !known,
            last_seen: now,
            confirmed: opening.confirmed,
        })));
        if let Some(digest) = cookie {
            changes.push(Change::SignIn(SignInChange::AddDevice { digest, person, at: now }));
        }
        if let Some(before) = &browser.session {
            changes.push(Change::RevokeCredential { digest: before.digest(), at: now });
        }
        if known {
            let mut append = Append::at(now);
            append.changes = changes;
            self.store().append(append).await.map_err(store)?;
        } else {
            let header = json!({ "way": opening.way });
            self.told(person, Some(person), "new-browser", header, changes).await?;
        }
        Ok(NewSession { secret, device: fresh_cookie })
    }

    /// Ends a session.
    pub async fn sign_out(&self, secret: &Secret) -> Result<(), UseCaseError> {
        let now = self.now();
        let mut append = Append::at(now);
        append.changes.push(Change::RevokeCredential { digest: secret.digest(), at: now });
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Ends one of one's own sessions. One that is not there, or somebody else's, is not found.
    pub async fn end_session(&self, who: &SignedIn, session: &Sha256Digest) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        let found = self.store().session(session).await.map_err(store)?;
        if found.is_none_or(|found| found.person != person) {
            return Err(UseCaseError::NotFound);
        }
        let now = self.now();
        let mut append = Append::at(now);
        append.changes.push(Change::RevokeCredential { digest: *session, at: now });
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Ends all of one's own sessions but this one, and forgets the browsers: the next sign-in from each is told again.
    pub async fn end_other_sessions(&self, who: &SignedIn) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        let now = self.now();
        let mut changes = vec![Change::SignIn(SignInChange::ForgetDevices { person })];
        for credential in self.store().credentials_of(Holder::Person(person)).await.map_err(store)? {
            let other = credential.digest != who.credential && credential.works(now);
            if other && credential.kind == CredentialKind::Session {
                changes.push(Change::RevokeCredential { digest: credential.digest, at: now });
            }
        }
        self.record(person, Some(person), "sessions-ended", json!({}), changes, None).await
    }

    /// What a session's holder is to `authorize` at this moment; nobody when the session was idle for too long.
    pub(crate) async fn by_session(&self, held: &Held) -> Result<(Actor, Standing), UseCaseError> {
        let now = self.now();
        let policy = &self.settings().sign_in;
        let credential = &held.credential;
        let session = held.session.as_ref().ok_or(UseCaseError::NotSignedIn)?;
        // Whether this person can read what is under embargo, or decide who can.
        let reads_embargoed =
            held.takes_part || held.grants.iter().any(|grant| grant.holds(now) && sees_embargoed(grant));
        let unseen = now.since(session.last_seen);
        if policy.idle.is_some_and(|idle| unseen >= idle) && reads_embargoed {
            let mut append = Append::at(now);
            append.changes.push(Change::RevokeCredential { digest: credential.digest, at: now });
            self.store().append(append).await.map_err(store)?;
            return Err(UseCaseError::NotSignedIn);
        }
        if unseen >= SEEN {
            let mut append = Append::at(now);
            append
                .changes
                .push(Change::SignIn(SignInChange::SessionSeen { digest: session.digest, at: now }));
            if let Err(error) = self.store().append(append).await {
                // Somebody is reading: that nothing could be noted about it must not keep them from it.
                tracing::warn!(%error, "a session could not be noted as seen");
            }
        }
        let since = |instant: Option<Instant>| instant.is_some_and(|at| now.since(at) < FRESH);
        let may_confirm = scoped(credential, STEP_UP_SCOPE);
        let by_passkey = since(session.confirmed) && (may_confirm || session.way == SignInWay::Vouched);
        let by_sign_in = policy.confirmation == Confirmation::SignIn && since(Some(credential.created));
        let confirmed = by_passkey || (by_sign_in && may_confirm);
        let confined = policy.passkey_for_embargoed && !held.has_passkey && reads_embargoed;
        let actor = Actor {
            person: Some(held.person),
            // Whoever is confined holds their roles again once they have a passkey.
            grants: if confined { Vec::new() } else { held.grants.clone() },
            reporter_of: None,
            stepped_up: confirmed,
            reach: reach(credential),
            confined,
        };
        let standing =
            Standing { way: session.way, since: credential.created, has_passkey: held.has_passkey };
        Ok((actor, standing))
    }

    pub(crate) async fn passkeys(&self, person: PersonId) -> Result<Vec<Passkey>, UseCaseError> {
        self.store().passkeys_of(person).await.map_err(store)
    }

    /// The person whose account this is to change: signed in by a browser that reaches everything. A session that was
    /// traded for a token, or a token itself, keeps no account.
    pub(super) fn keeper(&self, who: &SignedIn) -> Result<PersonId, UseCaseError> {
        let person = who.actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let _ = self;
        if who.kind != CredentialKind::Session || who.actor.reach != Reach::FULL {
            return Err(UseCaseError::OutOfReach);
        }
        Ok(person)
    }

    /// Refuses what asks for a fresh confirmation.
    pub(super) fn confirmed_keeper(&self, who: &SignedIn) -> Result<PersonId, UseCaseError> {
        let person = self.keeper(who)?;
        if who.actor.stepped_up { Ok(person) } else { Err(UseCaseError::StepUp) }
    }
}
