//! What of a case somebody sees who does not work on it: the reporter, an observer, an auditor.
//!
//! Contents close by their tier; this file is about everything beside them. A header says who was invited, who did not
//! agree, that a number was asked for or that an advisory is being written, and the folded state says the same. So each
//! viewer has a list of what is shown, and what is not listed is not there: a new kind of event is the team's until
//! somebody decides otherwise. Team and auditor see every header; a draft's text is the team's alone until it is out.

use bastide_authz::{Actor, Tier, Viewer};
use bastide_desk::{
    case::{AdvisoryPart, Case, DeadlineKind, Event, Notice, Party},
    machine::{advisory, em, fix, pec},
};
use bastide_model::id::PersonId;

use crate::{CaseEntry, OpenedContent};

/// One viewer's eyes on one case.
pub(crate) struct Eyes<'a> {
    case: &'a Case,
    viewer: Viewer,
    person: Option<PersonId>,
}

impl<'a> Eyes<'a> {
    pub(crate) fn new(case: &'a Case, viewer: Viewer, actor: &Actor) -> Self {
        Self { case, viewer, person: actor.person }
    }

    /// Whether the viewer works on the case and sees all of its process.
    pub(crate) fn of_team(&self) -> bool {
        self.viewer == Viewer::Team
    }

    /// Whether the viewer may know the CVE numbers: they are public, or the reporter was told them (J22).
    fn knows_numbers(&self) -> bool {
        let told = self.viewer == Viewer::Reporter
            && self.case.reporter.told.contains_key(&Notice::CveNumber)
            && self.reporter_agreed();
        told || self.case.advisory.published.is_some()
    }

    /// Whether what is for all participants is for the reporter, too: they agreed to the embargo, none was ever
    /// proposed, or the advisory is out.
    fn reporter_agreed(&self) -> bool {
        self.case.reporter.consent == pec::State::Signatory
            || self.case.em == em::State::None
            || self.case.advisory.published.is_some()
    }

    /// An entry as the viewer sees it; nothing when it is not for them.
    pub(crate) fn entry(&self, mut entry: CaseEntry) -> Option<CaseEntry> {
        if self.of_team() {
            return Some(entry);
        }
        if let OpenedContent::Open(tier, _) | OpenedContent::Unopened(tier) = &entry.content {
            let draft = matches!(entry.event, Event::AdvisoryDrafted { .. });
            let for_others =
                *tier == Tier::Participants && self.viewer == Viewer::Reporter && !self.reporter_agreed();
            if draft {
                entry.content = OpenedContent::Closed(Tier::TeamOnly);
            } else if for_others {
                entry.content = OpenedContent::Closed(*tier);
            }
        }
        let shown = match self.viewer {
            Viewer::Team | Viewer::Auditor => true,
            Viewer::Reporter => self.reporter_sees(&entry),
            Viewer::Observer => self.observer_sees(&entry),
            Viewer::Public => false,
        };
        shown.then_some(entry)
    }

    fn reporter_sees(&self, entry: &CaseEntry) -> bool {
        let closed = matches!(entry.content, OpenedContent::Closed(_));
        match &entry.event {
            Event::ReportSubmitted { .. }
            | Event::ReportRevised
            | Event::LintFound { .. }
            | Event::IntakeChanged { .. }
            | Event::Acknowledged { .. }
            | Event::UpstreamConsent { .. }
            | Event::RmChanged { party: Party::Desk, .. }
            | Event::ReporterAnswered
            | Event::ReporterAccountKept { .. }
            | Event::ReporterLinkEnded
            | Event::ReporterLinkReplaced
            | Event::ReporterNotified { .. }
            | Event::EmbargoAccepted { .. }
            | Event::EmbargoRejected { .. }
            | Event::EmbargoTerminated
            | Event::AdvisoryPublished { .. }
            | Event::DisclosurePostponed { .. }
            | Event::CaseClosed { .. } => true,
            Event::EmbargoProposed { .. } => true,
            Event::MessageSent { .. } | Event::Triaged { .. } => !closed,
            Event::ConsentChanged { person, .. } => {
                person.is_none() || *person == self.case.reporter.person || *person == self.person
            }
            Event::CveChanged { .. } | Event::CveExempted { .. } => self.knows_numbers(),
            _ => self.about_themselves(&entry.event),
        }
    }

    fn observer_sees(&self, entry: &CaseEntry) -> bool {
        let closed = matches!(entry.content, OpenedContent::Closed(_));
        match &entry.event {
            Event::ReportSubmitted { .. }
            | Event::IntakeChanged { .. }
            | Event::Acknowledged { .. }
            | Event::RmChanged { party: Party::Desk, .. }
            | Event::ProjectAdded { .. }
            | Event::EmbargoProposed { .. }
            | Event::EmbargoAccepted { .. }
            | Event::EmbargoRejected { .. }
            | Event::EmbargoTerminated
            | Event::FixChanged { trigger: fix::Trigger::Agree | fix::Trigger::Release, .. }
            | Event::AdvisoryPublished { .. }
            | Event::CaseClosed { .. } => true,
            Event::MessageSent { .. }
            | Event::DatesProposed { .. }
            | Event::NoticePosted { .. }
            | Event::PublicFactRecorded { .. }
            | Event::DisclosurePostponed { .. } => !closed,
            Event::DatesConfirmed { .. } => true,
            Event::ConsentChanged { person: Some(person), .. } => Some(*person) == self.person,
            Event::CveChanged { .. } | Event::CveExempted { .. } => self.knows_numbers(),
            event => self.about_themselves(event),
        }
    }

    /// Whether an event of the list of participants is about the viewer.
    fn about_themselves(&self, event: &Event) -> bool {
        match event {
            Event::RoleTaken { person, .. }
            | Event::RoleLeft { person, .. }
            | Event::ParticipantInvited { person, .. } => Some(*person) == self.person,
            _ => false,
        }
    }

    /// The folded state as the viewer sees it: what is not for them is as on the first day.
    pub(crate) fn state(&self) -> Case {
        let mut case = self.case.clone();
        if matches!(self.viewer, Viewer::Team | Viewer::Auditor) {
            return case;
        }
        let reporter = self.viewer == Viewer::Reporter;
        case.members.retain(|person, _| Some(*person) == self.person);
        case.dates = case.dates_agreed();
        case.other_dates = None;
        case.escalated.clear();
        case.reminded.clear();
        if !self.knows_numbers() {
            case.vulnerabilities.clear();
        }
        let published = case.advisory.published;
        case.advisory = AdvisoryPart {
            state: if published.is_some() { case.advisory.state } else { advisory::State::Draft },
            revision: None,
            withdraws: false,
            severity: case.advisory.severity.filter(|_| published.is_some()),
            version: published.map_or(0, |(_, version, _)| version),
            digest: None,
            authors: std::collections::BTreeSet::new(),
            approved_by: None,
            published,
        };
        let first = case.project.clone();
        case.projects.retain(|name, _| !reporter || *name == first);
        for part in case.projects.values_mut() {
            part.fix_author = None;
        }
        case.deadlines.retain(|kind, _| match kind {
            DeadlineKind::Acknowledge
            | DeadlineKind::Disclosure
            | DeadlineKind::EmbargoDecision { .. }
            | DeadlineKind::EmbargoEnd => true,
            DeadlineKind::Release | DeadlineKind::Announcement => case.dates.is_some(),
            DeadlineKind::Rsvp { person } => Some(*person) == self.person,
            DeadlineKind::AssignCoordinator | DeadlineKind::Exposure => false,
        });
        case
    }
}
