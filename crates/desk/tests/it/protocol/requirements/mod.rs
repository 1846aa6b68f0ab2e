//! Vultron's own behaviour requirements as an oracle: each event-condition-action rule that a machine can read is
//! held against our tables, in every state that meets its precondition.
//!
//! Source: CERTCC/Vultron 6883299, `specs/{rm,em,cs}-behavior.yaml`, read from `BASTIDE_TEST_DATA`. Preconditions are
//! typed there, effects are sentences of a fixed form; [`effect`] reads them. Rules without typed effects are checked
//! by their id in [`by_id`] where they speak of something that a machine decides; the rest is counted with a reason.

mod by_id;
mod effect;
mod specification;

use std::collections::BTreeMap;

use bastide_desk::{
    machine::{invariants::OnAttacks, rm},
    protocol::{Message, Participant, Role, receive, send},
};

use self::{
    effect::Effect,
    specification::{Requirement, Specification, Trigger},
};
use super::matches;

/// Rules from which we deviate, with the decision of `bastide_desk::protocol`.
const DEVIATIONS: &[(&str, &str)] = &[
    ("RMB-07-002", "an error is not answered by an error"),
    ("RMB-08-002", "an acknowledgement is not answered by an error"),
    ("CSB-06-001", "decision 4: attacks make nothing public"),
    ("CSB-06-002", "decision 4: attacks make nothing public"),
    ("CSB-06-003", "decision 4: attacks make nothing public"),
    ("CSB-06-010", "decision 4: attacks make nothing public"),
    ("CSB-14-002", "decision 4: attacks make nothing public"),
];

/// What became of one rule.
enum Verdict {
    /// It held in so many cases.
    Held(usize),
    /// It was broken; the first case.
    Broken(String),
    /// It says nothing that these machines decide.
    Skipped(&'static str),
}

#[test]
fn the_machines_meet_vultrons_behaviour_requirements() {
    let Some(files) = bastide_testkit::data::archive("vultron-requirements-6883299.tar.xz") else {
        return;
    };
    let (mut held, mut cases, mut deviating) = (0, 0, 0);
    let mut skipped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut total = 0;
    for name in ["rm-behavior.yaml", "em-behavior.yaml", "cs-behavior.yaml"] {
        let file = files.iter().find(|file| file.path.ends_with(name)).expect("the archive has the file");
        let text = std::str::from_utf8(&file.bytes).expect("YAML is text");
        let specification: Specification =
            serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for group in specification.groups {
            for requirement in group.specs {
                total += 1;
                let deviation = DEVIATIONS.iter().find(|(id, _)| *id == requirement.id);
                match (judge(&requirement, group.trigger.as_ref()), deviation) {
                    (Verdict::Held(count), None) => {
                        assert!(count > 0, "{} was held against no case", requirement.id);
                        held += 1;
                        cases += count;
                    }
                    (Verdict::Broken(_), Some(_)) => deviating += 1,
                    (Verdict::Skipped(reason), None) => {
                        skipped.entry(reason).or_default().push(requirement.id);
                    }
                    (Verdict::Broken(case), None) => panic!("{} is broken: {case}", requirement.id),
                    (_, Some((id, decision))) => panic!("{id} does not deviate any more: {decision}"),
                }
            }
        }
    }
    println!("Vultron's behaviour requirements: {total}, of which {held} hold in {cases} cases");
    println!("deviating by decision: {deviating}");
    for (id, decision) in DEVIATIONS {
        println!("  {id}: {decision}");
    }
    for (reason, ids) in &skipped {
        println!("skipped, {reason}: {} ({})", ids.len(), ids.join(", "));
    }
    let skips: usize = skipped.values().map(Vec::len).sum();
    assert_eq!((total, held, deviating, skips), (161, 105, DEVIATIONS.len(), 49));
}

fn judge(requirement: &Requirement, trigger: Option<&Trigger>) -> Verdict {
    if let Some(verdict) = by_id::verdict(&requirement.id) {
        return verdict;
    }
    if requirement.steps.is_empty() {
        return Verdict::Skipped(match requirement.priority.as_str() {
            "MAY" => "a permission for a person",
            _ => "advice to a person or to Vultron's own code, no step of a machine",
        });
    }
    let Some(trigger) = trigger else {
        return Verdict::Skipped("about how Vultron's code writes, not what");
    };
    let effects: Option<Vec<Effect>> = requirement.effects();
    match (trigger.kind.as_str(), Message::from_code(&trigger.value), effects) {
        ("message_received", Some(message), Some(effects)) => judge_receiving(requirement, message, &effects),
        ("state_entered", _, Some(effects)) => judge_announcing(&trigger.value, &effects),
        _ => Verdict::Skipped("about evaluators and call-outs around the machines"),
    }
}

/// Every state that meets the precondition, as every role that it names, must show every effect.
fn judge_receiving(requirement: &Requirement, message: Message, effects: &[Effect]) -> Verdict {
    let mut count = 0;
    for role in Role::ALL.into_iter().filter(|role| requirement.concerns(*role)) {
        for state in Participant::all().filter(|state| requirement.applies(*state)) {
            let outcome = receive(state, role, OnAttacks::EndEmbargo, message);
            for effect in effects {
                count += 1;
                if !effect.is_shown(state, &outcome) {
                    return Verdict::Broken(format!(
                        "{role:?} in {state:?} receives {message}: no {effect:?}"
                    ));
                }
            }
        }
    }
    Verdict::Held(count)
}

/// A message that announces the entry of a state can be sent, and sending it leads there.
fn judge_announcing(entered: &str, effects: &[Effect]) -> Verdict {
    let [Effect::Says(message)] = effects else {
        return Verdict::Skipped("about evaluators and call-outs around the machines");
    };
    let mut count = 0;
    for role in Role::ALL {
        for state in Participant::all() {
            let Ok(sent) = send(state, role, OnAttacks::EndEmbargo, *message) else { continue };
            count += 1;
            if !has_entered(sent.state, entered) {
                return Verdict::Broken(format!(
                    "{role:?} in {state:?} sends {message} and is in {:?}",
                    sent.state
                ));
            }
        }
    }
    Verdict::Held(count)
}

/// Whether a state named as `RM.VALID` or `CS.F` has been entered.
fn has_entered(state: Participant, entered: &str) -> bool {
    match entered.split_once('.') {
        Some(("RM", name)) => effect::rm_from_name(name) == Some(state.rm),
        Some(("CS", "V")) => matches(state, "Vfd..."),
        Some(("CS", "F")) => matches(state, "VFd..."),
        Some(("CS", "D")) => matches(state, "VFD..."),
        Some(("CS", "P")) => matches(state, "...P.."),
        Some(("CS", "X")) => matches(state, "....X."),
        Some(("CS", "A")) => matches(state, ".....A"),
        _ => panic!("no requirement enters {entered} with a message"),
    }
}

impl Requirement {
    /// Whether one of its preconditions is met; a closed report only where it is named, because it may be ignored.
    fn applies(&self, state: Participant) -> bool {
        let open = state.rm != rm::State::Closed;
        self.preconditions.is_empty() && open
            || self.preconditions.iter().any(|condition| {
                let rm = condition.rm_state.as_ref().map_or(open, |names| {
                    names.iter().any(|name| effect::rm_from_name(name) == Some(state.rm))
                });
                let em = condition.em_state.as_ref().is_none_or(|names| {
                    names.iter().any(|name| effect::em_from_name(name) == Some(state.em))
                });
                rm && em && condition.cs_pattern.as_ref().is_none_or(|pattern| matches(state, pattern))
            })
    }

    fn concerns(&self, role: Role) -> bool {
        role.is_vendor() || self.preconditions.iter().all(|condition| condition.role.is_none())
    }
}
