//! The desk: a store, a clock, a source of randomness and what the programme is called.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bastide_authz::{Action, Actor, CaseObject, Decision, Object, Permit, authorize};
use bastide_desk::case::{Refusal, RefusalKind};
use bastide_desk::threat::ThreatModel;
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, Id, PersonId},
    party::ProjectName,
    time::{Clock, Instant},
};
use bastide_store::{ClaimKind, Store, StoreError};
use quick_cache::sync::Cache;

use crate::{
    SignInPolicy, UseCaseError,
    credential::Held,
    directory::{PersonRecord, ProjectFacts, ProjectRecord},
    draft,
    entropy::{Entropy, fresh},
    health::{Job, Round},
    history::{Histories, History},
    kept::Kept,
    proposal::Watched,
    reading::Remembered,
    sign_in::{FreshTokens, RelyingParty},
};

/// What the programme is called and where it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The programme's name as people read it.
    pub programme: String,
    /// The address under which the desk is reached, without a slash at the end: `https://desk.example.org`.
    pub public_url: String,
    /// What it asks of people who sign in.
    pub sign_in: SignInPolicy,
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
    relying_party: RelyingParty,
    facts: Mutex<BTreeMap<ProjectName, Arc<ProjectFacts>>>,
    rounds: Mutex<BTreeMap<Job, Round>>,
    readings: Mutex<Remembered>,
    fresh_tokens: Mutex<FreshTokens>,
    histories: Histories,
    directory: Directory,
    models: Mutex<BTreeMap<Sha256Digest, Arc<ThreatModel>>>,
    frozen: Mutex<BTreeMap<Frozen, Arc<ProjectFacts>>>,
}

/// The directory and the projects, kept while nothing is written.
pub(crate) struct Directory {
    pub(crate) people: Kept<Vec<(PersonId, PersonRecord)>>,
    pub(crate) names: Kept<BTreeMap<PersonId, String>>,
    pub(crate) projects: Kept<Vec<ProjectRecord>>,
    pub(crate) watched: Kept<Watched>,
    /// Who holds which secret, by its digest, each with the epoch before it was read.
    pub(crate) holders: Cache<Sha256Digest, (u64, Arc<Held>)>,
}

/// How many holders are kept.
const HOLDERS: usize = 4096;

impl Default for Directory {
    fn default() -> Self {
        Self {
            people: Kept::nothing(),
            names: Kept::nothing(),
            projects: Kept::nothing(),
            watched: Kept::nothing(),
            holders: Cache::new(HOLDERS),
        }
    }
}

/// A project under an earlier policy and threat model.
pub(crate) type Frozen = (ProjectName, Sha256Digest, Sha256Digest);

impl std::fmt::Debug for Desk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Desk").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// A case as loaded: its history and what `authorize` needs at this moment.
pub(crate) struct Loaded {
    history: Arc<History>,
    pub(crate) object: CaseObject,
}

impl std::ops::Deref for Loaded {
    type Target = History;

    fn deref(&self) -> &History {
        &self.history
    }
}

impl Desk {
    /// A desk over an open store.
    pub fn new(store: Store, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, settings: Settings) -> Self {
        let relying_party = RelyingParty::of(&settings);
        Self {
            inner: Arc::new(Inner {
                store,
                clock,
                entropy,
                settings,
                relying_party,
                facts: Mutex::default(),
                rounds: Mutex::default(),
                readings: Mutex::new(Remembered::new()),
                fresh_tokens: Mutex::default(),
                histories: Histories::new(),
                directory: Directory::default(),
                models: Mutex::new(BTreeMap::new()),
                frozen: Mutex::new(BTreeMap::new()),
            }),
        }
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

    /// The desk as passkeys know it.
    pub(crate) fn relying_party(&self) -> &RelyingParty {
        &self.inner.relying_party
    }

    /// Why people can have no passkeys at this desk's public address, where they cannot.
    pub fn no_passkeys(&self) -> Option<&'static str> {
        self.inner.relying_party.impossible()
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
        // What the project supports may have changed, and stands in these, too.
        self.inner.frozen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn kept_frozen(&self, key: &Frozen) -> Option<Arc<ProjectFacts>> {
        self.inner.frozen.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(crate) fn keep_frozen(&self, key: Frozen, facts: &Arc<ProjectFacts>) {
        let mut frozen = self.inner.frozen.lock().unwrap_or_else(PoisonError::into_inner);
        if frozen.len() >= 64 {
            frozen.clear();
        }
        frozen.insert(key, Arc::clone(facts));
    }

    pub(crate) fn histories(&self) -> &Histories {
        &self.inner.histories
    }

    /// What is kept of the directory and of the projects while nothing is written.
    pub(crate) fn kept(&self) -> &Directory {
        &self.inner.directory
    }

    pub(crate) fn kept_model(&self, digest: &Sha256Digest) -> Option<Arc<ThreatModel>> {
        self.inner.models.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Keeps a threat model; a desk has few, and forgets all when there are more than it expects.
    pub(crate) fn keep_model(&self, digest: &Sha256Digest, model: &Arc<ThreatModel>) {
        let mut models = self.inner.models.lock().unwrap_or_else(PoisonError::into_inner);
        if models.len() >= 256 {
            models.clear();
        }
        models.insert(*digest, Arc::clone(model));
    }

    /// The tokens that were made just now.
    pub(crate) fn fresh_tokens(&self) -> MutexGuard<'_, FreshTokens> {
        self.inner.fresh_tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hour of a reading that was written down, and how far it went.
    pub(crate) fn remembered_reading(&self, case: CaseId, person: PersonId) -> Option<(i64, u64)> {
        self.inner.readings.lock().unwrap_or_else(PoisonError::into_inner).get(&(case, person)).copied()
    }

    /// Remembers a reading that was written down; forgets all others first when there are `most`.
    pub(crate) fn remember_reading(&self, case: CaseId, person: PersonId, noted: (i64, u64), most: usize) {
        let mut readings = self.inner.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if readings.len() >= most {
            readings.clear();
        }
        readings.insert((case, person), noted);
    }

    /// Loads a case, whoever asks. Nothing of it leaves this crate before `authorize` was asked.
    pub(crate) async fn load(&self, id: CaseId) -> Result<Loaded, UseCaseError> {
        let history = self.inner.histories.load(self.store(), id).await?;
        let object = history.case.as_object(self.now());
        Ok(Loaded { history, object })
    }

    /// Loads a case for somebody who wants to do something with it. What they may not know of is not found; an auditor
    /// has said why within the last hour.
    pub(crate) async fn open_case(
        &self,
        actor: &Actor,
        id: CaseId,
        action: Action,
    ) -> Result<(Loaded, Permit), UseCaseError> {
        let loaded = self.load(id).await?;
        let permit = self.permit(actor, action, Object::Case(&loaded.object))?;
        self.ask_purpose(&permit, id).await?;
        Ok((loaded, permit))
    }

    /// Asks `authorize`, with an absent object's answer for a denied one.
    pub fn permit(&self, actor: &Actor, action: Action, object: Object<'_>) -> Result<Permit, UseCaseError> {
        match authorize(actor, action, object, self.now()) {
            Decision::Allow(permit) => Ok(permit),
            Decision::StepUp => Err(UseCaseError::StepUp),
            Decision::OutOfReach => Err(UseCaseError::OutOfReach),
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
