//! Who reads a case: written down once for each person, case and hour, before the case is shown.
//!
//! Nobody reads unseen: when the reading cannot be written down, the case is not shown. An auditor says first why they
//! read; that holds for an hour and stands, under the case's seal, beside the reading. Reporters are not readers of
//! their own report.
//!
//! What was written down already is remembered in memory, bounded, so that opening a page again costs nothing.

use std::collections::BTreeMap;

use bastide_authz::{Action, Actor, Embargoed, Object, Permit, Tier, Viewer};
use bastide_model::{
    id::{CaseId, PersonId},
    time::{Instant, Span},
};
use bastide_store::{Append, Change, Idempotency, NewReading};

use crate::{
    Desk, RequestKey, UseCaseError,
    desk::{Loaded, store},
    request,
};

/// How long a stated purpose holds.
pub const PURPOSE_LASTS: Span = Span::hours(1);

/// The length of a purpose, in characters.
const PURPOSE: std::ops::RangeInclusive<usize> = 10..=500;

/// How many readings are remembered at most; when there are more, all are forgotten and looked up again.
const REMEMBERED: usize = 10_000;

/// What is remembered of readings: by case and person, the hour that was written down and how far it went.
pub(crate) type Remembered = BTreeMap<(CaseId, PersonId), (i64, u64)>;

/// Somebody who has read a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReader {
    /// Who.
    pub person: PersonId,
    /// As what, in a word: `team`, `observer`, `auditor`.
    pub viewer: String,
    /// When they last read something new in it, or in another hour.
    pub at: Instant,
    /// For which purpose, where they had to say one.
    pub purpose: Option<String>,
}

fn hour(at: Instant) -> i64 {
    at.as_micros().div_euclid(Span::hours(1).as_micros())
}

/// As what somebody reads; nothing when their reading is not written down.
fn viewer(permit: &Permit) -> Option<&'static str> {
    match permit.viewer() {
        Viewer::Team => Some("team"),
        Viewer::Observer => Some("observer"),
        Viewer::Auditor => Some("auditor"),
        Viewer::Reporter | Viewer::Public => None,
    }
}

impl Desk {
    /// States why an auditor reads a case. It is written down, with the purpose for the case's team to see, and holds
    /// for an hour.
    pub async fn state_purpose(
        &self,
        actor: &Actor,
        case: CaseId,
        purpose: &str,
        key: &RequestKey,
    ) -> Result<(), UseCaseError> {
        let scope = request::scope(actor);
        let digest = request::digest(&format!("purpose {case}"), &purpose);
        if self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?.is_some() {
            return Ok(());
        }
        let loaded = self.load(case).await?;
        let permit = self.permit(actor, Action::ReadCase, Object::Case(&loaded.object))?;
        let (Some(person), Viewer::Auditor) = (actor.person, permit.viewer()) else {
            return Err(UseCaseError::NotFound);
        };
        let purpose = purpose.trim();
        if !PURPOSE.contains(&purpose.chars().count()) {
            return Err(UseCaseError::invalid(
                "purpose",
                format!("a purpose has {} to {} characters", PURPOSE.start(), PURPOSE.end()),
                "Say in a sentence what you look for and on whose behalf.",
            ));
        }
        // Contents that were erased took the case's key along: then only that a purpose was stated is written down.
        let sealed =
            (!loaded.case.erased).then(|| Embargoed::new(case, Tier::TeamOnly, purpose.as_bytes().to_vec()));
        let mut append = Append::at(self.now());
        append.idempotency =
            Some(Idempotency { scope, key: key.as_str().to_owned(), request: digest, response: Vec::new() });
        append.changes.push(Change::NoteReading(Box::new(NewReading {
            case,
            person,
            viewer: "auditor".to_owned(),
            at: append.at,
            seen: 0,
            stated: true,
            purpose: sealed,
        })));
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Refuses an auditor who has not said why within the last hour.
    pub(crate) async fn ask_purpose(&self, permit: &Permit, case: CaseId) -> Result<(), UseCaseError> {
        let (Viewer::Auditor, Some(person)) = (permit.viewer(), permit.person()) else { return Ok(()) };
        let last = self.store().reading(case, person).await.map_err(store)?;
        let stated =
            last.is_some_and(|last| last.with_purpose && self.now().since(last.logged_at) < PURPOSE_LASTS);
        if stated { Ok(()) } else { Err(UseCaseError::PurposeNeeded { case }) }
    }

    /// Writes down that the holder of this permit reads the case now; gives how many of its events they had seen.
    pub(crate) async fn note_reading(&self, loaded: &Loaded, permit: &Permit) -> Result<u64, UseCaseError> {
        let (Some(viewer), Some(person)) = (viewer(permit), permit.person()) else { return Ok(0) };
        let case = loaded.case.id;
        let now = self.now();
        let all = loaded.events.len() as u64;
        let known = self.remembered_reading(case, person);
        if let Some((noted, seen)) = known
            && noted == hour(now)
            && seen >= all
        {
            return Ok(seen);
        }
        let before = if let Some((_, seen)) = known {
            seen
        } else {
            let last = self.store().reading(case, person).await.map_err(store)?;
            last.map_or(0, |last| last.seen)
        };
        let mut append = Append::at(now);
        append.changes.push(Change::NoteReading(Box::new(NewReading {
            case,
            person,
            viewer: viewer.to_owned(),
            at: now,
            seen: all,
            stated: false,
            purpose: None,
        })));
        self.store().append(append).await.map_err(store)?;
        self.remember_reading(case, person, (hour(now), all), REMEMBERED);
        Ok(before)
    }

    /// Who has read a case, for its team and its auditors; the latest first.
    pub(crate) async fn readers(
        &self,
        case: CaseId,
        permit: &Permit,
    ) -> Result<Vec<CaseReader>, UseCaseError> {
        if !matches!(permit.viewer(), Viewer::Team | Viewer::Auditor) {
            return Ok(Vec::new());
        }
        let mut readers = Vec::new();
        for reading in self.histories().readings(self.store(), case).await?.iter() {
            let mut purpose = None;
            if reading.with_purpose {
                let sealed = self.store().reading_purpose(case, reading.event).await.map_err(store)?;
                purpose = sealed.and_then(|sealed| {
                    // It is for the team; to other auditors it is closed.
                    sealed.open(permit).ok().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
                });
            }
            readers.push(CaseReader {
                person: reading.person,
                viewer: reading.viewer.clone(),
                at: reading.read_at,
                purpose,
            });
        }
        Ok(readers)
    }
}
