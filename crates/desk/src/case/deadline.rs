//! Obligations with an instant.
//!
//! A deadline is stored when it arises (an event carries its instant) and disappears when it is met. It is evaluated
//! lazily, by whoever looks, and by the clock's own command, which records a breach once.

use bastide_model::{
    id::{PersonId, ProposalId},
    time::{Instant, Span},
};
use serde::{Deserialize, Serialize};

use super::Case;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "deadline", rename_all = "kebab-case")]
pub enum DeadlineKind {
    /// A person answers the reporter (J04, J11).
    Acknowledge,
    /// Somebody coordinates the case, or one is chosen.
    AssignCoordinator,
    /// The vulnerability is disclosed, patch or not (J06).
    Disclosure,
    /// An invited person answers; silence is a no.
    Rsvp {
        /// Who was invited.
        person: PersonId,
    },
    /// An embargo proposal is decided (VP-06-004: at most 14 days).
    EmbargoDecision {
        /// Which proposal.
        proposal: ProposalId,
    },
    /// The embargo ends.
    EmbargoEnd,
    /// The fix is released (J24).
    Release,
    /// The advisory is announced (J24, J28).
    Announcement,
    /// A merged fix has been public for as long as the policy wants between release and announcement: from here on
    /// users are exposed without being told.
    Exposure,
}

impl DeadlineKind {
    /// What is due, in words that complete "due: …".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Acknowledge => "a person answers the reporter",
            Self::AssignCoordinator => "somebody takes the coordination",
            Self::Disclosure => "the vulnerability is disclosed, patch or not",
            Self::Rsvp { .. } => "an invited person answers",
            Self::EmbargoDecision { .. } => "the embargo proposal is decided",
            Self::EmbargoEnd => "the embargo ends",
            Self::Release => "the fix is released",
            Self::Announcement => "the advisory is announced",
            Self::Exposure => "the advisory follows a fix that is already public",
        }
    }

    /// The acceptance id or section that asks for it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Acknowledge => "J04",
            Self::AssignCoordinator => "PSRT idle 3 days",
            Self::Disclosure => "J06",
            Self::Rsvp { .. } => "Vultron PEC RSVP",
            Self::EmbargoDecision { .. } => "VP-06-004",
            Self::EmbargoEnd => "EM",
            Self::Release | Self::Announcement => "J24",
            Self::Exposure => "J26-J28",
        }
    }
}

/// An obligation with an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// What is due.
    pub kind: DeadlineKind,
    /// When.
    pub due: Instant,
    /// When it was recorded as missed, if it was.
    pub breached: Option<Instant>,
}

impl Case {
    /// When the clock should look at the case next, even if nobody else does: a deadline, a reminder, the next daily
    /// call about a missed one, or at once when an approved advisory may go out. Nothing when only people can move it.
    pub fn wake_at(&self, now: Instant) -> Option<Instant> {
        if self.closed.is_some() {
            return None;
        }
        let called_daily = |deadline: &Deadline| {
            matches!(
                deadline.kind,
                DeadlineKind::Disclosure | DeadlineKind::Announcement | DeadlineKind::AssignCoordinator
            )
        };
        let deadlines = self.deadlines.values().filter_map(|deadline| match deadline.breached {
            None => Some(deadline.due),
            Some(breached) if called_daily(deadline) => {
                Some(self.escalated.get(&deadline.kind).copied().unwrap_or(breached) + Span::days(1))
            }
            Some(_) => None,
        });
        let disclosure = self.deadlines.get(&DeadlineKind::Disclosure);
        let reminders = disclosure.into_iter().flat_map(|deadline| {
            let given = self.reminded.iter().map(|(_, days)| *days).min().unwrap_or(u32::MAX);
            let open = self.terms.deadlines.reminder_days.iter().filter(move |days| **days < given);
            open.map(|days| deadline.due - Span::days(i64::from(*days))).filter(|at| *at < deadline.due)
        });
        deadlines.chain(reminders).chain(self.goes_out_by_itself(now).then_some(now)).min()
    }
}
