//! The desk: a store, a clock, a source of randomness and what the programme is called.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bastide_authz::{Action, Actor, CaseObject, Decision, Embargoed, Object, Permit, authorize};
use bastide_desk::case::{Case, Content, Event, Refusal, RefusalKind, fold};
use bastide_model::{
    id::{CaseId, Id},
    party::ProjectName,
    time::{Clock, Instant},
};
use bastide_store::{Body, ClaimKind, Store, StoreError, StoredEvent, Stream};

use crate::{
    UseCaseError,
    directory::ProjectFacts,
    draft,
    entropy::{Entropy, fresh},
    error::unreadable,
    health::{Job, Round},
};

/// What the programme is called and where it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The programme's name as people read it.
    pub programme: String,
    /// The address under which the desk is reached, without a slash at the end: `https://desk.example.org`.
    pub public_url: String,
}

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    facts: Mutex<BTreeMap<ProjectName, Arc<ProjectFacts>>>,
    rounds: Mutex<BTreeMap<Job, Round>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Desk").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// A case as loaded: the fold, the events with their sealed bodies, and what `authorize` needs.
pub(crate) struct Loaded {
    pub(crate) case: Case,
    pub(crate) events: Vec<LoadedEvent>,
    pub(crate) object: CaseObject,
}

/// A stored event whose header was read.
pub(crate) struct LoadedEvent {
    pub(crate) event: Event,
    pub(crate) stored: StoredEvent,
}

impl LoadedEvent {
    /// The content, still under embargo; nothing when there is none, when it was erased or cannot be read.
    pub(crate) fn content(&self) -> Option<Embargoed<Content>> {
        match &self.stored.body {
            Body::Sealed(bytes) => {
                let read = bytes.clone().map(|bytes| serde_json::from_slice::<Content>(&bytes).ok());
                read.transpose()
            }
            Body::None | Body::Erased => None,
        }
    }
}

impl Desk {
    /// A desk over an open store.
    pub fn new(store: Store, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, settings: Settings) -> Self {
        let (facts, rounds) = (Mutex::default(), Mutex::default());
        Self { inner: Arc::new(Inner { store, clock, entropy, settings, facts, rounds }) }
    }

    /// The store below; doors use it for ledger proofs, backups and health, never to write.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What the programme is called and where it is reached.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The present instant by the desk's clock.
    pub fn now(&self) -> Instant {
        self.inner.clock.now()
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.inner.entropy
    }

    pub(crate) fn fresh<K>(&self) -> Id<K> {
        fresh(self.entropy())
    }

    pub(crate) fn with_rounds<T>(&self, with: impl FnOnce(&mut BTreeMap<Job, Round>) -> T) -> T {
        with(&mut self.inner.rounds.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn cached_facts(&self, name: &ProjectName) -> Option<Arc<ProjectFacts>> {
        self.inner.facts.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(crate) fn cache_facts(&self, name: &ProjectName, facts: Option<Arc<ProjectFacts>>) {
        let mut cache = self.inner.facts.lock().unwrap_or_else(PoisonError::into_inner);
        match facts {
            Some(facts) => cache.insert(name.clone(), facts),
            None => cache.remove(name),
        };
    }

    /// Loads a case, whoever asks. Nothing of it leaves this crate before `authorize` was asked.
    pub(crate) async fn load(&self, id: CaseId) -> Result<Loaded, UseCaseError> {
        let stored = self.store().stream(&Stream::case(id)).await.map_err(store)?;
        let mut events = Vec::with_capacity(stored.len());
        for stored in stored {
            let event = serde_json::from_value(stored.header.clone()).map_err(|error| {
                UseCaseError::Corrupt(format!(
                    "{id}: event {} ({}) cannot be read: {}; run `bastide ledger verify`",
                    stored.sequence,
                    stored.kind,
                    unreadable(&error)
                ))
            })?;
            events.push(LoadedEvent { event, stored });
        }
        let folded = fold(id, events.iter().map(|loaded| (loaded.stored.at, &loaded.event)))
            .map_err(|error| UseCaseError::Corrupt(error.to_string()))?;
        let Some(mut case) = folded else { return Err(UseCaseError::NotFound) };
        case.erased = events.iter().any(|loaded| matches!(loaded.stored.body, Body::Erased));
        let object = case.as_object(self.now());
        Ok(Loaded { case, events, object })
    }

    /// Loads a case for somebody who wants to do something with it. What they may not know of is not found.
    pub(crate) async fn open_case(
        &self,
        actor: &Actor,
        id: CaseId,
        action: Action,
    ) -> Result<(Loaded, Permit), UseCaseError> {
        let loaded = self.load(id).await?;
        let permit = self.permit(actor, action, Object::Case(&loaded.object))?;
        Ok((loaded, permit))
    }

    /// Asks `authorize`, with an absent object's answer for a denied one.
    pub fn permit(&self, actor: &Actor, action: Action, object: Object<'_>) -> Result<Permit, UseCaseError> {
        match authorize(actor, action, object, self.now()) {
            Decision::Allow(permit) => Ok(permit),
            Decision::StepUp => Err(UseCaseError::StepUp),
            Decision::Deny => Err(UseCaseError::NotFound),
        }
    }
}

/// A store's error as a use case's.
pub(crate) fn store(error: StoreError) -> UseCaseError {
    match error {
        // Somebody else was faster, and went on being so.
        StoreError::Busy | StoreError::Conflict { .. } => UseCaseError::Busy,
        StoreError::IdempotencyMismatch { .. } => UseCaseError::KeyReused,
        StoreError::Claimed { kind: ClaimKind::AdvisoryId } => draft::taken(),
        StoreError::Claimed { kind: ClaimKind::CveNumber } => UseCaseError::invalid(
            "number",
            "this CVE number belongs to another case",
            "Compare it with what the numbering authority sent.",
        ),
        StoreError::Spent => UseCaseError::NotSignedIn,
        StoreError::Refused { what, reason } => {
            UseCaseError::Invalid { field: what, reason, remedy: "Change it and send it again.".to_owned() }
        }
        StoreError::Erased { .. } => UseCaseError::Refused(Refusal {
            kind: RefusalKind::NotNow,
            rule: "J05".into(),
            what: "the contents of this case were erased, so nothing can be added to it".to_owned(),
            remedy: "Send a new report.".into(),
        }),
        other => UseCaseError::Store(other),
    }
}
