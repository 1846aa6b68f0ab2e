//! A reporter's conduct: strikes, bans by two people, appeals, and what the conduct team gets to read (P01, P30).
//!
//! A matter is about a person of the directory and is a stream of its own, keyed by them. Whoever reports by link only
//! has no standing to lose. What is written in a matter may name a vulnerability, so it is sealed under the key of the
//! case that gave the occasion and opens with that case's permits; the conduct team gets the redacted export.

use std::collections::BTreeMap;

use bastide_authz::{Action, Actor, Embargoed, Object, Permit, Role};
use bastide_desk::conduct::{self, Command, Content, Event, Matter, Office, State, Subject};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use bastide_store::{
    Append, Appended, Body, Idempotency, NewEvent, NewOutbox, StoredEvent, Stream, StreamBatch, StreamKind,
};
use serde::{Deserialize, Serialize};

use crate::{Desk, RequestKey, UseCaseError, desk::store, request};

/// A step about somebody's conduct, as the doors send it. Prints none of its words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum ConductStep {
    /// Record a failure to respect the policy, with the case that gave the occasion.
    Strike {
        /// The case.
        case: CaseId,
        /// What happened; the reporter reads it.
        reason: String,
    },
    /// Have future reports rejected on arrival; the case gives the coordinator their say.
    RejectFuture {
        /// The case.
        case: CaseId,
        /// Why; the reporter reads it.
        reason: String,
    },
    /// Propose a ban.
    ProposeBan {
        /// Why.
        reason: String,
    },
    /// Propose to lift a ban.
    ProposeLift {
        /// Whether with a clean slate.
        #[serde(default)]
        wholly: bool,
        /// Why.
        reason: String,
    },
    /// Decide about somebody else's proposal.
    Second {
        /// Yes or no.
        #[serde(default)]
        accept: bool,
        /// Why.
        reason: String,
    },
    /// Appeal against a measure about oneself.
    Appeal {
        /// What one has to say.
        text: String,
    },
    /// Decide about an appeal.
    DecideAppeal {
        /// How.
        verdict: conduct::Verdict,
        /// Why; the reporter reads it.
        reason: String,
    },
}

impl std::fmt::Debug for ConductStep {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Strike { .. } => "Strike",
            Self::RejectFuture { .. } => "RejectFuture",
            Self::ProposeBan { .. } => "ProposeBan",
            Self::ProposeLift { .. } => "ProposeLift",
            Self::Second { .. } => "Second",
            Self::Appeal { .. } => "Appeal",
            Self::DecideAppeal { .. } => "DecideAppeal",
        })
    }
}

/// What became of a step about conduct.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConductDone {
    /// Whom the matter is about.
    pub person: PersonId,
    /// How the desk treats their reports now.
    pub state: State,
}

/// One entry of a matter.
#[derive(Clone, PartialEq, Eq)]
pub struct ConductEntry {
    /// When.
    pub at: Instant,
    /// What happened.
    pub event: Event,
    /// What was written, if the viewer may read it.
    pub text: Option<String>,
}

impl std::fmt::Debug for ConductEntry {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ConductEntry").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A matter as somebody may see it.
#[derive(Debug, Clone)]
pub struct ConductView {
    /// The state.
    pub matter: Matter,
    /// The history.
    pub entries: Vec<ConductEntry>,
}

/// A matter as loaded.
pub(crate) struct LoadedMatter {
    pub(crate) matter: Matter,
    pub(crate) events: Vec<(Event, StoredEvent)>,
}

impl LoadedMatter {
    /// The case that gave the last occasion: later steps are written under its key.
    fn occasion(&self) -> Option<CaseId> {
        self.matter.strikes.last().map(|(case, ..)| *case)
    }
}

impl Desk {
    /// Takes one step about a person's conduct.
    pub async fn conduct_step(
        &self,
        actor: &Actor,
        person: PersonId,
        step: &ConductStep,
        key: Option<&RequestKey>,
    ) -> Result<ConductDone, UseCaseError> {
        let (scope, digest) = (request::scope(actor), request::digest(&format!("conduct {person}"), step));
        if let Some(key) = key
            && let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?
        {
            return replay(&answer);
        }
        let acting = self.conduct_actor(actor, person, step).await?;
        let loaded = self.matter(person).await?;
        let (command, named) = command(person, step);
        let occasion = named.or_else(|| loaded.as_ref().and_then(LoadedMatter::occasion));
        let now = self.now();
        let recorded = conduct::decide(loaded.as_ref().map(|loaded| &loaded.matter), &command, acting, now)?;
        let Some(case) = occasion else { return Err(UseCaseError::NotFound) };
        let mut append = Append::at(now);
        let stream = Stream::new(StreamKind::Conduct, person.to_string());
        let expected = loaded.as_ref().map_or(0, |loaded| loaded.events.len() as u64);
        let mut matter = loaded.map(|loaded| loaded.matter);
        let mut events = Vec::new();
        for (index, conduct::Recorded { event, content }) in recorded.into_iter().enumerate() {
            let next = conduct::evolve(matter.take(), now, &event)
                .map_err(|refused| UseCaseError::Corrupt(refused.to_string()))?;
            matter = Some(next);
            if concerns_reporter(&event) {
                let sequence = expected + index as u64 + 1;
                append
                    .outbox
                    .push(NewOutbox::mail(&stream, sequence, "reporter", "conduct", now).about(case));
            }
            events.push(stored(case, &event, content, now, actor.person));
        }
        let Some(matter) = matter else { return Err(UseCaseError::NotFound) };
        append.batches.push(StreamBatch { stream, expected, events });
        let done = ConductDone { person, state: matter.state };
        if let Some(key) = key {
            append.idempotency = Some(Idempotency {
                scope,
                key: key.as_str().to_owned(),
                request: digest,
                response: serde_json::to_vec(&done).unwrap_or_default(),
            });
        }
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => Ok(done),
            Appended::Replayed(answer) => replay(&answer),
        }
    }

    /// A matter, for the reporter whom it is about and for those who decide about it. Texts open to whoever may read
    /// the case that gave the occasion.
    pub async fn conduct_view(&self, actor: &Actor, person: PersonId) -> Result<ConductView, UseCaseError> {
        if self.permit(actor, Action::Appeal, Object::Person(person)).is_err() {
            self.permit(actor, Action::Ban, Object::Programme)?;
        }
        let loaded = self.matter(person).await?.ok_or(UseCaseError::NotFound)?;
        let mut permits: BTreeMap<CaseId, Option<Permit>> = BTreeMap::new();
        let mut entries = Vec::new();
        for (event, stored) in loaded.events {
            let mut text = None;
            if let Some(content) = content(&stored) {
                let case = content.case();
                let permit = if let Some(known) = permits.get(&case) {
                    known.clone()
                } else {
                    let permit = self.reading(actor, case).await?;
                    permits.insert(case, permit.clone());
                    permit
                };
                let opened = permit.as_ref().and_then(|permit| content.open(permit).ok());
                text = opened.map(|content| content.text.clone());
            }
            entries.push(ConductEntry { at: stored.at, event, text });
        }
        Ok(ConductView { matter: loaded.matter, entries })
    }

    /// The reporter's standing (P01); a reporter without account has none to lose.
    pub(crate) async fn conduct_of(&self, actor: &Actor) -> Result<State, UseCaseError> {
        let Some(person) = actor.person else { return Ok(State::Clear) };
        Ok(self.matter(person).await?.map_or(State::Clear, |loaded| loaded.matter.state))
    }

    pub(crate) async fn matter(&self, person: PersonId) -> Result<Option<LoadedMatter>, UseCaseError> {
        let stream = Stream::new(StreamKind::Conduct, person.to_string());
        let mut events: Vec<(Event, StoredEvent)> = Vec::new();
        for stored in self.store().stream(&stream).await.map_err(store)? {
            let event = serde_json::from_value(stored.header.clone()).map_err(|error| {
                UseCaseError::Corrupt(format!("{stream}: event {} cannot be read: {error}", stored.sequence))
            })?;
            events.push((event, stored));
        }
        let matter = conduct::fold(events.iter().map(|(event, stored)| (stored.at, event)))
            .map_err(|refused| UseCaseError::Corrupt(format!("{stream}: {refused}")))?;
        Ok(matter.map(|matter| LoadedMatter { matter, events }))
    }

    /// Who acts, and that they may: a strike is the case's coordinator's, an appeal the reporter's own, the rest of
    /// those who decide about bans.
    async fn conduct_actor(
        &self,
        actor: &Actor,
        person: PersonId,
        step: &ConductStep,
    ) -> Result<conduct::Actor, UseCaseError> {
        let office = match step {
            ConductStep::Strike { case, .. } | ConductStep::RejectFuture { case, .. } => {
                let (loaded, _) = self.open_case(actor, *case, Action::Strike).await?;
                if loaded.case.reporter.person != Some(person) {
                    return Err(UseCaseError::invalid(
                        "person",
                        "this person is not the reporter of that case",
                        "Name a case that they reported with their account; a link has no standing to lose.",
                    ));
                }
                Office::Coordinator
            }
            ConductStep::Appeal { .. } => {
                self.permit(actor, Action::Appeal, Object::Person(person))?;
                return Ok(conduct::Actor::Reporter);
            }
            _ => {
                self.permit(actor, Action::Ban, Object::Programme)?;
                let holds = |role| actor.holds_in(role, &[], self.now());
                match (holds(Role::ConductTeam), holds(Role::ProgrammeAdmin)) {
                    (true, _) => Office::ConductTeam,
                    (_, true) => Office::ProgrammeAdmin,
                    _ => Office::Coordinator,
                }
            }
        };
        let id = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        Ok(conduct::Actor::Person { id, office })
    }

    /// The permit with which somebody reads what was written about a case, if they have one.
    async fn reading(&self, actor: &Actor, case: CaseId) -> Result<Option<Permit>, UseCaseError> {
        let loaded = self.load(case).await?;
        let permit = |action| self.permit(actor, action, Object::Case(&loaded.object)).ok();
        Ok(permit(Action::ReadTeamOnly).or_else(|| permit(Action::SeeOwnReport)))
    }
}

/// The desk's command, and the case that the step names.
fn command(person: PersonId, step: &ConductStep) -> (Command, Option<CaseId>) {
    match step.clone() {
        ConductStep::Strike { case, reason } => {
            (Command::Strike { subject: Subject::Person { id: person }, case, reason }, Some(case))
        }
        ConductStep::RejectFuture { case, reason } => (Command::RejectFuture { reason }, Some(case)),
        ConductStep::ProposeBan { reason } => (Command::ProposeBan { reason }, None),
        ConductStep::ProposeLift { wholly, reason } => (Command::ProposeLift { wholly, reason }, None),
        ConductStep::Second { accept, reason } => (Command::Second { accept, reason }, None),
        ConductStep::Appeal { text } => (Command::Appeal { text }, None),
        ConductStep::DecideAppeal { verdict, reason } => (Command::DecideAppeal { verdict, reason }, None),
    }
}

/// Whether the reporter is told at once. Proposals are the team's until a second person agreed.
fn concerns_reporter(event: &Event) -> bool {
    matches!(
        event,
        Event::StrikeGiven { .. }
            | Event::FutureReportsRejected { .. }
            | Event::Banned { .. }
            | Event::BanLifted { .. }
            | Event::AppealDecided { .. }
    )
}

fn stored(
    case: CaseId,
    event: &Event,
    content: Option<Content>,
    at: Instant,
    actor: Option<PersonId>,
) -> NewEvent {
    let header = serde_json::to_value(event).unwrap_or_default();
    let kind = header.get("event").and_then(|name| name.as_str()).unwrap_or("unnamed").to_owned();
    let body = content
        .map(|content| Embargoed::new(case, content.tier, serde_json::to_vec(&content).unwrap_or_default()));
    NewEvent { kind, at, actor, header, body }
}

pub(crate) fn content(stored: &StoredEvent) -> Option<Embargoed<Content>> {
    match &stored.body {
        Body::Sealed(bytes) => {
            bytes.clone().map(|bytes| serde_json::from_slice::<Content>(&bytes).ok()).transpose()
        }
        Body::None | Body::Erased => None,
    }
}

fn replay(answer: &[u8]) -> Result<ConductDone, UseCaseError> {
    serde_json::from_slice(answer)
        .map_err(|error| UseCaseError::Corrupt(format!("a stored answer cannot be read: {error}")))
}
