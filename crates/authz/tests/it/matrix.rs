//! The table of roles, transcribed by hand from the document that the desk is held to, and asked cell by cell.
//!
//! Cells: `-` may not, `y` may, `o` may on cases or things of their own, `s` only after a second factor; `2` (a second
//! person) is the case's to know, so that to `authorize` it is like `y`.

use bastide_authz::{Action, Actor, CaseObject, Decision, Grant, Object, Reach, Role, Scope, authorize};
use bastide_model::time::Span;

use crate::world::{CASE, ME, OTHER_CASE, SOMEBODY, case, grant, me, me_as, now, project};

/// What a row is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Everybody,
    Case,
    Project,
    Programme,
    Oneself,
    SomebodyElse,
}

const COLUMNS: [&str; 13] = [
    "anonymous",
    "reporter",
    "observer",
    "developer",
    "coordinator",
    "project admin",
    "programme admin",
    "auditor",
    "conduct team",
    "CNA",
    "board",
    "subscriber",
    "service",
];

#[rustfmt::skip]
const TABLE: &[(Action, About, [&str; 13])] = &[
    //                                              anon  rep  obs  dev  coord  padm   gadm   aud  cond  cna   board sub  serv
    (Action::ReadPublic, About::Everybody,         ["y", "y", "y", "y", "y",   "y",   "y",   "y", "y",  "y",  "y",  "y", "y"]),
    (Action::SubmitReport, About::Everybody,       ["y", "y", "y", "y", "y",   "y",   "y",   "y", "y",  "y",  "y",  "y", "y"]),
    (Action::SeeOwnReport, About::Case,            ["-", "o", "-", "-", "-",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::WriteReporterThread, About::Case,     ["-", "o", "-", "o", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::SeeInbox, About::Project,             ["-", "-", "-", "-", "y",   "y",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadCase, About::Case,                ["-", "-", "o", "o", "o",   "-",   "-",   "o", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadTeamOnly, About::Case,            ["-", "-", "-", "o", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::Triage, About::Case,                  ["-", "-", "-", "-", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ManageParticipants, About::Case,      ["-", "-", "-", "-", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::Embargo, About::Case,                 ["-", "o", "o", "o", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::Fix, About::Case,                     ["-", "-", "-", "o", "-",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::AnswerDeployed, About::Case,          ["-", "-", "o", "-", "-",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::RequestCve, About::Case,              ["-", "-", "-", "o", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::DecideCve, About::Case,               ["-", "-", "-", "-", "o",   "-",   "-",   "-", "-",  "ys", "-",  "-", "-"]),
    (Action::SetDates, About::Case,                ["-", "-", "-", "2", "2",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::DraftAdvisory, About::Case,           ["-", "-", "-", "o", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ApproveAdvisory, About::Case,         ["-", "-", "-", "2s", "2s", "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::Strike, About::Case,                  ["-", "-", "-", "-", "o",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::Ban, About::Programme,                ["-", "-", "-", "-", "2",   "-",   "2",   "-", "2",  "-",  "-",  "-", "-"]),
    (Action::Appeal, About::Case,                  ["-", "o", "-", "-", "-",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ConductExport, About::Case,           ["-", "-", "-", "-", "o",   "-",   "-",   "-", "y",  "-",  "-",  "-", "-"]),
    (Action::EditProject, About::Project,          ["-", "-", "-", "-", "-",   "2s",  "2s",  "-", "-",  "-",  "-",  "-", "-"]),
    (Action::Administer, About::Programme,         ["-", "-", "-", "-", "-",   "-",   "ys",  "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadAdministration, About::Programme, ["-", "-", "-", "-", "-",   "-",   "y",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadAdministration, About::Project,   ["-", "-", "-", "-", "-",   "y",   "y",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::EraseCase, About::Case,               ["-", "-", "-", "-", "2s",  "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ExportCase, About::Case,              ["-", "-", "-", "-", "2s",  "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadProofs, About::Case,              ["-", "o", "o", "o", "o",   "-",   "-",   "y", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadOversight, About::Programme,      ["-", "-", "-", "-", "y",   "y",   "y",   "y", "-",  "-",  "y",  "-", "-"]),
    (Action::OwnAccount, About::Oneself,           ["-", "o", "o", "o", "o",   "o",   "o",   "o", "o",  "o",  "o",  "o", "-"]),
    (Action::Operate, About::Programme,            ["-", "-", "-", "-", "-",   "-",   "ys",  "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadHealth, About::Programme,         ["-", "-", "-", "-", "-",   "-",   "ys",  "-", "-",  "-",  "-",  "-", "y"]),
    (Action::ErasePerson, About::Oneself,          ["-", "o", "o", "o", "o",   "-",   "2s",  "-", "-",  "-",  "-",  "o", "-"]),
    // Asked in a second place by design: the auditor's proofs and the conduct team's exports of the programme, a policy edited
    // by the programme, a banned person's own appeal.
    (Action::EditProject, About::Programme,        ["-", "-", "-", "-", "-",   "-",   "2s",  "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ReadProofs, About::Programme,         ["-", "-", "-", "-", "-",   "-",   "-",   "y", "-",  "-",  "-",  "-", "-"]),
    (Action::ConductExport, About::Programme,      ["-", "-", "-", "-", "-",   "-",   "-",   "-", "y",  "-",  "-",  "-", "-"]),
    (Action::Appeal, About::Oneself,               ["-", "o", "o", "o", "o",   "o",   "o",   "o", "o",  "o",  "o",  "o", "o"]),
    (Action::Appeal, About::SomebodyElse,          ["-", "-", "-", "-", "-",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::OwnAccount, About::SomebodyElse,      ["-", "-", "-", "-", "-",   "-",   "-",   "-", "-",  "-",  "-",  "-", "-"]),
    (Action::ErasePerson, About::SomebodyElse,     ["-", "-", "-", "-", "-",   "-",   "2s",  "-", "-",  "-",  "-",  "-", "-"]),
];

/// How somebody stands to their role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Membership {
    Confirmed,
    Invited,
    Expired,
    NotYet,
    Removed,
    OtherProject,
    OtherCase,
}

const MEMBERSHIPS: [Membership; 7] = [
    Membership::Confirmed,
    Membership::Invited,
    Membership::Expired,
    Membership::NotYet,
    Membership::Removed,
    Membership::OtherProject,
    Membership::OtherCase,
];

/// How somebody comes to their role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Not signed in, without any link.
    Nothing,
    /// The secret link of a report.
    Link,
    /// A seat in the case.
    Seat(Role),
    /// A grant in a project.
    ProjectGrant(Role),
    /// A grant in the programme.
    ProgrammeGrant(Role),
}

/// Every way to stand in a column.
fn ways(column: &str) -> Vec<By> {
    match column {
        "anonymous" => vec![By::Nothing],
        "reporter" => vec![By::Link, By::Seat(Role::Reporter)],
        "observer" => vec![By::Seat(Role::Observer)],
        "developer" => vec![By::Seat(Role::Developer)],
        "coordinator" => vec![
            By::ProjectGrant(Role::Coordinator),
            By::ProgrammeGrant(Role::Coordinator),
            By::Seat(Role::Coordinator),
        ],
        "project admin" => vec![By::ProjectGrant(Role::ProjectAdmin)],
        "programme admin" => vec![By::ProgrammeGrant(Role::ProgrammeAdmin)],
        "auditor" => vec![By::ProgrammeGrant(Role::Auditor)],
        "conduct team" => vec![By::ProgrammeGrant(Role::ConductTeam)],
        // The office alone decides nothing in a case; see the test of its own.
        "CNA" => vec![By::Seat(Role::Cna)],
        "board" => vec![By::ProgrammeGrant(Role::Board)],
        "subscriber" => vec![By::ProgrammeGrant(Role::Subscriber)],
        "service" => vec![By::ProgrammeGrant(Role::Service)],
        other => panic!("no such column: {other}"),
    }
}

/// Who asks and which case they ask about; nothing where the membership makes no sense for the way.
fn scene(by: By, membership: Membership) -> Option<(Actor, CaseObject)> {
    let nobody = || case(vec![me_of_somebody_else()]);
    match (by, membership) {
        (By::Nothing, Membership::Confirmed) => Some((Actor::anonymous(), nobody())),
        (By::Link, Membership::Confirmed | Membership::OtherCase) => {
            let of = if membership == Membership::Confirmed { CASE } else { OTHER_CASE };
            Some((Actor { reporter_of: Some(of), ..Actor::anonymous() }, nobody()))
        }
        (By::Seat(role), Membership::Confirmed) => Some((me(Vec::new()), case(vec![me_as(&[role], true)]))),
        // Who is invited stands in the case without a role.
        (By::Seat(_), Membership::Invited) => Some((me(Vec::new()), case(vec![me_as(&[], false)]))),
        // Who has left, or holds a seat in another case, does not stand in this one.
        (By::Seat(_), Membership::Removed | Membership::OtherCase) => Some((me(Vec::new()), nobody())),
        (By::ProjectGrant(role) | By::ProgrammeGrant(role), membership) => {
            let in_project = matches!(by, By::ProjectGrant(_));
            let scope = match (in_project, membership) {
                (true, Membership::OtherProject) => Scope::Project(project("scipy")),
                (true, _) => Scope::Project(project("jupyterlab")),
                (false, Membership::OtherProject) => return None,
                (false, _) => Scope::Programme,
            };
            let confirmed = grant(role, scope);
            let grants = match membership {
                Membership::Confirmed | Membership::OtherProject => vec![confirmed],
                Membership::Invited => vec![Grant { confirmed: false, ..confirmed }],
                Membership::Expired => vec![Grant { until: Some(now()), ..confirmed }],
                Membership::NotYet => vec![Grant { from: now() + Span::seconds(1), ..confirmed }],
                Membership::Removed => Vec::new(),
                Membership::OtherCase => return None,
            };
            Some((me(grants), nobody()))
        }
        _ => None,
    }
}

fn me_of_somebody_else() -> bastide_authz::Member {
    bastide_authz::Member { person: SOMEBODY, ..me_as(&[Role::Developer], true) }
}

/// The cell that holds for somebody in this standing.
fn cell(
    row: &(Action, About, [&'static str; 13]),
    column: usize,
    by: By,
    membership: Membership,
) -> &'static str {
    let (_, about, cells) = row;
    let of = |name: &str| cells[COLUMNS.iter().position(|column| *column == name).expect("a column")];
    let signed_in = !matches!(by, By::Nothing | By::Link);
    match membership {
        Membership::Confirmed => match (by, about) {
            // The link is no account, and a seat in one case is no office in project or programme.
            (By::Link, About::Oneself) => "-",
            (By::Seat(Role::Coordinator), About::Project | About::Programme) => "-",
            (By::Seat(Role::Cna), About::Oneself) => of("subscriber"),
            _ => cells[column],
        },
        // The role holds, in another project: what is the programme's or one's own is not touched by that.
        Membership::OtherProject if matches!(about, About::Programme | About::Oneself | About::Everybody) => {
            cells[column]
        }
        // Without a role a signed-in person is like a subscriber, anybody else like a visitor.
        _ if signed_in => of("subscriber"),
        _ => of("anonymous"),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Allowed,
    SecondFactor,
    Denied,
}

fn ask(actor: &Actor, action: Action, about: About, of: &CaseObject) -> Answer {
    let lab = project("jupyterlab");
    let object = match about {
        About::Everybody => Object::Public,
        About::Case => Object::Case(of),
        About::Project => Object::Project(&lab),
        About::Programme => Object::Programme,
        About::Oneself => Object::Person(ME),
        About::SomebodyElse => Object::Person(SOMEBODY),
    };
    match authorize(actor, action, object, now()) {
        Decision::Allow(permit) => {
            assert_eq!(permit.action(), action);
            assert_eq!(permit.person(), actor.person);
            Answer::Allowed
        }
        Decision::StepUp => Answer::SecondFactor,
        Decision::Deny => Answer::Denied,
        Decision::OutOfReach => panic!("the credentials of this matrix reach everywhere"),
    }
}

fn expected(cell: &str, stepped_up: bool) -> Answer {
    match (cell, stepped_up) {
        ("-", _) => Answer::Denied,
        ("y" | "o" | "2", _) | ("ys" | "2s", true) => Answer::Allowed,
        ("ys" | "2s", false) => Answer::SecondFactor,
        (other, _) => panic!("no such cell: {other}"),
    }
}

/// Proves: J08, J10, J17, P30.
#[test]
fn every_cell_of_the_table_of_roles_holds_under_every_membership() {
    let (mut asked, mut allowed) = (0, 0);
    let mut wrong = Vec::new();
    for row in TABLE {
        for (column, name) in COLUMNS.iter().enumerate() {
            for by in ways(name) {
                for membership in MEMBERSHIPS {
                    let Some((actor, of)) = scene(by, membership) else { continue };
                    for stepped_up in [false, true] {
                        let actor = Actor { stepped_up, ..actor.clone() };
                        let cell = cell(row, column, by, membership);
                        let answer = ask(&actor, row.0, row.1, &of);
                        asked += 1;
                        allowed += usize::from(answer == Answer::Allowed);
                        if answer != expected(cell, stepped_up) {
                            wrong.push(format!(
                                "{:?} of {:?}: {name} by {by:?}, {membership:?}, second factor {stepped_up}: \
                                 {answer:?}, the table says {cell}",
                                row.0, row.1
                            ));
                        }
                    }
                }
            }
        }
    }
    println!("{} rows x {} columns, {asked} questions, {allowed} allowed", TABLE.len(), COLUMNS.len());
    assert!(wrong.is_empty(), "{} cells differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Proves: J06.
#[test]
fn after_the_deadline_the_programmes_administrators_may_approve_and_nobody_else_gains() {
    for (column, name) in COLUMNS.iter().enumerate() {
        for by in ways(name) {
            let (actor, mut of) = scene(by, Membership::Confirmed).expect("everybody has a first standing");
            of.disclosure_overdue = true;
            let row = TABLE.iter().find(|row| row.0 == Action::ApproveAdvisory).expect("the row is there");
            let cell = if *name == "programme admin" { "2s" } else { row.2[column] };
            for stepped_up in [false, true] {
                let actor = Actor { stepped_up, ..actor.clone() };
                let answer = ask(&actor, Action::ApproveAdvisory, About::Case, &of);
                assert_eq!(answer, expected(cell, stepped_up), "{name} by {by:?}");
            }
        }
    }
}

/// What the table does not name is allowed nowhere: each action is asked of the objects that it is not about.
#[test]
fn an_action_is_allowed_on_its_own_kind_of_object_only() {
    let abouts = [About::Everybody, About::Case, About::Programme, About::Oneself];
    let mut asked = 0;
    for action in Action::ALL {
        let own: Vec<About> = TABLE.iter().filter(|row| row.0 == action).map(|row| row.1).collect();
        for about in abouts {
            let also = (action, about) == (Action::AnswerInvitation, About::Case);
            if own.contains(&about) || also {
                continue;
            }
            for name in COLUMNS {
                for by in ways(name) {
                    let (actor, of) =
                        scene(by, Membership::Confirmed).expect("everybody has a first standing");
                    asked += 1;
                    let actor = Actor { stepped_up: true, ..actor };
                    assert_eq!(
                        ask(&actor, action, about, &of),
                        Answer::Denied,
                        "{name} {action:?} {about:?}"
                    );
                }
            }
        }
    }
    println!("{asked} questions about the wrong object, all denied");
}

/// The table names every action but the answer to an invitation, which is not a right of a role but of who was asked.
#[test]
fn the_table_is_complete() {
    let missing: Vec<Action> =
        Action::ALL.into_iter().filter(|action| TABLE.iter().all(|row| row.0 != *action)).collect();
    assert_eq!(missing, [Action::AnswerInvitation]);
}

/// The case asks for the seat (J19): whom it would refuse is not let in here either.
///
/// Proves: J19.
#[test]
fn a_cna_without_a_seat_in_the_case_decides_no_number() {
    let object = case(vec![]);
    let mut actor = me(vec![grant(Role::Cna, Scope::Programme)]);
    actor.stepped_up = true;
    let decide = |object: &CaseObject| authorize(&actor, Action::DecideCve, Object::Case(object), now());
    assert_eq!(decide(&object), Decision::Deny);
    assert_eq!(decide(&case(vec![me_as(&[Role::Cna], false)])), Decision::Deny, "consent comes first");
    assert!(matches!(decide(&case(vec![me_as(&[Role::Cna], true)])), Decision::Allow(_)));
}

/// Every reach that a credential can have.
fn reaches() -> impl Iterator<Item = Reach> {
    (0..8_u8).map(|bits| Reach { read: bits & 1 > 0, report: bits & 2 > 0, write: bits & 4 > 0 })
}

#[test]
fn a_reach_takes_rights_away_and_never_gives_one() {
    let of = case(vec![me_as(&[Role::Developer, Role::Coordinator], true)]);
    let lab = project("jupyterlab");
    let objects = [
        Object::Public,
        Object::Case(&of),
        Object::Project(&lab),
        Object::Programme,
        Object::Person(ME),
        Object::Person(SOMEBODY),
    ];
    let roles = [Role::Coordinator, Role::ProgrammeAdmin, Role::ConductTeam, Role::Auditor];
    let grants: Vec<_> = roles.into_iter().map(|role| grant(role, Scope::Programme)).collect();
    for stepped_up in [false, true] {
        let whole = Actor { stepped_up, ..me(grants.clone()) };
        for (reach, action) in reaches().flat_map(|reach| Action::ALL.map(|action| (reach, action))) {
            let actor = Actor { reach, ..whole.clone() };
            for object in objects {
                let without = authorize(&whole, action, object, now());
                let with = authorize(&actor, action, object, now());
                let hidden = matches!(object, Object::Case(_)) && !reach.read;
                // What its holder may not do at all is not told apart from what is not there either.
                let cut =
                    if hidden || without == Decision::Deny { Decision::Deny } else { Decision::OutOfReach };
                assert!(with == without || with == cut, "{reach:?} {action:?} {object:?}: {with:?}");
                let none = reach == Reach { read: false, report: false, write: false };
                if none && action != Action::ReadPublic {
                    assert!(with.permit().is_none(), "{action:?} {object:?}");
                }
                if reach == Reach::FULL {
                    assert_eq!(authorize(&actor, action, object, now()), without);
                }
            }
        }
    }
}

#[test]
fn whoever_must_make_a_passkey_first_has_their_account_and_what_is_public() {
    let of = case(vec![me_as(&[Role::Developer, Role::Coordinator], true)]);
    let lab = project("jupyterlab");
    let grants =
        vec![grant(Role::Coordinator, Scope::Programme), grant(Role::ProgrammeAdmin, Scope::Programme)];
    let actor = Actor { confined: true, stepped_up: true, ..me(grants) };
    for action in Action::ALL {
        for object in [Object::Case(&of), Object::Programme, Object::Person(SOMEBODY)] {
            assert_eq!(authorize(&actor, action, object, now()), Decision::Deny, "{action:?} {object:?}");
        }
        let in_public = matches!(action, Action::ReadPublic | Action::SubmitReport);
        for object in [Object::Public, Object::Project(&lab)] {
            assert_eq!(authorize(&actor, action, object, now()).permit().is_some(), in_public, "{action:?}");
        }
        let own = authorize(&actor, action, Object::Person(ME), now()).permit().is_some();
        assert_eq!(own, action == Action::OwnAccount, "{action:?}");
    }
}
