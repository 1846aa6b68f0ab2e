//! Tokens for programs: made after a confirmation, with a name, a scope and an end; shown once.

use bastide_authz::Reach;
use bastide_model::{digest::Sha256Digest, time::Span};
use bastide_store::{Change, CredentialKind, Holder, SignInChange, Token};
use serde_json::json;

use crate::{
    Desk, Secret, SignedIn, UseCaseError,
    credential::{READ_SCOPE, REPORT_SCOPE, STEP_UP_SCOPE, WRITE_SCOPE},
    desk::store,
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
    /// Makes a token in one's own name. Whoever confirmed just now may let it confirm.
    pub async fn make_token(&self, who: &SignedIn, new: &NewToken) -> Result<Secret, UseCaseError> {
        let person = self.confirmed_keeper(who)?;
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
        let (secret, credential) = self.new_credential(CredentialKind::ApiToken, person, &scopes, lasts);
        let header = json!({ "scopes": scopes, "expires": credential.expires });
        let digest = credential.digest;
        let changes = vec![
            Change::AddCredential(credential),
            Change::SignIn(SignInChange::PutToken(Token { digest, person, name, last_used: None })),
        ];
        self.told(person, Some(person), "token-issued", header, changes).await?;
        Ok(secret)
    }

    /// Revokes one of one's own tokens. One that is not there, or somebody else's, is not found.
    pub async fn revoke_token(&self, who: &SignedIn, token: &Sha256Digest) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        let found = self.store().credential(token).await.map_err(store)?;
        let own = |found: &bastide_store::Credential| {
            found.kind == CredentialKind::ApiToken && found.holder == Holder::Person(person)
        };
        if !found.as_ref().is_some_and(own) {
            return Err(UseCaseError::NotFound);
        }
        let changes = vec![Change::RevokeCredential { digest: *token, at: self.now() }];
        self.record(person, Some(person), "token-revoked", json!({}), changes, None).await
    }

    /// Notes the day on which a token is used. Tokens that the operator made have no name and are not noted.
    pub(crate) async fn token_used(&self, digest: &Sha256Digest) -> Result<(), UseCaseError> {
        let Some(token) = self.store().token(digest).await.map_err(store)? else { return Ok(()) };
        let now = self.now();
        if token.last_used.is_some_and(|last| now.since(last) < Span::days(1)) {
            return Ok(());
        }
        let mut append = bastide_store::Append::at(now);
        let used = Token { last_used: Some(now), ..token };
        append.changes.push(Change::SignIn(SignInChange::PutToken(used)));
        if let Err(error) = self.store().append(append).await {
            tracing::warn!(%error, "a token could not be noted as used");
        }
        Ok(())
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
