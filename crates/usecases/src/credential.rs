//! Who is asking: secrets, sessions and the rights behind them.
//!
//! Rights are judged at each request; a secret says who somebody is and nothing more. The store keeps digests only. What it
//! says of a secret's holder is read again as soon as anything was written, and at each request where other processes may
//! write: a role that ends ends at once.

use std::sync::Arc;

use bastide_authz::{Actor, Grant, Reach};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    time::Span,
};
use bastide_store::{Credential, CredentialKind, Holder, Session, Token};
use data_encoding::BASE64URL_NOPAD;

use crate::{Desk, UseCaseError, desk::store, entropy::Entropy, sign_in::Standing};

/// How long a confirmation lasts.
pub(crate) const FRESH: Span = Span::minutes(15);

/// The scope of a token or session that may do steps which ask for fresh confirmation; a session only while it is fresh.
pub(crate) const STEP_UP_SCOPE: &str = "step-up";
/// The scope of a token that reads.
pub(crate) const READ_SCOPE: &str = "read";
/// The scope of a token that sends reports.
pub(crate) const REPORT_SCOPE: &str = "report";
/// The scope of a token that changes things.
pub(crate) const WRITE_SCOPE: &str = "write";

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
    /// How their session began; none for a token.
    pub(crate) standing: Option<Standing>,
}

impl SignedIn {
    /// Whether the person has a passkey. Of a token's holder it is not asked.
    pub fn has_passkey(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.has_passkey)
    }
}

/// What the database says of whoever holds a secret.
pub(crate) struct Held {
    pub(crate) credential: Credential,
    pub(crate) person: PersonId,
    /// The name that pages show.
    pub(crate) name: String,
    pub(crate) grants: Vec<Grant>,
    /// The session, when it is one that is known.
    pub(crate) session: Option<Session>,
    /// The token, when it is one that its holder made.
    pub(crate) token: Option<Token>,
    /// Whether the person has a passkey; asked for sessions only.
    pub(crate) has_passkey: bool,
    /// Whether the person has a seat in a case; asked for sessions only.
    pub(crate) takes_part: bool,
}

/// Whether a credential has this scope.
pub(crate) fn scoped(credential: &Credential, wanted: &str) -> bool {
    credential.scopes.split_whitespace().any(|scope| scope == wanted)
}

/// What a credential may be used for. One that names none of the three reaches everywhere: a browser's, or a token that
/// the desk's operator made.
pub(crate) fn reach(credential: &Credential) -> Reach {
    let has = |scope| scoped(credential, scope);
    let named = Reach { read: has(READ_SCOPE), report: has(REPORT_SCOPE), write: has(WRITE_SCOPE) };
    if named == (Reach { read: false, report: false, write: false }) { Reach::FULL } else { named }
}

impl Desk {
    /// Whoever holds this secret, with the rights of this moment.
    pub async fn signed_in(&self, secret: &Secret) -> Result<SignedIn, UseCaseError> {
        let now = self.now();
        let digest = secret.digest();
        let held = self.known_by(&digest).await?;
        let held = held.filter(|held| held.credential.works(now)).ok_or(UseCaseError::NotSignedIn)?;
        let credential = &held.credential;
        let (actor, standing) = if credential.kind == CredentialKind::Session {
            let (actor, standing) = self.by_session(&held).await?;
            (actor, Some(standing))
        } else {
            self.token_used(held.token.as_ref()).await;
            let actor = Actor {
                person: Some(held.person),
                grants: held.grants.clone(),
                reporter_of: None,
                stepped_up: scoped(credential, STEP_UP_SCOPE),
                reach: reach(credential),
                confined: false,
            };
            (actor, None)
        };
        Ok(SignedIn { actor, name: held.name.clone(), kind: credential.kind, credential: digest, standing })
    }

    /// What is known of whoever holds the secret of this digest, in a session or by a token; kept while nothing is written.
    async fn known_by(&self, digest: &Sha256Digest) -> Result<Option<Arc<Held>>, UseCaseError> {
        let epoch = self.store().epoch();
        if let Some((at, held)) = self.kept().holders.get(digest)
            && Some(at) == epoch
        {
            return Ok(Some(held));
        }
        let Some(credential) = self.store().credential(digest).await.map_err(store)? else { return Ok(None) };
        let Holder::Person(person) = credential.holder else { return Ok(None) };
        if credential.kind == CredentialKind::SignInLink {
            return Ok(None);
        }
        let Some(record) = self.person(person).await? else { return Ok(None) };
        let in_a_session = credential.kind == CredentialKind::Session;
        let held = Arc::new(Held {
            person,
            name: record.name,
            grants: self.store().grants_of(person).await.map_err(store)?,
            session: if in_a_session { self.store().session(digest).await.map_err(store)? } else { None },
            token: if in_a_session { None } else { self.store().token(digest).await.map_err(store)? },
            has_passkey: in_a_session && !self.passkeys(person).await?.is_empty(),
            takes_part: in_a_session && self.store().takes_part(person).await.map_err(store)?,
            credential,
        });
        if let Some(epoch) = epoch {
            self.kept().holders.insert(*digest, (epoch, Arc::clone(&held)));
        }
        Ok(Some(held))
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
