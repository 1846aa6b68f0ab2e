//! How much one caller, one project and everybody together may ask of the desk, and for how long a request may take.
//!
//! A request passes the buckets of its lane before anything of it is parsed or looked up: that refusal costs almost
//! nothing. What is counted is what the caller sent, never what the desk holds, so that no answer depends on a secret.
//! Buckets are in memory; a restart empties them.

mod buckets;
mod lane;
mod layer;

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

pub(crate) use buckets::{Buckets, Wait};
pub use lane::Network;
pub(crate) use lane::is_osv;
pub(crate) use layer::{Caller, WaitingWords, report_must_wait, stand, write_must_wait};

/// The limits of a desk. What is not named keeps its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Reverse proxies, by address, whose `X-Forwarded-For` says who is calling. Without one, callers from the machine
    /// itself cannot be told apart, and only the limits that hold for all of them together bind them.
    pub trusted_proxies: Vec<IpAddr>,
    /// Reading pages and documents.
    pub reading: Lane,
    /// Signing in and opening a report by its link.
    pub signing_in: Lane,
    /// Sending a report's form, also to have it checked.
    pub submitting: Lane,
    /// Having a draft of a report checked.
    pub linting: Lane,
    /// Everything else that changes something.
    pub writing: Lane,
    /// Questions of scanners to the OSV service.
    pub matching: Lane,
    /// Reports that one person, or one address without account, may leave.
    pub reports: Rate,
    /// Reports that may be left in one project by everybody together.
    pub reports_of_project: Rate,
    /// Steps, messages and forms of one person or one reporter's link, whatever the address.
    pub writes_of_person: Rate,
    /// Requests that are worked on at once; more are asked to come back.
    pub requests_at_once: u32,
    /// Bytes of long bodies (over 64 KiB) that are in memory at once; more are asked to come back.
    pub body_bytes_at_once: u32,
    /// Connections that are open at once.
    pub connections: u32,
    /// Connections of one address that are open at once.
    pub connections_of_address: u32,
    /// Seconds that a client has to send a request's head.
    pub head_seconds: u32,
    /// Seconds that a request may take in all, its body's arrival included.
    pub request_seconds: u32,
    /// Seconds that a client may leave an answer standing without taking any of it.
    pub stall_seconds: u32,
}

/// A lane: requests of one kind, with a bucket for each address and one for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// What one address may do (a /64 network where it is IPv6).
    pub address: Rate,
    /// What all callers together may do.
    pub total: Rate,
}

/// A bucket: so many at once, filled again at so many an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many go at once from a full bucket.
    pub at_once: NonZeroU32,
    /// How many come back in an hour.
    pub per_hour: NonZeroU32,
}

impl Rate {
    /// A bucket of this size; zero counts as one.
    pub const fn new(at_once: u32, per_hour: u32) -> Self {
        Self { at_once: at_least_one(at_once), per_hour: at_least_one(per_hour) }
    }

    /// A bucket that nobody empties.
    const ENDLESS: Self = Self::new(u32::MAX, u32::MAX);
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl Lane {
    const ENDLESS: Self = Self { address: Rate::ENDLESS, total: Rate::ENDLESS };
}

impl Default for Limits {
    fn default() -> Self {
        let lane = |address, total| Lane { address, total };
        Self {
            trusted_proxies: Vec::new(),
            // A person opens a few pages a minute; a page takes three requests when nothing is cached yet.
            reading: lane(Rate::new(300, 18_000), Rate::new(20_000, 36_000_000)),
            signing_in: lane(Rate::new(20, 120), Rate::new(500, 18_000)),
            submitting: lane(Rate::new(30, 120), Rate::new(500, 6_000)),
            linting: lane(Rate::new(60, 1_800), Rate::new(600, 18_000)),
            writing: lane(Rate::new(120, 3_600), Rate::new(5_000, 360_000)),
            // pip-audit asks once for each package, uv once for each advisory besides: an environment of a thousand packages.
            matching: lane(Rate::new(10_000, 360_000), Rate::new(100_000, 36_000_000)),
            reports: Rate::new(10, 20),
            reports_of_project: Rate::new(100, 300),
            writes_of_person: Rate::new(600, 7_200),
            requests_at_once: 256,
            body_bytes_at_once: 64 * 1024 * 1024,
            connections: 2_048,
            connections_of_address: 64,
            head_seconds: 15,
            request_seconds: 30,
            stall_seconds: 30,
        }
    }
}

impl Limits {
    /// The times and sizes of the default, and no bucket that anybody could empty: for benches and tests of other things.
    pub fn unhurried() -> Self {
        Self {
            reading: Lane::ENDLESS,
            signing_in: Lane::ENDLESS,
            submitting: Lane::ENDLESS,
            linting: Lane::ENDLESS,
            writing: Lane::ENDLESS,
            matching: Lane::ENDLESS,
            reports: Rate::ENDLESS,
            reports_of_project: Rate::ENDLESS,
            writes_of_person: Rate::ENDLESS,
            connections_of_address: u32::MAX,
            ..Self::default()
        }
    }

    /// How long a client has for a request's head.
    pub(crate) fn head_time(&self) -> Duration {
        Duration::from_secs(u64::from(self.head_seconds.max(1)))
    }

    /// How long a request may take.
    pub(crate) fn request_time(&self) -> Duration {
        Duration::from_secs(u64::from(self.request_seconds.max(1)))
    }

    /// How long an answer may stand without being taken.
    pub(crate) fn stall_time(&self) -> Duration {
        Duration::from_secs(u64::from(self.stall_seconds.max(1)))
    }
}
