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
    pub(crate) by_deadline: bool,
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
        persons.extend(self.projects.iter().filter_map(|project| project.developer));
        persons.sort_unstable();
        persons.dedup();
        persons.len()
    }

    /// Whether a person is developer here and also the reporter.
    pub(crate) fn develops_own_report(&self, person: Person) -> bool {
        person == Person::First && self.projects.iter().any(|project| project.developer == Some(person))
    }

    /// On or after the announcement date, or by the disclosure deadline, or when the public knew already.
    pub(crate) fn published_lawfully(&self) -> bool {
        self.publication.is_none_or(|publication| {
            let due =
                if publication.by_deadline { Clock::DisclosureDeadline } else { Clock::AnnouncementDate };
            publication.at >= due || publication.was_known
        })
    }

    /// Two persons in the case; and, unless a deadline published it, an approver who is neither author nor a developer
    /// of the own report.
    pub(crate) fn published_by_two(&self) -> bool {
        self.publication.is_none_or(|publication| {
            let approved = self
                .approver
                .is_some_and(|approver| Some(approver) != self.author && !self.develops_own_report(approver));
            self.persons() >= 2 && (publication.by_deadline || approved)
        })
    }

    pub(crate) fn laws_hold(&self) -> bool {
        check_embargo(self.em, self.pxa, OnAttacks::EndEmbargo).is_ok()
            && self.projects.iter().all(|project| check_fix(project.rm, project.vfd).is_ok())
    }
}
