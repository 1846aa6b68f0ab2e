//! The machines, exhaustively: every (state, trigger) pair against tables written down apart from the code.

#![allow(clippy::print_stdout, reason = "the counts are printed for people")]

mod case_state;
mod ours;
mod vultron;

use bastide_desk::machine::Machine;

/// Holds a machine against its expected transitions: those are legal, all other pairs are refused.
///
/// A row is `state trigger state` in the serialised names, so that a renamed state breaks a test as it would break a
/// stored event.
pub(crate) fn check_table<M>(rows: &[&str])
where
    M: Machine + serde::Serialize,
    M::Trigger: serde::Serialize,
{
    let mut expected: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
    expected.sort();
    let mut legal = Vec::new();
    let mut refused = 0;
    for state in M::STATES {
        for trigger in M::TRIGGERS {
            if let Some(after) = state.next(*trigger) {
                assert_eq!(state.apply(*trigger), Ok(after));
                assert!(M::STATES.contains(&after), "{state} {trigger} leaves the machine");
                legal.push(format!("{} {} {}", name(state), name(trigger), name(&after)));
            } else {
                let refusal = state.apply(*trigger).expect_err("next and apply agree");
                assert_eq!(refusal.state, state.to_string());
                assert_eq!(refusal.possible.len(), state.legal().count());
                refused += 1;
            }
        }
    }
    legal.sort();
    assert_eq!(legal, expected, "{}", M::NAME);
    assert_eq!(M::transitions(), legal.len());
    assert_eq!(refused + legal.len(), M::STATES.len() * M::TRIGGERS.len());
    println!(
        "machine {}: {} states, {} legal transitions, {refused} refused without change",
        M::NAME,
        M::STATES.len(),
        legal.len()
    );
}

/// The serialised name of a state or trigger; a counted state as `name:count`.
fn name(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value).expect("a state is a JSON value") {
        serde_json::Value::String(text) => text,
        serde_json::Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(",")
        }
        other => panic!("{other} is no name"),
    }
}

/// Every state is reached from the start, and a state is final only where the test says so.
pub(crate) fn check_reachability<M: Machine>(finals: &[M]) {
    let mut reached = vec![M::START];
    let mut next = 0;
    while let Some(state) = reached.get(next).copied() {
        next += 1;
        for after in state.legal().filter_map(|trigger| state.next(trigger)) {
            if !reached.contains(&after) {
                reached.push(after);
            }
        }
    }
    assert_eq!(reached.len(), M::STATES.len(), "{}: all states are reachable", M::NAME);
    for state in M::STATES {
        assert_eq!(state.is_final(), finals.contains(state), "{}: {state}", M::NAME);
    }
}
