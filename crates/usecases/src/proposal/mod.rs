//! Changes that need two persons: one proposes, another approves, and what was proposed is what is carried out.
//!
//! [`kind`] is the table of what can be proposed, with the right that it takes. A proposal holds its exact content,
//! sealed; the ledger holds the digest. At approval everything is asked again: that both persons still have the
//! right, that they are two, that the time is not over, and that the object is what it was when the proposal was
//! made. Then the content is carried out in the same transaction in which the approval is written. `object` says what
//! a kind is about and how it has changed, `carry` what it does, `notice` who hears of it, `view`
//! what people read.
//!
//! To add a kind: a variant of [`Proposed`], its row in [`ProposalKind::ALL`], an arm in `kind` (what it is about), in
//! `object` (how the object is now, and what people read as old and new) and in `carry` (what it writes).

mod archive;
mod carry;
pub mod kind;
mod notice;
mod object;
mod progress;
mod view;
mod watch;

use bastide_authz::{Actor, Permit};
use bastide_desk::case::{Refusal, RefusalKind};
use bastide_model::{
    digest::Sha256Digest,
    id::{ChangeId, PersonId},
    time::{Instant, Span},
};
use bastide_store::{
    Append, Appended, Change, NewEvent, NewOutbox, Proposal, ProposalState, Stream, StreamBatch, StreamKind,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Desk, RequestKey, UseCaseError, desk::store, directory::read, error::unreadable, request};

pub(crate) use kind::RECOVER_PASSKEYS;
pub use kind::{About, Effect, ProposalKind, Proposed};
pub use object::Comparison;
pub use progress::Progress;
pub use view::{ProposalLine, ProposalView};
pub(crate) use watch::Watched;
pub use watch::{RecoveryAhead, Waiting};

/// How long a proposal waits when nobody says otherwise.
pub const USUAL_WAIT: Span = Span::days(7);
/// No proposal waits longer.
pub const LONGEST_WAIT: Span = Span::days(30);
/// No reason is longer, in characters.
const LONGEST_REASON: usize = 2000;
/// No person has more proposals waiting at once.
const MOST_WAITING: usize = 50;

/// What is sealed in a proposal.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sealed {
    proposed: Proposed,
    /// The digest of the object as it was when this was proposed.
    before: Sha256Digest,
    /// How the object looked then and what becomes of it, for whoever reads this later.
    comparison: Vec<Comparison>,
    reason: String,
    /// What whoever decided wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A decision about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Carry it out.
    Approve,
    /// Do not.
    Refuse,
    /// Take one's own proposal back.
    Withdraw,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Refuse, Self::Withdraw];

    /// Its name in addresses and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Withdraw => "withdraw",
        }
    }

    fn state(self) -> ProposalState {
        match self {
            Self::Approve => ProposalState::Approved,
            Self::Refuse => ProposalState::Refused,
            Self::Withdraw => ProposalState::Withdrawn,
        }
    }
}

fn refusal(kind: RefusalKind, what: &str, remedy: &str) -> UseCaseError {
    UseCaseError::Refused(Refusal { kind, rule: "J09".into(), what: what.into(), remedy: remedy.to_owned() })
}

fn about_themselves() -> UseCaseError {
    refusal(
        RefusalKind::SecondPerson,
        "nobody decides about their own passkeys or data as one of the two administrators",
        "Two others decide. Your own data you take home or erase on your account page.",
    )
}

/// Whether `person` may take this decision about a proposal now, as far as the proposal itself knows. Rights and the
/// object are asked beside it.
fn judge(
    proposer: PersonId,
    state: ProposalState,
    expires: Instant,
    person: PersonId,
    decision: Decision,
    now: Instant,
) -> Result<(), (RefusalKind, &'static str, &'static str)> {
    if state != ProposalState::Waiting {
        return Err((
            RefusalKind::NotNow,
            "this proposal was decided, taken back or has expired",
            "Propose the change anew if it is still wanted.",
        ));
    }
    if expires <= now {
        return Err((
            RefusalKind::NotNow,
            "the time for this proposal is over",
            "Propose the change anew if it is still wanted.",
        ));
    }
    match (decision, person == proposer) {
        (Decision::Approve | Decision::Refuse, true) => Err((
            RefusalKind::SecondPerson,
            "nobody decides about their own proposal",
            "Ask somebody else who has the same right, or take it back.",
        )),
        (Decision::Withdraw, false) => Err((
            RefusalKind::NotYourRole,
            "only its proposer takes a proposal back",
            "Refuse it, and say why.",
        )),
        _ => Ok(()),
    }
}

fn written(field: &str, text: &str, needed: bool) -> Result<String, UseCaseError> {
    let text = text.trim().replace("\r\n", "\n");
    if (needed && text.is_empty()) || text.chars().count() > LONGEST_REASON {
        let reason = format!("it has 1 to {LONGEST_REASON} characters");
        return Err(UseCaseError::invalid(field, reason, "Say in a sentence or two why."));
    }
    Ok(text)
}

impl Desk {
    /// Proposes a change that needs two persons. `lasts` is how long it waits for the second one.
    pub async fn propose(
        &self,
        actor: &Actor,
        proposed: Proposed,
        reason: &str,
        lasts: Option<Span>,
        key: Option<&RequestKey>,
    ) -> Result<ChangeId, UseCaseError> {
        let (scope, digest) = (request::scope(actor), request::digest("propose", &(&proposed, reason)));
        if let Some(key) = key
            && let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?
        {
            return request::answered(&answer);
        }
        let about = proposed.about();
        self.entitled(actor, proposed.kind(), &about).await?;
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        if proposed.not_by() == Some(person) {
            return Err(about_themselves());
        }
        let reason = written("reason", reason, true)?;
        let lasts = lasts.unwrap_or(USUAL_WAIT);
        if lasts < Span::hours(1) || lasts > LONGEST_WAIT {
            return Err(UseCaseError::invalid("lasts", "it is 1 hour to 30 days", "Choose a time within."));
        }
        let waiting = self.store().waiting_proposals().await.map_err(store)?;
        if waiting.iter().filter(|other| other.proposer == person).count() >= MOST_WAITING {
            return Err(refusal(
                RefusalKind::NotNow,
                "you have 50 proposals waiting already",
                "Take some of them back first.",
            ));
        }
        if matches!(proposed, Proposed::ExportCase { .. }) {
            self.few_archives(person).await?;
        }
        let now = self.now();
        let before = self.object_now(&proposed).await?;
        let sealed = Sealed {
            before: before.digest,
            comparison: self.compared(&proposed).await?,
            proposed,
            reason,
            note: None,
        };
        let content = serde_json::to_vec(&sealed).map_err(|error| crate::admin::unwritable(&error))?;
        let id: ChangeId = self.fresh();
        let kind = sealed.proposed.kind().name;
        let header = json!({
            "kind": kind, "object": about.name(), "content": Sha256Digest::of(&proposed_bytes(&sealed.proposed)),
            "expires": now + lasts,
        });
        let stream = Stream::new(StreamKind::Proposal, id.to_string());
        let mut append = Append::at(now);
        append.batches.push(event(&stream, 0, "proposed", now, Some(person), header));
        append.changes.push(Change::PutProposal(Box::new(Proposal {
            id,
            kind: kind.to_owned(),
            object: about.name(),
            proposer: person,
            created: now,
            expires: now + lasts,
            state: ProposalState::Waiting,
            decided_by: None,
            decided_at: None,
            content,
        })));
        append.outbox.push(NewOutbox::mail(&stream, 1, "approvers", "proposal", now));
        if let Proposed::RecoverPasskeys { person: whose } = &sealed.proposed {
            self.add_recovery_requested(*whose, person, id, &mut append).await?;
        }
        append.idempotency = key.map(|key| request::kept(&scope, key, digest, &id));
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => Ok(id),
            Appended::Replayed(answer) => request::answered(&answer),
        }
    }

    /// Decides about a proposal, or takes one's own back. An approval carries it out.
    pub async fn decide_proposal(
        &self,
        actor: &Actor,
        id: ChangeId,
        decision: Decision,
        note: &str,
        key: Option<&RequestKey>,
    ) -> Result<ProposalState, UseCaseError> {
        let (scope, digest) =
            (request::scope(actor), request::digest(&format!("decide {id}"), &(decision, note)));
        if let Some(key) = key
            && let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?
        {
            return request::answered(&answer);
        }
        // The stream first: whoever decides meanwhile makes this append a conflict.
        let stream = Stream::new(StreamKind::Proposal, id.to_string());
        let events = self.store().stream(&stream).await.map_err(store)?;
        let (mut proposal, mut sealed) = self.opened(id).await?;
        let (kind, about) = (sealed.proposed.kind(), sealed.proposed.about());
        self.entitled(actor, kind, &about).await?;
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let now = self.now();
        judge(proposal.proposer, proposal.state, proposal.expires, person, decision, now)
            .map_err(|(kind, what, remedy)| refusal(kind, what, remedy))?;
        if decision == Decision::Approve && sealed.proposed.not_by() == Some(person) {
            return Err(about_themselves());
        }
        let note = written("note", note, decision == Decision::Refuse)?;
        if decision == Decision::Approve
            && matches!(sealed.proposed, Proposed::ErasePerson { .. })
            && !note.is_empty()
        {
            let reason = "a note about somebody who is erased would stay when they are gone";
            return Err(UseCaseError::invalid("note", reason, "Leave it empty."));
        }
        let mut append = Append::at(now);
        if decision == Decision::Approve {
            let said = events.first().and_then(|first| first.header.get("content")?.as_str()?.parse().ok());
            if said != Some(Sha256Digest::of(&proposed_bytes(&sealed.proposed))) {
                return Err(UseCaseError::Corrupt(format!("{id} is not what the ledger says was proposed")));
            }
            if self.holder(proposal.proposer, kind, &about).await?.is_none() {
                return Err(refusal(
                    RefusalKind::SecondPerson,
                    "whoever proposed this no longer has the right to",
                    "Refuse it; somebody who has the right may propose it anew.",
                ));
            }
            let object = self.object_now(&sealed.proposed).await?;
            if object.digest != sealed.before {
                return Err(refusal(
                    RefusalKind::NotNow,
                    "what this is about has changed since it was proposed",
                    "Refuse it; it can be proposed anew on what holds now.",
                ));
            }
            self.carry_out(&sealed.proposed, id, &object, person, &mut append).await?;
            // An erasure takes the person's name and the reasons out of all proposals about them, this one among them.
            let own = |change: &Change| matches!(change, Change::PutProposal(other) if other.id == id);
            if let Some(at) = append.changes.iter().position(own)
                && let Change::PutProposal(cleaned) = append.changes.remove(at)
            {
                sealed = unsealed(&cleaned)?;
            }
        }
        let state = decision.state();
        let header = json!({ "kind": kind.name });
        let sequence = events.len() as u64;
        append.batches.push(event(&stream, sequence, decided_word(state), now, Some(person), header));
        sealed.note = (!note.is_empty()).then_some(note);
        proposal.content = serde_json::to_vec(&sealed).map_err(|error| crate::admin::unwritable(&error))?;
        proposal.state = state;
        proposal.decided_by = (decision != Decision::Withdraw).then_some(person);
        proposal.decided_at = Some(now);
        if decision != Decision::Withdraw {
            let proposer = proposal.proposer.to_string();
            append.outbox.push(NewOutbox::mail(
                &stream,
                sequence + 1,
                proposer.as_str(),
                "proposal-decided",
                now,
            ));
        }
        append.changes.push(Change::PutProposal(Box::new(proposal)));
        append.idempotency = key.map(|key| request::kept(&scope, key, digest, &state));
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => {
                if let About::Project(project) = &about {
                    self.cache_facts(project, None);
                }
                Ok(state)
            }
            Appended::Replayed(answer) => request::answered(&answer),
        }
    }

    /// Whether a door may let somebody to a proposal: to read it whoever has the right, also before they confirm
    /// afresh; to decide only after that.
    pub async fn admit_to_proposal(
        &self,
        actor: &Actor,
        id: ChangeId,
        to_decide: bool,
    ) -> Result<(), UseCaseError> {
        let (_, sealed) = self.opened(id).await?;
        match self.entitled(actor, sealed.proposed.kind(), &sealed.proposed.about()).await {
            Ok(_) => Ok(()),
            Err(UseCaseError::StepUp) if !to_decide => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What an approved proposal gives to whoever made it, within a week: the document about a person. Fetching it is an
    /// event in the ledger.
    pub async fn proposal_outcome(
        &self,
        actor: &Actor,
        id: ChangeId,
    ) -> Result<serde_json::Value, UseCaseError> {
        let stream = Stream::new(StreamKind::Proposal, id.to_string());
        let expected = self.store().stream(&stream).await.map_err(store)?.len() as u64;
        let (proposal, sealed) = self.opened(id).await?;
        let kind = sealed.proposed.kind();
        self.entitled(actor, kind, &sealed.proposed.about()).await?;
        let now = self.now();
        let fresh = proposal.decided_at.is_some_and(|at| now.since(at) < USUAL_WAIT);
        let mine = proposal.state == ProposalState::Approved && actor.person == Some(proposal.proposer);
        let (true, true, Proposed::ExportPerson { person }) = (fresh, mine, &sealed.proposed) else {
            return Err(UseCaseError::NotFound);
        };
        let data = self.stored_about(*person).await?;
        let mut append = Append::at(now);
        let header = json!({ "kind": kind.name });
        append.batches.push(event(&stream, expected, "outcome-taken", now, actor.person, header));
        self.store().append(append).await.map_err(store)?;
        Ok(data)
    }

    /// Refuses the proposals to replace somebody's passkeys in their own name: they say that they did not lose them. Gives
    /// whether there was one.
    pub(crate) async fn refuse_own_recovery(&self, person: PersonId) -> Result<bool, UseCaseError> {
        let now = self.now();
        let mut append = Append::at(now);
        let about = person.to_string();
        for mut proposal in self.store().waiting_proposals().await.map_err(store)? {
            if proposal.kind != RECOVER_PASSKEYS || proposal.object != about || proposal.expires <= now {
                continue;
            }
            let stream = Stream::new(StreamKind::Proposal, proposal.id.to_string());
            let sequence = self.store().stream(&stream).await.map_err(store)?.len() as u64;
            let header = json!({ "kind": proposal.kind });
            append.batches.push(event(&stream, sequence, "refused", now, Some(person), header));
            let proposer = proposal.proposer.to_string();
            let told = NewOutbox::mail(&stream, sequence + 1, proposer.as_str(), "proposal-decided", now);
            append.outbox.push(told);
            let mut sealed = unsealed(&proposal)?;
            sealed.note = Some("They say that they did not lose their passkeys.".to_owned());
            proposal.content =
                serde_json::to_vec(&sealed).map_err(|error| crate::admin::unwritable(&error))?;
            proposal.state = ProposalState::Refused;
            proposal.decided_by = Some(person);
            proposal.decided_at = Some(now);
            append.changes.push(Change::PutProposal(Box::new(proposal)));
        }
        if append.batches.is_empty() {
            return Ok(false);
        }
        self.add_recovery_refused(person, &mut append).await?;
        self.store().append(append).await.map_err(store)?;
        Ok(true)
    }

    /// Ends the proposals whose time is over; gives how many.
    pub(crate) async fn expire_proposals(&self) -> Result<usize, UseCaseError> {
        let now = self.now();
        let mut ended = 0;
        for mut proposal in self.store().overdue_proposals(now).await.map_err(store)? {
            let stream = Stream::new(StreamKind::Proposal, proposal.id.to_string());
            let sequence = self.store().stream(&stream).await.map_err(store)?.len() as u64;
            let header = json!({ "kind": proposal.kind });
            let proposer = proposal.proposer.to_string();
            proposal.state = ProposalState::Expired;
            proposal.decided_at = Some(now);
            let mut append = Append::at(now);
            append.batches.push(event(&stream, sequence, "expired", now, None, header));
            append.outbox.push(NewOutbox::mail(
                &stream,
                sequence + 1,
                proposer.as_str(),
                "proposal-decided",
                now,
            ));
            append.changes.push(Change::PutProposal(Box::new(proposal)));
            match self.store().append(append).await.map_err(store) {
                Ok(_) => ended += 1,
                // Somebody decided in this very moment.
                Err(UseCaseError::Busy) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    /// Asks `authorize` for the right that this kind of change takes.
    async fn entitled(
        &self,
        actor: &Actor,
        kind: &ProposalKind,
        about: &About,
    ) -> Result<Permit, UseCaseError> {
        match about {
            About::Case(case) => {
                let object = self.case_object(*case).await?;
                self.permit(actor, kind.action, bastide_authz::Object::Case(&object))
            }
            // What everybody may do with their own data, alone, makes nobody one of the two who decide.
            About::Person(own) if actor.person == Some(*own) => {
                self.permit(actor, bastide_authz::Action::Administer, bastide_authz::Object::Programme)
            }
            other => self.permit(actor, kind.action, other.object()),
        }
    }

    /// Whether somebody has the right, or would have it after confirming afresh: then they may know of a proposal.
    async fn knows(&self, actor: &Actor, kind: &ProposalKind, about: &About) -> Result<bool, UseCaseError> {
        match self.entitled(actor, kind, about).await {
            Ok(_) | Err(UseCaseError::StepUp) => Ok(true),
            Err(UseCaseError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A person as an actor with the rights of this moment, if they have the right.
    async fn holder(
        &self,
        person: PersonId,
        kind: &ProposalKind,
        about: &About,
    ) -> Result<Option<Actor>, UseCaseError> {
        if self.person(person).await?.is_none() {
            return Ok(None);
        }
        let grants = self.store().grants_of(person).await.map_err(store)?;
        let actor = Actor { person: Some(person), grants, stepped_up: true, ..Actor::default() };
        Ok(self.knows(&actor, kind, about).await?.then_some(actor))
    }

    /// Whether both who agreed on an approved proposal still have the right.
    pub(crate) async fn still_agreed(&self, proposal: &Proposal) -> Result<bool, UseCaseError> {
        let proposed = unsealed(proposal)?.proposed;
        let (kind, about) = (proposed.kind(), proposed.about());
        for person in [Some(proposal.proposer), proposal.decided_by] {
            let Some(person) = person else { return Ok(false) };
            if self.holder(person, kind, &about).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn opened(&self, id: ChangeId) -> Result<(Proposal, Sealed), UseCaseError> {
        let found = self.store().proposal(id).await.map_err(store)?;
        let proposal = found.ok_or(UseCaseError::NotFound)?;
        let sealed = unsealed(&proposal)?;
        Ok((proposal, sealed))
    }

    /// The name of a person, or what to call them when the directory does not know them.
    pub(crate) async fn name_of(&self, person: PersonId) -> Result<String, UseCaseError> {
        Ok(self
            .person(person)
            .await?
            .map_or_else(|| "somebody who is no longer in the directory".to_owned(), |record| record.name))
    }
}

/// What stands where the reason of a proposal about somebody stood who was erased.
const ERASED: &str = "Erased with the person whom it was about.";

/// The sealed content without what its words say of somebody who is erased: the reason and the note of a proposal about
/// them go, and in others a pseudonym stands where their name stood. Nothing where nothing changes.
pub(crate) fn without_person(
    content: &[u8],
    person: PersonId,
    names: &[String],
    pseudonym: &str,
) -> Option<Vec<u8>> {
    let mut sealed: Sealed = serde_json::from_slice(content).ok()?;
    let mut found = false;
    if sealed.proposed.concerns() == Some(person) {
        found = true;
        ERASED.clone_into(&mut sealed.reason);
        sealed.note = None;
    }
    let mut clean = |text: &mut String| {
        for name in names.iter().filter(|name| name.chars().count() > 1) {
            if text.contains(name.as_str()) {
                *text = text.replace(name.as_str(), pseudonym);
                found = true;
            }
        }
    };
    clean(&mut sealed.reason);
    sealed.note.iter_mut().for_each(&mut clean);
    for part in &mut sealed.comparison {
        clean(&mut part.old);
        clean(&mut part.new);
    }
    found.then(|| serde_json::to_vec(&sealed).ok()).flatten()
}

/// What the digest in the ledger is of.
fn proposed_bytes(proposed: &Proposed) -> Vec<u8> {
    serde_json::to_vec(proposed).unwrap_or_default()
}

fn unsealed(proposal: &Proposal) -> Result<Sealed, UseCaseError> {
    let value = serde_json::from_slice(&proposal.content).map_err(|error| {
        UseCaseError::Corrupt(format!("{} cannot be read: {}", proposal.id, unreadable(&error)))
    })?;
    read(&proposal.id.to_string(), value)
}

fn decided_word(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Waiting => "proposed",
        ProposalState::Approved => "approved",
        ProposalState::Refused => "refused",
        ProposalState::Withdrawn => "withdrawn",
        ProposalState::Expired => "expired",
    }
}

fn event(
    stream: &Stream,
    expected: u64,
    kind: &str,
    at: Instant,
    actor: Option<PersonId>,
    header: serde_json::Value,
) -> StreamBatch {
    let event = NewEvent { kind: kind.to_owned(), at, actor, header, body: None };
    StreamBatch { stream: stream.clone(), expected, events: vec![event] }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [ProposalState; 5] = [
        ProposalState::Waiting,
        ProposalState::Approved,
        ProposalState::Refused,
        ProposalState::Withdrawn,
        ProposalState::Expired,
    ];

    /// Every state, decision, person and moment: a decision is possible while it waits, before its end, by the right one
    /// of two.
    #[test]
    fn only_a_waiting_proposal_is_decided_in_time_and_never_by_whoever_made_it() {
        let (maker, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let end = Instant::EPOCH + Span::days(7);
        for state in STATES {
            for decision in Decision::ALL {
                for person in [maker, other] {
                    for now in [Instant::EPOCH, end - Span::seconds(1), end, end + Span::days(1)] {
                        let allowed = state == ProposalState::Waiting
                            && now < end
                            && (person == maker) == (decision == Decision::Withdraw);
                        let answer = judge(maker, state, end, person, decision, now);
                        assert_eq!(answer.is_ok(), allowed, "{state:?} {decision:?} {person} {now}");
                    }
                }
            }
        }
    }
}
