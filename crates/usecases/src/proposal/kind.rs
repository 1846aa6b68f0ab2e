//! What can be proposed, and which right it takes: one table for every door.

use bastide_authz::{Action, Grant, Object, Role, Scope};
use bastide_model::{
    id::{CaseId, PersonId},
    party::ProjectName,
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::WrittenRules;

/// One kind of change that needs two persons.
#[derive(Debug, PartialEq, Eq)]
pub struct ProposalKind {
    /// Its name in addresses and in the ledger.
    pub name: &'static str,
    /// What it does, in the imperative.
    pub title: &'static str,
    /// Why it takes two persons.
    pub why: &'static str,
    /// The right that both need, about the object of the proposal.
    pub action: Action,
    /// The rule or row of the table of roles behind it.
    pub rule: &'static str,
    /// What an approval brings about.
    pub effect: Effect,
}

/// What the second person's word brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The change happens at once; another proposal can change it back.
    AtOnce,
    /// It happens at once, and nothing brings back what was there.
    ForGood,
    /// A wait begins, in which it can be stopped.
    AfterAWait,
    /// Whoever proposed it can fetch a copy, for a time.
    GivesACopy,
}

impl ProposalKind {
    /// Every kind, in the order of the table of roles.
    pub const ALL: &'static [Self] = &[
        Self {
            name: "edit-project",
            title: "Change a project's rules",
            why: "Policy, threat model and supported versions decide what counts as a vulnerability and what reporters are \
                  promised. Open cases keep the rules that they began with.",
            action: Action::EditProject,
            rule: "S01",
            effect: Effect::AtOnce,
        },
        Self {
            name: "project-role",
            title: "Change a role in a project",
            why: "Whoever holds a role in a project can see or decide what others trust it with.",
            action: Action::EditProject,
            rule: "J10",
            effect: Effect::AtOnce,
        },
        Self {
            name: "programme-role",
            title: "Change a role in the whole programme",
            why: "A role in the programme reaches every project.",
            action: Action::Administer,
            rule: "J10",
            effect: Effect::AtOnce,
        },
        Self {
            name: RECOVER_PASSKEYS,
            title: "Let a person begin with new passkeys",
            why: "Whoever gets the link signs in as them. So two make sure, by a call or in person, that it is they who ask; and \
                  they are told and can stop it.",
            action: Action::Administer,
            rule: "J10",
            effect: Effect::AfterAWait,
        },
        Self {
            name: "export-person",
            title: "Give out what is stored about a person",
            why: "It says where somebody works and when. Contents of cases are not in it: those a person gets for themselves.",
            action: Action::ErasePerson,
            rule: "J05",
            effect: Effect::GivesACopy,
        },
        Self {
            name: "erase-person",
            title: "Erase a person's data",
            why: "It cannot be taken back. Their roles, seats, sessions and tokens end, and a pseudonym stands where their name did.",
            action: Action::ErasePerson,
            rule: "J05",
            effect: Effect::ForGood,
        },
        Self {
            name: "export-case",
            title: "Give out a whole case",
            why: "Everything that was written in a case leaves the desk, which protects nothing of it from then on.",
            action: Action::ExportCase,
            rule: "J09",
            effect: Effect::GivesACopy,
        },
        Self {
            name: "erase-case",
            title: "Erase the contents of a closed case",
            why: "It cannot be taken back. Reports, messages and drafts are gone for good; that they were there stays in the ledger.",
            action: Action::EraseCase,
            rule: "J05",
            effect: Effect::ForGood,
        },
    ];

    /// The kind of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|kind| kind.name == name)
    }
}

/// The name of the kind that replaces somebody's passkeys: the clock looks for it.
pub(crate) const RECOVER_PASSKEYS: &str = "recover-passkeys";

/// A proposed change with everything that it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Proposed {
    /// New rules of a project.
    EditProject {
        /// The project.
        project: ProjectName,
        /// Its title from then on.
        title: String,
        /// Whom people write to about conduct.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conduct_contact: Option<String>,
        /// Its rules from then on.
        rules: Box<WrittenRules>,
    },
    /// A role in a project, given or ended.
    ProjectRole {
        /// The project.
        project: ProjectName,
        /// What becomes of whose role.
        change: RoleChange,
    },
    /// A role in the programme, given or ended.
    ProgrammeRole {
        /// What becomes of whose role.
        change: RoleChange,
    },
    /// The end of a person's passkeys, and a link to make new ones.
    RecoverPasskeys {
        /// Whose; neither of the two who decide.
        person: PersonId,
    },
    /// What is stored about a person, given to whoever proposed it.
    ExportPerson {
        /// About whom.
        person: PersonId,
    },
    /// The end of what is stored about a person.
    ErasePerson {
        /// Whose.
        person: PersonId,
    },
    /// Everything about a case as one archive, given to whoever proposed it.
    ExportCase {
        /// Which case.
        case: CaseId,
    },
    /// The end of a closed case's contents.
    EraseCase {
        /// Which case.
        case: CaseId,
    },
}

/// What becomes of a person's role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RoleChange {
    /// Whose.
    pub person: PersonId,
    /// Which role.
    pub role: Role,
    /// Whether it is given or ended.
    pub gives: bool,
    /// From when it holds; at once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// Until when; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

impl RoleChange {
    /// The grant that it gives at `now`: an invitation, which the person has to take on.
    pub(crate) fn grant(&self, scope: Scope, now: Instant) -> Grant {
        let from = self.from.filter(|from| *from > now).unwrap_or(now);
        Grant { role: self.role, scope, from, until: self.until, confirmed: false }
    }
}

/// What a proposal is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The programme.
    Programme,
    /// A project.
    Project(ProjectName),
    /// A person.
    Person(PersonId),
    /// How a person signs in: the programme's to decide.
    Account(PersonId),
    /// A case.
    Case(CaseId),
}

impl About {
    /// Its name in the store and the ledger: no title, no name of a person.
    pub fn name(&self) -> String {
        match self {
            Self::Programme => "programme".to_owned(),
            Self::Project(project) => project.to_string(),
            Self::Person(person) | Self::Account(person) => person.to_string(),
            Self::Case(case) => case.to_string(),
        }
    }

    /// The object that `authorize` is asked about. A case is asked about with its members, which its caller loads.
    pub(crate) fn object(&self) -> Object<'_> {
        match self {
            Self::Programme | Self::Account(_) | Self::Case(_) => Object::Programme,
            Self::Project(project) => Object::Project(project),
            Self::Person(person) => Object::Person(*person),
        }
    }
}

impl Proposed {
    /// The row of the table.
    pub fn kind(&self) -> &'static ProposalKind {
        let name = match self {
            Self::EditProject { .. } => "edit-project",
            Self::ProjectRole { .. } => "project-role",
            Self::ProgrammeRole { .. } => "programme-role",
            Self::RecoverPasskeys { .. } => RECOVER_PASSKEYS,
            Self::ExportPerson { .. } => "export-person",
            Self::ErasePerson { .. } => "erase-person",
            Self::ExportCase { .. } => "export-case",
            Self::EraseCase { .. } => "erase-case",
        };
        ProposalKind::find(name).expect("every variant has its row; a test holds it")
    }

    /// What it is about.
    pub fn about(&self) -> About {
        match self {
            Self::EditProject { project, .. } | Self::ProjectRole { project, .. } => {
                About::Project(project.clone())
            }
            Self::ProgrammeRole { .. } => About::Programme,
            Self::RecoverPasskeys { person } => About::Account(*person),
            Self::ExportPerson { person } | Self::ErasePerson { person } => About::Person(*person),
            Self::ExportCase { case } | Self::EraseCase { case } => About::Case(*case),
        }
    }

    /// Who must be neither of the two who decide.
    pub(crate) fn not_by(&self) -> Option<PersonId> {
        match self {
            Self::RecoverPasskeys { person }
            | Self::ExportPerson { person }
            | Self::ErasePerson { person } => Some(*person),
            _ => None,
        }
    }

    /// The person whom it is about, whose data it holds.
    pub(crate) fn concerns(&self) -> Option<PersonId> {
        self.not_by().or_else(|| self.role_change().map(|(change, _)| change.person))
    }

    /// The scope of a changed role.
    pub(crate) fn role_change(&self) -> Option<(&RoleChange, Scope)> {
        match self {
            Self::ProjectRole { project, change } => Some((change, Scope::Project(project.clone()))),
            Self::ProgrammeRole { change } => Some((change, Scope::Programme)),
            Self::EditProject { .. }
            | Self::RecoverPasskeys { .. }
            | Self::ExportPerson { .. }
            | Self::ErasePerson { .. }
            | Self::ExportCase { .. }
            | Self::EraseCase { .. } => None,
        }
    }
}

/// The roles that people are given in a project or the programme, with whether they are for each.
pub const GIVEN: &[(Role, bool, bool)] = &[
    (Role::Coordinator, true, true),
    (Role::Developer, true, false),
    (Role::ProjectAdmin, true, false),
    (Role::ProgrammeAdmin, false, true),
    (Role::Auditor, true, true),
    (Role::ConductTeam, true, true),
    (Role::Cna, true, true),
    (Role::Board, false, true),
    (Role::Subscriber, true, true),
];

/// Whether this role is given in this scope.
pub(crate) fn is_given(role: Role, scope: &Scope) -> bool {
    GIVEN.iter().any(|(given, project, programme)| {
        *given == role
            && match scope {
                Scope::Project(_) => *project,
                Scope::Programme => *programme,
                Scope::Case(_) => false,
            }
    })
}
