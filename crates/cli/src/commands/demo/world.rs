//! The stage: an embedded desk with its projects, persons and clock, in a directory that goes away.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use bastide_authz::{Role, Scope};
use bastide_connect_mail::Spool;
use bastide_model::{
    id::PersonId,
    party::{Identity, ProjectName},
    time::{Instant, Span},
};
use bastide_server::{Demo as DemoPage, DemoRole};
use bastide_store::Store;
use bastide_usecases::{
    Desk, NewPerson, ProjectSetup, Secret, Settings, SignInPolicy, SimulatedClock, SystemEntropy,
};
use tempfile::TempDir;

use super::player::Player;
use crate::{
    commands::admin::sign_in_address,
    desk_place::{DeskPlace, Missing, origin},
    diagnostic::{Diagnostic, chain},
};

/// When the story begins.
const BEGINS: &str = "2024-07-22T08:00:00Z";

/// The projects: name, title, policy, product.
const PROJECTS: [(&str, &str, &str, &str); 5] = [
    ("jupyterlab", "JupyterLab", "jupyter", "jupyterlab"),
    ("notebook", "Jupyter Notebook", "jupyter", "notebook"),
    ("cpython", "CPython", "cpython", "python"),
    ("numpy", "NumPy", "numpy", "numpy"),
    ("scipy", "SciPy", "scipy", "scipy"),
];

/// The persons: name, the role that they hold in the programme, what they are, what they see.
const PERSONS: [(&str, Option<Role>, &str, &str); 4] = [
    ("coordinator-a", Some(Role::Coordinator), "coordinator", "the inbox with its deadlines, and every case"),
    ("developer-a", None, "developer", "the cases that they were invited to"),
    ("developer-b", None, "developer and approver", "the same, through a second pair of eyes"),
    (
        "administrator-a",
        Some(Role::ProgrammeAdmin),
        "administrator",
        "projects and people; no contents of cases",
    ),
];

/// The stage.
pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) clock: Arc<SimulatedClock>,
    pub(super) persons: BTreeMap<&'static str, (PersonId, Secret)>,
    directory: TempDir,
}

impl World {
    /// Sets everything up, as an operator would with `bastide admin`.
    pub(super) async fn new(address: &str) -> Result<Self, Diagnostic> {
        let directory = tempfile::Builder::new().prefix("bastide-demo-").tempdir().map_err(|error| {
            Diagnostic::cannot(format!("no temporary directory can be made: {}", chain(&error)))
                .remedy("make room, or name another place in TMPDIR")
        })?;
        let begins: Instant = BEGINS.parse().map_err(|error| Diagnostic::cannot(chain(&error)))?;
        let clock = Arc::new(SimulatedClock::at(begins));
        let place = DeskPlace::at(directory.path().join("desk"));
        let store = Store::open(place.config(&origin(address), Missing::Make)?, begins).await?;
        let settings = Settings {
            programme: "Scientific Python security desk (demo)".to_owned(),
            public_url: address.to_owned(),
            sign_in: SignInPolicy::without_passkeys(),
        };
        let desk = Desk::new(store, Arc::<SimulatedClock>::clone(&clock), Arc::new(SystemEntropy), settings);
        for (name, title, policy, product) in PROJECTS {
            let setup = ProjectSetup::builtin(project(name)?, title, policy, Some(policy), Some(product))?;
            desk.set_up_project(setup).await?;
        }
        let mut persons = BTreeMap::new();
        for (name, role, ..) in PERSONS {
            let identities = vec![Identity::Mail { address: format!("{name}@example.org") }];
            let person = desk.add_person(NewPerson { name: name.to_owned(), identities }).await?;
            if let Some(role) = role {
                desk.grant(person, role, Scope::Programme, None).await?;
            }
            persons.insert(name, (person, desk.issue_token(person, Span::days(366), true).await?));
        }
        Ok(Self { desk, clock, persons, directory })
    }

    /// Where mail goes.
    pub(super) fn spool(&self) -> Spool {
        let sender = "desk@example.org".parse().expect("it is a mail address");
        Spool::new(self.directory.path().join("mail"), sender)
    }

    /// What the first page tells, with whom to be.
    pub(super) async fn page(&self, player: &Player) -> Result<DemoPage, Diagnostic> {
        let mut roles = vec![DemoRole {
            name: "reporter-a".to_owned(),
            role: "reporter".to_owned(),
            sees: "their own report, by its secret link and without an account".to_owned(),
            secret: player.link()?.to_owned(),
            reporter: true,
        }];
        for (name, _, role, sees) in PERSONS {
            let person = self.persons.get(name).map(|(person, _)| *person);
            let Some(person) = person else { continue };
            // A sign-in link works once; a visitor of the demo comes back to a role as often as they like.
            let secret = self.desk.issue_token(person, Span::days(30), true).await?;
            roles.push(DemoRole {
                name: name.to_owned(),
                role: role.to_owned(),
                sees: sees.to_owned(),
                secret: secret.reveal().to_owned(),
                reporter: false,
            });
        }
        let first = format!("/advisories/{}", player.advisory()?);
        Ok(DemoPage { first, roles, played: player.played.clone() })
    }

    /// The links, for the terminal.
    pub(super) fn where_to_look(&self, page: &DemoPage) -> String {
        let address = &self.desk.settings().public_url;
        let mut text = format!("The finished case's advisory:\n  {address}{}\n", page.first);
        for format in ["osv", "csaf", "cve", "text"] {
            let _ = writeln!(text, "  {address}{}/{format}", page.first);
        }
        text.push_str("Whom to be:\n");
        for role in &page.roles {
            let link = if role.reporter {
                format!("{address}/status/{}", role.secret)
            } else {
                sign_in_address(&self.desk, &Secret::given(&role.secret))
            };
            let _ = writeln!(text, "  {:<16} {} ({})\n    {link}", role.name, role.role, role.sees);
        }
        text
    }
}

/// A project's name.
pub(super) fn project(name: &str) -> Result<ProjectName, Diagnostic> {
    name.parse().map_err(|error: bastide_model::party::SlugError| Diagnostic::cannot(chain(&error)))
}
