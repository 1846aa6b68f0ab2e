//! What is right, by the table of roles and the standing of whoever asks.

use bastide_authz::Role;

use super::{
    table::{About, Cell, Route, Tables},
    world::{Actor, Audience, By, FOREIGN, Membership, OWN, Played, World},
};

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    /// A case of the project in a state, by its number.
    Own(usize),
    /// Another case of the project, without seats.
    Other,
    /// A case of another project.
    Foreign,
    /// A proposal about a person.
    Person,
    /// Nothing that is there.
    Absent,
    /// A name that does not read.
    Malformed,
}

impl Object {
    /// The objects that a route can be asked about.
    pub(crate) fn of(world: &World, about: About) -> Vec<Self> {
        let own = (0..world.own.len()).map(Self::Own);
        match about {
            About::Case | About::Kept => {
                own.chain([Self::Other, Self::Foreign, Self::Absent, Self::Malformed]).collect()
            }
            About::Report => own.chain([Self::Absent]).collect(),
            About::Project => vec![Self::Own(0), Self::Foreign, Self::Absent, Self::Malformed],
            About::Proposal => {
                let proposals = [Self::Own(0), Self::Other, Self::Foreign, Self::Person];
                proposals.into_iter().chain([Self::Absent, Self::Malformed]).collect()
            }
            About::Everybody | About::Account | About::Programme => vec![Self::Own(0)],
        }
    }

    /// The case and the project that stand in the path.
    pub(crate) fn names(&self, world: &World) -> (String, String) {
        match self {
            Self::Own(index) => (world.own[*index].case.clone(), OWN.to_owned()),
            Self::Other => (world.other.case.clone(), OWN.to_owned()),
            Self::Foreign => (world.foreign.case.clone(), FOREIGN.to_owned()),
            Self::Person | Self::Absent => {
                ("case-00000000000000000000000000".to_owned(), "no-such-project".to_owned())
            }
            Self::Malformed => ("not-a-case".to_owned(), "No Project".replace(' ', "%20")),
        }
    }

    /// The proposal that stands in the path: of the own project, of the programme (as another), of the other project.
    pub(crate) fn proposal<'a>(&self, world: &'a World) -> &'a str {
        match self {
            Self::Own(_) => &world.proposals[0],
            Self::Other => &world.proposals[1],
            Self::Foreign => &world.proposals[2],
            Self::Person => &world.proposals[3],
            Self::Absent => "change-00000000000000000000000000",
            Self::Malformed => "not-a-proposal",
        }
    }

    fn case<'a>(&self, world: &'a World) -> Option<&'a Played> {
        match self {
            Self::Own(index) => Some(&world.own[*index]),
            Self::Other => Some(&world.other),
            Self::Foreign => Some(&world.foreign),
            Self::Person | Self::Absent | Self::Malformed => None,
        }
    }
}

/// The object in a word.
pub(crate) fn class_of(world: &World, object: &Object) -> String {
    match object {
        Object::Own(index) => format!("own case in {}", world.own[*index].state),
        other => format!("{other:?}"),
    }
}

/// What the answer has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Allowed,
    /// Asked to confirm afresh, or for what purpose.
    Confirm,
    /// Exactly what an address that is nowhere answers.
    Absent,
    /// Asked to sign in, whoever they are.
    SignIn,
    /// No such project; projects are public, so this is no secret.
    AbsentProject,
}

impl Expected {
    pub(crate) fn kind(self) -> usize {
        match self {
            Self::Allowed => 0,
            Self::Confirm => 1,
            Self::Absent | Self::SignIn | Self::AbsentProject => 2,
        }
    }
}

/// What is right for this question.
pub(crate) fn expect(
    tables: &Tables,
    world: &World,
    actor: &Actor,
    confirms: bool,
    route: &Route,
    object: &Object,
) -> Expected {
    let cell = match route.about {
        About::Everybody => return Expected::Allowed,
        About::Project if object.case(world).is_none() => return Expected::AbsentProject,
        About::Account if actor.person.is_none() => return Expected::SignIn,
        About::Account => tables.cell(&route.row, account_column(actor)),
        About::Kept => match object.case(world) {
            Some(played) if actor.by == By::Account && actor.person == played.reporter => {
                tables.cell(&route.row, "reporter")
            }
            _ => Cell::NO,
        },
        About::Report => report_cell(tables, actor, route, object, world),
        About::Project => office_cell(tables, actor, &route.row, object == &Object::Foreign),
        About::Programme => office_cell(tables, actor, &route.row, false),
        About::Proposal => proposal_cell(tables, actor, route, object),
        About::Case => match object.case(world) {
            Some(played) => case_cell(tables, actor, row_of(route, played), played, object),
            None => Cell::NO,
        },
    };
    match (cell.may, (cell.after_confirming && !confirms) || cell.after_purpose) {
        (false, _) => Expected::Absent,
        (true, true) => Expected::Confirm,
        (true, false) => Expected::Allowed,
    }
}

/// A person whose role does not hold is like anybody who is signed in.
fn account_column(actor: &Actor) -> &'static str {
    let holds = matches!(actor.membership, Membership::Confirmed | Membership::OtherProject);
    match actor.by {
        By::Project(_) | By::Programme(_) if holds => actor.column,
        // A CNA's seat in a case is no office.
        _ => "subscriber",
    }
}

/// The link opens its own report, by the routes that take it; nobody else's account does.
fn report_cell(tables: &Tables, actor: &Actor, route: &Route, object: &Object, world: &World) -> Cell {
    let opens = actor.by == By::Link && actor.membership == Membership::Confirmed;
    if opens && (object.case(world).is_some() || *object == Object::Absent) {
        return tables.cell(&route.row, "reporter");
    }
    Cell::NO
}

/// Projects and the programme are asked by office; a seat in a case is none.
fn office_cell(tables: &Tables, actor: &Actor, row: &str, foreign: bool) -> Cell {
    let holds = match (actor.by, actor.membership) {
        (By::Programme(_), Membership::Confirmed) => true,
        (By::Project(_), Membership::Confirmed) => !foreign,
        (By::Project(_), Membership::OtherProject) => foreign,
        _ => false,
    };
    let cell = tables.cell(row, if holds { actor.column } else { "anonymous" });
    // An office is about others' things.
    if cell.own { Cell::NO } else { cell }
}

/// A proposal is read and decided by those who have the right that it takes, about what it changes.
fn proposal_cell(tables: &Tables, actor: &Actor, route: &Route, object: &Object) -> Cell {
    let reads = route.row == "read";
    let row = match object {
        Object::Absent | Object::Malformed => return Cell::NO,
        Object::Other | Object::Person if reads => "read the programme's administration",
        Object::Other => "create projects, persons",
        Object::Person => "erase or export a person's data",
        _ if reads => "read a project's administration",
        _ => "edit a project",
    };
    office_cell(tables, actor, row, *object == Object::Foreign)
}

fn case_cell(tables: &Tables, actor: &Actor, row: &str, played: &Played, object: &Object) -> Cell {
    let asked = actor.person.is_some_and(|person| played.invited.contains(&person));
    if asked {
        let may = row == "answer an invitation";
        return if may { Cell::YES } else { Cell::NO };
    }
    let foreign = *object == Object::Foreign;
    let column = match actor.by {
        By::Nobody | By::Link | By::Person => None,
        By::Account => (actor.person == played.reporter).then_some(actor.column),
        By::Seat(role) => {
            let person = actor.person.expect("who has a seat is somebody");
            played.seated.contains(&(person, role)).then_some(actor.column)
        }
        By::Project(_) => match actor.membership {
            Membership::Confirmed => (!foreign).then_some(actor.column),
            Membership::OtherProject => foreign.then_some(actor.column),
            _ => None,
        },
        // The office of a CNA opens no case; a seat in it does.
        By::Programme(Role::Cna) => None,
        By::Programme(_) => (actor.membership == Membership::Confirmed).then_some(actor.column),
    };
    let Some(column) = column else { return Cell::NO };
    if row == "answer an invitation" {
        // Whoever takes part may also leave by it; a coordinator by office was never asked.
        return if matches!(actor.by, By::Seat(_) | By::Account) { Cell::YES } else { Cell::NO };
    }
    let cell = tables.cell(row, column);
    if cell.at_the_end && !["published", "withdrawn", "closed"].contains(&played.state) {
        Cell::NO
    } else {
        cell
    }
}

/// The row that holds for this case: one row of the table changes when the deadline has passed.
fn row_of<'a>(route: &'a Route, played: &Played) -> &'a str {
    match route.row.as_str() {
        "approve, publish, withdraw an advisory" if played.state == "overdue" => {
            "approve after the deadline has passed"
        }
        row => row,
    }
}

/// Whether somebody may read what was written for this audience in this case.
pub(crate) fn may_read(world: &World, actor: &Actor, link: &str, played: &Played, tier: Audience) -> bool {
    if tier == Audience::Public {
        return true;
    }
    let foreign = played.case == world.foreign.case;
    let seat = |role| actor.person.is_some_and(|person| played.seated.contains(&(person, role)));
    let coordinates = match (actor.by, actor.membership) {
        (By::Project(Role::Coordinator), Membership::Confirmed) => !foreign,
        (By::Project(Role::Coordinator), Membership::OtherProject) => foreign,
        (By::Programme(Role::Coordinator), Membership::Confirmed) => true,
        _ => false,
    };
    let team = coordinates || seat(Role::Coordinator) || seat(Role::Developer);
    let by_link = actor.by == By::Link && actor.membership == Membership::Confirmed && link == played.link;
    let reporter = by_link || (actor.person.is_some() && actor.person == played.reporter);
    match tier {
        Audience::Public => true,
        // An auditor reads this for a purpose, and none here has stated one.
        Audience::Participants => team || reporter || seat(Role::Observer),
        Audience::TeamAndReporter => team || reporter,
        Audience::Team => team,
    }
}
