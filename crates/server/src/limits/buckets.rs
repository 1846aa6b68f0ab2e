//! The token buckets: one for each caller, project and person, and one for all together.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bastide_model::{digest::Sha256Digest, party::ProjectName};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed, keyed::DashMapStateStore},
};
use tokio::sync::Semaphore;

use super::{Lane, Limits, Network, Rate, lane::Kind};

/// No more buckets than this are kept for one purpose; callers beyond share one.
const MOST_KEYS: usize = 100_000;

/// After so many questions, buckets that are full again are forgotten.
const SWEEP: u32 = 4_096;

type Instant = <MonotonicClock as Clock>::Instant;
type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, MonotonicClock, NoOpMiddleware<Instant>>;
type Single = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<Instant>>;

/// Why a request has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The caller's own bucket is empty; so many seconds until it is not.
    Own(u64),
    /// The desk has too much to do for everybody.
    Crowded,
}

/// Buckets for keys of one kind, with an overflow bucket that bounds the memory.
struct Many<K: Hash + Eq + Clone> {
    each: Keyed<K>,
    overflow: Single,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Many<K> {
    fn new(rate: Rate) -> Self {
        let store = DashMapStateStore::default();
        Self {
            each: RateLimiter::new(quota(rate), store, MonotonicClock),
            overflow: RateLimiter::direct_with_clock(quota(rate), MonotonicClock),
            asked: AtomicU32::new(0),
        }
    }

    fn take(&self, key: &K) -> Result<(), Wait> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.each.retain_recent();
        }
        let answer = if self.each.len() < MOST_KEYS {
            self.each.check_key(key).map_err(|not| not.wait_time_from(MonotonicClock.now()))
        } else {
            self.overflow.check().map_err(|not| not.wait_time_from(MonotonicClock.now()))
        };
        answer.map_err(|wait| Wait::Own(seconds(wait)))
    }
}

/// One lane's buckets.
struct LaneBuckets {
    address: Many<Network>,
    total: Single,
}

impl LaneBuckets {
    fn new(lane: Lane) -> Self {
        Self {
            address: Many::new(lane.address),
            total: RateLimiter::direct_with_clock(quota(lane.total), MonotonicClock),
        }
    }
}

/// Every bucket of a desk, and the room for requests and long bodies.
pub(crate) struct Buckets {
    lanes: [LaneBuckets; 6],
    reports_of_caller: Many<Network>,
    reports_of_person: Many<Sha256Digest>,
    reports_of_project: Many<ProjectName>,
    writes: Many<Sha256Digest>,
    /// Room for requests.
    pub(crate) requests: Arc<Semaphore>,
    /// Room for long bodies, in KiB.
    pub(crate) bodies: Arc<Semaphore>,
}

impl std::fmt::Debug for Buckets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Who has called is nobody's business.
        out.write_str("Buckets")
    }
}

impl Buckets {
    pub(crate) fn new(limits: &Limits) -> Self {
        let room = |count: u32| Arc::new(Semaphore::new(usize::try_from(count.max(1)).unwrap_or(usize::MAX)));
        Self {
            lanes: [
                limits.reading,
                limits.signing_in,
                limits.submitting,
                limits.linting,
                limits.writing,
                limits.matching,
            ]
            .map(LaneBuckets::new),
            reports_of_caller: Many::new(limits.reports),
            reports_of_person: Many::new(limits.reports),
            reports_of_project: Many::new(limits.reports_of_project),
            writes: Many::new(limits.writes_of_person),
            requests: room(limits.requests_at_once),
            bodies: room(limits.body_bytes_at_once / 1024),
        }
    }

    /// Takes a token for a request in this lane. A caller whose own bucket is empty takes nothing from the others.
    pub(crate) fn request(&self, kind: Kind, caller: Option<Network>) -> Result<(), Wait> {
        let lane = &self.lanes[kind as usize];
        if let Some(caller) = caller {
            lane.address.take(&caller)?;
        }
        lane.total.check().map_err(|_| Wait::Crowded)
    }

    /// Takes a token for a report that is about to be stored.
    pub(crate) fn report(
        &self,
        caller: Option<Network>,
        person: Option<&Sha256Digest>,
        project: &ProjectName,
    ) -> Result<(), Wait> {
        match (person, caller) {
            (Some(person), _) => self.reports_of_person.take(person)?,
            (None, Some(caller)) => self.reports_of_caller.take(&caller)?,
            (None, None) => {}
        }
        self.reports_of_project.take(project).map_err(|_| Wait::Crowded)
    }

    /// Takes a token for something that this person or link writes.
    pub(crate) fn write(&self, holder: &Sha256Digest) -> Result<(), Wait> {
        self.writes.take(holder)
    }
}

fn quota(rate: Rate) -> Quota {
    let period = Duration::from_hours(1) / rate.per_hour.get();
    Quota::with_period(period.max(Duration::from_nanos(1)))
        .unwrap_or(Quota::per_second(rate.per_hour))
        .allow_burst(rate.at_once)
}

/// Whole seconds to wait, rounded up.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_for_one_key_and_says_how_long_to_wait() {
        let many = Many::<u8>::new(Rate::new(3, 60));
        for _ in 0..3 {
            assert_eq!(many.take(&1), Ok(()));
        }
        let Err(Wait::Own(wait)) = many.take(&1) else { panic!("the bucket is empty") };
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(many.take(&2), Ok(()), "another key has its own");
    }

    #[test]
    fn an_endless_bucket_is_endless() {
        let many = Many::<u8>::new(Rate::new(u32::MAX, u32::MAX));
        for _ in 0..10_000 {
            assert_eq!(many.take(&1), Ok(()));
        }
    }

    #[test]
    fn a_refused_caller_takes_nothing_from_everybody() {
        let limits = Limits {
            reading: Lane { address: Rate::new(1, 1), total: Rate::new(3, 1) },
            ..Limits::default()
        };
        let buckets = Buckets::new(&limits);
        let network = |last| Some(Network::of([192, 0, 2, last].into()));
        assert_eq!(buckets.request(Kind::Reading, network(1)), Ok(()));
        for _ in 0..100 {
            assert!(matches!(buckets.request(Kind::Reading, network(1)), Err(Wait::Own(_))));
        }
        assert_eq!(buckets.request(Kind::Reading, network(2)), Ok(()));
        assert_eq!(buckets.request(Kind::Reading, network(3)), Ok(()));
        assert_eq!(buckets.request(Kind::Reading, network(4)), Err(Wait::Crowded));
        assert_eq!(buckets.request(Kind::Writing, network(4)), Ok(()), "the lanes are apart");
    }

    #[test]
    fn memory_is_bounded_however_many_addresses_call() {
        let many = Many::<u32>::new(Rate::new(1, 1));
        for key in 0..150_000 {
            let _ = many.take(&key);
        }
        assert!(many.each.len() <= MOST_KEYS, "{}", many.each.len());
    }
}
