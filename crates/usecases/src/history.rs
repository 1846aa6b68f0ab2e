//! Cases in memory: folded once, kept while they are used, asked for at the database before each use.
//!
//! What is kept: the plain headers, the state that they fold to, and the bodies **as they lie in the database**, sealed,
//! beside the wrapped key of their case. No decrypted body is kept: each is opened for one request and its bytes are
//! zeroised by the library that opened them or freed with the request. So a look into this memory finds of contents
//! what a look into the database file finds; the key that unwraps the cases' keys is in the process either way.
//!
//! What is not kept: rights. Who may see the case is read and asked at every request.
//!
//! Before a kept case is used, the store is asked for its mark: how many events it has, and whether it was erased. New
//! events are read and folded onto what is there. Where this process alone writes (SQLite), the mark is asked only when
//! something was written since.

use std::sync::Arc;

use bastide_authz::Embargoed;
use bastide_desk::case::{Case, Content, Event, evolve};
use bastide_model::id::CaseId;
use bastide_store::{Body, CaseReading, SealedEvent, Store, Stream};
use quick_cache::{Weighter, sync::Cache};

use crate::{UseCaseError, desk::store, error::unreadable};

/// How many bytes all kept cases take at most, roughly.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// About how many cases that is.
const ABOUT: usize = 2000;

/// A case's events and the state that they fold to.
pub(crate) struct History {
    pub(crate) case: Case,
    pub(crate) events: Vec<Arc<LoadedEvent>>,
}

/// A stored event whose header was read.
pub(crate) struct LoadedEvent {
    pub(crate) event: Event,
    pub(crate) stored: SealedEvent,
}

impl LoadedEvent {
    /// The content, still under embargo; nothing when there is none, when it was erased or cannot be read.
    pub(crate) fn content(&self) -> Option<Embargoed<Content>> {
        match self.stored.body() {
            Ok(Body::Sealed(bytes)) => {
                bytes.map(|bytes| serde_json::from_slice::<Content>(&bytes).ok()).transpose()
            }
            Ok(Body::None | Body::Erased) => None,
            Err(error) => {
                // Names the place, nothing of the content.
                tracing::error!(%error, "a content does not open; run `bastide ledger verify`");
                None
            }
        }
    }
}

#[derive(Clone)]
struct Kept {
    epoch: Option<u64>,
    mark: (u64, bool),
    history: Arc<History>,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<CaseId, Kept> for ByBytes {
    fn weight(&self, _: &CaseId, kept: &Kept) -> u64 {
        // A header takes about as much again as its event.
        kept.history.events.iter().map(|event| event.stored.weight() as u64 + 256).sum::<u64>() + 4096
    }
}

/// The cases that are kept, and beside each who has read it.
pub(crate) struct Histories {
    kept: Cache<CaseId, Kept, ByBytes>,
    readings: Cache<CaseId, (u64, Arc<Vec<CaseReading>>)>,
}

impl Histories {
    pub(crate) fn new() -> Self {
        Self { kept: Cache::with_weighter(ABOUT, MOST_BYTES, ByBytes), readings: Cache::new(ABOUT) }
    }

    /// Who has read a case: without the purposes, which lie under its seal.
    pub(crate) async fn readings(
        &self,
        from: &Store,
        id: CaseId,
    ) -> Result<Arc<Vec<CaseReading>>, UseCaseError> {
        let epoch = from.epoch();
        if let Some((at, readings)) = self.readings.get(&id)
            && Some(at) == epoch
        {
            return Ok(readings);
        }
        let readings = Arc::new(from.readings(id).await.map_err(store)?);
        if let Some(epoch) = epoch {
            self.readings.insert(id, (epoch, Arc::clone(&readings)));
        }
        Ok(readings)
    }

    /// The case as it is now.
    pub(crate) async fn load(&self, from: &Store, id: CaseId) -> Result<Arc<History>, UseCaseError> {
        let epoch = from.epoch();
        let kept = self.kept.get(&id);
        if let Some(kept) = &kept
            && epoch.is_some()
            && kept.epoch == epoch
        {
            return Ok(Arc::clone(&kept.history));
        }
        let mark = from.case_mark(id).await.map_err(store)?;
        let history = match kept {
            Some(kept) if kept.mark == mark => kept.history,
            // What was erased meanwhile must not be kept either.
            Some(kept) if kept.mark.1 == mark.1 && kept.mark.0 < mark.0 => {
                let case = kept.history.case.clone();
                extended(from, id, Some(case), kept.history.events.clone()).await?
            }
            _ => extended(from, id, None, Vec::new()).await?,
        };
        let mark = (history.events.len() as u64, mark.1);
        self.kept.insert(id, Kept { epoch, mark, history: Arc::clone(&history) });
        Ok(history)
    }
}

/// Reads the events after those that are there and folds them onto the state.
async fn extended(
    from: &Store,
    id: CaseId,
    mut case: Option<Case>,
    mut events: Vec<Arc<LoadedEvent>>,
) -> Result<Arc<History>, UseCaseError> {
    let fresh = from.sealed_stream(&Stream::case(id), events.len() as u64).await.map_err(store)?;
    for mut stored in fresh {
        let event: Event = serde_json::from_value(std::mem::take(&mut stored.header)).map_err(|error| {
            UseCaseError::Corrupt(format!(
                "{id}: event {} ({}) cannot be read: {}; run `bastide ledger verify`",
                stored.sequence,
                stored.kind,
                unreadable(&error)
            ))
        })?;
        let next = evolve(case, id, stored.at, &event);
        case = Some(next.map_err(|error| UseCaseError::Corrupt(error.to_string()))?);
        events.push(Arc::new(LoadedEvent { event, stored }));
    }
    let Some(mut case) = case else { return Err(UseCaseError::NotFound) };
    case.erased = events.iter().any(|loaded| loaded.stored.is_erased());
    Ok(Arc::new(History { case, events }))
}
