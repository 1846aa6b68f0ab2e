//! Lost passkeys: the old ones end, sessions with them, and a one-time link leads to making a new one.
//!
//! Two administrators agree, neither of whom is the person (`proposal`); then a time passes in which the person, who is told
//! on every address known, or any administrator can stop it; then the clock carries it out. What waits is read out of the
//! person's stream in the ledger and stands nowhere else, so no row that somebody puts back revives it. The desk's operator
//! does the same alone and at once: whoever has a shell on the machine can do anything anyway.

use bastide_authz::{Action, Actor, Object};
use bastide_connect_mail::Mail;
use bastide_model::{
    id::{ChangeId, PersonId},
    time::{Instant, Span},
};
use bastide_store::{
    Append, Change, CredentialKind, Holder, NewEvent, NewOutbox, OutboxMessage, PasskeyEnd, Proposal,
    SignInChange, StoreError, StoredEvent, Stream, StreamBatch, StreamKind,
};
use serde_json::{Value, json};

use crate::{
    Desk, Secret, UseCaseError, act::TRIES, admin::SIGN_IN_LINK, desk::store, proposal::RECOVER_PASSKEYS,
};

/// The message that becomes a mail with the link, and the mark of its row in the outbox.
pub(crate) const LINK: &str = "recovery-link";
/// The audience of notices to all administrators.
const ADMINISTRATORS: &str = "administrators";
/// A recovery whose time came while the desk stood still for longer than this is not carried out any more.
const LAPSES: Span = Span::days(7);

/// What two administrators agreed on, and what has not happened yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// The proposal that they agreed on.
    pub(crate) proposal: ChangeId,
    /// When it is carried out unless somebody stops it.
    pub(crate) due: Instant,
}

/// What of a person's stream matters here: the recovery that waits, and whether their record changed since.
fn waiting(events: &[StoredEvent]) -> Option<(Recovery, bool)> {
    let is_word = |event: &&StoredEvent| {
        matches!(
            event.kind.as_str(),
            "recovery-agreed" | "recovery-stopped" | "passkeys-replaced" | "person-erased"
        )
    };
    let last = events.iter().rev().find(is_word).filter(|event| event.kind == "recovery-agreed")?;
    let proposal = last.header.get("proposal")?.as_str()?.parse().ok()?;
    let due = last.header.get("due")?.as_str()?.parse().ok()?;
    let changed = events.iter().any(|event| {
        event.sequence > last.sequence && matches!(event.kind.as_str(), "person-edited" | "address-added")
    });
    Some((Recovery { proposal, due }, changed))
}

/// Adds an event at the end of a person's stream, with notices of it to these audiences.
fn add_event(
    append: &mut Append,
    person: PersonId,
    expected: u64,
    actor: Option<PersonId>,
    (kind, header): (&str, Value),
    told: &[(&str, &str)],
) {
    let (stream, at) = (Stream::new(StreamKind::Person, person.to_string()), append.at);
    for (audience, template) in told {
        append.outbox.push(NewOutbox::mail(&stream, expected + 1, *audience, *template, at));
    }
    let event = NewEvent { kind: kind.to_owned(), at, actor, header, body: None };
    append.batches.push(StreamBatch { stream, expected, events: vec![event] });
}

impl Desk {
    async fn person_events(&self, person: PersonId) -> Result<Vec<StoredEvent>, UseCaseError> {
        self.store().stream(&Stream::new(StreamKind::Person, person.to_string())).await.map_err(store)
    }

    /// The recovery of this person's passkeys that waits.
    pub(crate) async fn recovery_of(&self, person: PersonId) -> Result<Option<Recovery>, UseCaseError> {
        Ok(waiting(&self.person_events(person).await?).map(|(recovery, _)| recovery))
    }

    /// Adds to a new proposal that its person is told.
    pub(crate) async fn add_recovery_requested(
        &self,
        person: PersonId,
        proposer: PersonId,
        proposal: ChangeId,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let expected = self.person_events(person).await?.len() as u64;
        let event = ("recovery-requested", json!({ "proposal": proposal }));
        let own = person.to_string();
        add_event(append, person, expected, Some(proposer), event, &[(&own, "recovery-requested")]);
        Ok(())
    }

    /// Adds what the second administrator's word does: it begins the wait.
    pub(crate) async fn add_recovery_agreed(
        &self,
        person: PersonId,
        approver: PersonId,
        proposal: ChangeId,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let expected = self.person_events(person).await?.len() as u64;
        let due = append.at + self.settings().sign_in.recovery_wait;
        let event = ("recovery-agreed", json!({ "proposal": proposal, "due": due }));
        let own = person.to_string();
        let told = [(own.as_str(), "recovery-agreed"), (ADMINISTRATORS, "recovery-agreed")];
        add_event(append, person, expected, Some(approver), event, &told);
        Ok(())
    }

    /// Adds that its person stopped a recovery before two had agreed on it.
    pub(crate) async fn add_recovery_refused(
        &self,
        person: PersonId,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let expected = self.person_events(person).await?.len() as u64;
        let event = ("recovery-stopped", json!({ "why": "before it was agreed on" }));
        let own = person.to_string();
        let told = [(own.as_str(), "recovery-stopped"), (ADMINISTRATORS, "recovery-stopped")];
        add_event(append, person, expected, Some(person), event, &told);
        Ok(())
    }

    /// Stops a recovery that waits: its person, or any administrator. Its person also stops one that is only proposed.
    pub async fn stop_recovery(&self, actor: &Actor, person: PersonId) -> Result<(), UseCaseError> {
        if actor.person == Some(person) {
            self.permit(actor, Action::OwnAccount, Object::Person(person))?;
        } else {
            self.permit(actor, Action::Administer, Object::Programme)?;
        }
        for _ in 0..TRIES {
            let events = self.person_events(person).await?;
            let Some((recovery, _)) = waiting(&events) else {
                // Whom it is about need not wait until two have agreed.
                if actor.person == Some(person) && self.refuse_own_recovery(person).await? {
                    return Ok(());
                }
                return Err(UseCaseError::invalid(
                    "person",
                    "no new passkeys wait for this person: the request was stopped, carried out or never agreed on",
                    "Look at the account again; if passkeys were replaced, tell an administrator.",
                ));
            };
            match self.end_recovery(person, &recovery, events.len() as u64, actor.person, None).await {
                Err(StoreError::Conflict { .. }) => {}
                done => return done.map_err(store),
            }
        }
        Err(UseCaseError::Busy)
    }

    async fn end_recovery(
        &self,
        person: PersonId,
        recovery: &Recovery,
        expected: u64,
        actor: Option<PersonId>,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut append = Append::at(self.now());
        let event = ("recovery-stopped", json!({ "proposal": recovery.proposal, "why": why }));
        let own = person.to_string();
        let told = [(own.as_str(), "recovery-stopped"), (ADMINISTRATORS, "recovery-stopped")];
        add_event(&mut append, person, expected, actor, event, &told);
        self.store().append(append).await.map(|_| ())
    }

    /// Carries out the recoveries whose wait is over; gives how many.
    pub(crate) async fn finish_recoveries(&self) -> Result<usize, UseCaseError> {
        // The wait may have been another one when they were agreed on; the ledger says when each is due.
        let since = self.now() - Span::days(30) - LAPSES;
        let agreed = self.store().approved_proposals(RECOVER_PASSKEYS, since).await.map_err(store)?;
        let mut finished = 0;
        for proposal in agreed {
            match self.finish_recovery(&proposal).await {
                Ok(done) => finished += usize::from(done),
                Err(error) => tracing::error!(%error, "a recovery of passkeys could not be carried out"),
            }
        }
        Ok(finished)
    }

    async fn finish_recovery(&self, proposal: &Proposal) -> Result<bool, UseCaseError> {
        let now = self.now();
        let Ok(person) = proposal.object.parse::<PersonId>() else { return Ok(false) };
        let events = self.person_events(person).await?;
        let Some((recovery, changed)) = waiting(&events) else { return Ok(false) };
        if recovery.proposal != proposal.id || now < recovery.due {
            return Ok(false);
        }
        let expected = events.len() as u64;
        let still = self.still_agreed(proposal).await?;
        let why = if changed {
            Some("the person's record was changed meanwhile")
        } else if now.since(recovery.due) > LAPSES {
            Some("its time was over a week ago")
        } else if !still {
            Some("one of the two is no administrator any more")
        } else {
            None
        };
        if why.is_some() {
            self.end_recovery(person, &recovery, expected, None, why).await.map_err(store)?;
            return Ok(false);
        }
        let mut append = Append::at(now);
        append.changes = self.without_passkeys(person, now).await?;
        let event = ("passkeys-replaced", json!({ "proposal": recovery.proposal }));
        let own = person.to_string();
        let told = [(own.as_str(), LINK), (ADMINISTRATORS, "passkeys-replaced")];
        add_event(&mut append, person, expected, None, event, &told);
        self.store().append(append).await.map_err(store)?;
        Ok(true)
    }

    /// What ends somebody's passkeys, sessions and links, and forgets their browsers.
    async fn without_passkeys(&self, person: PersonId, now: Instant) -> Result<Vec<Change>, UseCaseError> {
        let mut changes = vec![Change::SignIn(SignInChange::ForgetDevices { person })];
        for passkey in self.passkeys(person).await? {
            let change = SignInChange::EndPasskey { id: passkey.id, why: PasskeyEnd::Recovered, at: now };
            changes.push(Change::SignIn(change));
        }
        for credential in self.store().credentials_of(Holder::Person(person)).await.map_err(store)? {
            let ends = matches!(credential.kind, CredentialKind::Session | CredentialKind::SignInLink);
            if ends && credential.works(now) {
                changes.push(Change::RevokeCredential { digest: credential.digest, at: now });
            }
        }
        Ok(changes)
    }

    /// The mail with the link, when it is sent: the link is made only now, and an earlier one of a try that failed ends.
    /// Nothing when something else happened to the account since.
    pub(crate) async fn recovery_mail(&self, message: &OutboxMessage) -> Result<Option<Mail>, UseCaseError> {
        let Ok(person) = message.audience.parse::<PersonId>() else { return Ok(None) };
        let events = self.person_events(person).await?;
        let later = events.iter().any(|event| {
            event.sequence > message.sequence
                && matches!(event.kind.as_str(), "passkeys-replaced" | "person-erased")
        });
        let address = self.mail_address(person).await?;
        let (false, Some(address)) = (later, address) else { return Ok(None) };
        let now = self.now();
        let mut append = Append::at(now);
        for credential in self.store().credentials_of(Holder::Person(person)).await.map_err(store)? {
            if credential.kind == CredentialKind::SignInLink && credential.works(now) {
                append.changes.push(Change::RevokeCredential { digest: credential.digest, at: now });
            }
        }
        let (link, credential) = self.new_credential(CredentialKind::SignInLink, person, "", SIGN_IN_LINK);
        append.changes.push(Change::AddCredential(credential));
        self.store().append(append).await.map_err(store)?;
        let text = format!(
            "Two administrators of the security desk let you begin with new passkeys. Your old ones and your sessions have \
             ended.\n\nOpen this and press the button; it works once, until {}. Then make a passkey:\n{}/sign-in/{}\n\nIf you did \
             not ask for it, do not open it, and tell an administrator.\n",
            (now + SIGN_IN_LINK).for_people(),
            self.settings().public_url,
            link.reveal()
        );
        // Each sending has a link of its own, so none is a repetition of another.
        let id = format!("{}-{}", message.id, message.attempts);
        Ok(Some(Mail::plain(id, self.now(), address, "Your link to the security desk", text)))
    }

    /// Lets somebody who lost their passkeys begin anew at once: their passkeys and sessions end, and the link that comes
    /// back signs them in once, to make a new one. They and the programme's administrators are told. The operator's use case.
    pub async fn replace_passkeys(&self, person: PersonId) -> Result<Secret, UseCaseError> {
        if self.person(person).await?.is_none() {
            return Err(UseCaseError::invalid(
                "person",
                "this person is not in the directory",
                "List them with `bastide admin person list`.",
            ));
        }
        let mut changes = self.without_passkeys(person, self.now()).await?;
        let (link, credential) = self.new_credential(CredentialKind::SignInLink, person, "", SIGN_IN_LINK);
        let header = json!({ "expires": credential.expires });
        changes.push(Change::AddCredential(credential));
        let owner = person.to_string();
        let audiences = [owner.as_str(), ADMINISTRATORS];
        self.record(person, None, "passkeys-replaced", header, changes, Some(&audiences)).await?;
        Ok(link)
    }
}
