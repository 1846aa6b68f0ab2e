//! Passkeys: enrolling, signing in, confirming, naming, removing. What is signed and how it is checked is WebAuthn, by the
//! library; here is who may begin a ceremony, what it is compared with, and what follows from its outcome.

use bastide_model::{digest::Sha256Digest, id::PersonId, time::Span};
use bastide_store::{
    Append, Ceremony, CeremonyKind, Change, Passkey as StoredPasskey, PasskeyEnd, SignInChange, SignInWay,
    StoreError,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, WebauthnError,
};

use super::{Browser, Confirmation, NewSession, session::Opening, token::label};
use crate::{
    Desk, Secret, SignedIn, UseCaseError,
    credential::{FRESH, STEP_UP_SCOPE},
    desk::store,
    error::unreadable,
};

/// How long a ceremony may take: time to find the device and to read what it asks.
const LASTS: Span = Span::minutes(5);

/// No person has more passkeys.
const MOST: usize = 20;

/// No answer of a browser is longer, in bytes.
const ANSWER: usize = 64 * 1024;

/// What a browser is asked to do.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Names the ceremony in the answer; works once.
    pub handle: Secret,
    /// The options for `navigator.credentials`, binary values in base64url.
    pub options: Value,
}

fn refused(reason: impl Into<String>, remedy: impl Into<String>) -> UseCaseError {
    UseCaseError::invalid("passkey", reason, remedy)
}

fn over() -> UseCaseError {
    refused(
        "this request was answered already, is older than five minutes, or belongs to another session",
        "Press the button again: it asks your device anew.",
    )
}

/// What the library refused, in words that lead on. Its own texts are for developers.
fn not_verified(error: &WebauthnError, desk: &str) -> UseCaseError {
    match error {
        WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash => refused(
            "your device answered for another address than this desk's",
            format!(
                "Open {desk} and try again there. If a mail or page led you elsewhere, tell your administrator."
            ),
        ),
        WebauthnError::MismatchedChallenge => refused(
            "the answer belongs to another question, perhaps to another tab",
            "Press the button again and answer in the same tab.",
        ),
        WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => refused(
            "your device did not check that it is you",
            "Try again and give its PIN, fingerprint or face when it asks.",
        ),
        _ => refused(
            "your device's answer does not fit what this desk knows of it",
            "Try again, use another passkey, or sign in by a link.",
        ),
    }
}

/// The time of a counter that went back: said to whoever tried, and to the owner by mail.
fn copied() -> UseCaseError {
    refused(
        "its counter went back, so there may be a copy of it; it was shut, and its owner and the administrators were told",
        "Sign in by another passkey or by a link, look through your sessions, and make a new passkey.",
    )
}

fn digest_of(id: &[u8]) -> Sha256Digest {
    Sha256Digest::of(id)
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, UseCaseError> {
    serde_json::to_vec(value).map_err(|error| {
        UseCaseError::Corrupt(format!("a ceremony cannot be written: {}", unreadable(&error)))
    })
}

fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, UseCaseError> {
    serde_json::from_slice(bytes)
        .map_err(|error| UseCaseError::Corrupt(format!("{what} cannot be read: {}", unreadable(&error))))
}

/// A browser's answer, as JSON of the shape that `PublicKeyCredential.toJSON` gives.
fn answered<T: DeserializeOwned>(answer: &str) -> Result<T, UseCaseError> {
    let parsed = (answer.len() <= ANSWER).then(|| serde_json::from_str(answer).ok()).flatten();
    parsed.ok_or_else(|| {
        refused(
            "the answer of your browser cannot be read",
            "Reload the page and try again; passkeys need the page's script.",
        )
    })
}

impl Desk {
    /// Whether somebody may make a passkey now: the first in a fresh session by a link, a further one after
    /// confirming. A desk for which a sign-in is confirmation takes that, too.
    pub(super) fn may_enrol(&self, who: &SignedIn, passkeys: &[StoredPasskey]) -> bool {
        if self.keeper(who).is_err() {
            return false;
        }
        let by_sign_in = self.settings().sign_in.confirmation == Confirmation::SignIn;
        if !passkeys.is_empty() || by_sign_in {
            return who.actor.stepped_up;
        }
        let fresh = who.standing.as_ref().is_some_and(|standing| {
            standing.way == SignInWay::Link && self.now().since(standing.since) < FRESH
        });
        fresh || who.actor.stepped_up
    }

    async fn enroller(&self, who: &SignedIn) -> Result<(PersonId, Vec<StoredPasskey>), UseCaseError> {
        let person = self.keeper(who)?;
        let passkeys = self.passkeys(person).await?;
        if !self.may_enrol(who, &passkeys) {
            let by_sign_in = self.settings().sign_in.confirmation == Confirmation::SignIn;
            if !passkeys.is_empty() || by_sign_in {
                return Err(UseCaseError::StepUp);
            }
            return Err(refused(
                "a first passkey is made within 15 minutes of signing in by a link",
                "Ask your administrator for a new sign-in link, open it, and make the passkey at once.",
            ));
        }
        if passkeys.len() >= MOST {
            return Err(refused(
                format!("you have {MOST} passkeys already"),
                "Remove one that you do not use.",
            ));
        }
        Ok((person, passkeys))
    }

    /// Begins to make a passkey.
    pub async fn ask_to_enrol(&self, who: &SignedIn) -> Result<Asked, UseCaseError> {
        let webauthn = self.relying_party().webauthn()?;
        let (person, passkeys) = self.enroller(who).await?;
        let exclude = passkeys.iter().map(|known| Ok(parsed(known)?.cred_id().clone()));
        let exclude: Vec<CredentialID> = exclude.collect::<Result<_, UseCaseError>>()?;
        let user = Uuid::from_bytes(*person.as_bytes());
        let (options, state) = webauthn
            .start_passkey_registration(user, &who.name, &who.name, Some(exclude))
            .map_err(|error| not_verified(&error, &self.settings().public_url))?;
        let mut options = serde_json::to_value(options).map_err(|error| {
            UseCaseError::Corrupt(format!("options cannot be written: {}", unreadable(&error)))
        })?;
        // Signing in asks for no name, so the device must be able to find the passkey by the desk alone.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = json!("required");
        selection["requireResidentKey"] = json!(true);
        self.begin(CeremonyKind::Enrol, Some(who), &state, options["publicKey"].take()).await
    }

    /// Finishes making a passkey. Whoever made one has confirmed that it is they.
    pub async fn enrol(
        &self,
        who: &SignedIn,
        handle: &Secret,
        answer: &str,
        name: &str,
    ) -> Result<(), UseCaseError> {
        let webauthn = self.relying_party().webauthn()?;
        let (person, _) = self.enroller(who).await?;
        let name = label(if name.trim().is_empty() { "Passkey" } else { name })?;
        let ceremony = self.under_way(CeremonyKind::Enrol, Some(who), handle).await?;
        let state: PasskeyRegistration = read("a ceremony", &ceremony.state)?;
        let outcome = answered::<RegisterPublicKeyCredential>(answer).and_then(|answer| {
            webauthn
                .finish_passkey_registration(&answer, &state)
                .map_err(|error| not_verified(&error, &self.settings().public_url))
        });
        let passkey = match outcome {
            Ok(passkey) => passkey,
            Err(refusal) => return Err(self.failed(&ceremony, refusal).await),
        };
        let now = self.now();
        let id = digest_of(passkey.cred_id());
        let counter = counter_of(&passkey)?;
        let stored = StoredPasskey {
            id,
            person,
            name,
            document: written(&passkey)?,
            counter,
            created: now,
            last_used: None,
            ended: None,
        };
        let changes = vec![
            Change::SignIn(SignInChange::TakeCeremony { digest: ceremony.digest }),
            Change::SignIn(SignInChange::AddPasskey(stored)),
            Change::SignIn(SignInChange::SessionConfirmed { digest: who.credential, at: now }),
        ];
        let header = json!({ "passkey": id });
        match self.told(person, Some(person), "passkey-enrolled", header, changes).await {
            Err(UseCaseError::NotSignedIn) => Err(over()),
            Err(UseCaseError::Store(StoreError::Exists { .. })) => Err(refused(
                "this passkey is known already",
                "Use it to sign in, or make one on another device.",
            )),
            done => done,
        }
    }

    /// Begins to sign somebody in whose name nobody asked.
    pub async fn ask_to_sign_in(&self) -> Result<Asked, UseCaseError> {
        self.ask_for_assertion(CeremonyKind::SignIn, None, &[]).await
    }

    /// Begins to confirm that it is still the same person.
    pub async fn ask_to_confirm(&self, who: &SignedIn) -> Result<Asked, UseCaseError> {
        let person = self.keeper(who)?;
        let passkeys = self.passkeys(person).await?;
        if passkeys.is_empty() {
            return Err(refused("you have no passkey yet", "Make one on your account page first."));
        }
        self.ask_for_assertion(CeremonyKind::Confirm, Some(who), &passkeys).await
    }

    async fn ask_for_assertion(
        &self,
        kind: CeremonyKind,
        who: Option<&SignedIn>,
        allowed: &[StoredPasskey],
    ) -> Result<Asked, UseCaseError> {
        let webauthn = self.relying_party().webauthn()?;
        let (options, state) = webauthn
            .start_discoverable_authentication()
            .map_err(|error| not_verified(&error, &self.settings().public_url))?;
        let mut options = serde_json::to_value(options).map_err(|error| {
            UseCaseError::Corrupt(format!("options cannot be written: {}", unreadable(&error)))
        })?;
        let allowed = allowed.iter().map(|known| {
            let id = parsed(known)?.cred_id().clone();
            Ok(json!({ "type": "public-key", "id": data_encoding::BASE64URL_NOPAD.encode(&id) }))
        });
        let allowed: Vec<Value> = allowed.collect::<Result<_, UseCaseError>>()?;
        options["publicKey"]["allowCredentials"] = Value::Array(allowed);
        self.begin(kind, who, &state, options["publicKey"].take()).await
    }

    /// Finishes signing in.
    pub async fn sign_in_by_passkey(
        &self,
        handle: &Secret,
        answer: &str,
        browser: &Browser,
    ) -> Result<NewSession, UseCaseError> {
        let ceremony = self.under_way(CeremonyKind::SignIn, None, handle).await?;
        let (person, used) = self.asserted(&ceremony, answer, None).await?;
        let now = self.now();
        let opening = Opening {
            person,
            way: SignInWay::Passkey,
            scopes: STEP_UP_SCOPE.to_owned(),
            expires: None,
            confirmed: Some(now),
            with: vec![Change::SignIn(SignInChange::TakeCeremony { digest: ceremony.digest }), used],
        };
        self.open_session(opening, browser).await.map_err(taken)
    }

    /// Finishes confirming: the session counts as confirmed for the next 15 minutes.
    pub async fn confirm(&self, who: &SignedIn, handle: &Secret, answer: &str) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        let ceremony = self.under_way(CeremonyKind::Confirm, Some(who), handle).await?;
        let (_, used) = self.asserted(&ceremony, answer, Some(person)).await?;
        let now = self.now();
        let mut append = Append::at(now);
        append.changes = vec![
            Change::SignIn(SignInChange::TakeCeremony { digest: ceremony.digest }),
            used,
            Change::SignIn(SignInChange::SessionConfirmed { digest: who.credential, at: now }),
        ];
        self.store().append(append).await.map_err(store).map_err(taken)?;
        Ok(())
    }

    /// Checks an assertion against the passkey as it is known now; gives whose it is, and the change that writes its use
    /// down. Of anything but `expected`'s passkeys nothing is said, not even that it exists.
    async fn asserted(
        &self,
        ceremony: &Ceremony,
        answer: &str,
        expected: Option<PersonId>,
    ) -> Result<(PersonId, Change), UseCaseError> {
        let unknown = || {
            refused(
                "this desk does not know this passkey (any more)",
                "Use another passkey, or sign in by a link.",
            )
        };
        let webauthn = self.relying_party().webauthn()?;
        let answer: PublicKeyCredential = match answered(answer) {
            Ok(answer) => answer,
            Err(refusal) => return Err(self.failed(ceremony, refusal).await),
        };
        let found = self.store().passkey(&digest_of(answer.get_credential_id())).await.map_err(store)?;
        let owned = |known: &StoredPasskey| {
            let user = answer.get_user_unique_id().is_none_or(|user| user == known.person.as_bytes());
            known.ended.is_none() && user && expected.is_none_or(|person| person == known.person)
        };
        let Some(known) = found.filter(owned) else { return Err(self.failed(ceremony, unknown()).await) };
        let state: DiscoverableAuthentication = read("a ceremony", &ceremony.state)?;
        let mut passkey = parsed(&known)?;
        match webauthn.finish_discoverable_authentication_v2(&answer, state, &passkey) {
            Ok(result) => {
                passkey.update_credential(&result);
                let change = SignInChange::PasskeyUsed {
                    id: known.id,
                    counter: result.counter(),
                    document: written(&passkey)?,
                    at: self.now(),
                };
                Ok((known.person, Change::SignIn(change)))
            }
            Err(WebauthnError::CredentialPossibleCompromise) => {
                self.shut(&known, ceremony).await?;
                Err(copied())
            }
            Err(error) => Err(self.failed(ceremony, not_verified(&error, &self.settings().public_url)).await),
        }
    }

    /// Shuts a passkey of which there may be a copy; its owner and the programme's administrators are told.
    async fn shut(&self, known: &StoredPasskey, ceremony: &Ceremony) -> Result<(), UseCaseError> {
        let (id, why, at) = (known.id, PasskeyEnd::Copied, self.now());
        let changes = vec![
            Change::SignIn(SignInChange::TakeCeremony { digest: ceremony.digest }),
            Change::SignIn(SignInChange::EndPasskey { id, why, at }),
        ];
        let owner = known.person.to_string();
        let audiences = [owner.as_str(), "administrators"];
        let header = json!({ "passkey": id });
        let told = self.record(known.person, None, "passkey-copied", header, changes, Some(&audiences)).await;
        told.map_err(taken)
    }

    /// Gives a passkey another name.
    pub async fn rename_passkey(
        &self,
        who: &SignedIn,
        id: &Sha256Digest,
        name: &str,
    ) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        self.own_passkey(person, id).await?;
        let mut append = Append::at(self.now());
        let change = SignInChange::RenamePasskey { id: *id, name: label(name)? };
        append.changes.push(Change::SignIn(change));
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Removes a passkey, after confirming. Sessions that are open stay open; the account page ends them.
    /// The last one goes only when its owner says that they know.
    pub async fn remove_passkey(
        &self,
        who: &SignedIn,
        id: &Sha256Digest,
        even_the_last: bool,
    ) -> Result<(), UseCaseError> {
        let person = self.keeper(who)?;
        self.own_passkey(person, id).await?;
        if !even_the_last && self.passkeys(person).await?.len() == 1 {
            return Err(refused(
                "it is your last one",
                "Tick that you know what it means, or make another passkey first.",
            ));
        }
        self.confirmed_keeper(who)?;
        let change = SignInChange::EndPasskey { id: *id, why: PasskeyEnd::Removed, at: self.now() };
        let header = json!({ "passkey": id });
        self.told(person, Some(person), "passkey-removed", header, vec![Change::SignIn(change)]).await
    }

    async fn own_passkey(&self, person: PersonId, id: &Sha256Digest) -> Result<StoredPasskey, UseCaseError> {
        let found = self.store().passkey(id).await.map_err(store)?;
        let own = found.filter(|known| known.person == person && known.ended.is_none());
        own.ok_or(UseCaseError::NotFound)
    }

    async fn begin(
        &self,
        kind: CeremonyKind,
        who: Option<&SignedIn>,
        state: &impl Serialize,
        options: Value,
    ) -> Result<Asked, UseCaseError> {
        let now = self.now();
        let handle = Secret::fresh(self.entropy());
        let ceremony = Ceremony {
            digest: handle.digest(),
            kind,
            session: who.map(|who| who.credential),
            person: who.and_then(|who| who.actor.person),
            state: written(state)?,
            created: now,
            expires: now + LASTS,
        };
        let mut append = Append::at(now);
        append.changes.push(Change::SignIn(SignInChange::AddCeremony(ceremony)));
        self.store().append(append).await.map_err(store)?;
        Ok(Asked { handle, options })
    }

    /// The ceremony of this handle, if it is of this kind and session and not over.
    async fn under_way(
        &self,
        kind: CeremonyKind,
        who: Option<&SignedIn>,
        handle: &Secret,
    ) -> Result<Ceremony, UseCaseError> {
        let found = self.store().ceremony(&handle.digest()).await.map_err(store)?;
        let fits = |ceremony: &Ceremony| {
            ceremony.kind == kind
                && ceremony.session == who.map(|who| who.credential)
                && ceremony.person == who.and_then(|who| who.actor.person)
                && self.now() < ceremony.expires
        };
        found.filter(fits).ok_or_else(over)
    }

    /// A ceremony failed: it is over, and the same question is never answered again.
    async fn failed(&self, ceremony: &Ceremony, refusal: UseCaseError) -> UseCaseError {
        let mut append = Append::at(self.now());
        append.changes.push(Change::SignIn(SignInChange::TakeCeremony { digest: ceremony.digest }));
        match self.store().append(append).await {
            Ok(_) => refusal,
            Err(StoreError::Spent) => over(),
            Err(error) => store(error),
        }
    }
}

/// Somebody else has taken the ceremony, or used the passkey, in the same moment.
fn taken(error: UseCaseError) -> UseCaseError {
    match error {
        UseCaseError::NotSignedIn => over(),
        other => other,
    }
}

fn parsed(known: &StoredPasskey) -> Result<Passkey, UseCaseError> {
    read("a passkey", &known.document)
}

/// The counter that a new passkey began with. The library keeps it to itself but in its stored form.
fn counter_of(passkey: &Passkey) -> Result<u32, UseCaseError> {
    let form = serde_json::to_value(passkey).map_err(|error| {
        UseCaseError::Corrupt(format!("a passkey cannot be written: {}", unreadable(&error)))
    })?;
    let counter = form["cred"]["counter"].as_u64().and_then(|counter| u32::try_from(counter).ok());
    counter.ok_or_else(|| UseCaseError::Corrupt("a passkey was written without its counter".to_owned()))
}
