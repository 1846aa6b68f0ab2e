//! Time passes: whatever is due fires, once.

use bastide_model::{
    id::{AdvisoryId, PersonId},
    time::{Instant, Span},
};

use super::Step;
use crate::{
    case::{Actor, Deadline, DeadlineKind, Event, Refusal},
    machine::pec,
};

impl Step {
    /// Fires everything that is due at `now`, in the order of the instants.
    pub(super) fn tick(&mut self, candidates: &[PersonId], advisory: AdvisoryId) -> Result<(), Refusal> {
        if self.actor != Actor::Clock {
            return Err(Refusal::role("J04", "only the clock does this", "Nothing needs doing."));
        }
        if self.case().closed.is_some() {
            return Ok(());
        }
        let mut due: Vec<Deadline> =
            self.case().deadlines.values().copied().filter(|deadline| deadline.due <= self.now).collect();
        due.sort_by_key(|deadline| (deadline.due, deadline.kind));
        for deadline in due {
            // A late clock does what a punctual one would have done by that instant.
            self.publish_when_time_has_come(deadline.due, advisory)?;
            // An earlier one may have met it: a publication clears the announcement.
            if self.case().deadlines.contains_key(&deadline.kind) {
                self.fire(deadline, candidates)?;
            }
        }
        self.publish_when_time_has_come(self.now, advisory)?;
        self.remind()
    }

    fn fire(&mut self, deadline: Deadline, candidates: &[PersonId]) -> Result<(), Refusal> {
        let kind = deadline.kind;
        match kind {
            DeadlineKind::Rsvp { person } => self.silence_is_a_no(person, kind),
            DeadlineKind::EmbargoDecision { proposal } => {
                self.breach(deadline)?;
                self.reject_proposal(proposal)
            }
            DeadlineKind::EmbargoEnd => self.lift_embargo(),
            DeadlineKind::AssignCoordinator => {
                // Not the reporter: whoever reports should not be the one who is asked to judge it (J09).
                if let Some(person) = candidates.iter().find(|person| !self.case().is_reporter(**person)) {
                    return self.seat_coordinator(*person);
                }
                self.breach(deadline)?;
                self.escalate(kind)
            }
            DeadlineKind::Announcement | DeadlineKind::Disclosure => {
                self.breach(deadline)?;
                self.escalate(kind)
            }
            DeadlineKind::Acknowledge | DeadlineKind::Release | DeadlineKind::Exposure => {
                self.breach(deadline)
            }
        }
    }

    fn silence_is_a_no(&mut self, person: PersonId, kind: DeadlineKind) -> Result<(), Refusal> {
        let member = self.case().members.get(&person);
        let consent = member.map(|member| member.consent);
        let invited: Vec<_> =
            member.map(|member| member.invited.iter().copied().collect()).unwrap_or_default();
        if consent == Some(pec::State::Invited) {
            self.emit(Event::ConsentChanged { person: Some(person), trigger: pec::Trigger::Decline })?;
        }
        for role in invited {
            self.leave_role(person, role)?;
        }
        self.emit(Event::DeadlineMet { kind })
    }

    /// A breach is recorded once.
    fn breach(&mut self, deadline: Deadline) -> Result<(), Refusal> {
        if deadline.breached.is_some() {
            return Ok(());
        }
        self.emit(Event::DeadlineBreached { kind: deadline.kind })
    }

    /// The administrators are called once a day for as long as it lasts.
    fn escalate(&mut self, kind: DeadlineKind) -> Result<(), Refusal> {
        let last = self.case().escalated.get(&kind);
        let lately = last.is_some_and(|last| self.now.since(*last) < Span::days(1));
        if lately { Ok(()) } else { self.emit(Event::Escalated { kind }) }
    }

    /// Publishes an approved draft whose time had come by `instant`; nothing unapproved is ever published.
    fn publish_when_time_has_come(&mut self, instant: Instant, advisory: AdvisoryId) -> Result<(), Refusal> {
        if self.case().goes_out_by_itself(instant) { self.publish_advisory(advisory) } else { Ok(()) }
    }

    /// Reminds of the disclosure deadline on the policy's days, each once; a late clock gives only the tightest.
    fn remind(&mut self) -> Result<(), Refusal> {
        let kind = DeadlineKind::Disclosure;
        let Some(deadline) = self.case().deadlines.get(&kind).copied() else { return Ok(()) };
        if deadline.due <= self.now {
            return Ok(());
        }
        let left = deadline.due.since(self.now);
        let tightest = self
            .case()
            .terms
            .deadlines
            .reminder_days
            .iter()
            .copied()
            .filter(|days| left <= Span::days(i64::from(*days)))
            .min();
        match tightest {
            Some(days) if !self.case().reminded.iter().any(|(of, given)| *of == kind && *given <= days) => {
                self.emit(Event::Reminded { kind, days })
            }
            _ => Ok(()),
        }
    }
}
