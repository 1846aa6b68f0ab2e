//! The state of the composed case, and what must hold of it.

use bastide_desk::machine::{
    Machine as _, advisory, cve, em, fix, intake,
    invariants::{OnAttacks, check_embargo, check_fix},
    pec, pxa, rm, vfd,
};

/// Instants that matter, in their order.
///
/// Short deadlines (to receive, to assign, to answer) lie between two of them: they can fire at any time and have fired
/// before the next instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Clock {
    /// From the arrival of the report on.
    Arrival,
    /// From the announcement date on, where one is set.
    AnnouncementDate,
    /// Ninety days after receipt.
    DisclosureDeadline,
}

/// Who acts; the first is always the reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Person {
    First,
    Second,
    Third,
}

/// Whether a project was told the content of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Told {
    No,
    Lawfully,
    /// While an embargo was in force to which it had not agreed.
    WithoutConsent,
}

/// A project in the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Project {
    pub(crate) rm: rm::State,
    pub(crate) pec: pec::State,
    pub(crate) vfd: vfd::State,
    pub(crate) fix: fix::State,
    pub(crate) developer: Option<Person>,
    pub(crate) told: Told,
}

/// How the advisory became public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Publication {
    pub(crate) at: Clock,
    /// It had an announcement date.
    pub(crate) scheduled: bool,
    /// The public knew before.
    pub(crate) was_known: bool,
}

/// The whole case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Case {
    pub(crate) clock: Clock,
    pub(crate) intake: intake::State,
    pub(crate) coordinator: Option<Person>,
    /// Where the coordinator stands with the report.
    pub(crate) rm: rm::State,
    pub(crate) em: em::State,
    pub(crate) pxa: pxa::State,
    /// Kept sorted: the two projects are alike.
    pub(crate) projects: [Project; 2],
    pub(crate) cve: cve::State,
    pub(crate) advisory: advisory::State,
    pub(crate) author: Option<Person>,
    pub(crate) approver: Option<Person>,
    pub(crate) publication: Option<Publication>,
    /// The disclosure deadline has passed and administrators are called.
    pub(crate) escalated: bool,
    /// Whom they appointed as a second coordinator.
    pub(crate) deputy: Option<Person>,
}

impl Case {
    pub(crate) fn submitted() -> Self {
        let project = Project {
            rm: rm::State::START,
            pec: pec::State::START,
            vfd: vfd::State::START,
            fix: fix::State::START,
            developer: None,
            told: Told::No,
        };
        Self {
            clock: Clock::Arrival,
            intake: intake::State::Submitted,
            coordinator: None,
            rm: rm::State::START,
            em: em::State::START,
            pxa: pxa::State::START,
            projects: [project; 2],
            cve: cve::State::START,
            advisory: advisory::State::START,
            author: None,
            approver: None,
            publication: None,
            escalated: false,
            deputy: None,
        }
    }

    /// Published, withdrawn, closed, or never a case.
    pub(crate) fn is_ended(&self) -> bool {
        self.advisory.is_public()
            || self.rm == rm::State::Closed
            || matches!(self.intake, intake::State::Noise | intake::State::Withdrawn)
    }

    /// The distinct persons over reporter, coordinator and developers (J09).
    pub(crate) fn persons(&self) -> usize {
        let mut persons = vec![Person::First];
        persons.extend(self.coordinator);
        persons.extend(self.deputy);
        persons.extend(self.projects.iter().filter_map(|project| project.developer));
        persons.sort_unstable();
        persons.dedup();
        persons.len()
    }

    /// Whether a person is developer here and also the reporter.
    pub(crate) fn develops_own_report(&self, person: Person) -> bool {
        person == Person::First && self.projects.iter().any(|project| project.developer == Some(person))
    }

    /// Whether this person writes and reviews the advisory: coordinators and developers do.
    pub(crate) fn writes(&self, person: Person) -> bool {
        self.coordinator == Some(person)
            || self.deputy == Some(person)
            || self.projects.iter().any(|project| project.developer == Some(person))
    }

    /// Whether this person may approve: neither the author nor a developer of the own report (J09).
    pub(crate) fn may_approve(&self, person: Person) -> bool {
        self.writes(person) && self.author != Some(person) && !self.develops_own_report(person)
    }

    /// Approved, and the number has come or none is asked for: it goes out when its time comes.
    pub(crate) fn may_go_out(&self) -> bool {
        let approved = matches!(self.advisory, advisory::State::Approved | advisory::State::Scheduled);
        approved && (self.cve.has_number() || self.cve == cve::State::None) && self.persons() >= 2
    }

    /// On or after the announcement date, or the disclosure deadline, or when the public knew already.
    pub(crate) fn published_lawfully(&self) -> bool {
        self.publication.is_none_or(|publication| {
            let due = if publication.scheduled { Clock::AnnouncementDate } else { Clock::DisclosureDeadline };
            publication.at >= due || publication.was_known
        })
    }

    /// Two persons in the case, and an approver who is neither author nor a developer of the own report.
    pub(crate) fn published_by_two(&self) -> bool {
        self.publication.is_none()
            || self.persons() >= 2 && self.approver.is_some_and(|approver| self.may_approve(approver))
    }

    pub(crate) fn laws_hold(&self) -> bool {
        check_embargo(self.em, self.pxa, OnAttacks::EndEmbargo).is_ok()
            && self.projects.iter().all(|project| check_fix(project.rm, project.vfd).is_ok())
    }
}
