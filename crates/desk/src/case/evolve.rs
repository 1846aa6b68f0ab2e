//! One event applied to the state; the only place where a case changes.

use std::collections::{BTreeMap, BTreeSet};

use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};

use super::{
    AdvisoryPart, Case, Dates, Deadline, DeadlineKind, Embargo, Event, Member, Party, ProjectPart, Proposal,
    ReporterPart, Vulnerability,
};
use crate::machine::{Machine as _, Refused, advisory, cve, em, fix, intake, pec, pxa, rm, vfd};

/// A history that cannot have happened: an event that its case's state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The first event is not a submission, or a later one is.
    #[error("{case}: a history begins with `report-submitted` and holds it once; found `{event}`")]
    Beginning {
        /// Which case.
        case: CaseId,
        /// The event's name.
        event: String,
    },
    /// A state machine refused the event.
    #[error("{case}: `{event}` cannot follow: {refused}")]
    Machine {
        /// Which case.
        case: CaseId,
        /// The event's name.
        event: String,
        /// What the machine said.
        refused: Box<Refused>,
    },
    /// The event names somebody or something that the case does not hold.
    #[error("{case}: `{event}` names something that this case does not hold")]
    Unknown {
        /// Which case.
        case: CaseId,
        /// The event's name.
        event: String,
    },
}

/// The case after all these events, or nothing when there are none.
pub fn fold<'a>(
    id: CaseId,
    events: impl IntoIterator<Item = (Instant, &'a Event)>,
) -> Result<Option<Case>, FoldError> {
    let mut case = None;
    for (at, event) in events {
        case = Some(evolve(case, id, at, event)?);
    }
    Ok(case)
}

/// Applies one event that happened at `at`.
pub fn evolve(case: Option<Case>, id: CaseId, at: Instant, event: &Event) -> Result<Case, FoldError> {
    match (case, event) {
        (None, Event::ReportSubmitted { .. }) => Ok(begin(id, at, event)),
        (None, _) | (Some(_), Event::ReportSubmitted { .. }) => {
            Err(FoldError::Beginning { case: id, event: event.name() })
        }
        (Some(mut case), event) => {
            apply(&mut case, at, event).map_err(|trouble| match trouble {
                Trouble::Machine(refused) => {
                    FoldError::Machine { case: id, event: event.name(), refused: Box::new(refused) }
                }
                Trouble::Unknown => FoldError::Unknown { case: id, event: event.name() },
            })?;
            case.changed = at;
            case.events += 1;
            Ok(case)
        }
    }
}

enum Trouble {
    Machine(Refused),
    Unknown,
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::Machine(refused)
    }
}

fn begin(id: CaseId, at: Instant, event: &Event) -> Case {
    let Event::ReportSubmitted {
        report,
        project,
        terms,
        policy,
        threat_model,
        channel,
        reporter,
        embargo_wish,
    } = event
    else {
        unreachable!("evolve calls this for a submission only")
    };
    Case {
        id,
        report: *report,
        project: project.clone(),
        terms: terms.as_ref().clone(),
        policy: *policy,
        threat_model: *threat_model,
        channel: *channel,
        received: at,
        changed: at,
        intake: intake::State::Submitted,
        desk_rm: rm::State::Start,
        em: em::State::None,
        embargo: None,
        proposal: None,
        asserted: BTreeSet::new(),
        pxa: pxa::State::Quiet,
        reporter: ReporterPart {
            person: *reporter,
            consent: pec::State::NoEmbargo,
            told: BTreeMap::new(),
            asked: None,
            upstream: None,
            embargo_wish: *embargo_wish,
        },
        members: BTreeMap::new(),
        projects: BTreeMap::from([(project.clone(), ProjectPart::new())]),
        vulnerabilities: BTreeMap::new(),
        dates: None,
        other_dates: None,
        advisory: AdvisoryPart {
            state: advisory::State::Draft,
            revision: None,
            withdraws: false,
            severity: None,
            version: 0,
            digest: None,
            authors: BTreeSet::new(),
            approved_by: None,
            published: None,
        },
        acknowledged: None,
        outcome: None,
        judged_by: None,
        duplicate_of: None,
        deadlines: BTreeMap::new(),
        breaches: 0,
        reminded: BTreeSet::new(),
        escalated: BTreeMap::new(),
        closed: None,
        events: 1,
        erased: false,
    }
}

impl ProjectPart {
    /// A project that has not been told yet.
    fn new() -> Self {
        Self {
            rm: rm::State::Start,
            vfd: vfd::State::Unaware,
            fix: fix::State::None,
            replicated_by: None,
            fix_author: None,
            merged: None,
            released: None,
        }
    }
}

fn apply(case: &mut Case, at: Instant, event: &Event) -> Result<(), Trouble> {
    match event {
        Event::ReportSubmitted { .. } => unreachable!("evolve begins a case with it"),
        Event::ReportRevised | Event::ReporterAnswered => case.reporter.asked = None,
        Event::LintFound { .. }
        | Event::IssueTextWritten
        | Event::ReporterLinkEnded
        | Event::ReporterLinkReplaced => {}
        // What the reporter agreed to by link stays agreed to: it is the same reporter.
        Event::ReporterAccountKept { person } => case.reporter.person = Some(*person),
        Event::Replicated { project, by, .. } => {
            case.projects.get_mut(project).ok_or(Trouble::Unknown)?.replicated_by = Some(*by);
        }
        Event::IntakeChanged { trigger } => case.intake = case.intake.apply(*trigger)?,
        Event::Acknowledged { .. } => {
            case.acknowledged.get_or_insert(at);
            case.deadlines.remove(&DeadlineKind::Acknowledge);
        }
        Event::MessageSent { asks_reporter, .. } => {
            if *asks_reporter {
                case.reporter.asked = Some(at);
            }
        }
        Event::RoleTaken { person, role } => {
            let member = member_of(case, *person, at);
            member.invited.remove(role);
            member.roles.insert(*role);
            member.withheld = false;
        }
        Event::RoleLeft { person, role } => {
            let member = case.members.get_mut(person).ok_or(Trouble::Unknown)?;
            member.roles.remove(role);
            member.invited.remove(role);
        }
        Event::ParticipantInvited { person, role } => {
            member_of(case, *person, at).invited.insert(*role);
        }
        Event::ConsentChanged { person, trigger } => {
            let consent = consent_of(case, *person).ok_or(Trouble::Unknown)?;
            *consent = consent.apply(*trigger)?;
            if let (Some(person), pec::Trigger::Decline) = (person, trigger)
                && let Some(member) = case.members.get_mut(person)
            {
                member.invited.clear();
            }
        }
        Event::Triaged { outcome, clause, by, duplicate_of } => {
            case.duplicate_of = *duplicate_of;
            case.outcome = Some((*outcome, clause.clone()));
            case.judged_by = Some(*by);
        }
        Event::UpstreamConsent { given } => {
            case.reporter.upstream = Some(*given);
            case.reporter.asked = None;
        }
        Event::RmChanged { party, trigger } => {
            let state = match party {
                Party::Desk => &mut case.desk_rm,
                Party::Project(name) => &mut case.projects.get_mut(name).ok_or(Trouble::Unknown)?.rm,
            };
            *state = state.apply(*trigger)?;
        }
        Event::ProjectAdded { project } => {
            case.projects.entry(project.clone()).or_insert_with(ProjectPart::new);
        }
        Event::VfdChanged { project, trigger } => {
            let part = case.projects.get_mut(project).ok_or(Trouble::Unknown)?;
            part.vfd = part.vfd.apply(*trigger)?;
        }
        Event::EmbargoProposed { proposal, end, by } => {
            case.em = case.em.apply(em::Trigger::Propose)?;
            case.proposal = Some(Proposal { id: *proposal, end: *end, by: *by });
        }
        Event::EmbargoAccepted { proposal } => {
            let open = case.proposal.take().filter(|open| open.id == *proposal).ok_or(Trouble::Unknown)?;
            case.em = case.em.apply(em::Trigger::Accept)?;
            case.embargo = Some(Embargo { end: open.end });
            case.deadlines.remove(&DeadlineKind::EmbargoDecision { proposal: *proposal });
        }
        Event::EmbargoRejected { proposal } => {
            case.em = case.em.apply(em::Trigger::Reject)?;
            case.proposal = None;
            case.deadlines.remove(&DeadlineKind::EmbargoDecision { proposal: *proposal });
        }
        Event::EmbargoTerminated => {
            case.em = case.em.apply(em::Trigger::Terminate)?;
            // Publication opens what it says to everybody; any other end opens nothing to who had not agreed.
            if case.advisory.published.is_none() {
                for member in case.members.values_mut() {
                    member.withheld = member.consent != pec::State::Signatory;
                }
            }
            case.embargo = None;
            case.proposal = None;
            case.deadlines.retain(|kind, _| {
                !matches!(kind, DeadlineKind::EmbargoEnd | DeadlineKind::EmbargoDecision { .. })
            });
        }
        Event::PublicFactAsserted { trigger, .. } => {
            case.asserted.insert(*trigger);
        }
        Event::PublicFactRecorded { trigger } => {
            case.pxa = case.pxa.apply(*trigger)?;
            case.asserted.remove(trigger);
        }
        Event::VulnerabilityAdded { vulnerability } => {
            case.vulnerabilities
                .insert(*vulnerability, Vulnerability { cve: cve::State::None, exempt: false });
        }
        Event::CveChanged { vulnerability, trigger } => {
            let part = case.vulnerabilities.get_mut(vulnerability).ok_or(Trouble::Unknown)?;
            part.cve = part.cve.apply(*trigger)?;
            if *trigger == cve::Trigger::Request {
                part.exempt = false;
            }
        }
        Event::CveExempted { vulnerability } => {
            case.vulnerabilities.get_mut(vulnerability).ok_or(Trouble::Unknown)?.exempt = true;
        }
        Event::FixChanged { project, trigger, by } => {
            let part = case.projects.get_mut(project).ok_or(Trouble::Unknown)?;
            part.fix = part.fix.apply(*trigger)?;
            match part.fix {
                fix::State::InDevelopment => part.fix_author = Some(*by),
                fix::State::Merged => part.merged = Some(at),
                fix::State::Released => part.released = Some(at),
                _ => {}
            }
            if case.projects.values().all(|part| part.fix == fix::State::Released) {
                case.deadlines.remove(&DeadlineKind::Release);
            }
        }
        Event::DatesProposed { release, announcement, by, role } => {
            let proposed = Dates {
                release: *release,
                announcement: *announcement,
                proposed_by: *by,
                proposed_as: *role,
                confirmed_by: None,
                posted: None,
            };
            if case.dates_agreed().is_some() {
                case.other_dates = Some(proposed);
            } else {
                case.dates = Some(proposed);
            }
        }
        Event::DatesConfirmed { by } => {
            let open = case.other_dates.take().or(case.dates).ok_or(Trouble::Unknown)?;
            case.dates = Some(Dates { confirmed_by: Some(*by), ..open });
        }
        Event::NoticePosted { .. } => case.dates.as_mut().ok_or(Trouble::Unknown)?.posted = Some(at),
        Event::AdvisoryDrafted { version, digest, withdraws, severity, by } => {
            case.advisory.severity = *severity;
            if case.advisory.published.is_some() && case.advisory.revision.is_none() {
                case.advisory.revision = Some(advisory::State::Draft);
            }
            case.advisory.withdraws = *withdraws;
            case.advisory.version = *version;
            case.advisory.digest = Some(*digest);
            case.advisory.authors.insert(*by);
            case.advisory.approved_by = None;
        }
        Event::AdvisoryChanged { trigger, .. } => {
            let working = case.advisory.revision.as_mut().unwrap_or(&mut case.advisory.state);
            *working = working.apply(*trigger)?;
            if *trigger == advisory::Trigger::RequestChanges {
                case.advisory.approved_by = None;
            }
        }
        Event::AdvisoryApproved { by, .. } => case.advisory.approved_by = Some(*by),
        Event::AdvisoryPublished { advisory, version, withdrawn, .. } => {
            let trigger = match (case.advisory.revision.take(), withdrawn) {
                (None, _) => advisory::Trigger::Publish,
                (Some(_), false) => advisory::Trigger::Revise,
                (Some(_), true) => advisory::Trigger::Withdraw,
            };
            case.advisory.state = case.advisory.state.apply(trigger)?;
            case.advisory.approved_by = None;
            let first = case.advisory.published.map_or(at, |(_, _, first)| first);
            case.advisory.published = Some((*advisory, *version, first));
            case.advisory.authors.clear();
            case.other_dates = None;
            case.deadlines.retain(|kind, _| {
                !matches!(
                    kind,
                    DeadlineKind::Disclosure | DeadlineKind::Announcement | DeadlineKind::Exposure
                )
            });
        }
        Event::ReporterNotified { notice } => {
            case.reporter.told.entry(*notice).or_insert(at);
        }
        Event::DisclosurePostponed { until, .. } => {
            if let Some(deadline) = case.deadlines.get_mut(&DeadlineKind::Disclosure) {
                *deadline = Deadline { due: *until, breached: None, ..*deadline };
            }
            case.escalated.remove(&DeadlineKind::Disclosure);
            case.reminded.retain(|(kind, _)| *kind != DeadlineKind::Disclosure);
        }
        Event::DeadlineSet { kind, due } => {
            case.deadlines.insert(*kind, Deadline { kind: *kind, due: *due, breached: None });
        }
        Event::DeadlineMet { kind } => {
            case.deadlines.remove(kind);
        }
        Event::DeadlineBreached { kind } => {
            case.breaches += 1;
            if let Some(deadline) = case.deadlines.get_mut(kind) {
                deadline.breached = Some(at);
            }
        }
        Event::Reminded { kind, days } => {
            case.reminded.insert((*kind, *days));
        }
        Event::Escalated { kind } => {
            case.escalated.insert(*kind, at);
        }
        Event::CaseClosed { reason } => {
            case.closed = Some((at, *reason));
            case.deadlines.clear();
            case.other_dates = None;
        }
    }
    Ok(())
}

fn member_of(case: &mut Case, person: PersonId, at: Instant) -> &mut Member {
    case.members.entry(person).or_insert_with(|| Member {
        roles: BTreeSet::new(),
        invited: BTreeSet::new(),
        consent: pec::State::NoEmbargo,
        withheld: false,
        since: at,
    })
}

fn consent_of(case: &mut Case, person: Option<PersonId>) -> Option<&mut pec::State> {
    match person {
        None => Some(&mut case.reporter.consent),
        Some(person) if case.reporter.person == Some(person) && !case.members.contains_key(&person) => {
            Some(&mut case.reporter.consent)
        }
        Some(person) => case.members.get_mut(&person).map(|member| &mut member.consent),
    }
}
