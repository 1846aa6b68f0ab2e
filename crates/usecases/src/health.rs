//! Whether the desk does its work: the database answers, the jobs' rounds come, nothing waits too long, there is room.

use bastide_authz::{Action, Actor, Object};
use bastide_model::time::{Instant, Span};
use bastide_store::{Counts, Figures, Queue};
use serde::{Deserialize, Serialize};

use crate::{Desk, UseCaseError, desk::store};

/// A round of the clock may be this old.
const CLOCK_MAY_REST: Span = Span::minutes(5);

/// What runs without a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// The clock's look at cases that are due.
    Clock,
    /// Sending what waits in the outbox.
    Outbox,
    /// Forgetting answers that were kept for retries.
    Retention,
    /// Writing a backup.
    Backup,
    /// Finding out whom published advisories concern.
    Announcements,
    /// Calling the addresses that subscribers named.
    Webhooks,
}

impl Job {
    /// Its name, as metrics and pages have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Outbox => "outbox",
            Self::Retention => "retention",
            Self::Backup => "backup",
            Self::Announcements => "announcements",
            Self::Webhooks => "webhooks",
        }
    }
}

/// How a job's rounds went since the program was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Since when the job runs.
    pub since: Instant,
    /// When a round last ended well.
    pub succeeded: Option<Instant>,
    /// When a round last failed.
    pub failed: Option<Instant>,
    /// How many rounds failed.
    pub failures: u64,
}

/// How much is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A message may be due for this long.
    pub message_may_wait: Span,
    /// So much room has to be left where the database lies, in bytes.
    pub free_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message_may_wait: Span::hours(1), free_bytes: 256 * 1024 * 1024 }
    }
}

/// Whether one thing is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is in order.
    pub good: bool,
}

/// Everything that is measured. Counts that could tell of a secret case are in it, so it is for the operator only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The present.
    pub now: Instant,
    /// What waits.
    pub counts: Counts,
    /// The writer's queue.
    pub queue: Queue,
    /// What the writer did.
    pub figures: Figures,
    /// The jobs.
    pub jobs: Vec<(Job, Round)>,
    /// Room left, in bytes.
    pub free_bytes: Option<u64>,
    /// Whether everything outgoing is held.
    pub held: bool,
}

impl Desk {
    /// Whether this process hands mail over: to a server, or into a directory.
    pub fn sends_mail(&self) -> bool {
        self.with_rounds(|rounds| rounds.contains_key(&Job::Outbox))
    }

    /// Notes that a job runs from now on.
    pub fn job_begins(&self, job: Job) {
        let round = Round { since: self.now(), succeeded: None, failed: None, failures: 0 };
        self.with_rounds(|rounds| {
            rounds.insert(job, round);
        });
    }

    /// Notes how a job's round ended.
    pub fn job_ended(&self, job: Job, well: bool) {
        let now = self.now();
        self.with_rounds(|rounds| {
            let fresh = Round { since: now, succeeded: None, failed: None, failures: 0 };
            let round = rounds.entry(job).or_insert(fresh);
            if well {
                round.succeeded = Some(now);
            } else {
                round.failed = Some(now);
                round.failures += 1;
            }
        });
    }

    /// The jobs that run and how their rounds went.
    pub fn rounds(&self) -> Vec<(Job, Round)> {
        self.with_rounds(|rounds| rounds.iter().map(|(job, round)| (*job, *round)).collect())
    }

    /// What anybody may know: whether the desk can take a report and look at its deadlines. Nothing here depends on what
    /// cases there are.
    pub async fn ready(&self, limits: &Limits) -> Vec<Check> {
        let database =
            self.store().answers().await.is_ok() && self.store().queue().waiting < self.store().queue().most;
        let now = self.now();
        let clock = self.rounds().into_iter().find(|(job, _)| *job == Job::Clock);
        let clock =
            clock.is_none_or(|(_, round)| now < round.succeeded.unwrap_or(round.since) + CLOCK_MAY_REST);
        let room = self.store().free_bytes().is_none_or(|free| free >= limits.free_bytes);
        vec![
            Check { name: "database", good: database },
            Check { name: "clock", good: clock },
            Check { name: "disk", good: room },
        ]
    }

    /// The same and what only the operator may know: whether mail leaves.
    pub async fn ready_in_full(&self, limits: &Limits) -> Vec<Check> {
        let mut checks = self.ready(limits).await;
        let now = self.now();
        let waits = self.store().counts(now).await.map(|counts| counts.oldest_message);
        let held = matches!(self.outbound_hold().await, Ok(Some(_)));
        let sent = waits.is_ok_and(|since| since.is_none_or(|since| now < since + limits.message_may_wait));
        checks.push(Check { name: "outbox", good: held || sent });
        checks
    }

    /// Everything that is measured, for a machine with the right to read it.
    pub async fn measured(&self, actor: &Actor) -> Result<Measured, UseCaseError> {
        self.permit(actor, Action::ReadHealth, Object::Programme)?;
        self.measured_here().await
    }

    /// Everything that is measured, for whoever reaches the operator's own listener.
    pub async fn measured_here(&self) -> Result<Measured, UseCaseError> {
        let now = self.now();
        Ok(Measured {
            now,
            counts: self.store().counts(now).await.map_err(store)?,
            queue: self.store().queue(),
            figures: self.store().figures(),
            jobs: self.rounds(),
            free_bytes: self.store().free_bytes(),
            held: self.outbound_hold().await?.is_some(),
        })
    }
}
