//! What folding a case's events knows.

use std::collections::{BTreeMap, BTreeSet};

use bastide_authz::{CaseObject, Member as AuthzMember, Role};
use bastide_model::{
    digest::Sha256Digest,
    id::{AdvisoryId, CaseId, PersonId, ProposalId, ReportId, VulnerabilityId},
    party::ProjectName,
    severity::Rating,
    time::{Instant, Span},
};
use serde::{Deserialize, Serialize, Serializer};

use super::{Channel, ClosingReason, Deadline, DeadlineKind, Notice, Terms};
use crate::{
    machine::{advisory, cve, em, fix, intake, pec, pxa, rm, vfd},
    threat::Outcome,
};

/// Whose report management moves: the desk's, or a project's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "party", content = "name", rename_all = "kebab-case")]
pub enum Party {
    /// The programme's coordinators.
    Desk,
    /// One affected project.
    Project(ProjectName),
}

/// A person in the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The roles that they hold now; empty for somebody who was only invited or has left.
    pub roles: BTreeSet<Role>,
    /// The roles that they were invited to and have not answered for.
    pub invited: BTreeSet<Role>,
    /// Their consent to the embargo.
    pub consent: pec::State,
    /// Whether an embargo ended before publication without their having agreed to it: its end alone opens nothing to
    /// them. A role that they take afterwards does.
    pub withheld: bool,
    /// When they were first named in the case.
    pub since: Instant,
}

/// The reporter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReporterPart {
    /// Who, when they were signed in; otherwise they come by their secret link.
    pub person: Option<PersonId>,
    /// Their consent to the embargo.
    pub consent: pec::State,
    /// What they were told, and when first.
    pub told: BTreeMap<Notice, Instant>,
    /// Whether the team waits for an answer of theirs, and since when.
    pub asked: Option<Instant>,
    /// Whether they agreed that the report goes upstream (P09).
    pub upstream: Option<bool>,
    /// The end of the embargo that they asked for with the report.
    pub embargo_wish: Option<Instant>,
}

/// An affected project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectPart {
    /// Its report management.
    pub rm: rm::State,
    /// Its fix path as Vultron counts it.
    pub vfd: vfd::State,
    /// Its fix as the process counts it.
    pub fix: fix::State,
    /// Who last said whether it can be reproduced.
    pub replicated_by: Option<PersonId>,
    /// Who started the fix; somebody else tests it (J31).
    pub fix_author: Option<PersonId>,
    /// When the fix was merged.
    pub merged: Option<Instant>,
    /// When it was released.
    pub released: Option<Instant>,
}

/// One weakness in the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vulnerability {
    /// Where its CVE number stands.
    pub cve: cve::State,
    /// Whether it was decided that none will be asked for.
    pub exempt: bool,
}

impl Vulnerability {
    /// Whether nothing about its number is open: it is reserved (or further), or none will come.
    pub fn number_settled(&self) -> bool {
        use cve::State::{Published, Publishing, Rejected, Reserved, Updating};
        self.exempt || matches!(self.cve, Reserved | Publishing | Published | Updating | Rejected)
    }
}

/// An embargo in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Embargo {
    /// When it ends.
    pub end: Instant,
}

/// A proposal that waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// The end that it proposes.
    pub end: Instant,
    /// Who proposed it; nobody means the reporter by link or the policy.
    pub by: Option<PersonId>,
}

/// The two dates (J24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Dates {
    /// When the fix is released.
    pub release: Instant,
    /// When the advisory is announced.
    pub announcement: Instant,
    /// Who proposed them.
    pub proposed_by: PersonId,
    /// As what.
    pub proposed_as: Role,
    /// Who of the other role agreed.
    pub confirmed_by: Option<PersonId>,
    /// When they were posted to the list (J25).
    pub posted: Option<Instant>,
}

/// The advisory's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdvisoryPart {
    /// Where it stands.
    pub state: advisory::State,
    /// Where the next version stands, once the advisory is out: a revision is drafted, reviewed and approved like
    /// the first version.
    pub revision: Option<advisory::State>,
    /// Whether the newest version withdraws the advisory.
    pub withdraws: bool,
    /// How severe the newest version says it is.
    pub severity: Option<Rating>,
    /// The newest version's number; 0 before the first.
    pub version: u32,
    /// The newest version's digest.
    pub digest: Option<Sha256Digest>,
    /// Who wrote versions since the last publication; none of them approves.
    pub authors: BTreeSet<PersonId>,
    /// Who approved the newest version.
    pub approved_by: Option<PersonId>,
    /// The public id, the version that is out, and since when the advisory is public.
    pub published: Option<(AdvisoryId, u32, Instant)>,
}

/// A case: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The first report's id.
    pub report: ReportId,
    /// The project that the report was sent to.
    pub project: ProjectName,
    /// The process parameters, frozen at intake.
    pub terms: Terms,
    /// The policy that they come from.
    pub policy: Sha256Digest,
    /// The threat model that the report is judged by.
    pub threat_model: Sha256Digest,
    /// How the report came in.
    pub channel: Channel,
    /// When the report came in; the clocks count from here.
    pub received: Instant,
    /// When the case last changed.
    pub changed: Instant,
    /// Where the report stands in intake.
    pub intake: intake::State,
    /// The desk's report management.
    pub desk_rm: rm::State,
    /// Embargo management.
    pub em: em::State,
    /// The embargo in force.
    pub embargo: Option<Embargo>,
    /// The proposal that waits.
    pub proposal: Option<Proposal>,
    /// What is public, as a coordinator found.
    pub pxa: pxa::State,
    /// What participants say has happened outside, and no coordinator has recorded yet.
    pub asserted: BTreeSet<pxa::Trigger>,
    /// The reporter.
    pub reporter: ReporterPart,
    /// Everybody else who was ever in the case.
    pub members: BTreeMap<PersonId, Member>,
    /// The affected projects.
    pub projects: BTreeMap<ProjectName, ProjectPart>,
    /// The weaknesses.
    pub vulnerabilities: BTreeMap<VulnerabilityId, Vulnerability>,
    /// The two dates, once proposed.
    pub dates: Option<Dates>,
    /// Other dates that were proposed after these were agreed; the agreed ones stand until both roles agreed again.
    pub other_dates: Option<Dates>,
    /// The advisory's way.
    pub advisory: AdvisoryPart,
    /// When a person first answered the reporter.
    pub acknowledged: Option<Instant>,
    /// The last outcome of triage and its clause.
    pub outcome: Option<(Outcome, Option<String>)>,
    /// Who gave it.
    pub judged_by: Option<PersonId>,
    /// The case that it duplicates by that outcome.
    pub duplicate_of: Option<CaseId>,
    /// What is due.
    #[serde(serialize_with = "as_list")]
    pub deadlines: BTreeMap<DeadlineKind, Deadline>,
    /// How many deadlines were missed.
    pub breaches: u32,
    /// Reminders that were given, so that none is given twice.
    pub reminded: BTreeSet<(DeadlineKind, u32)>,
    /// When the administrators were last called, by deadline: being called about one silences no other.
    #[serde(serialize_with = "as_list")]
    pub escalated: BTreeMap<DeadlineKind, Instant>,
    /// When and why the case ended.
    pub closed: Option<(Instant, ClosingReason)>,
    /// How many events it was folded from.
    pub events: u32,
    /// Whether its contents were erased; set by whoever loads a case, because the store erases and not the process.
    pub erased: bool,
}

/// Writes a map by kind of deadline as a list of pairs: a kind is no text, and JSON's keys are texts.
fn as_list<V: Serialize, S: Serializer>(
    map: &BTreeMap<DeadlineKind, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map)
}

impl AdvisoryPart {
    /// Where the version that is being worked on stands.
    pub fn working(&self) -> advisory::State {
        self.revision.unwrap_or(self.state)
    }

    /// Whether the newest version was approved and waits to go out.
    pub fn approved(&self) -> bool {
        matches!(self.working(), advisory::State::Approved | advisory::State::Scheduled)
            && self.approved_by.is_some()
    }
}

impl Case {
    /// Who holds this role now.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = PersonId> + '_ {
        self.members.iter().filter(move |(_, member)| member.roles.contains(&role)).map(|(person, _)| *person)
    }

    /// Whether this person holds this role now.
    pub fn holds(&self, person: PersonId, role: Role) -> bool {
        self.members.get(&person).is_some_and(|member| member.roles.contains(&role))
    }

    /// Whether this person is the reporter.
    pub fn is_reporter(&self, person: PersonId) -> bool {
        self.reporter.person == Some(person)
    }

    /// How many separate individuals stand behind Reporter, Coordinator and Developer (J09), as far as the desk knows. A
    /// reporter who came by link counts as one, although nothing proves that they are none of the team: what is
    /// published rests on two signed-in people all the same, because no author of an advisory approves it.
    pub fn individuals(&self) -> usize {
        let mut persons: BTreeSet<PersonId> =
            self.holders(Role::Coordinator).chain(self.holders(Role::Developer)).collect();
        match self.reporter.person {
            Some(person) => {
                persons.insert(person);
                persons.len()
            }
            None => persons.len() + 1,
        }
    }

    /// Whether the roles are covered by at least two individuals; when the reporter also works on the fix, somebody
    /// else coordinates (J09).
    pub fn four_eyes(&self) -> bool {
        let reporter_develops =
            self.reporter.person.is_some_and(|reporter| self.holds(reporter, Role::Developer));
        let coordinated = self
            .holders(Role::Coordinator)
            .any(|coordinator| !reporter_develops || !self.is_reporter(coordinator));
        coordinated && self.individuals() >= 2
    }

    /// Whether content may be shown to this member: they agreed to the embargo, or none was ever proposed (PEC), or it
    /// is over. While a first one is proposed it stays open to whom nobody has asked: what a reporter or observer
    /// proposes asks nobody before a coordinator takes it up, and must not lock the team out. An embargo that ended before publication stays closed to who had not agreed to it.
    pub fn content_open_to(&self, member: &Member) -> bool {
        let free = match self.em {
            em::State::None => true,
            em::State::Exited => self.advisory.published.is_some() || !member.withheld,
            em::State::Proposed => member.consent == pec::State::NoEmbargo,
            em::State::Active | em::State::Revise => false,
        };
        free || member.consent == pec::State::Signatory
    }

    /// The case as the authorisation function sees it at `now`.
    pub fn as_object(&self, now: Instant) -> CaseObject {
        let mut members: Vec<AuthzMember> = self
            .members
            .iter()
            .filter(|(_, member)| !member.roles.is_empty() || !member.invited.is_empty())
            .map(|(person, member)| AuthzMember {
                person: *person,
                roles: member.roles.clone(),
                consented: !member.roles.is_empty() && self.content_open_to(member),
            })
            .collect();
        if let Some(person) = self.reporter.person {
            match members.iter_mut().find(|member| member.person == person) {
                Some(member) => {
                    member.roles.insert(Role::Reporter);
                }
                None => members.push(AuthzMember {
                    person,
                    roles: BTreeSet::from([Role::Reporter]),
                    consented: true,
                }),
            }
        }
        let overdue =
            self.deadlines.get(&DeadlineKind::Disclosure).is_some_and(|deadline| deadline.due <= now);
        CaseObject {
            case: self.id,
            projects: self.projects.keys().cloned().collect(),
            members,
            disclosure_overdue: overdue && self.advisory.published.is_none(),
        }
    }

    /// The next thing that is due, if anything is.
    pub fn next_deadline(&self) -> Option<Deadline> {
        self.deadlines.values().copied().min_by_key(|deadline| deadline.due)
    }

    /// Whether every vulnerability's CVE number is settled (J21).
    pub fn numbers_settled(&self) -> bool {
        !self.vulnerabilities.is_empty() && self.vulnerabilities.values().all(Vulnerability::number_settled)
    }

    /// The two dates, if both roles agreed to them (J24).
    pub fn dates_agreed(&self) -> Option<Dates> {
        self.dates.filter(|dates| dates.confirmed_by.is_some())
    }

    /// The dates that wait for the other role's word, if any do.
    pub fn dates_open(&self) -> Option<Dates> {
        self.other_dates.or(self.dates.filter(|dates| dates.confirmed_by.is_none()))
    }

    /// Whether the reporter was asked and has not answered for as long as the policy waits (VP-02-027).
    pub fn reporter_is_silent(&self, now: Instant) -> bool {
        let patience = Span::days(i64::from(self.terms.deadlines.reporter_silent_days));
        self.reporter.asked.is_some_and(|asked| now.since(asked) >= patience)
    }

    /// Whether the vulnerability is public, so that nothing needs hiding any more.
    pub fn is_public(&self) -> bool {
        self.pxa.is_public()
    }
}
