//! Tokens for programs: made after a confirmation, with a name, a scope and an end; shown once.

use bastide_authz::Reach;
use bastide_model::{
    digest::Sha256Digest,
    time::{Instant, Span},
};
use bastide_store::{Change, Credential, CredentialKind, Holder, Idempotency, SignInChange, Token};
use serde_json::json;
use std::collections::BTreeMap;

use crate::{
    Desk, RequestKey, Secret, SignedIn, UseCaseError,
    credential::{READ_SCOPE, REPORT_SCOPE, STEP_UP_SCOPE, WRITE_SCOPE},
    desk::store,
    request,
};

/// For how many days a token may work.
pub const TOKEN_DAYS: [i64; 3] = [30, 90, 365];

/// No person has more working tokens.
const MOST: usize = 50;

/// A thing that a token may be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScope {
    /// Read what its owner may read.
    Read,
    /// Send reports in its owner's name.
    Report,
    /// Change what its owner may change.
    Write,
    /// Do the steps for which pages ask to confirm.
    StepUp,
}

impl TokenScope {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 4] = [Self::Read, Self::Report, Self::Write, Self::StepUp];

    /// The word by which a token holds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => READ_SCOPE,
            Self::Report => REPORT_SCOPE,
            Self::Write => WRITE_SCOPE,
            Self::StepUp => STEP_UP_SCOPE,
        }
    }

    /// What it lets a program do, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Read => "read what you may read",
            Self::Report => "send reports in your name",
            Self::Write => "take steps in cases that you may take",
            Self::StepUp => "also the steps that ask you for a passkey, such as approving an advisory",
        }
    }
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<TokenScope>,
    /// For how many days it works.
    pub days: i64,
}

impl Desk {
    /// Makes a token in one's own name. Whoever confirmed just now may let it confirm. The same form sent twice at once makes
    /// one token and shows it twice; later it is not shown again.
    pub async fn make_token(
        &self,
        who: &SignedIn,
        new: &NewToken,
        key: Option<&RequestKey>,
    ) -> Result<Secret, UseCaseError> {
        let person = self.confirmed_keeper(who)?;
        let scope = request::scope(&who.actor);
        let names: Vec<&str> = new.scopes.iter().map(|scope| scope.name()).collect();
        let digest = request::digest("make a token", &(&new.name, names, new.days));
        let slot = key.map(|key| Sha256Digest::of(format!("{scope} {}", key.as_str()).as_bytes()));
        if let (Some(key), Some(slot)) = (key, &slot)
            && self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?.is_some()
        {
            return self.fresh_tokens().of(slot, self.now()).ok_or_else(shown_before);
        }
        let name = label(&new.name)?;
        if new.scopes.is_empty() {
            return Err(UseCaseError::invalid(
                "scope",
                "a token is for something",
                "Tick what it may be used for.",
            ));
        }
        if !TOKEN_DAYS.contains(&new.days) {
            return Err(UseCaseError::invalid(
                "days",
                "a token ends after 30, 90 or 365 days",
                "Choose one of them.",
            ));
        }
        let reach = Reach {
            read: new.scopes.contains(&TokenScope::Read),
            report: new.scopes.contains(&TokenScope::Report),
            write: new.scopes.contains(&TokenScope::Write),
        };
        if new.scopes.contains(&TokenScope::StepUp) && !reach.write {
            return Err(UseCaseError::invalid(
                "scope",
                "confirming is part of taking steps",
                "Tick that it may take steps, too.",
            ));
        }
        let now = self.now();
        let credentials = self.store().credentials_of(Holder::Person(person)).await.map_err(store)?;
        let working =
            credentials.iter().filter(|found| found.kind == CredentialKind::ApiToken && found.works(now));
        if working.count() >= MOST {
            return Err(UseCaseError::invalid(
                "name",
                format!("you have {MOST} tokens already"),
                "Revoke those that nobody uses any more.",
            ));
        }
        let words: Vec<&str> = TokenScope::ALL
            .into_iter()
            .filter(|scope| new.scopes.contains(scope))
            .map(TokenScope::name)
            .collect();
        let scopes = words.join(" ");
        let lasts = Span::days(new.days);
        // Whoever sent the same form at the same moment gets the same secret: one of the two is stored, and both show it.
        let fresh = Secret::fresh(self.entropy());
        let secret = match slot {
            Some(slot) => self.fresh_tokens().keep(slot, fresh, now),
            None => fresh,
        };
        let credential = Credential {
            digest: secret.digest(),
            kind: CredentialKind::ApiToken,
            holder: Holder::Person(person),
            scopes: scopes.clone(),
            created: now,
            expires: Some(now + lasts),
            revoked: None,
        };
        let header = json!({ "scopes": scopes, "expires": credential.expires });
        let token = Token { digest: credential.digest, person, name, last_used: None };
        let changes = vec![Change::AddCredential(credential), Change::SignIn(SignInChange::PutToken(token))];
        let once = key.map(|key| Idempotency {
            scope,
            key: key.as_str().to_owned(),
            request: digest,
            response: Vec::new(),
        });
        let owner = person.to_string();
        let told = [owner.as_str()];
        self.record_once(person, Some(person), "token-issued", header, changes, Some(&told), once).await?;
        Ok(secret)
    }

    /// Revokes one of one's own tokens. One that is not there, or somebody else's, is not found.
    pub async fn revoke_token(&self, who: &SignedIn, token: &Sha256Digest) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        let found = self.store().credential(token).await.map_err(store)?;
        let own = |found: &Credential| {
            found.kind == CredentialKind::ApiToken && found.holder == Holder::Person(person)
        };
        if !found.as_ref().is_some_and(own) {
            return Err(UseCaseError::NotFound);
        }
        let changes = vec![Change::RevokeCredential { digest: *token, at: self.now() }];
        self.record(person, Some(person), "token-revoked", json!({}), changes, None).await
    }

    /// Notes the day on which a token is used. Tokens that the operator made have no name and are not noted.
    pub(crate) async fn token_used(&self, token: Option<&Token>) {
        let now = self.now();
        let noted = |token: &&Token| token.last_used.is_some_and(|last| now.since(last) < Span::days(1));
        let Some(token) = token.filter(|token| !noted(token)) else { return };
        let mut append = bastide_store::Append::at(now);
        let used = Token { last_used: Some(now), ..token.clone() };
        append.changes.push(Change::SignIn(SignInChange::PutToken(used)));
        if let Err(error) = self.store().append(append).await {
            tracing::warn!(%error, "a token could not be noted as used");
        }
    }
}

fn shown_before() -> UseCaseError {
    UseCaseError::invalid(
        "name",
        "this form was sent before and its token was made; a token is shown once",
        "If you did not keep it, revoke it in the list and make another.",
    )
}

/// The tokens of the last minute by the form that made each, for whoever sends a form twice at once. In memory only.
#[derive(Default)]
pub(crate) struct FreshTokens(BTreeMap<Sha256Digest, (Instant, Secret)>);

/// How long a token that was just made can be shown to a second request of the same form.
const SHOWN_AGAIN: Span = Span::minutes(1);
/// How many are kept at once; beyond that the oldest give way.
const MOST_FRESH: usize = 1_000;

impl FreshTokens {
    fn of(&self, slot: &Sha256Digest, now: Instant) -> Option<Secret> {
        let (at, secret) = self.0.get(slot)?;
        (now.since(*at) < SHOWN_AGAIN).then(|| secret.clone())
    }

    fn keep(&mut self, slot: Sha256Digest, fresh: Secret, now: Instant) -> Secret {
        self.0.retain(|_, (at, _)| now.since(*at) < SHOWN_AGAIN);
        while self.0.len() >= MOST_FRESH {
            let oldest = self.0.iter().min_by_key(|(_, (at, _))| *at).map(|(slot, _)| *slot);
            let Some(oldest) = oldest else { break };
            self.0.remove(&oldest);
        }
        self.0.entry(slot).or_insert((now, fresh)).1.clone()
    }
}

/// A name for a passkey or token, as its owner wants to read it.
pub(super) fn label(name: &str) -> Result<String, UseCaseError> {
    let name = name.trim();
    let plain = name.chars().all(|letter| !letter.is_control());
    if name.is_empty() || name.chars().count() > 60 || !plain {
        return Err(UseCaseError::invalid(
            "name",
            "a name has 1 to 60 characters in one line",
            "Choose a name by which you will know it again.",
        ));
    }
    Ok(name.to_owned())
}
