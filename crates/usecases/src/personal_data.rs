//! What the desk holds about a person: given to them as one document, and erased at their wish.
//!
//! Erasing replaces name and identities by a pseudonym, ends roles, seats, sessions, tokens and mail, and forgets answers
//! kept for retries. The ledger names people by random ids, which stay: they lead to nobody any more. What is published
//! stays as it is, and so do contents of cases, whose retention is the case's matter; [`WHAT_STAYS`] says so plainly.

use bastide_authz::{Action, Actor, Object, Role};
use bastide_desk::case::{self, Command, Seat, decide};
use bastide_model::id::{CaseId, PersonId};
use bastide_store::{Append, Change, CredentialKind, Holder, Stream, StreamKind};
use serde_json::{Value, json};

use crate::{Desk, OpenedContent, PersonRecord, UseCaseError, admin::document, desk::store, people, summary};

/// What an erasure leaves, in sentences for whoever asks for it.
pub const WHAT_STAYS: &[&str] = &[
    "The ledger keeps that a person with a random number did something, and when; the number leads to no name any more.",
    "Published advisories do not change. Where one thanks the person by name, the case's team publishes a corrected version if \
     they ask for it.",
    "Messages and reports in cases stay under the seal of their case until that case's contents are erased; what somebody wrote \
     in a message about themselves stands there until then.",
    "What administrators wrote as reasons for changes about the person goes with them; that there were such changes, and when, \
     stays. In reasons for other changes the pseudonym stands where the name stood.",
    "Backups made before still hold everything; they go when the operator's retention of backups ends.",
    "The log of mails that were sent names no content, and addresses only in the mails themselves.",
];

/// The name that stands where an erased person's name stood: always the same for one person.
pub fn pseudonym(person: PersonId) -> String {
    let id = person.to_string();
    let short: String = id.trim_start_matches("person-").chars().take(6).collect();
    format!("Former participant {short}")
}

impl Desk {
    /// Everything that is stored about somebody, for themselves: directory, roles, ways to sign in, what they did at
    /// the desk, mail, and in cases the messages of their own that they may still read.
    pub async fn export_own_data(&self, actor: &Actor) -> Result<Value, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        self.permit(actor, Action::OwnAccount, Object::Person(person))?;
        let mut data = self.stored_about(person).await?;
        let mut cases = Vec::new();
        for line in self.store().cases_of(person).await.map_err(store)? {
            cases.push(self.own_part(actor, person, line.case).await?);
        }
        data["cases"] = Value::Array(cases);
        Ok(data)
    }

    /// The same without anything of cases: whoever runs the desk does not thereby read cases.
    pub(crate) async fn stored_about(&self, person: PersonId) -> Result<Value, UseCaseError> {
        let record = self.person(person).await?.ok_or(UseCaseError::NotFound)?;
        let grants = self.store().grants_of(person).await.map_err(store)?;
        let credentials = self.store().credentials_of(Holder::Person(person)).await.map_err(store)?;
        let events =
            self.store().stream(&Stream::new(StreamKind::Person, person.to_string())).await.map_err(store)?;
        let mail = self.store().outbox_to(&person.to_string()).await.map_err(store)?;
        let passkeys = self.store().passkeys_of(person).await.map_err(store)?;
        let sessions = self.store().sessions_of(person).await.map_err(store)?;
        let tokens = self.store().tokens_of(person).await.map_err(store)?;
        let filters = self.store().saved_filters(person).await.map_err(store)?;
        let mut subscriptions = Vec::new();
        for own in self.store().subscriptions_of(person).await.map_err(store)? {
            let items = self.store().subscription_items(own.id).await.map_err(store)?;
            let notices = self.store().notices_of(own.id).await.map_err(store)?;
            subscriptions.push(json!({
                "title": own.title, "from": own.kind, "by": own.channel, "address": own.address, "since": own.created,
                "packages": items.iter().map(|item| json!({
                    "ecosystem": item.ecosystem, "name": item.name, "version": item.version, "scope": item.scope,
                    "path": item.path,
                })).collect::<Vec<_>>(),
                "told": notices.iter().map(|notice| json!({
                    "advisory": notice.advisory, "found": notice.found, "state": notice.state,
                })).collect::<Vec<_>>(),
            }));
        }
        Ok(json!({
            "made": self.now(),
            "person": person,
            "name": record.name,
            "identities": record.identities,
            "roles": grants,
            "sign-in": credentials
                .iter()
                .filter(|credential| credential.kind != CredentialKind::ReporterLink)
                .map(|credential| json!({
                    "kind": credential.kind, "created": credential.created, "expires": credential.expires,
                    "revoked": credential.revoked,
                }))
                .collect::<Vec<_>>(),
            "passkeys": passkeys
                .iter()
                .map(|passkey| json!({
                    "name": passkey.name, "created": passkey.created, "last-used": passkey.last_used,
                }))
                .collect::<Vec<_>>(),
            "sessions": sessions
                .iter()
                .map(|session| json!({
                    "browser": session.device, "began-by": session.way, "last-seen": session.last_seen,
                    "confirmed": session.confirmed,
                }))
                .collect::<Vec<_>>(),
            "tokens": tokens
                .iter()
                .map(|token| json!({ "name": token.name, "last-used": token.last_used }))
                .collect::<Vec<_>>(),
            "saved-filters": filters.iter().map(|(name, query)| json!({ "name": name, "query": query })).collect::<Vec<_>>(),
            "subscriptions": subscriptions,
            "account-history": events
                .iter()
                .map(|event| json!({ "at": event.at, "what": event.kind, "by": event.actor, "details": event.header }))
                .collect::<Vec<_>>(),
            "mail": mail
                .iter()
                .map(|message| json!({ "what": message.template, "state": message.state, "not-before": message.not_before }))
                .collect::<Vec<_>>(),
            "not-in-here": [
                "contents of cases, but the own messages that the person may still read, and those only in the document that \
                 they make themselves",
                "what opens the desk: secrets are kept as fingerprints only, of passkeys the public half",
            ],
        }))
    }

    async fn own_part(&self, actor: &Actor, person: PersonId, id: CaseId) -> Result<Value, UseCaseError> {
        let roles: Vec<Role> = self
            .store()
            .case_parties(id)
            .await
            .map_err(store)?
            .into_iter()
            .filter(|party| party.person == person)
            .map(|party| party.role)
            .collect();
        let view = match self.case_view(actor, id).await {
            Ok(view) => Some(view),
            Err(UseCaseError::NotFound | UseCaseError::StepUp) => None,
            Err(error) => return Err(error),
        };
        let own = view.iter().flat_map(|view| &view.entries).filter(|entry| entry.actor == Some(person));
        let entries: Vec<Value> = own
            .map(|entry| {
                let written = match &entry.content {
                    OpenedContent::Open(_, content) => json!(content),
                    OpenedContent::None
                    | OpenedContent::Closed(_)
                    | OpenedContent::Unopened(_)
                    | OpenedContent::Erased => Value::Null,
                };
                json!({ "at": entry.at, "what": entry.event.name(), "written": written })
            })
            .collect();
        Ok(json!({ "case": id, "roles": roles, "what-you-did": entries }))
    }

    /// Whether somebody may erase their own data by themselves. Whoever holds offices only, whose acts stand in the records of
    /// others, may not: an administrator's own right to it needs a second one, also over themselves.
    pub fn may_erase_own_data(&self, actor: &Actor) -> Result<PersonId, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let as_anybody = Actor { stepped_up: false, ..actor.clone() };
        match self.permit(&as_anybody, Action::ErasePerson, Object::Person(person)) {
            Ok(_) => Ok(person),
            Err(UseCaseError::StepUp) => Err(UseCaseError::NotFound),
            Err(error) => Err(error),
        }
    }

    /// Erases somebody's own data at their own wish.
    pub async fn erase_own_data(&self, actor: &Actor) -> Result<(), UseCaseError> {
        let person = self.may_erase_own_data(actor)?;
        if self.administrators(self.now()).await? == [person] {
            return Err(UseCaseError::invalid(
                "person",
                "you are the only administrator of the programme",
                "Give the role to somebody else first.",
            ));
        }
        let mut append = Append::at(self.now());
        self.add_erasure_of_person(person, json!({ "wish": "own" }), &mut append).await?;
        for event in append.batches.iter_mut().flat_map(|batch| &mut batch.events) {
            event.actor = event.actor.or(Some(person));
        }
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Adds what erasing a person writes.
    pub(crate) async fn add_erasure_of_person(
        &self,
        person: PersonId,
        header: Value,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let old = self.person(person).await?.ok_or(UseCaseError::NotFound)?;
        let now = append.at;
        append
            .batches
            .push(self.note(StreamKind::Person, person.to_string(), "person-erased", header).await?);
        for line in self.store().cases_of(person).await.map_err(store)? {
            self.add_leaving(person, line.case, append).await?;
        }
        for grant in self.store().grants_of(person).await.map_err(store)? {
            append.changes.push(Change::RemoveGrant { person, role: grant.role, scope: grant.scope });
        }
        let record = PersonRecord {
            name: pseudonym(person),
            identities: Vec::new(),
            reporter_account: old.reporter_account,
        };
        append.changes.push(Change::PutPerson { id: person, document: document(&record)? });
        append.changes.push(Change::RevokeCredentialsOf { holder: Holder::Person(person), at: now });
        let note = "its recipient was erased before it was sent".to_owned();
        append.changes.push(Change::GiveUpMessagesTo { audience: person.to_string(), note });
        append.changes.push(Change::ForgetPerson { person });
        append.changes.push(Change::ForgetAnswersOf { scope: person.to_string() });
        self.forget_in_proposals(person, &old, &record, append).await
    }

    /// Takes somebody out of every seat of a case.
    async fn add_leaving(
        &self,
        person: PersonId,
        id: CaseId,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let loaded = self.load(id).await?;
        let mut case = loaded.case.clone();
        let mut recorded = Vec::new();
        for (role, seat) in [
            (Role::Developer, Seat::Developer),
            (Role::Observer, Seat::Observer),
            (Role::Cna, Seat::Cna),
            (Role::Coordinator, Seat::Coordinator),
        ] {
            if !case.holds(person, role) {
                continue;
            }
            let command = Command::Leave { person, seat };
            let acting = case::Actor::Person { id: person, may_coordinate: false };
            let events = decide(Some(&case), id, &command, acting, append.at)?;
            for event in &events {
                case = case::evolve(Some(case), id, append.at, &event.event)
                    .map_err(|error| UseCaseError::Corrupt(error.to_string()))?;
            }
            recorded.extend(events);
        }
        if !recorded.is_empty() {
            summary::add_case_events(self, append, Some(&loaded), id, Some(person), recorded).await?;
        }
        Ok(())
    }

    /// Takes the reasons out of proposals about the person, and puts the pseudonym where words of others name them. What
    /// was proposed itself names people by id.
    async fn forget_in_proposals(
        &self,
        person: PersonId,
        old: &PersonRecord,
        new: &PersonRecord,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        let mut proposals = self.store().waiting_proposals().await.map_err(store)?;
        proposals.extend(self.store().decided_proposals(1000).await.map_err(store)?);
        let mut words = vec![old.name.clone()];
        words.extend(old.identities.iter().map(people::shown));
        for mut proposal in proposals {
            if let Some(content) =
                crate::proposal::without_person(&proposal.content, person, &words, &new.name)
            {
                proposal.content = content;
                append.changes.push(Change::PutProposal(Box::new(proposal)));
            }
        }
        Ok(())
    }
}
