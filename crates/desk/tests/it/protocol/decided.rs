//! Where Vultron contradicts itself, and what we decided; one test each.

use bastide_desk::{
    machine::{Machine as _, em, invariants::OnAttacks, pec, pxa, rm, vfd},
    protocol::{Message, Participant, Role, receive, send, wire},
};

const EMBARGOED: Participant = Participant {
    rm: rm::State::Accepted,
    em: em::State::Active,
    vfd: Some(vfd::State::Aware),
    pxa: pxa::State::Quiet,
};

#[test]
fn decision_1_a_proposed_change_makes_a_signatory_lapse_and_never_invited() {
    assert_eq!(pec::State::Signatory.next(pec::Trigger::Revise), Some(pec::State::Lapsed));
    for trigger in pec::Trigger::ALL {
        assert_ne!(pec::State::Signatory.next(trigger), Some(pec::State::Invited));
    }
}

#[test]
fn decision_2_a_valid_report_can_be_neither_declared_invalid_nor_closed() {
    for (trigger, message) in
        [(rm::Trigger::Invalidate, Message::ReportInvalid), (rm::Trigger::Close, Message::ReportClosed)]
    {
        assert_eq!(rm::State::Valid.next(trigger), None);
        let valid = Participant { rm: rm::State::Valid, ..EMBARGOED };
        let refused = send(valid, Role::Vendor, OnAttacks::EndEmbargo, message).expect_err("not from valid");
        assert!(
            refused.to_string().contains("possible now: accept the report, defer the report"),
            "{refused}"
        );
    }
}

#[test]
fn decision_3_attacks_end_an_embargo_unless_the_policy_keeps_it() {
    let attacked = |policy| receive(EMBARGOED, Role::Vendor, policy, Message::AttacksObserved);

    let ended = attacked(OnAttacks::default());
    assert_eq!(ended.state.em, em::State::Exited);
    assert_eq!(ended.announcements, [Message::EmbargoTermination]);

    let kept = attacked(OnAttacks::Keep);
    assert_eq!(kept.state, Participant { pxa: pxa::State::Attacks, ..EMBARGOED });
    assert!(kept.announcements.is_empty());

    // Kept or not, nobody begins an embargo under attack.
    let under_attack = Participant { em: em::State::None, ..kept.state };
    for policy in [OnAttacks::EndEmbargo, OnAttacks::Keep] {
        let proposed = receive(under_attack, Role::Vendor, policy, Message::EmbargoProposal);
        assert_eq!((proposed.state, proposed.replies), (under_attack, vec![Message::EmbargoRejection]));
    }
}

#[test]
fn decision_4_observed_attacks_make_nothing_public() {
    for em in em::State::ALL {
        for policy in [OnAttacks::EndEmbargo, OnAttacks::Keep] {
            let state = Participant { em, ..EMBARGOED };
            let outcome = receive(state, Role::Vendor, policy, Message::AttacksObserved);
            assert_eq!(outcome.state.pxa, pxa::State::Attacks);
        }
    }
}

#[test]
fn decision_5_an_exploit_for_what_is_public_leaves_the_embargo_alone() {
    for em in em::State::ALL {
        let public = Participant { em, pxa: pxa::State::Public, ..EMBARGOED };
        let exploited = Participant { pxa: pxa::State::PublicExploit, ..public };

        let received = receive(public, Role::Vendor, OnAttacks::EndEmbargo, Message::ExploitPublic);
        assert_eq!((received.state, received.announcements), (exploited, vec![]));

        let sent = send(public, Role::Vendor, OnAttacks::EndEmbargo, Message::ExploitPublic)
            .expect("an exploit can always be told");
        assert_eq!((sent.state, sent.also), (exploited, vec![]));
    }
}

#[test]
fn decision_6_embargo_states_are_written_short_and_read_short_or_long() {
    for state in em::State::ALL {
        let short = wire::embargo_state_name(state);
        assert_eq!(wire::embargo_state_from_name(short), Some(state));
        assert_eq!(wire::embargo_state_from_name(&format!("EMBARGO_MANAGEMENT_{short}")), Some(state));
    }
    assert_eq!(wire::embargo_state_name(em::State::None), "NONE");
    assert_eq!(wire::embargo_state_from_name("NO_EMBARGO"), None, "that is a state of consent");
}

/// RMB-07-002 and RMB-08-002 would answer an error by an error, and two participants that do so never stop.
#[test]
fn an_error_or_acknowledgement_about_an_unknown_report_is_not_answered_by_an_error() {
    let newcomer = Participant::start(Role::Other);
    for message in [Message::ReportError, Message::ReportAcknowledgement] {
        let outcome = receive(newcomer, Role::Other, OnAttacks::EndEmbargo, message);
        assert!(!outcome.replies.contains(&Message::ReportError));
    }
}

#[test]
fn whoever_publishes_an_exploit_also_says_that_the_vulnerability_is_public_and_the_embargo_over() {
    let sent = send(EMBARGOED, Role::Vendor, OnAttacks::EndEmbargo, Message::ExploitPublic)
        .expect("an exploit can always be told");
    assert_eq!(sent.also, [Message::PublicAware, Message::EmbargoTermination]);
    assert_eq!(sent.state.pxa, pxa::State::PublicExploit);
    assert_eq!(sent.state.em, em::State::Exited);
}

#[test]
fn a_library_cannot_say_that_its_fix_is_deployed() {
    let ready = Participant { vfd: Some(vfd::State::FixReady), ..EMBARGOED };
    let deploy = |role| send(ready, role, OnAttacks::EndEmbargo, Message::FixDeployed);
    assert!(deploy(Role::Vendor).is_err());
    assert_eq!(
        deploy(Role::VendorDeployer).expect("a service is deployed").state.vfd,
        Some(vfd::State::FixDeployed)
    );
}
