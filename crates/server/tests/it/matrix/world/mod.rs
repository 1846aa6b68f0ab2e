//! A desk with a case in every state, and everybody who could ask about them.

mod play;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::Router;
use bastide_authz::{Grant, Role, Scope};
use bastide_desk::policy::Disposition;
use bastide_model::{
    id::PersonId,
    party::ProjectName,
    time::{Clock as _, Span},
};
use bastide_server::{Options, router};
use bastide_store::{Append, Change, Stream, StreamKind};
use bastide_usecases::{
    Desk, NewPerson, ProjectSetup, RoleChange, SignInPolicy, SimulatedClock, proposal::Proposed,
};
use tempfile::TempDir;

use crate::site::desk_in;

/// The states that a case can be in when a request comes. `submitted` is not among them: a report is judged in the
/// transaction that stores it.
pub(crate) const STATES: [&str; 13] = [
    "held",
    "received",
    "acknowledged",
    "triaging",
    "invalid",
    "accepted-embargoed",
    "overdue",
    "fix-agreed",
    "scheduled",
    "released-quiet",
    "published",
    "withdrawn",
    "closed",
];

/// The project of the cases, and another one.
pub(crate) const OWN: &str = "jupyterlab";
pub(crate) const FOREIGN: &str = "notebook";

/// How somebody comes to a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Nothing: not signed in, no link.
    Nobody,
    /// The secret link of a report.
    Link,
    /// The report was sent while signed in.
    Account,
    /// A seat in the case.
    Seat(Role),
    /// A grant in the project.
    Project(Role),
    /// A grant in the programme.
    Programme(Role),
    /// Signed in, without any role.
    Person,
}

/// How they stand to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Membership {
    Confirmed,
    Invited,
    Removed,
    Expired,
    OtherProject,
}

/// Somebody who asks.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) name: String,
    /// The column of the table of roles.
    pub(crate) column: &'static str,
    pub(crate) by: By,
    pub(crate) membership: Membership,
    pub(crate) person: Option<PersonId>,
    /// Tokens without and with the right to confirm.
    pub(crate) tokens: Option<[String; 2]>,
}

/// A secret of a case.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    pub(crate) word: String,
    /// For whom it was written.
    pub(crate) tier: Audience,
    pub(crate) field: &'static str,
}

/// Who may read a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Team,
    TeamAndReporter,
    Participants,
    Public,
}

/// A case that was played.
#[derive(Debug, Clone)]
pub(crate) struct Played {
    pub(crate) state: &'static str,
    pub(crate) case: String,
    pub(crate) link: String,
    /// Seats whose holders have agreed to the embargo.
    pub(crate) seated: BTreeSet<(PersonId, Role)>,
    /// Who was invited and has not answered.
    pub(crate) invited: BTreeSet<PersonId>,
    pub(crate) reporter: Option<PersonId>,
    pub(crate) canaries: Vec<Canary>,
}

/// The desk.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) service: Router,
    pub(crate) own: Vec<Played>,
    /// A case of the same project, without seats for anybody.
    pub(crate) other: Played,
    /// A case of the other project, where the people of other projects sit.
    pub(crate) foreign: Played,
    pub(crate) actors: Vec<Actor>,
    pub(crate) advisory: String,
    /// Proposals that wait: about the own project, the programme, the other project, a person.
    pub(crate) proposals: [String; 4],
    clock: Arc<SimulatedClock>,
    carrier: Carrier,
    count: u32,
    _directory: TempDir,
}

/// Who plays the cases; they are not among those who ask.
#[derive(Clone)]
struct Carrier {
    coordinator: PersonId,
    foreign: PersonId,
    developer: PersonId,
}

fn project(name: &str) -> ProjectName {
    name.parse().unwrap()
}

const SEATS: [(Role, &str, &str); 4] = [
    (Role::Developer, "developer", "developer"),
    (Role::Observer, "observer", "observer"),
    (Role::Coordinator, "coordinator", "coordinator"),
    (Role::Cna, "cna", "CNA"),
];

const OFFICES: [(Role, &str); 8] = [
    (Role::Coordinator, "coordinator"),
    (Role::ProgrammeAdmin, "programme admin"),
    (Role::Auditor, "auditor"),
    (Role::ConductTeam, "conduct team"),
    (Role::Cna, "CNA"),
    (Role::Board, "board"),
    (Role::Subscriber, "subscriber"),
    (Role::Service, "service"),
];

impl World {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(SimulatedClock::at("2026-03-01T09:00:00Z".parse().unwrap()));
        let policy = SignInPolicy::without_passkeys();
        let desk = desk_in(directory.path(), &clock, "http://localhost:1", policy, "matrix").await;
        for (name, title, product) in [(OWN, "JupyterLab", "jupyterlab"), (FOREIGN, "Notebook", "notebook")] {
            let setup =
                ProjectSetup::builtin(project(name), title, "jupyter", Some("jupyter"), Some(product));
            let mut setup = setup.unwrap();
            // So that a case can be held.
            setup.policy.lint.dispositions.insert("REP-P22".to_owned(), Disposition::Hold);
            desk.set_up_project(setup).await.unwrap();
        }
        let carrier = Carrier {
            coordinator: person(&desk, "carrier-coordinator").await,
            foreign: person(&desk, "carrier-foreign").await,
            developer: person(&desk, "carrier-developer").await,
        };
        let at = |name| Scope::Project(project(name));
        desk.grant(carrier.coordinator, Role::Coordinator, at(OWN), None).await.unwrap();
        desk.grant(carrier.foreign, Role::Coordinator, at(FOREIGN), None).await.unwrap();
        let actors = actors(&desk, &clock).await;
        let service = router(desk.clone(), Options::default());
        let nothing = Played {
            state: "received",
            case: String::new(),
            link: String::new(),
            seated: BTreeSet::new(),
            invited: BTreeSet::new(),
            reporter: None,
            canaries: Vec::new(),
        };
        let mut world = Self {
            desk,
            service,
            own: Vec::new(),
            other: nothing.clone(),
            foreign: nothing,
            actors,
            advisory: String::new(),
            proposals: Default::default(),
            clock,
            carrier,
            count: 0,
            _directory: directory,
        };
        world.play_all().await;
        world.issue_tokens().await;
        world.propose().await;
        world
    }

    /// How long each history is that a request could have added to. Who has read is written down and not among them.
    pub(crate) async fn lengths(&self) -> Vec<(String, usize)> {
        let cases = self.own.iter().chain([&self.other, &self.foreign]);
        let mut streams: Vec<Stream> =
            cases.map(|played| Stream::new(StreamKind::Case, &played.case)).collect();
        streams.extend([OWN, FOREIGN].map(|name| Stream::new(StreamKind::Project, name)));
        streams.push(Stream::new(StreamKind::Programme, "outbound"));
        streams.extend(self.proposals.iter().map(|id| Stream::new(StreamKind::Proposal, id)));
        let people = self.actors.iter().filter_map(|actor| actor.person).chain([self.carrier.developer]);
        streams.extend(people.map(|person| Stream::new(StreamKind::Person, person.to_string())));
        let mut lengths = Vec::new();
        for stream in streams {
            let length = self.desk.store().stream(&stream).await.unwrap().len();
            lengths.push((format!("{:?} {}", stream.kind, stream.id), length));
        }
        lengths
    }

    /// Somebody whom the desk knows and who asks nothing.
    pub(crate) fn somebody(&self) -> String {
        self.carrier.developer.to_string()
    }

    /// A proposal for each kind of object; whoever proposed it is not among those who ask.
    async fn propose(&mut self) {
        let proposer = person(&self.desk, "carrier-administrator").await;
        self.desk.grant(proposer, Role::ProgrammeAdmin, Scope::Programme, None).await.unwrap();
        let actor = self.actor(proposer).await;
        let change =
            |role| RoleChange { person: self.carrier.developer, role, gives: true, from: None, until: None };
        let proposed = [
            Proposed::ProjectRole { project: project(OWN), change: change(Role::Developer) },
            Proposed::ProgrammeRole { change: change(Role::Board) },
            Proposed::ProjectRole { project: project(FOREIGN), change: change(Role::Developer) },
            Proposed::ErasePerson { person: self.carrier.developer },
        ];
        for (place, proposed) in proposed.into_iter().enumerate() {
            let id = self.desk.propose(&actor, proposed, "For the matrix.", None, None).await.unwrap();
            self.proposals[place] = id.to_string();
        }
    }

    async fn actor(&self, person: PersonId) -> bastide_authz::Actor {
        let grants = self.desk.store().grants_of(person).await.unwrap();
        bastide_authz::Actor {
            person: Some(person),
            grants,
            stepped_up: true,
            ..bastide_authz::Actor::anonymous()
        }
    }

    /// Who sits in the case and has agreed, and who was only asked: facts of the case, no rights.
    async fn note_people(&self, played: &mut Played) {
        let object = self.desk.case_object(played.case.parse().unwrap()).await.unwrap();
        for member in &object.members {
            let known = self.actors.iter().any(|actor| actor.person == Some(member.person));
            if !known || played.reporter == Some(member.person) {
                continue;
            }
            if member.roles.is_empty() {
                played.invited.insert(member.person);
            }
            for role in &member.roles {
                assert!(member.consented, "{}: somebody with a seat has agreed", played.state);
                played.seated.insert((member.person, *role));
            }
        }
    }

    async fn issue_tokens(&mut self) {
        let mut tokens = BTreeMap::new();
        for person in self.actors.iter().filter_map(|actor| actor.person) {
            let mut pair = Vec::new();
            for confirms in [false, true] {
                let token = self.desk.issue_token(person, Span::days(365), confirms).await.unwrap();
                pair.push(token.reveal().to_owned());
            }
            tokens.insert(person, <[String; 2]>::try_from(pair).unwrap());
        }
        for actor in &mut self.actors {
            actor.tokens = actor.person.and_then(|person| tokens.get(&person).cloned());
        }
    }
}

async fn person(desk: &Desk, name: &str) -> PersonId {
    desk.add_person(NewPerson { name: name.to_owned(), identities: Vec::new() }).await.unwrap()
}

async fn actors(desk: &Desk, clock: &SimulatedClock) -> Vec<Actor> {
    let mut actors = Vec::new();
    let plain = |column, by, membership, person: Option<PersonId>| Actor {
        name: format!("{column} by {by:?}, {membership:?}"),
        column,
        by,
        membership,
        person,
        tokens: None,
    };
    actors.push(plain("anonymous", By::Nobody, Membership::Confirmed, None));
    actors.push(plain("reporter", By::Link, Membership::Confirmed, None));
    actors.push(plain("reporter", By::Link, Membership::Removed, None));
    let account = person(desk, "reporter-account").await;
    actors.push(plain("reporter", By::Account, Membership::Confirmed, Some(account)));
    let stranger = person(desk, "person-without-role").await;
    actors.push(plain("subscriber", By::Person, Membership::Confirmed, Some(stranger)));
    for (role, name, column) in SEATS {
        for membership in
            [Membership::Confirmed, Membership::Invited, Membership::Removed, Membership::OtherProject]
        {
            let id = person(desk, &format!("seat-{name}-{membership:?}")).await;
            actors.push(plain(column, By::Seat(role), membership, Some(id)));
        }
    }
    let granted = [
        Membership::Confirmed,
        Membership::Invited,
        Membership::Removed,
        Membership::Expired,
        Membership::OtherProject,
    ];
    let in_project = [(Role::Coordinator, "coordinator"), (Role::ProjectAdmin, "project admin")];
    for (role, column) in in_project {
        for membership in granted {
            let id = person(desk, &format!("project-{column}-{membership:?}")).await;
            let place = if membership == Membership::OtherProject { FOREIGN } else { OWN };
            give(desk, clock, id, role, Scope::Project(project(place)), membership).await;
            actors.push(plain(column, By::Project(role), membership, Some(id)));
        }
    }
    for (role, column) in OFFICES {
        for membership in &granted[..4] {
            let id = person(desk, &format!("programme-{column}-{membership:?}")).await;
            give(desk, clock, id, role, Scope::Programme, *membership).await;
            actors.push(plain(column, By::Programme(role), *membership, Some(id)));
        }
    }
    // What ends tomorrow has ended when somebody asks.
    clock.pass(Span::days(2));
    actors
}

async fn give(
    desk: &Desk,
    clock: &SimulatedClock,
    person: PersonId,
    role: Role,
    scope: Scope,
    membership: Membership,
) {
    let now = clock.now();
    match membership {
        Membership::Confirmed | Membership::OtherProject => {
            desk.grant(person, role, scope, None).await.unwrap();
        }
        Membership::Expired => desk.grant(person, role, scope, Some(now + Span::days(1))).await.unwrap(),
        Membership::Removed => {
            desk.grant(person, role, scope.clone(), None).await.unwrap();
            desk.end_grant(person, role, scope).await.unwrap();
        }
        Membership::Invited => {
            let grant = Grant { role, scope, from: now, until: None, confirmed: false };
            let mut append = Append::at(now);
            append.changes.push(Change::PutGrant { person, grant });
            desk.store().append(append).await.unwrap();
        }
    }
}
