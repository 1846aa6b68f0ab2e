//! What happens when nobody acts.

use bastide_desk::machine::{Machine as _, advisory, cve, em, intake, pec, rm};

use super::{
    Fault,
    case::{Case, Clock, Person},
    step::{Action, publish, reset_consent},
};

/// An obligation with an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deadline {
    /// What no lint holds goes to the inbox; what was held and never amended is put aside.
    Intake,
    /// Three idle days, or too few persons: a second person coordinates.
    AssignCoordinator,
    /// An invitation without an answer is declined.
    Invitation(usize),
    /// A proposal without a decision is rejected.
    Proposal,
    /// The announcement date of a scheduled advisory.
    Announcement,
    /// The embargo's end, here on the day of the disclosure deadline.
    EmbargoEnd,
    /// Ninety days: an approved advisory goes out, otherwise administrators are called.
    Disclosure,
    /// What is public is closed in the end.
    Closing,
}

impl Deadline {
    pub(crate) const ALL: [Self; 9] = [
        Self::Intake,
        Self::AssignCoordinator,
        Self::Invitation(0),
        Self::Invitation(1),
        Self::Proposal,
        Self::Announcement,
        Self::EmbargoEnd,
        Self::Disclosure,
        Self::Closing,
    ];

    /// Whether it is evaluated before anything else can happen, as a due deadline is before every command.
    const fn is_urgent(self) -> bool {
        matches!(self, Self::Announcement | Self::EmbargoEnd | Self::Disclosure)
    }
}

/// Whether a due deadline must fire before anybody acts.
pub(crate) fn is_overdue(case: &Case, fault: Option<Fault>) -> bool {
    let mut urgent = Deadline::ALL.into_iter().filter(|deadline| deadline.is_urgent());
    urgent.any(|deadline| fire(case, deadline, fault).is_some())
}

/// Whether a deadline lies before the next instant of the clock.
pub(crate) fn is_pending(case: &Case, fault: Option<Fault>) -> bool {
    Deadline::ALL.into_iter().any(|deadline| fire(case, deadline, fault).is_some())
}

/// The case after a deadline, or `None` where it is not due or has nothing to do.
pub(crate) fn fire(case: &Case, deadline: Deadline, fault: Option<Fault>) -> Option<Case> {
    let mut after = case.clone();
    match deadline {
        Deadline::Intake => match case.intake {
            intake::State::Submitted => {
                after.intake = case.intake.next(intake::Trigger::Receive)?;
                after.rm = case.rm.next(rm::Trigger::Receive)?;
            }
            intake::State::Held => after.intake = case.intake.next(intake::Trigger::Discard)?,
            _ => return None,
        },
        Deadline::AssignCoordinator if case.rm.is_open() => {
            let covered = case.coordinator.is_some() && case.persons() >= 2;
            if covered || case.advisory.is_public() {
                return None;
            }
            after.coordinator = Some(Person::Second);
        }
        Deadline::Invitation(index) => {
            let project = &mut after.projects[index];
            if !matches!(project.pec, pec::State::Invited | pec::State::Lapsed) {
                return None;
            }
            project.pec = project.pec.next(pec::Trigger::Decline)?;
        }
        Deadline::Proposal if case.em.is_negotiating() => {
            after.em = case.em.next(em::Trigger::Reject)?;
        }
        Deadline::Announcement if case.clock >= Clock::AnnouncementDate => {
            if case.advisory != advisory::State::Scheduled {
                return None;
            }
            publish(&mut after)?;
        }
        Deadline::EmbargoEnd if case.clock >= Clock::DisclosureDeadline => {
            after.em = case.em.next(em::Trigger::Terminate)?;
            reset_consent(&mut after)?;
        }
        Deadline::Disclosure if case.clock >= Clock::DisclosureDeadline => {
            if fault == Some(Fault::ForgetDisclosureDeadline) || case.is_ended() {
                return None;
            }
            if case.may_go_out() {
                publish(&mut after)?;
            } else if case.escalated {
                return None;
            } else {
                after.escalated = true;
            }
        }
        Deadline::Closing if case.advisory.is_public() => {
            after.rm = match case.rm {
                rm::State::Valid => case.rm.next(rm::Trigger::Defer)?,
                _ => case.rm.next(rm::Trigger::Close)?,
            };
        }
        _ => return None,
    }
    Some(after)
}

/// What those do whom a missed disclosure deadline calls: they judge, find a second person, write and approve.
pub(crate) fn answer(case: &Case) -> Option<Action> {
    if !case.escalated {
        return None;
    }
    let coordinator = case.coordinator?;
    match (case.rm, case.cve, case.advisory) {
        (rm::State::Received, ..) => Some(Action::Triage(rm::Trigger::Invalidate)),
        (rm::State::Invalid, ..) => Some(Action::Triage(rm::Trigger::Close)),
        (rm::State::Valid | rm::State::Deferred, ..) => Some(Action::Triage(rm::Trigger::Accept)),
        (_, cve::State::ReservationUnknown, _) => {
            Some(Action::Reconcile { found: cve::Trigger::FindReserved })
        }
        (_, cve::State::Requested, _) => Some(Action::Reserve { answer: cve::Trigger::Confirm }),
        (_, _, advisory::State::Draft) => Some(Action::RequestReview(coordinator)),
        (_, _, advisory::State::InReview) => {
            let approver =
                [Person::Second, Person::Third].into_iter().find(|person| case.may_approve(*person));
            Some(approver.map_or(Action::AppointDeputy, Action::Approve))
        }
        _ => None,
    }
}
