//! Who is asking: secrets, sessions and the rights behind them.
//!
//! Rights are read at each request; a secret says who somebody is and nothing more. The store keeps digests only.

use bastide_authz::Actor;
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    time::Span,
};
use bastide_store::{Append, Change, Credential, CredentialKind, Holder};
use data_encoding::BASE64URL_NOPAD;

use crate::{Desk, UseCaseError, desk::store, entropy::Entropy};

/// How long after signing in a step that asks for fresh confirmation goes through.
pub(crate) const FRESH: Span = Span::minutes(15);

/// How long a session lasts.
const SESSION: Span = Span::hours(12);

/// The scope of a token or session that may do steps which ask for fresh confirmation; a session only while it is fresh.
pub(crate) const STEP_UP_SCOPE: &str = "step-up";

/// A secret token: 32 random bytes, shown once. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("***")
    }
}

impl Secret {
    pub(crate) fn fresh(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(BASE64URL_NOPAD.encode(&bytes))
    }

    /// A secret that somebody brought along, whatever it is.
    pub fn given(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The secret itself, to be shown once or sent to whom it belongs.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.0.as_bytes())
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// What `authorize` sees.
    pub actor: Actor,
    /// The name that pages show.
    pub name: String,
    /// How they signed in.
    pub kind: CredentialKind,
    /// What their forms are bound to: the digest of the secret.
    pub credential: Sha256Digest,
}

/// Whether whoever holds this may do steps that ask for fresh confirmation.
fn confirms(credential: &Credential) -> bool {
    credential.scopes.split_whitespace().any(|scope| scope == STEP_UP_SCOPE)
}

impl Desk {
    /// Whoever holds this secret, with the rights of this moment.
    pub async fn signed_in(&self, secret: &Secret) -> Result<SignedIn, UseCaseError> {
        let now = self.now();
        let digest = secret.digest();
        let credential = self.store().credential(&digest).await.map_err(store)?;
        let credential = credential.filter(|found| found.works(now)).ok_or(UseCaseError::NotSignedIn)?;
        let Holder::Person(person) = credential.holder else { return Err(UseCaseError::NotSignedIn) };
        if credential.kind == CredentialKind::SignInLink {
            return Err(UseCaseError::NotSignedIn);
        }
        let record = self.person(person).await?.ok_or(UseCaseError::NotSignedIn)?;
        let grants = self.store().grants_of(person).await.map_err(store)?;
        let fresh = credential.kind != CredentialKind::Session || now.since(credential.created) < FRESH;
        let actor = Actor {
            person: Some(person),
            grants,
            reporter_of: None,
            stepped_up: confirms(&credential) && fresh,
        };
        Ok(SignedIn { actor, name: record.name, kind: credential.kind, credential: digest })
    }

    /// The reporter whose secret link this is.
    pub async fn reporter_by_link(&self, secret: &Secret) -> Result<(Actor, CaseId), UseCaseError> {
        let credential = self.store().credential(&secret.digest()).await.map_err(store)?;
        let credential = credential.filter(|found| found.works(self.now())).ok_or(UseCaseError::NotFound)?;
        match (credential.kind, credential.holder) {
            (CredentialKind::ReporterLink, Holder::Case(case)) => {
                Ok((Actor { reporter_of: Some(case), ..Actor::default() }, case))
            }
            _ => Err(UseCaseError::NotFound),
        }
    }

    /// Trades a sign-in link (once) or an API token for a session; gives the session's secret. The session can do no
    /// more than the token, and ends no later.
    pub async fn sign_in(&self, secret: &Secret) -> Result<Secret, UseCaseError> {
        let now = self.now();
        let digest = secret.digest();
        let credential = self.store().credential(&digest).await.map_err(store)?;
        let credential = credential.filter(|found| found.works(now)).ok_or(UseCaseError::NotSignedIn)?;
        let Holder::Person(person) = credential.holder else { return Err(UseCaseError::NotSignedIn) };
        let mut append = Append::at(now);
        let (mut scopes, mut expires) = (STEP_UP_SCOPE.to_owned(), now + SESSION);
        match credential.kind {
            CredentialKind::SignInLink => append.changes.push(Change::ConsumeCredential { digest, at: now }),
            CredentialKind::ApiToken => {
                scopes.clone_from(&credential.scopes);
                expires = credential.expires.map_or(expires, |end| end.min(expires));
            }
            CredentialKind::Session | CredentialKind::ReporterLink => return Err(UseCaseError::NotSignedIn),
        }
        let session = Secret::fresh(self.entropy());
        append.changes.push(Change::AddCredential(Credential {
            digest: session.digest(),
            kind: CredentialKind::Session,
            holder: Holder::Person(person),
            scopes,
            created: now,
            expires: Some(expires),
            revoked: None,
        }));
        self.store().append(append).await.map_err(store)?;
        Ok(session)
    }

    /// A session for somebody for whom a mailbox or another house vouches; the caller has checked its word. It confirms
    /// nothing: steps that ask for a fresh confirmation stay closed. The browser's earlier session ends.
    pub async fn sign_in_vouched(
        &self,
        person: PersonId,
        before: Option<&Secret>,
    ) -> Result<Secret, UseCaseError> {
        let (session, credential) = self.new_credential(CredentialKind::Session, person, "", SESSION);
        let mut append = Append::at(self.now());
        if let Some(before) = before {
            append.changes.push(Change::RevokeCredential { digest: before.digest(), at: append.at });
        }
        append.changes.push(Change::AddCredential(credential));
        self.store().append(append).await.map_err(store)?;
        Ok(session)
    }

    /// Ends a session.
    pub async fn sign_out(&self, secret: &Secret) -> Result<(), UseCaseError> {
        let now = self.now();
        let mut append = Append::at(now);
        append.changes.push(Change::RevokeCredential { digest: secret.digest(), at: now });
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Makes a credential for a person, to be appended with whatever asks for it.
    pub(crate) fn new_credential(
        &self,
        kind: CredentialKind,
        person: PersonId,
        scopes: &str,
        lasts: Span,
    ) -> (Secret, Credential) {
        let secret = Secret::fresh(self.entropy());
        let now = self.now();
        let credential = Credential {
            digest: secret.digest(),
            kind,
            holder: Holder::Person(person),
            scopes: scopes.to_owned(),
            created: now,
            expires: Some(now + lasts),
            revoked: None,
        };
        (secret, credential)
    }
}
