//! The five machines that Vultron has, against its tables (CERTCC/Vultron 6883299, `vultron/core/states`).

use bastide_desk::machine::{Machine as _, em, invariants, pec, pxa, rm, vfd};

use super::{check_reachability, check_table};

#[test]
fn report_management_has_vultrons_11_transitions() {
    check_table::<rm::State>(&[
        "start receive received",
        "received validate valid",
        "received invalidate invalid",
        "invalid validate valid",
        "valid accept accepted",
        "valid defer deferred",
        "deferred accept accepted",
        "accepted defer deferred",
        "invalid close closed",
        "deferred close closed",
        "accepted close closed",
    ]);
    check_reachability(&[rm::State::Closed]);
}

#[test]
fn embargo_management_has_vultrons_10_transitions() {
    check_table::<em::State>(&[
        "none propose proposed",
        "proposed propose proposed",
        "proposed accept active",
        "proposed reject none",
        "active propose revise",
        "revise propose revise",
        "revise accept active",
        "revise reject active",
        "active terminate exited",
        "revise terminate exited",
    ]);
    check_reachability(&[em::State::Exited]);
}

#[test]
fn embargo_consent_has_vultrons_11_rules_that_expand_to_15_transitions() {
    check_table::<pec::State>(&[
        "no-embargo invite invited",
        "lapsed invite invited",
        "declined invite invited",
        "no-embargo accept signatory",
        "invited accept signatory",
        "lapsed accept signatory",
        "no-embargo decline declined",
        "invited decline declined",
        "lapsed decline declined",
        "signatory revise lapsed",
        "no-embargo reset no-embargo",
        "invited reset no-embargo",
        "signatory reset no-embargo",
        "lapsed reset no-embargo",
        "declined reset no-embargo",
    ]);
    check_reachability::<pec::State>(&[]);
    let resets = pec::State::ALL.iter().filter(|state| state.next(pec::Trigger::Reset).is_some()).count();
    let rules = pec::State::transitions() - resets + 1;
    assert_eq!(rules, 11);
    println!("machine consent to the embargo: {rules} rules, reset from any state counts once");
}

#[test]
fn the_fix_path_has_3_transitions() {
    check_table::<vfd::State>(&[
        "unaware become-aware aware",
        "aware ready-fix fix-ready",
        "fix-ready deploy-fix fix-deployed",
    ]);
    check_reachability(&[vfd::State::FixDeployed]);
}

#[test]
fn public_exploit_attacks_are_the_12_edges_of_a_cube() {
    check_table::<pxa::State>(&[
        "quiet become-public public",
        "quiet publish-exploit exploit",
        "quiet observe-attacks attacks",
        "public publish-exploit public-exploit",
        "public observe-attacks public-attacks",
        "exploit become-public public-exploit",
        "exploit observe-attacks exploit-attacks",
        "attacks become-public public-attacks",
        "attacks publish-exploit exploit-attacks",
        "public-exploit observe-attacks public-exploit-attacks",
        "public-attacks publish-exploit public-exploit-attacks",
        "exploit-attacks become-public public-exploit-attacks",
    ]);
    check_reachability(&[pxa::State::PublicExploitAttacks]);
}

/// The codes that Vultron writes and the questions that the code asks are two statements of the same facts.
#[test]
fn the_codes_of_the_fix_path_and_of_the_world_say_what_the_predicates_say() {
    for state in vfd::State::ALL {
        assert_eq!(state.code().contains('V'), state.vendor_is_aware());
        assert_eq!(state.code().contains('F'), state.fix_is_ready());
    }
    for state in pxa::State::ALL {
        assert_eq!(state.code().contains('P'), state.is_public());
        assert_eq!(state.code().contains('X'), state.exploit_is_public());
        assert_eq!(state.code().contains('A'), state.attacks_were_observed());
    }
}

#[test]
fn a_fix_is_ready_only_where_the_report_was_accepted() {
    let broken = rm::State::ALL
        .into_iter()
        .flat_map(|rm| vfd::State::ALL.map(|vfd| invariants::check_fix(rm, vfd)))
        .filter(Result::is_err)
        .count();
    // Not received, received, invalid, valid; each with fix ready and fix deployed.
    assert_eq!(broken, 4 * 2);
    println!("invariant RM/VFD: {broken} of 28 pairs are impossible");
}

#[test]
fn no_embargo_covers_what_the_world_knows() {
    let broken = |attacks| {
        em::State::ALL
            .into_iter()
            .flat_map(|em| pxa::State::ALL.map(|pxa| invariants::check_embargo(em, pxa, attacks)))
            .filter(Result::is_err)
            .count()
    };
    // Proposed, active and revise, each with the seven states where something has happened.
    assert_eq!(broken(invariants::OnAttacks::EndEmbargo), 3 * 7);
    // A policy that keeps an embargo under attack allows active and revise in `pxA`.
    assert_eq!(broken(invariants::OnAttacks::Keep), 3 * 7 - 2);
    println!("invariant PXA/EM: 21 of 40 pairs are impossible (19 where attacks do not end an embargo)");
}

#[test]
fn a_disclosure_always_leaves_an_embargo_that_the_law_allows() {
    for em in em::State::ALL {
        let after = invariants::on_disclosure(em)
            .map_or(em, |trigger| em.next(trigger).expect("the machine accepts what the law demands"));
        assert_eq!(
            invariants::check_embargo(
                after,
                pxa::State::PublicExploitAttacks,
                invariants::OnAttacks::EndEmbargo
            ),
            Ok(())
        );
    }
}
