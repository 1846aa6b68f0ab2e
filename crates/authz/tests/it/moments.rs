//! When a grant holds, where, and what a permit says of itself.

use bastide_authz::{Action, Actor, CaseObject, Decision, Grant, Object, Role, Scope, authorize};
use bastide_model::time::Span;

use crate::world::{CASE, case, grant, me, me_as, now, project};

#[test]
fn a_grant_holds_from_its_first_moment_until_just_before_its_last() {
    let begun =
        Grant { from: now(), until: Some(now() + Span::seconds(1)), ..grant(Role::Board, Scope::Programme) };
    assert!(begun.holds(now()));
    assert!(!begun.holds(now() + Span::seconds(-1)), "before it begins");
    assert!(!begun.holds(now() + Span::seconds(1)), "at its end");
    assert!(!begun.holds(now() + Span::days(1)), "after its end");
    assert!(!Grant { confirmed: false, ..begun.clone() }.holds(now()), "an invitation");
    assert!(Grant { until: None, ..begun }.holds(now() + Span::days(9_000)), "open when it has no end");
}

#[test]
fn a_role_is_held_in_its_scope_only() {
    let (lab, other) = (project("jupyterlab"), project("scipy"));
    let in_lab = me(vec![grant(Role::Coordinator, Scope::Project(lab.clone()))]);
    assert!(in_lab.holds_in(Role::Coordinator, &[other.clone(), lab.clone()], now()));
    assert!(!in_lab.holds_in(Role::Coordinator, std::slice::from_ref(&other), now()));
    assert!(!in_lab.holds_in(Role::Coordinator, &[], now()));
    assert!(!in_lab.holds_in(Role::Auditor, std::slice::from_ref(&lab), now()));
    let everywhere = me(vec![grant(Role::Auditor, Scope::Programme)]);
    assert!(everywhere.holds_in(Role::Auditor, std::slice::from_ref(&other), now()));
    let in_case = me(vec![grant(Role::Auditor, Scope::Case(CASE))]);
    assert!(!in_case.holds_in(Role::Auditor, std::slice::from_ref(&lab), now()), "a case is no project");
}

#[test]
fn a_role_is_offered_until_it_is_taken_on_or_its_end_has_come() {
    let offer = Grant { confirmed: false, ..grant(Role::Developer, Scope::Programme) };
    let until = |moment| me(vec![Grant { until: Some(moment), ..offer.clone() }]).is_offered_a_role(now());
    assert!(me(vec![offer.clone()]).is_offered_a_role(now()));
    assert!(until(now() + Span::seconds(1)), "before its end");
    assert!(!until(now()), "at its end");
    assert!(!until(now() + Span::seconds(-1)), "after its end");
    assert!(!me(vec![grant(Role::Developer, Scope::Programme)]).is_offered_a_role(now()), "taken on");
    assert!(!me(Vec::new()).is_offered_a_role(now()));
}

#[test]
fn a_permit_names_its_case_and_a_public_one_none() {
    let of = case(vec![me_as(&[Role::Developer], true)]);
    let permit = authorize(&me(Vec::new()), Action::ReadCase, Object::Case(&of), now()).permit();
    assert_eq!(permit.expect("a developer reads").case(), Some(CASE));
    let permit = authorize(&Actor::anonymous(), Action::ReadPublic, Object::Public, now()).permit();
    assert_eq!(permit.expect("everybody reads").case(), None);
}

#[test]
fn an_invitation_is_answered_by_whoever_stands_in_the_case_and_by_no_office() {
    let answer =
        |actor: &Actor, of: &CaseObject| authorize(actor, Action::AnswerInvitation, Object::Case(of), now());
    for roles in [&[][..], &[Role::Developer], &[Role::Observer], &[Role::Cna]] {
        for consented in [false, true] {
            let of = case(vec![me_as(roles, consented)]);
            assert!(answer(&me(Vec::new()), &of).permit().is_some(), "{roles:?}");
        }
    }
    let nobody = case(Vec::new());
    let link = Actor { reporter_of: Some(CASE), ..Actor::anonymous() };
    assert!(answer(&link, &nobody).permit().is_some());
    let offices =
        [Role::Coordinator, Role::ProgrammeAdmin, Role::Auditor, Role::ConductTeam, Role::Cna, Role::Board];
    for role in offices {
        let actor = me(vec![grant(role, Scope::Programme)]);
        assert_eq!(answer(&actor, &nobody), Decision::Deny, "{role:?}");
    }
}

/// A seat that was taken by a role falls with it at its end, and only with that one.
#[test]
fn a_coordinators_seat_ends_with_the_role_by_which_it_was_taken() {
    let seat = case(vec![me_as(&[Role::Coordinator], true)]);
    let ended = |role, scope| Grant { until: Some(now()), ..grant(role, scope) };
    let coordinates =
        |grants| authorize(&me(grants), Action::Triage, Object::Case(&seat), now()).permit().is_some();
    let lab = || Scope::Project(project("jupyterlab"));
    assert!(coordinates(Vec::new()), "a seat without a role was given by the case");
    assert!(!coordinates(vec![ended(Role::Coordinator, lab())]));
    assert!(!coordinates(vec![ended(Role::Coordinator, Scope::Programme)]));
    assert!(
        coordinates(vec![ended(Role::Coordinator, Scope::Project(project("scipy")))]),
        "another project's"
    );
    assert!(
        coordinates(vec![ended(Role::Coordinator, Scope::Case(CASE))]),
        "no role by which a seat is taken"
    );
    assert!(coordinates(vec![ended(Role::Auditor, lab())]), "another role");
    let lasts = Grant { until: Some(now() + Span::seconds(1)), ..grant(Role::Coordinator, lab()) };
    assert!(coordinates(vec![lasts]), "it has not ended");
    let both = vec![ended(Role::Coordinator, lab()), grant(Role::Coordinator, Scope::Programme)];
    assert!(coordinates(both), "the office that is left coordinates, too");
}
