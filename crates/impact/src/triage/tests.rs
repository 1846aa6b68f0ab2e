use std::io::Cursor;

use bastide_advisory::{Format, read_osv};
use bastide_model::{
    package::{Ecosystem, Package},
    specifier::Specifiers,
    version::Version,
};
use proptest::prelude::*;

use super::*;
use crate::{
    graph::{Parts, build::Builder},
    requirement::Requirement,
};

fn pypi(name: &str) -> Package {
    Package::new(Ecosystem::PyPi, name)
}

fn version(text: &str) -> Version {
    Version::parse(&Ecosystem::PyPi, text).unwrap()
}

fn specifiers(text: &str) -> Specifiers {
    Specifiers::parse(text).unwrap()
}

/// An advisory about `p` with these events in one range and these listed versions.
fn exposure(events: &[(&str, &str)], listed: &[&str]) -> Exposure {
    let events: Vec<_> = events.iter().map(|(kind, version)| serde_json::json!({*kind: version})).collect();
    let ranges = if events.is_empty() {
        vec![]
    } else {
        vec![serde_json::json!({"type": "ECOSYSTEM", "events": events})]
    };
    let record = serde_json::json!({
        "id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "p"}, "ranges": ranges, "versions": listed}],
    });
    let advisory = read_osv(record.to_string().as_bytes(), Format::Json, "test").unwrap();
    Exposure::of_advisory(&advisory, &pypi("p")).unwrap()
}

fn state(exposure: &Exposure, text: &str) -> State {
    exposure.judge(&specifiers(text).set())
}

/// GHSA-9q39-rmj3-p4r2 as its curators wrote it: jupyterlab before 3.6.8 and from 4.0.0 before 4.2.5.
fn jupyterlab() -> Exposure {
    exposure(&[("introduced", "4.0.0"), ("fixed", "4.2.5"), ("introduced", "0"), ("fixed", "3.6.8")], &[])
}

#[test]
fn a_requirement_has_the_state_that_its_versions_give_it() {
    use State::{Blocked, NoFix, ReLock, Safe};
    for (text, expected) in [
        (">=4.2.5", Safe),
        ("~=3.6.8", Safe),
        ("==3.7.1", Safe),
        (">5", Safe),
        ("", ReLock),
        (">=4", ReLock),
        ("<4", ReLock),
        ("==4.*", ReLock),
        ("~=4.2.1", ReLock),
        ("!=4.2.5", ReLock),
        ("==4.2.4", Blocked),
        ("~=4.1.0", Blocked),
        ("<3.6.8", Blocked),
        ("<=3.6.7", Blocked),
        (">=4,<4.2.5", Blocked),
        ("===4.0.0", Blocked),
    ] {
        assert_eq!(state(&jupyterlab(), text), expected, "{text}");
    }
    let open = exposure(&[("introduced", "1.0"), ("fixed", "1.5"), ("introduced", "2.0")], &[]);
    for (text, expected) in [
        ("==1.4", Blocked),
        (">=2", NoFix),
        (">=1.6", ReLock),
        ("<1", Safe),
        ("==2.1", NoFix),
        ("<2,>=1.5", Safe),
    ] {
        assert_eq!(state(&open, text), expected, "{text}");
    }
    assert!(!open.is_unfixed());
}

#[test]
fn the_version_after_the_last_affected_one_is_a_fix_and_a_list_of_versions_has_none() {
    let last = exposure(&[("introduced", "0"), ("last_affected", "1.5")], &["1.4", "1.5"]);
    for (text, expected) in [
        ("<=1.5", State::Blocked),
        ("==1.5", State::Blocked),
        (">=1", State::ReLock),
        (">1.5", State::Safe),
        ("<1.6", State::ReLock),
    ] {
        assert_eq!(state(&last, text), expected, "{text}");
    }
    assert!(last.fixed.is_empty() && last.change(&specifiers("==1.5")).is_none());
    let listed = exposure(&[], &["1.4", "1.5", "2004d"]);
    assert!(listed.is_unfixed());
    assert_eq!(state(&listed, ">=1.5"), State::NoFix);
    assert_eq!(state(&listed, ">=1.6"), State::Safe);
    assert_eq!(state(&exposure(&[("introduced", "0")], &[]), "==7"), State::NoFix);
}

#[test]
fn a_range_can_stand_in_place_of_an_advisory() {
    let exposure = Exposure::of_specifiers(&pypi("p"), &specifiers(">=1.0,<2.31"));
    assert_eq!(exposure.fixed, [version("2.31")]);
    assert_eq!(state(&exposure, "<2"), State::Blocked);
    assert_eq!(state(&exposure, ">=2"), State::ReLock);
    assert_eq!(state(&exposure, "<1"), State::Safe);
    let pinned = Exposure::of_specifiers(&pypi("p"), &specifiers("==1.4"));
    assert_eq!((state(&pinned, "==1.4"), state(&pinned, ">=1.4")), (State::Blocked, State::ReLock));
    assert!(Exposure::of_specifiers(&pypi("p"), &Specifiers::any()).is_unfixed());
}

#[test]
fn the_change_keeps_the_habit_of_the_writer() {
    for (text, expected) in [
        ("==4.2.4", "==4.2.5"),
        ("===4.0.0", "==4.2.5"),
        ("~=4.1.0", ">=4.2.5,<4.3"),
        (">=4,<4.2", ">=4.2.5,<4.3"),
        (">=4.0,<4.2.5", ">=4.2.5,<4.2.6"),
        ("==4.1.*,!=4.1.3", ">=4.2.5,<4.3,!=4.1.3"),
        ("<3.6.8", ">=3.6.8,<3.6.9"),
        ("<=3.6.7", ">=3.6.8,<3.6.9"),
        ("<3", ">=3.6.8,<4"),
        ("<3.0", ">=3.6.8,<4"),
    ] {
        let change = jupyterlab().change(&specifiers(text)).unwrap();
        assert_eq!(change.specifiers.to_string(), expected, "{text}");
    }
    assert!(jupyterlab().change(&specifiers(">=4")).is_none(), "it lets the fix in");
    let gap =
        exposure(&[("introduced", "0"), ("fixed", "1.5"), ("introduced", "1.6"), ("fixed", "2.1")], &[]);
    assert_eq!(gap.change(&specifiers("<1")).unwrap().specifiers.to_string(), ">=2.1,<3");
}

#[test]
fn an_advisory_about_something_else_or_with_versions_that_cannot_be_read_is_no_answer() {
    let record = |body: &str| {
        let text = format!(
            "{{\"id\": \"PYSEC-2026-1\", \"modified\": \"2026-01-01T00:00:00Z\", \"affected\": [{body}]}}"
        );
        read_osv(text.as_bytes(), Format::Json, "test").unwrap()
    };
    let other =
        record("{\"package\": {\"ecosystem\": \"PyPI\", \"name\": \"Other_One\"}, \"versions\": [\"1\"]}");
    let error = Exposure::of_advisory(&other, &pypi("p")).unwrap_err().to_string();
    assert!(error.contains("other-one"), "{error}");
    let unreadable = record(
        "{\"package\": {\"ecosystem\": \"PyPI\", \"name\": \"p\"}, \"ranges\": [{\"type\": \"ECOSYSTEM\", \"events\": \
         [{\"introduced\": \"one\"}]}]}",
    );
    assert!(matches!(Exposure::of_advisory(&unreadable, &pypi("p")), Err(ExposureError::Unreadable { .. })));
}

fn graph(lines: &[(&str, &str)]) -> Graph {
    let mut builder = Builder::new();
    for (project, requirement) in lines {
        builder.require(project, &Requirement::parse(requirement).unwrap()).unwrap();
    }
    Graph::read(&mut Cursor::new(builder.finish()), Parts::ALL).unwrap()
}

/// Who depends directly and beyond, with extras, an address, a cycle, and a safe one in the middle.
fn neighbourhood() -> Graph {
    graph(&[
        ("pinner", "p==4.2.4"),
        ("open", "p>=4"),
        ("safe", "p>=4.2.5"),
        ("caps-pinner", "pinner<2"),
        ("pins-capper", "caps-pinner==1.0"),
        ("follows-pinner", "pinner"),
        ("behind-follower", "follows-pinner==3"),
        ("behind-safe", "safe==1"),
        ("safe-itself", "p>=4.2.5"),
        ("safe-itself", "pinner==1"),
        ("optional", "p<4.1,>=4.0; extra == 'lab'"),
        ("takes-optional", "optional[lab]"),
        ("addressed", "p @ https://example.org/p.whl"),
        ("pinner", "pins-capper"),
        ("two-ways", "p>=4; python_version >= '3.9'"),
        ("two-ways", "p<4,>=4.0.dev0; python_version < '3.9'"),
    ])
}

#[test]
fn blocked_runs_on_through_pins_and_caps_only() {
    let graph = neighbourhood();
    let triage = Triage::new(&graph);
    let impact = triage.impact(&jupyterlab(), Scope::default()).unwrap();
    let (all, count) = impact.dependents(100, |_, _| true);
    assert_eq!(count, all.len());
    let states: Vec<(&str, &str, String)> =
        all.iter().map(|one| (one.name, one.state.name(), one.path.join(" > "))).collect();
    let expected = [
        ("optional[lab]", "blocked", "optional[lab] > p"),
        ("pinner", "blocked", "pinner > p"),
        ("caps-pinner", "blocked", "caps-pinner > pinner > p"),
        ("pins-capper", "blocked", "pins-capper > caps-pinner > pinner > p"),
        ("addressed", "unknown", "addressed > p"),
        ("open", "re-lock", "open > p"),
        ("two-ways", "re-lock", "two-ways > p"),
        ("follows-pinner", "re-lock", "follows-pinner > pinner > p"),
        ("takes-optional", "re-lock", "takes-optional > optional[lab] > p"),
        ("behind-follower", "re-lock", "behind-follower > follows-pinner > pinner > p"),
        ("safe", "safe", "safe > p"),
        ("safe-itself", "safe", "safe-itself > p"),
        ("behind-safe", "safe", "behind-safe > safe > p"),
    ];
    let shown: Vec<(&str, &str, &str)> =
        states.iter().map(|(name, state, path)| (*name, *state, path.as_str())).collect();
    assert_eq!(shown, expected);
    let pinner = all.iter().find(|one| one.name == "pinner").unwrap();
    assert_eq!(pinner.blocking, ["==4.2.4"]);
    assert_eq!(pinner.change.as_ref().unwrap().specifiers.to_string(), "==4.2.5");
    let caps = all.iter().find(|one| one.name == "caps-pinner").unwrap();
    assert_eq!((caps.blocking.as_slice(), caps.change.as_ref()), (&["<2".to_owned()][..], None));
    let direct = impact.direct();
    assert_eq!((direct.runtime.blocked, direct.runtime.total(), direct.extras.blocked), (1, 6, 1));
    assert_eq!(impact.all().runtime.blocked, 3);
    assert_eq!(triage.count(&jupyterlab()), direct);
}

#[test]
fn a_fix_that_does_not_exist_is_told_to_everybody_who_is_exposed() {
    let graph = neighbourhood();
    let triage = Triage::new(&graph);
    let impact =
        triage.impact(&exposure(&[("introduced", "4.2.5")], &[]), Scope { most_depth: Some(1) }).unwrap();
    assert_eq!(impact.all().runtime.no_fix, 4);
    assert!(
        triage
            .impact(&Exposure::of_specifiers(&pypi("nobody"), &Specifiers::any()), Scope::default())
            .is_none()
    );
}

fn any_version() -> impl Strategy<Value = String> {
    let suffix = prop::sample::select(vec!["", "", "", "rc1", ".post1", ".dev1"]);
    ("[0-3](\\.[0-3]){0,2}", suffix).prop_map(|(release, suffix)| format!("{release}{suffix}"))
}

fn any_specifiers() -> impl Strategy<Value = Specifiers> {
    let clause = (prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">=", "~="]), any_version());
    prop::collection::vec(clause, 0..4).prop_map(|clauses| {
        let text: Vec<String> = clauses.iter().map(|(sign, version)| format!("{sign}{version}")).collect();
        Specifiers::parse(&text.join(",")).unwrap_or_default()
    })
}

fn any_exposure() -> impl Strategy<Value = Exposure> {
    let kind = prop::sample::select(vec!["introduced", "fixed", "fixed", "last_affected"]);
    let events = prop::collection::vec((kind, any_version()), 0..4);
    (events, prop::collection::vec(any_version(), 0..3)).prop_map(|(events, listed)| {
        let mut all = vec![("introduced", "0")];
        all.extend(events.iter().map(|(kind, version)| (*kind, version.as_str())));
        // A range may end either way, not both.
        let has_fix = all.iter().any(|(kind, _)| *kind == "fixed");
        all.retain(|(kind, _)| !(has_fix && *kind == "last_affected"));
        let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
        exposure(&all, &listed)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// No version that anybody could name contradicts a state.
    #[test]
    fn no_version_contradicts_a_state(exposure in any_exposure(), wanted in any_specifiers(), asked in prop::collection::vec(any_version(), 1..40)) {
        let state = exposure.judge(&wanted.set());
        for asked in asked.iter().map(|text| version(text)).filter(|asked| wanted.contains(asked)) {
            if exposure.affected.contains(&asked) {
                prop_assert_ne!(state, State::Safe, "{} and {}", wanted, asked);
            }
            let is_mended = exposure.fixed.iter().any(|fix| asked >= *fix) && !exposure.affected.contains(&asked);
            if is_mended {
                prop_assert!(matches!(state, State::Safe | State::ReLock), "{} and {}", wanted, asked);
            }
        }
    }

    /// What is proposed lets its fix in and nothing affected.
    #[test]
    fn a_change_lets_a_fix_in_and_nothing_affected(exposure in any_exposure(), wanted in any_specifiers()) {
        if let Some(change) = exposure.change(&wanted) {
            prop_assert!(change.specifiers.contains(&change.fix), "{} for {}", change.specifiers, wanted);
            prop_assert!(!change.specifiers.set().intersects(&exposure.affected), "{} for {}", change.specifiers, wanted);
            prop_assert_eq!(exposure.judge(&change.specifiers.set()), State::Safe);
        }
    }
}
