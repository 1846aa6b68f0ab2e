//! The table of rights as one function.

use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{Actor, CaseObject, Object, Role, Tier, Viewer};

/// What somebody wants to do. Every route of the server declares one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Read public pages, feeds, policies, keys.
    ReadPublic,
    /// Submit a report.
    SubmitReport,
    /// See one's own report's stage, next date and messages.
    SeeOwnReport,
    /// Write in the reporter's thread.
    WriteReporterThread,
    /// See the inbox of a project.
    SeeInbox,
    /// Read a case.
    ReadCase,
    /// Read or write what is for the team only.
    ReadTeamOnly,
    /// Acknowledge, triage with a clause, close with notice.
    Triage,
    /// Invite and remove participants, set tiers, redact.
    ManageParticipants,
    /// Answer an invitation to oneself: consent to the embargo, or decline. The one thing an invited person may do.
    AnswerInvitation,
    /// Propose, accept or revise an embargo.
    Embargo,
    /// Replicate, record a fix, a manual test, a merge, a release.
    Fix,
    /// Say that a fix is deployed.
    AnswerDeployed,
    /// Request a CVE number.
    RequestCve,
    /// Reserve, publish or reject a CVE number.
    DecideCve,
    /// Set the release and announcement dates.
    SetDates,
    /// Write the draft advisory.
    DraftAdvisory,
    /// Approve, publish or withdraw an advisory.
    ApproveAdvisory,
    /// Give a strike, set reject-on-arrival.
    Strike,
    /// Ban a reporter or lift a ban.
    Ban,
    /// Appeal against one's own ban.
    Appeal,
    /// Export a conduct matter with undisclosed information removed.
    ConductExport,
    /// Edit a project's policy, threat model, versions and roles.
    EditProject,
    /// Create projects and persons, assign coordinators.
    Administer,
    /// Read the pages of administration: who is there, who holds what, what projects are set up like. No case.
    ReadAdministration,
    /// Export a whole case.
    ExportCase,
    /// Erase the contents of a closed case.
    EraseCase,
    /// Read ledger proofs.
    ReadProofs,
    /// Read oversight figures.
    ReadOversight,
    /// See and change one's own subscriptions, notices, tokens.
    OwnAccount,
    /// Outbound hold, dead letters, jobs, backup.
    Operate,
    /// Whether the desk and its jobs are well: the part of operation that a machine account may see.
    ReadHealth,
    /// Erase or export a person's data.
    ErasePerson,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 33] = [
        Self::ReadPublic,
        Self::SubmitReport,
        Self::SeeOwnReport,
        Self::WriteReporterThread,
        Self::SeeInbox,
        Self::ReadCase,
        Self::ReadTeamOnly,
        Self::Triage,
        Self::ManageParticipants,
        Self::AnswerInvitation,
        Self::Embargo,
        Self::Fix,
        Self::AnswerDeployed,
        Self::RequestCve,
        Self::DecideCve,
        Self::SetDates,
        Self::DraftAdvisory,
        Self::ApproveAdvisory,
        Self::Strike,
        Self::Ban,
        Self::Appeal,
        Self::ConductExport,
        Self::EditProject,
        Self::Administer,
        Self::ReadAdministration,
        Self::ExportCase,
        Self::EraseCase,
        Self::ReadProofs,
        Self::ReadOversight,
        Self::OwnAccount,
        Self::Operate,
        Self::ReadHealth,
        Self::ErasePerson,
    ];
}

/// The answer to a question of rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Go ahead with this permit.
    Allow(Permit),
    /// Would be allowed after a second factor.
    StepUp,
    /// The person may, and knows it; the credential of this request was not made for it.
    OutOfReach,
    /// No; a door shows the object as absent.
    Deny,
}

impl Decision {
    /// The permit, if there is one.
    pub fn permit(self) -> Option<Permit> {
        match self {
            Self::Allow(permit) => Some(permit),
            Self::StepUp | Self::OutOfReach | Self::Deny => None,
        }
    }
}

/// Proof that [`authorize`] allowed an action. Cannot be made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    case: Option<CaseId>,
    viewer: Viewer,
    person: Option<PersonId>,
    action: Action,
}

impl Permit {
    /// As what the holder looks at the object.
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }
    /// Who was let in, if they are signed in.
    pub fn person(&self) -> Option<PersonId> {
        self.person
    }
    /// What was allowed.
    pub fn action(&self) -> Action {
        self.action
    }
    /// The case that it is for, if any.
    pub fn case(&self) -> Option<CaseId> {
        self.case
    }
    /// Whether it opens something of this case and tier.
    pub(crate) fn opens(&self, case: CaseId, tier: Tier) -> bool {
        self.case == Some(case) && tier.visible_to(self.viewer)
    }
}

/// Decides whether `actor` may do `action` to `object` at `now`, by the table of roles.
///
/// "Needs a second person" is not decided here: who wrote, who approved and who else takes part is the case's
/// knowledge, so `desk::case::decide` refuses the author's own approval.
///
/// A credential gives no more than its reach: what a token may not even read is answered like what is not there.
pub fn authorize(actor: &Actor, action: Action, object: Object<'_>, now: Instant) -> Decision {
    let of_own = matches!(object, Object::Person(person) if actor.person == Some(person));
    if actor.confined && !in_public(action) && !(of_own && action == Action::OwnAccount) {
        return Decision::Deny;
    }
    match by_role(actor, action, object, now) {
        Decision::Deny => Decision::Deny,
        decision if covers(actor, action) => decision,
        _ if matches!(object, Object::Case(_)) && !actor.reach.read => Decision::Deny,
        _ => Decision::OutOfReach,
    }
}

/// What anybody may do without being known.
fn in_public(action: Action) -> bool {
    matches!(action, Action::ReadPublic | Action::SubmitReport)
}

/// Whether the credential's reach covers an action.
fn covers(actor: &Actor, action: Action) -> bool {
    match action {
        Action::ReadPublic => true,
        Action::SubmitReport => actor.reach.report,
        Action::SeeOwnReport
        | Action::SeeInbox
        | Action::ReadCase
        | Action::ReadTeamOnly
        | Action::ReadProofs
        | Action::ReadOversight
        | Action::ReadHealth
        | Action::ReadAdministration
        | Action::ConductExport
        | Action::ExportCase
        | Action::OwnAccount => actor.reach.read,
        Action::WriteReporterThread
        | Action::Triage
        | Action::ManageParticipants
        | Action::AnswerInvitation
        | Action::Embargo
        | Action::Fix
        | Action::AnswerDeployed
        | Action::RequestCve
        | Action::DecideCve
        | Action::SetDates
        | Action::DraftAdvisory
        | Action::ApproveAdvisory
        | Action::Strike
        | Action::Ban
        | Action::Appeal
        | Action::EditProject
        | Action::Administer
        | Action::Operate
        | Action::EraseCase
        | Action::ErasePerson => actor.reach.write,
    }
}

fn by_role(actor: &Actor, action: Action, object: Object<'_>, now: Instant) -> Decision {
    let allow = |viewer, case| Decision::Allow(Permit { case, viewer, person: actor.person, action });
    match object {
        Object::Public => match action {
            Action::ReadPublic | Action::SubmitReport => allow(Viewer::Public, None),
            _ => Decision::Deny,
        },
        Object::Person(person) => match action {
            Action::OwnAccount if actor.person == Some(person) && !is_service(actor, now) => {
                allow(Viewer::Public, None)
            }
            Action::Appeal if actor.person == Some(person) => allow(Viewer::Public, None),
            Action::ErasePerson if actor.person == Some(person) && !only_office(actor, now) => {
                allow(Viewer::Public, None)
            }
            Action::ErasePerson if programme_role(actor, now, &[Role::ProgrammeAdmin]) => {
                step_up(actor, allow(Viewer::Public, None))
            }
            _ => Decision::Deny,
        },
        Object::Programme => {
            let (roles, second_factor): (&[Role], bool) = match action {
                Action::Administer => (&[Role::ProgrammeAdmin], true),
                Action::ReadAdministration => (&[Role::ProgrammeAdmin], false),
                Action::Operate => (&[Role::ProgrammeAdmin], true),
                // A machine has no second factor to show.
                Action::ReadHealth if programme_role(actor, now, &[Role::Service]) => {
                    (&[Role::Service], false)
                }
                Action::ReadHealth => (&[Role::ProgrammeAdmin], true),
                Action::EditProject => (&[Role::ProgrammeAdmin], true),
                Action::ReadProofs => (&[Role::Auditor], false),
                Action::ReadOversight => (
                    &[
                        Role::Coordinator,
                        Role::ProjectAdmin,
                        Role::ProgrammeAdmin,
                        Role::Auditor,
                        Role::Board,
                    ],
                    false,
                ),
                Action::ConductExport => (&[Role::ConductTeam], false),
                Action::Ban => (&[Role::ProgrammeAdmin, Role::ConductTeam, Role::Coordinator], false),
                _ => (&[], false),
            };
            match (programme_role(actor, now, roles), second_factor) {
                (false, _) => Decision::Deny,
                (true, false) => allow(Viewer::Public, None),
                (true, true) => step_up(actor, allow(Viewer::Public, None)),
            }
        }
        Object::Project(project) => {
            let roles = actor.roles_in(std::slice::from_ref(project), now);
            let has = |wanted: &[Role]| roles.iter().any(|role| wanted.contains(role));
            match action {
                Action::ReadPublic | Action::SubmitReport => allow(Viewer::Public, None),
                Action::SeeInbox if has(&[Role::Coordinator, Role::ProjectAdmin]) => {
                    allow(Viewer::Public, None)
                }
                Action::ReadAdministration if has(&[Role::ProjectAdmin, Role::ProgrammeAdmin]) => {
                    allow(Viewer::Public, None)
                }
                Action::EditProject if has(&[Role::ProjectAdmin, Role::ProgrammeAdmin]) => {
                    step_up(actor, allow(Viewer::Public, None))
                }
                _ => Decision::Deny,
            }
        }
        Object::Case(case) => on_case(actor, action, case, now),
    }
}

fn step_up(actor: &Actor, allowed: Decision) -> Decision {
    if actor.stepped_up { allowed } else { Decision::StepUp }
}

/// Whether the account is a machine's: it has no notices or subscriptions of its own.
fn is_service(actor: &Actor, now: Instant) -> bool {
    actor.grants.iter().any(|grant| grant.holds(now) && grant.role == Role::Service)
}

/// Whether all that the person is to the programme is an office: administrator, auditor, conduct team, CNA or board.
/// Their acts stand in the records of others, so they give the office back before they erase themselves.
fn only_office(actor: &Actor, now: Instant) -> bool {
    let mut roles = actor.grants.iter().filter(|grant| grant.holds(now)).map(|grant| grant.role).peekable();
    roles.peek().is_some()
        && roles.all(|role| {
            matches!(
                role,
                Role::ProjectAdmin
                    | Role::ProgrammeAdmin
                    | Role::Auditor
                    | Role::ConductTeam
                    | Role::Cna
                    | Role::Board
                    | Role::Service
            )
        })
}

fn programme_role(actor: &Actor, now: Instant, wanted: &[Role]) -> bool {
    actor.grants.iter().any(|grant| {
        grant.holds(now) && wanted.contains(&grant.role) && {
            // A project's coordinator or administrator has no say over the programme, but sees its figures, and a
            // coordinator takes part in a ban: those are asked about the programme and listed with their roles above.
            grant.scope == crate::Scope::Programme
                || matches!(grant.role, Role::Coordinator | Role::ProjectAdmin)
        }
    })
}

/// What one person is to one case.
struct Standing {
    reporter: bool,
    observer: bool,
    developer: bool,
    coordinator: bool,
    auditor: bool,
    cna: bool,
    conduct: bool,
    programme_admin: bool,
    member: bool,
    consented: bool,
}

fn standing(actor: &Actor, case: &CaseObject, now: Instant) -> Standing {
    let member = actor.person.and_then(|person| case.members.iter().find(|member| member.person == person));
    let roles = actor.roles_in(&case.projects, now);
    let in_case = |role| member.is_some_and(|member| member.roles.contains(&role));
    let by_link = actor.reporter_of == Some(case.case);
    let project_coordinator = roles.contains(&Role::Coordinator);
    // A seat that was taken by a role falls with it: at its end, not when the clock comes round to write that down.
    let ended = actor.grants.iter().any(|grant| {
        grant.role == Role::Coordinator
            && grant.until.is_some_and(|until| until <= now)
            && match &grant.scope {
                crate::Scope::Programme => true,
                crate::Scope::Project(project) => case.projects.contains(project),
                crate::Scope::Case(_) => false,
            }
    });
    Standing {
        reporter: by_link || in_case(Role::Reporter),
        observer: in_case(Role::Observer),
        developer: in_case(Role::Developer),
        coordinator: (in_case(Role::Coordinator) && !ended) || project_coordinator,
        auditor: roles.contains(&Role::Auditor),
        // A CNA serves many programmes: the office alone opens no case, its seat in the case does.
        cna: in_case(Role::Cna),
        conduct: roles.contains(&Role::ConductTeam),
        programme_admin: roles.contains(&Role::ProgrammeAdmin),
        member: member.is_some(),
        // A project's coordinators are bound by their project's policy, and the reporter wrote the report:
        // neither needs to sign to see it. Everybody else does.
        consented: by_link || project_coordinator || member.is_some_and(|member| member.consented),
    }
}

fn on_case(actor: &Actor, action: Action, case: &CaseObject, now: Instant) -> Decision {
    let who = standing(actor, case, now);
    let team = who.consented && (who.coordinator || who.developer);
    let viewer = if team {
        Viewer::Team
    } else if who.reporter {
        Viewer::Reporter
    } else if who.observer && who.consented {
        Viewer::Observer
    } else if who.auditor {
        Viewer::Auditor
    } else {
        Viewer::Public
    };
    let coordinator = who.coordinator && who.consented;
    let developer = who.developer && who.consented;
    let observer = who.observer && who.consented;
    let (allowed, second_factor) = match action {
        Action::SeeOwnReport => (who.reporter, false),
        Action::WriteReporterThread => (who.reporter || coordinator || developer, false),
        Action::ReadCase => (coordinator || developer || observer || who.auditor, false),
        Action::ReadTeamOnly => (team, false),
        Action::Triage | Action::ManageParticipants | Action::Strike => (coordinator, false),
        Action::AnswerInvitation => (who.member || who.reporter, false),
        // Without consent too: who has not agreed to a change of the embargo is who must be able to speak about it.
        // The permit opens no content, because the viewer is nobody until they consent.
        Action::Embargo => (who.reporter || who.observer || who.developer || who.coordinator, false),
        Action::Appeal => (who.reporter, false),
        Action::Fix => (developer, false),
        Action::AnswerDeployed => (observer, false),
        Action::RequestCve | Action::DraftAdvisory => (developer || coordinator, false),
        Action::DecideCve => (coordinator || (who.cna && who.consented), !coordinator),
        Action::SetDates => (developer || coordinator, false),
        Action::ApproveAdvisory => {
            (developer || coordinator || (who.programme_admin && case.disclosure_overdue), true)
        }
        Action::ConductExport => (coordinator || who.conduct, false),
        Action::ExportCase | Action::EraseCase => (coordinator, true),
        Action::ReadProofs => (who.reporter || observer || team || who.auditor, false),
        Action::ReadPublic
        | Action::SubmitReport
        | Action::SeeInbox
        | Action::Ban
        | Action::EditProject
        | Action::Administer
        | Action::ReadAdministration
        | Action::ReadOversight
        | Action::OwnAccount
        | Action::Operate
        | Action::ReadHealth
        | Action::ErasePerson => (false, false),
    };
    let permit = Permit { case: Some(case.case), viewer, person: actor.person, action };
    match (allowed, second_factor && !actor.stepped_up) {
        (false, _) => Decision::Deny,
        (true, true) => Decision::StepUp,
        (true, false) => Decision::Allow(permit),
    }
}
