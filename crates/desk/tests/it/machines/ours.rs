//! The machines that Vultron does not have: intake, CVE record, fix, advisory, conduct.

use bastide_desk::machine::{Machine as _, advisory, conduct, cve, fix, intake};

use super::{check_reachability, check_table};

/// Proves: P01, P26.
#[test]
fn intake_has_its_13_transitions() {
    check_table::<intake::State>(&[
        "draft submit submitted",
        "draft withdraw withdrawn",
        "submitted hold held",
        "submitted discard noise",
        "submitted reject-on-arrival rejected-on-arrival",
        "submitted receive received",
        "submitted withdraw withdrawn",
        "held amend submitted",
        "held discard noise",
        "held receive received",
        "held withdraw withdrawn",
        "noise restore received",
        "rejected-on-arrival restore received",
    ]);
    check_reachability(&[intake::State::Received, intake::State::Withdrawn]);
}

#[test]
fn the_cve_record_has_its_29_transitions() {
    check_table::<cve::State>(&[
        "none request requested",
        "requested cancel none",
        "none enter-number reserved",
        "requested enter-number reserved",
        "requested start-reserving reserving",
        "reserving confirm reserved",
        "reserving fail requested",
        "reserving lose-answer reservation-unknown",
        "reservation-unknown find-nothing requested",
        "reservation-unknown find-reserved reserved",
        "reserved start-publishing publishing",
        "publishing confirm published",
        "publishing fail reserved",
        "publishing lose-answer record-unknown",
        "published start-updating updating",
        "updating confirm published",
        "updating fail published",
        "updating lose-answer record-unknown",
        "reserved start-rejecting rejecting",
        "published start-rejecting rejecting",
        "rejecting confirm rejected",
        "rejecting fail record-unknown",
        "rejecting lose-answer record-unknown",
        "record-unknown find-reserved reserved",
        "record-unknown find-published published",
        "record-unknown find-rejected rejected",
        "reserved find-published published",
        "reserved find-rejected rejected",
        "published find-rejected rejected",
    ]);
    check_reachability(&[cve::State::Rejected]);
}

#[test]
fn a_cve_number_once_known_is_never_given_up() {
    for state in cve::State::ALL.into_iter().filter(|state| state.has_number()) {
        for after in state.legal().filter_map(|trigger| state.next(trigger)) {
            assert!(after.has_number(), "{state} leads to {after}");
        }
    }
}

#[test]
fn after_a_lost_answer_the_cve_record_is_looked_up_before_any_call() {
    for state in cve::State::ALL.into_iter().filter(|state| state.is_calling()) {
        let lost = state.next(cve::Trigger::LoseAnswer).expect("every call can lose its answer");
        assert!(lost.is_unknown());
        for after in lost.legal().filter_map(|trigger| lost.next(trigger)) {
            assert!(!after.is_calling() && !after.is_unknown(), "{lost} leads to {after}");
        }
    }
}

/// Proves: J31.
#[test]
fn the_fix_has_its_11_transitions_and_none_skips_the_manual_test() {
    check_table::<fix::State>(&[
        "none start in-development",
        "in-development agree agreed",
        "agreed record-test tested-manually",
        "tested-manually merge merged",
        "merged release released",
        "agreed rework in-development",
        "tested-manually rework in-development",
        "merged rework in-development",
        "in-development abandon none",
        "agreed abandon none",
        "tested-manually abandon none",
    ]);
    check_reachability(&[fix::State::Released]);
}

/// Proves: J09.
#[test]
fn the_advisory_has_its_transitions_and_only_an_approved_one_is_published() {
    check_table::<advisory::State>(&[
        "draft request-review in-review",
        "in-review approve approved",
        "in-review request-changes draft",
        "approved request-changes draft",
        "scheduled request-changes draft",
        "approved schedule scheduled",
        "scheduled unschedule approved",
        "approved publish published",
        "scheduled publish published",
        "published revise revised",
        "revised revise revised",
        "published withdraw withdrawn",
        "revised withdraw withdrawn",
    ]);
    check_reachability(&[advisory::State::Withdrawn]);
    for state in advisory::State::ALL {
        assert_eq!(
            state.next(advisory::Trigger::Publish).is_some(),
            matches!(state, advisory::State::Approved | advisory::State::Scheduled)
        );
        for after in state.legal().filter_map(|trigger| state.next(trigger)) {
            assert!(after.is_public() || !state.is_public(), "{state} leads back to {after}");
        }
    }
}

/// Proves: P01.
#[test]
fn conduct_has_its_transitions_and_nobody_is_turned_away_without_a_warning() {
    let mut rows: Vec<String> = vec![
        "clear strike warned:1".to_owned(),
        "reject-on-arrival ban banned".to_owned(),
        "banned ease-on-appeal reject-on-arrival".to_owned(),
        "reject-on-arrival ease-on-appeal warned:1".to_owned(),
        "reject-on-arrival clear-on-appeal clear".to_owned(),
        "banned clear-on-appeal clear".to_owned(),
    ];
    for warnings in 1..=conduct::MAX_WARNINGS {
        let here = format!("warned:{warnings}");
        let struck = match warnings {
            conduct::MAX_WARNINGS => "reject-on-arrival".to_owned(),
            fewer => format!("warned:{}", fewer + 1),
        };
        let eased = match warnings {
            1 => "clear".to_owned(),
            more => format!("warned:{}", more - 1),
        };
        rows.push(format!("{here} strike {struck}"));
        rows.push(format!("{here} reject-future reject-on-arrival"));
        rows.push(format!("{here} ban banned"));
        rows.push(format!("{here} ease-on-appeal {eased}"));
        rows.push(format!("{here} clear-on-appeal clear"));
    }
    check_table::<conduct::State>(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    check_reachability::<conduct::State>(&[]);
    assert!(conduct::State::Clear.legal().eq([conduct::Trigger::Strike]));
}

#[test]
fn a_stored_warning_count_out_of_bounds_does_not_break_the_machine() {
    for warnings in [0, 10, u8::MAX] {
        let state = conduct::State::Warned(warnings);
        for after in state.legal().filter_map(|trigger| state.next(trigger)) {
            assert!(conduct::State::ALL.contains(&after), "{state} leads to {after}");
        }
    }
}
