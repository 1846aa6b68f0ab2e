//! Who asks: a person with grants, the holder of a report's secret link, a service, or nobody known.

use bastide_model::{
    id::{CaseId, PersonId},
    party::ProjectName,
    time::Instant,
};
use serde::{Deserialize, Serialize};

/// What a person is in a programme, project or case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reported the vulnerability.
    Reporter,
    /// Takes part without deciding: a deployer, a distributor, a member who watches.
    Observer,
    /// Works on the fix.
    Developer,
    /// Carries the case through the process.
    Coordinator,
    /// Keeps a project's policy, versions and roles.
    ProjectAdmin,
    /// Runs the desk; does not thereby read cases.
    ProgrammeAdmin,
    /// Reads cases for a stated purpose, logged.
    Auditor,
    /// Receives conduct matters with undisclosed information removed.
    ConductTeam,
    /// Reserves and publishes CVE records.
    Cna,
    /// Sees oversight figures.
    Board,
    /// Subscribed to notices.
    Subscriber,
    /// A machine account.
    Service,
}

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", content = "of", rename_all = "kebab-case")]
pub enum Scope {
    /// The whole programme.
    Programme,
    /// One project.
    Project(ProjectName),
    /// One case.
    Case(CaseId),
}

/// A role in a scope, with a beginning and an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
    /// From when it holds.
    pub from: Instant,
    /// When it ends; open when absent.
    pub until: Option<Instant>,
    /// Whether the person has taken it on; an invitation gives no right.
    pub confirmed: bool,
}

impl Grant {
    /// Whether the grant gives rights at `now`: confirmed, begun and not ended.
    pub fn holds(&self, now: Instant) -> bool {
        self.confirmed && self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Who asks, with the rights read for this request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The signed-in person; none for anonymous visitors and link holders.
    pub person: Option<PersonId>,
    /// The person's grants in the programme and in projects. Roles inside a case come with the case.
    pub grants: Vec<Grant>,
    /// The case whose reporter's link this request carries.
    pub reporter_of: Option<CaseId>,
    /// Whether a second factor was shown just now (`s` in the table of roles).
    pub stepped_up: bool,
    /// What the credential of this request may be used for.
    pub reach: Reach,
    /// Whether the person must set up how they sign in before anything else: then nothing but their own account and
    /// what is public is open to them.
    pub confined: bool,
}

/// What a credential may be used for. A signed-in browser's reaches everywhere; an API token's as far as it was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reach {
    /// Read what its holder may read.
    pub read: bool,
    /// Send reports in its holder's name.
    pub report: bool,
    /// Change what its holder may change.
    pub write: bool,
}

impl Reach {
    /// Everywhere.
    pub const FULL: Self = Self { read: true, report: true, write: true };
}

impl Default for Reach {
    fn default() -> Self {
        Self::FULL
    }
}

impl Actor {
    /// A visitor about whom nothing is known.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Whether the person holds `role` in the programme or in one of `projects` at `now`.
    pub fn holds_in(&self, role: Role, projects: &[ProjectName], now: Instant) -> bool {
        self.roles_in(projects, now).contains(&role)
    }

    /// Whether a role waits for the person to take it on.
    pub fn is_offered_a_role(&self, now: Instant) -> bool {
        self.grants.iter().any(|grant| !grant.confirmed && grant.until.is_none_or(|until| now < until))
    }

    /// The roles that the person holds in the programme or in one of `projects` at `now`.
    pub(crate) fn roles_in(&self, projects: &[ProjectName], now: Instant) -> Vec<Role> {
        let within = |scope: &Scope| match scope {
            Scope::Programme => true,
            Scope::Project(project) => projects.contains(project),
            Scope::Case(_) => false,
        };
        self.grants
            .iter()
            .filter(|grant| grant.holds(now) && within(&grant.scope))
            .map(|grant| grant.role)
            .collect()
    }
}
