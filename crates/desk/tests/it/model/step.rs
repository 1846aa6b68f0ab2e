//! What people and the world can do in the composed case. Every change of a machine is its own `next`.

use bastide_desk::machine::{Machine as _, advisory, cve, em, fix, intake, invariants, pec, pxa, rm, vfd};

use super::{
    Fault,
    case::{Case, Clock, Person, Publication, Told},
    deadline::{self, Deadline},
};

/// One step of somebody, of the world, or of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Time passes to the next instant that matters.
    Wait,
    /// A deadline fires.
    Fire(Deadline),
    /// The lint holds the report, the reporter amends or withdraws it.
    Intake(intake::Trigger),
    /// The report is taken into the inbox; with or without the policy's default embargo.
    Receive { default_embargo: bool },
    /// Somebody takes the role of coordinator.
    Coordinate(Person),
    /// The coordinator decides about the report.
    Triage(rm::Trigger),
    /// Embargo terms are proposed, accepted, rejected.
    Embargo(em::Trigger),
    /// A project is invited, or answers.
    Consent(usize, pec::Trigger),
    /// The coordinator tells a project the content.
    Tell(usize),
    /// A project judges the report valid and defers it.
    Defer(usize),
    /// A project judges the report valid and accepts it, and this person develops the fix.
    Develop(usize, Person),
    /// A project develops a fix that is agreed.
    AgreeFix(usize),
    /// A project tests, merges and releases its fix.
    ReleaseFix(usize),
    /// A number is requested and the reservation answered, or the answer lost.
    Reserve { answer: cve::Trigger },
    /// After a lost answer the record is looked up.
    Reconcile { found: cve::Trigger },
    /// Administrators, called by the missed deadline, appoint a second coordinator.
    AppointDeputy,
    /// A person asks for a review of their text.
    RequestReview(Person),
    /// A person approves it.
    Approve(Person),
    /// Any other step with the advisory.
    Advisory(advisory::Trigger),
    /// Somebody else tells the public, or attacks.
    World(pxa::Trigger),
}

impl Action {
    /// Every action; most are impossible at any time.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Wait,
            Self::AppointDeputy,
            Self::Receive { default_embargo: true },
            Self::Receive { default_embargo: false },
            Self::Reserve { answer: cve::Trigger::Confirm },
            Self::Reserve { answer: cve::Trigger::LoseAnswer },
            Self::Reconcile { found: cve::Trigger::FindReserved },
            Self::Reconcile { found: cve::Trigger::FindNothing },
            Self::World(pxa::Trigger::BecomePublic),
            Self::World(pxa::Trigger::ObserveAttacks),
        ];
        all.extend(Deadline::ALL.map(Self::Fire));
        all.extend(
            [intake::Trigger::Hold, intake::Trigger::Amend, intake::Trigger::Withdraw].map(Self::Intake),
        );
        all.extend([Person::First, Person::Second].map(Self::Coordinate));
        all.extend(
            rm::Trigger::ALL.into_iter().filter(|trigger| *trigger != rm::Trigger::Receive).map(Self::Triage),
        );
        all.extend([em::Trigger::Propose, em::Trigger::Accept, em::Trigger::Reject].map(Self::Embargo));
        for index in [0, 1] {
            all.extend(
                [pec::Trigger::Invite, pec::Trigger::Accept, pec::Trigger::Decline]
                    .map(|trigger| Self::Consent(index, trigger)),
            );
            all.push(Self::Tell(index));
            all.push(Self::Defer(index));
            all.extend([Person::First, Person::Third].map(|person| Self::Develop(index, person)));
            all.push(Self::AgreeFix(index));
            all.push(Self::ReleaseFix(index));
        }
        all.extend([Person::First, Person::Second].map(Self::RequestReview));
        all.extend([Person::First, Person::Second, Person::Third].map(Self::Approve));
        all.extend(
            [advisory::Trigger::RequestChanges, advisory::Trigger::Schedule, advisory::Trigger::Publish]
                .map(Self::Advisory),
        );
        all
    }
}

/// The case after an action, or `None` where it is not possible.
pub(crate) fn step(case: &Case, action: Action, fault: Option<Fault>) -> Option<Case> {
    let mut after = act(case, action, fault)?;
    after.projects.sort_unstable();
    Some(after)
}

fn act(case: &Case, action: Action, fault: Option<Fault>) -> Option<Case> {
    let mut after = case.clone();
    match action {
        Action::Wait => {
            possible(!deadline::is_pending(case, fault))?;
            after.clock = later(case.clock)?;
        }
        Action::Fire(deadline) => return deadline::fire(case, deadline, fault),
        Action::Intake(trigger) => after.intake = case.intake.next(trigger)?,
        Action::Receive { default_embargo } => {
            after.intake = case.intake.next(intake::Trigger::Receive)?;
            after.rm = case.rm.next(rm::Trigger::Receive)?;
            if default_embargo {
                possible(invariants::may_negotiate(case.pxa))?;
                after.em = case.em.next(em::Trigger::Propose)?.next(em::Trigger::Accept)?;
            }
        }
        Action::Coordinate(person) => {
            possible(matches!(case.rm, rm::State::Received | rm::State::Valid | rm::State::Invalid))?;
            possible(case.coordinator != Some(person))?;
            after.coordinator = Some(person);
        }
        Action::Triage(trigger) => {
            possible(case.coordinator.is_some())?;
            after.rm = case.rm.next(trigger)?;
            match trigger {
                rm::Trigger::Accept => possible(case.persons() >= 2)?,
                // Not while an embargo is in force (VP-13-005); what is accepted is published, not just closed.
                rm::Trigger::Close => {
                    possible(!case.em.is_in_force() && case.rm != rm::State::Accepted)?;
                }
                _ => {}
            }
        }
        Action::Embargo(trigger) => {
            possible(case.rm == rm::State::Accepted)?;
            possible(trigger == em::Trigger::Reject || invariants::may_negotiate(case.pxa))?;
            // A proposal upon a proposal is the same state again.
            possible(trigger != em::Trigger::Propose || !case.em.is_negotiating())?;
            after.em = case.em.next(trigger)?;
            if after.em == em::State::Revise {
                for project in
                    after.projects.iter_mut().filter(|project| project.pec == pec::State::Signatory)
                {
                    project.pec = project.pec.next(pec::Trigger::Revise)?;
                }
            }
        }
        Action::Consent(index, trigger) => {
            possible(case.rm == rm::State::Accepted && case.em.is_in_force())?;
            let project = &mut after.projects[index];
            // Whoever was told is not invited again; an answer needs a question.
            possible(match trigger {
                pec::Trigger::Invite => project.rm == rm::State::Start,
                _ => project.pec != pec::State::NoEmbargo,
            })?;
            project.pec = project.pec.next(trigger)?;
        }
        Action::Tell(index) => {
            possible(case.rm == rm::State::Accepted && case.projects[index].rm == rm::State::Start)?;
            let agreed = case.projects[index].pec == pec::State::Signatory;
            let lawful = agreed || !case.em.is_in_force();
            possible(lawful || fault == Some(Fault::ShareWithoutConsent))?;
            let project = &mut after.projects[index];
            project.rm = project.rm.next(rm::Trigger::Receive)?;
            project.vfd = project.vfd.next(vfd::Trigger::BecomeAware)?;
            project.told = if lawful { Told::Lawfully } else { Told::WithoutConsent };
        }
        Action::Defer(index) => {
            let project = &mut after.projects[index];
            possible(project.rm == rm::State::Received)?;
            project.rm = project.rm.next(rm::Trigger::Validate)?.next(rm::Trigger::Defer)?;
        }
        Action::Develop(index, person) => {
            let project = &mut after.projects[index];
            possible(project.rm == rm::State::Received)?;
            project.rm = project.rm.next(rm::Trigger::Validate)?.next(rm::Trigger::Accept)?;
            project.developer = Some(person);
            possible(after.persons() >= 2)?;
        }
        Action::AgreeFix(index) => {
            let project = &mut after.projects[index];
            possible(project.rm == rm::State::Accepted)?;
            project.fix = project.fix.next(fix::Trigger::Start)?.next(fix::Trigger::Agree)?;
            project.vfd = project.vfd.next(vfd::Trigger::ReadyFix)?;
        }
        // A merge waits for the number (J21).
        Action::ReleaseFix(index) => {
            possible(case.cve.has_number())?;
            let project = &mut after.projects[index];
            let merged = project.fix.next(fix::Trigger::RecordTest)?.next(fix::Trigger::Merge)?;
            project.fix = merged.next(fix::Trigger::Release)?;
        }
        Action::Reserve { answer } => {
            possible(case.rm == rm::State::Accepted)?;
            let requested = case.cve.next(cve::Trigger::Request).unwrap_or(case.cve);
            after.cve = requested.next(cve::Trigger::StartReserving)?.next(answer)?;
        }
        Action::Reconcile { found } => after.cve = case.cve.next(found)?,
        Action::AppointDeputy => {
            possible(case.escalated && case.rm == rm::State::Accepted && case.deputy.is_none())?;
            after.deputy = Some(Person::Third);
        }
        Action::RequestReview(person) => {
            possible(case.rm == rm::State::Accepted && case.writes(person))?;
            after.advisory = case.advisory.next(advisory::Trigger::RequestReview)?;
            after.author = Some(person);
        }
        Action::Approve(person) => {
            let own = case.author == Some(person) && fault == Some(Fault::ApproveOwnText);
            possible((case.may_approve(person) || own) && case.persons() >= 2)?;
            after.advisory = case.advisory.next(advisory::Trigger::Approve)?;
            after.approver = Some(person);
        }
        Action::Advisory(trigger) => return advise(after, trigger, fault),
        Action::World(happened) => {
            possible(case.intake == intake::State::Received)?;
            after.pxa = case.pxa.next(happened)?;
            disclose(&mut after)?;
        }
    }
    Some(after)
}

fn advise(mut case: Case, trigger: advisory::Trigger, fault: Option<Fault>) -> Option<Case> {
    match trigger {
        advisory::Trigger::RequestChanges => {
            case.advisory = case.advisory.next(trigger)?;
            case.author = None;
            case.approver = None;
        }
        // Dates wait for the number and an agreed fix (J21), and lie ahead.
        advisory::Trigger::Schedule => {
            let agreed = case.projects.iter().any(|project| project.fix >= fix::State::Agreed);
            possible(case.cve.has_number() && agreed && case.clock < Clock::AnnouncementDate)?;
            case.advisory = case.advisory.next(trigger)?;
        }
        advisory::Trigger::Publish => {
            let on_date =
                case.clock >= Clock::AnnouncementDate && case.advisory == advisory::State::Scheduled;
            let allowed = on_date || case.pxa.is_public() || fault == Some(Fault::PublishEarly);
            possible(allowed && case.may_go_out())?;
            publish(&mut case)?;
        }
        other => case.advisory = case.advisory.next(other)?,
    }
    Some(case)
}

/// Publishes the advisory: the public knows, the embargo ends, consent is reset.
pub(crate) fn publish(case: &mut Case) -> Option<()> {
    let was_known = case.pxa.is_public();
    let scheduled = case.advisory == advisory::State::Scheduled;
    case.advisory = case.advisory.next(advisory::Trigger::Publish)?;
    case.publication = Some(Publication { at: case.clock, scheduled, was_known });
    if !was_known {
        case.pxa = case.pxa.next(pxa::Trigger::BecomePublic)?;
    }
    disclose(case)
}

fn disclose(case: &mut Case) -> Option<()> {
    if let Some(trigger) = invariants::on_disclosure(case.em) {
        case.em = case.em.next(trigger)?;
        reset_consent(case)?;
    }
    Some(())
}

pub(crate) fn reset_consent(case: &mut Case) -> Option<()> {
    for project in &mut case.projects {
        project.pec = project.pec.next(pec::Trigger::Reset)?;
    }
    Some(())
}

fn later(clock: Clock) -> Option<Clock> {
    match clock {
        Clock::Arrival => Some(Clock::AnnouncementDate),
        Clock::AnnouncementDate => Some(Clock::DisclosureDeadline),
        Clock::DisclosureDeadline => None,
    }
}

/// A guard: the rest happens only where the condition holds.
fn possible(condition: bool) -> Option<()> {
    condition.then_some(())
}
