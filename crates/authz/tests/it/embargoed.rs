//! A value under embargo opens with a permit for its case and tier, and prints as nothing.

use bastide_authz::{Action, Actor, Embargoed, Object, Permit, Role, Scope, Tier, authorize};

use crate::world::{CASE, OTHER_CASE, case, grant, me, me_as, now, project};

const TIERS: [Tier; 4] = [Tier::TeamOnly, Tier::TeamAndReporter, Tier::Participants, Tier::Public];

fn permit(actor: &Actor, action: Action, roles: &[Role]) -> Permit {
    let members = if roles.is_empty() { Vec::new() } else { vec![me_as(roles, true)] };
    authorize(actor, action, Object::Case(&case(members)), now()).permit().expect("allowed")
}

/// Proves: J16.
#[test]
fn each_viewer_opens_the_tiers_that_are_for_them() {
    let link = Actor { reporter_of: Some(CASE), ..Actor::anonymous() };
    let auditor = me(vec![grant(Role::Auditor, Scope::Programme)]);
    let coordinator = me(vec![grant(Role::Coordinator, Scope::Project(project("jupyterlab")))]);
    let plain = me(Vec::new());
    let viewers = [
        ("developer", permit(&plain, Action::ReadCase, &[Role::Developer]), [true, true, true, true]),
        ("coordinator", permit(&plain, Action::ReadCase, &[Role::Coordinator]), [true, true, true, true]),
        ("project coordinator", permit(&coordinator, Action::ReadCase, &[]), [true, true, true, true]),
        ("reporter", permit(&plain, Action::SeeOwnReport, &[Role::Reporter]), [false, true, true, true]),
        ("reporter by link", permit(&link, Action::SeeOwnReport, &[]), [false, true, true, true]),
        ("observer", permit(&plain, Action::ReadCase, &[Role::Observer]), [false, false, true, true]),
        ("auditor", permit(&auditor, Action::ReadCase, &[]), [false, false, true, true]),
    ];
    for (name, permit, opens) in &viewers {
        for (tier, expected) in TIERS.into_iter().zip(opens) {
            let text = Embargoed::new(CASE, tier, "the title");
            assert_eq!(text.open(permit).is_ok(), *expected, "{name}, {tier:?}");
        }
    }
    println!("{} viewers x {} tiers", viewers.len(), TIERS.len());
}

/// Proves: J16.
#[test]
fn a_permit_of_one_case_opens_nothing_of_another() {
    let permit = permit(&me(Vec::new()), Action::ReadCase, &[Role::Coordinator]);
    for tier in TIERS {
        assert!(Embargoed::new(CASE, tier, 1).open(&permit).is_ok());
        assert!(Embargoed::new(OTHER_CASE, tier, 1).open(&permit).is_err(), "{tier:?}");
    }
}

/// Proves: J16.
#[test]
fn who_has_not_consented_may_speak_about_the_embargo_and_reads_nothing() {
    let mut asked = 0;
    for role in [Role::Developer, Role::Coordinator, Role::Observer] {
        let unconsented = case(vec![me_as(&[role], false)]);
        for action in
            [Action::ReadCase, Action::ReadTeamOnly, Action::Fix, Action::DraftAdvisory, Action::Triage]
        {
            asked += 1;
            let decision = authorize(&me(Vec::new()), action, Object::Case(&unconsented), now());
            assert_eq!(decision.permit(), None, "{role:?} {action:?}");
        }
        for action in [Action::Embargo, Action::AnswerInvitation] {
            asked += 1;
            let permit = authorize(&me(Vec::new()), action, Object::Case(&unconsented), now()).permit();
            let permit = permit.expect("allowed");
            for tier in [Tier::TeamOnly, Tier::TeamAndReporter, Tier::Participants] {
                assert!(Embargoed::new(CASE, tier, ()).open(&permit).is_err(), "{role:?} {tier:?}");
            }
        }
    }
    println!("{asked} questions");
}

#[test]
fn a_reporter_answers_for_themselves_by_their_link() {
    let link = Actor { reporter_of: Some(CASE), ..Actor::anonymous() };
    for action in [Action::AnswerInvitation, Action::Embargo, Action::Appeal] {
        let there = authorize(&link, action, Object::Case(&case(Vec::new())), now());
        assert!(there.permit().is_some(), "{action:?}");
        let elsewhere = Actor { reporter_of: Some(OTHER_CASE), ..Actor::anonymous() };
        assert_eq!(authorize(&elsewhere, action, Object::Case(&case(Vec::new())), now()).permit(), None);
    }
}

/// Proves: J16.
#[test]
fn what_is_embargoed_prints_as_three_stars_however_it_is_wrapped() {
    let text = Embargoed::new(CASE, Tier::TeamOnly, "path traversal".to_owned());
    assert_eq!(format!("{text:?}"), "***");
    assert_eq!(format!("{:?}", Some(&text)), "Some(***)");
    assert_eq!(format!("{:?}", text.clone().map(|text| text.len())), "***");
    assert_eq!(format!("{:#?}", [text]), "[\n    ***,\n]");
}

#[test]
fn whether_there_is_a_value_and_how_long_it_is_are_told_without_a_permit() {
    let bytes = |bytes: &[u8]| Embargoed::new(CASE, Tier::TeamOnly, bytes.to_vec()).length();
    assert_eq!([bytes(b""), bytes(b"x"), bytes(b"four")], [0, 1, 4]);
    let permit = permit(&me(Vec::new()), Action::ReadCase, &[Role::Developer]);
    let some = Embargoed::new(CASE, Tier::TeamOnly, Some(7)).transpose().expect("there is one");
    assert_eq!((some.open(&permit), some.case(), some.tier()), (Ok(&7), CASE, Tier::TeamOnly));
    assert!(Embargoed::new(CASE, Tier::TeamOnly, None::<u8>).transpose().is_none());
}
