//! What is asked about, with the facts that decide: no content, only who belongs to it.

use std::collections::BTreeSet;

use bastide_model::{
    id::{CaseId, PersonId},
    party::ProjectName,
};
use serde::{Deserialize, Serialize};

use crate::Role;

/// Whom a message, attachment or field is for. Fixed when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Coordinators and developers of the case.
    TeamOnly,
    /// The team and the reporter.
    TeamAndReporter,
    /// Everybody who takes part in the case.
    Participants,
    /// Everybody.
    Public,
}

/// As what somebody looks at a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Viewer {
    /// As coordinator or developer.
    Team,
    /// As the reporter.
    Reporter,
    /// As observer or operator.
    Observer,
    /// As auditor: the history and what all participants may see; not the team's talk, the report or reproductions.
    Auditor,
    /// As anybody.
    Public,
}

impl Tier {
    /// Whether something of this tier may be shown to such a viewer.
    pub fn visible_to(self, viewer: Viewer) -> bool {
        match self {
            Self::Public => true,
            Self::Participants => viewer != Viewer::Public,
            Self::TeamAndReporter => matches!(viewer, Viewer::Team | Viewer::Reporter),
            Self::TeamOnly => viewer == Viewer::Team,
        }
    }
}

/// A person in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// The roles taken in this case.
    pub roles: BTreeSet<Role>,
    /// Whether they may see content: signed the embargo, or there is none.
    pub consented: bool,
}

/// What the authorisation function must know of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseObject {
    /// The case.
    pub case: CaseId,
    /// The projects that it concerns.
    pub projects: Vec<ProjectName>,
    /// Who takes part now (not who left or was removed).
    pub members: Vec<Member>,
    /// Whether the disclosure deadline has passed with an advisory that is not out: the one moment in which a
    /// programme's administrator may approve or publish.
    pub disclosure_overdue: bool,
}

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object<'a> {
    /// Public pages, feeds, policies, keys.
    Public,
    /// The programme itself: persons, projects, operation.
    Programme,
    /// One project's policy, versions, inbox.
    Project(&'a ProjectName),
    /// One case.
    Case(&'a CaseObject),
    /// A person's own account and data.
    Person(PersonId),
}
