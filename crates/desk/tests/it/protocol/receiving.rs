//! Every message in every state, and the sizes of the state spaces.

use std::collections::{BTreeMap, BTreeSet};

use bastide_desk::{
    machine::invariants::{OnAttacks, check_embargo, check_fix},
    protocol::{Essence, Message, Participant, Role, receive, send},
};

use super::{codes, table};

const POLICIES: [OnAttacks; 2] = [OnAttacks::EndEmbargo, OnAttacks::Keep];

#[test]
fn all_39200_receive_steps_do_what_the_table_says() {
    assert_eq!(Participant::all().collect::<BTreeSet<_>>().len(), 1_400);
    for role in Role::ALL {
        let (mut steps, mut changed, mut unexpected) = (0, 0, 0);
        for state in Participant::all() {
            for message in Message::ALL {
                let outcome = receive(state, role, OnAttacks::EndEmbargo, message);
                let said = codes(&[outcome.replies.clone(), outcome.announcements.clone()].concat());
                assert_eq!(
                    (outcome.state, said),
                    table::expected(state, role, message),
                    "{role:?} in {state:?} receives {message}"
                );
                steps += 1;
                changed += u32::from(outcome.state != state);
                if outcome.error.is_some() {
                    unexpected += 1;
                    assert_eq!(outcome.state, state, "an unexpected message changes nothing");
                }
            }
        }
        assert_eq!(steps, 39_200);
        println!("receive as {role:?}: {steps} steps, {changed} change the state, {unexpected} unexpected");
    }
}

#[test]
fn no_received_message_breaks_a_law_that_held_before() {
    let (mut steps, mut held) = (0, 0);
    for policy in POLICIES {
        for role in Role::ALL {
            for state in Participant::all() {
                for message in Message::ALL {
                    let after = receive(state, role, policy, message).state;
                    steps += 1;
                    if laws_hold(state, policy) {
                        held += 1;
                        assert!(laws_hold(after, policy), "{message} leads from {state:?} to {after:?}");
                    }
                }
            }
        }
    }
    assert_eq!(steps, 2 * 4 * 39_200);
    println!("laws between machines: kept in {held} of {held} receive steps that began lawfully, of {steps}");
}

/// Whatever two participants are in, answers to answers come to an end: no message can lead to itself again.
#[test]
fn no_chain_of_automatic_answers_is_endless() {
    let mut answers: BTreeMap<Message, BTreeSet<Message>> = BTreeMap::new();
    for policy in POLICIES {
        for role in Role::ALL {
            for state in Participant::all() {
                for message in Message::ALL {
                    let outcome = receive(state, role, policy, message);
                    answers.entry(message).or_default().extend(outcome.replies);
                    answers.entry(message).or_default().extend(outcome.announcements);
                }
            }
        }
    }
    let mut longest = 0;
    let mut current: BTreeSet<Message> = Message::ALL.into_iter().collect();
    while !current.is_empty() {
        current = current.iter().flat_map(|message| answers[message].clone()).collect();
        longest += 1;
        assert!(longest <= Message::ALL.len(), "answers go round in a circle: {current:?}");
    }
    println!("automatic answers: the longest chain has {longest} messages");
}

/// Source: CERTCC/Vultron 6883299, `docs/reference/formal_protocol/states.md`.
#[test]
fn the_state_spaces_have_the_published_sizes() {
    let generic: BTreeSet<Essence> = Participant::all().filter_map(Participant::essence).collect();
    assert_eq!(generic.len(), 352);
    println!("participant states: 1400, 352 that matter");
    for (role, size) in
        [(Role::Vendor, 100), (Role::VendorDeployer, 128), (Role::Other, 72), (Role::Reporter, 29)]
    {
        assert_eq!(possible(role).len(), size, "{role:?}");
        println!("participant states that matter for {role:?}: {size}");
    }
}

/// Walks from the start with every message sent and received: what can be reached is among what is possible.
#[test]
fn no_conversation_leads_a_participant_out_of_its_possible_states() {
    for policy in POLICIES {
        for role in Role::ALL {
            let reached = reach(role, policy);
            let essences: BTreeSet<Essence> = reached.iter().filter_map(|state| state.essence()).collect();
            assert!(reached.iter().all(|state| laws_hold(*state, policy)));
            let possible = possible(role);
            let outside: Vec<_> = essences.difference(&possible).collect();
            assert!(outside.is_empty(), "{role:?} {policy:?}: {outside:?}");
            println!(
                "reached by messages as {role:?} ({policy:?}): {} states, {} of {} that matter",
                reached.len(),
                essences.len(),
                possible.len()
            );
        }
    }
}

fn possible(role: Role) -> BTreeSet<Essence> {
    Participant::all().filter(|state| state.is_possible(role)).filter_map(Participant::essence).collect()
}

fn reach(role: Role, policy: OnAttacks) -> BTreeSet<Participant> {
    let mut reached = BTreeSet::from([Participant::start(role)]);
    let mut open: Vec<Participant> = reached.iter().copied().collect();
    while let Some(state) = open.pop() {
        for message in Message::ALL {
            let received = receive(state, role, policy, message).state;
            let sent = send(state, role, policy, message).map(|sent| sent.state);
            for after in std::iter::once(received).chain(sent) {
                if reached.insert(after) {
                    open.push(after);
                }
            }
        }
    }
    reached
}

fn laws_hold(state: Participant, policy: OnAttacks) -> bool {
    state.vfd.is_none_or(|vfd| check_fix(state.rm, vfd).is_ok())
        && check_embargo(state.em, state.pxa, policy).is_ok()
}
