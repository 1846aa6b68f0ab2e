//! The case state against published figures: 58 of 992 pairs, 70 of 720 orders, the frequency table of event orders
//! and the page rank of the 32 states.

use std::collections::BTreeMap;

use bastide_desk::machine::{Machine as _, case_state};
use case_state::{Event, State};

use super::check_reachability;

#[test]
fn of_992_ordered_pairs_of_case_states_58_are_transitions() {
    let mut legal = 0;
    let mut pairs = 0;
    for from in State::ALL {
        for to in State::ALL.into_iter().filter(|to| *to != from) {
            pairs += 1;
            let ways = Event::ALL.into_iter().filter(|event| from.next(*event) == Some(to)).count();
            assert!(ways <= 1, "one event at most leads from {from} to {to}");
            legal += ways;
        }
    }
    assert_eq!((legal, pairs), (58, 992));
    assert_eq!(State::transitions(), 58);
    check_reachability(&[State::ALL[31]]);
    println!("machine case state: {legal} legal of {pairs} ordered pairs");
}

#[test]
fn of_720_orders_of_the_six_events_70_are_possible() {
    let orders = orders();
    let possible = orders.iter().filter(|order| replay(order).is_some()).count();
    assert_eq!((possible, orders.len()), (70, 720));
    println!("event orders: {possible} possible of {}", orders.len());
}

/// The same 70 by the rules of the paper: V before F before D; P before X or right after it; V before P or right
/// after it.
#[test]
fn the_possible_orders_are_those_that_the_paper_states_as_rules() {
    for order in orders() {
        let place = |event| order.iter().position(|other| *other == event).expect("all six are in an order");
        let [vendor, ready, deployed, public, exploit] =
            [Event::VendorAware, Event::FixReady, Event::FixDeployed, Event::Public, Event::Exploit]
                .map(place);
        let by_rules = vendor < ready && ready < deployed && public <= exploit + 1 && vendor <= public + 1;
        assert_eq!(replay(&order).is_some(), by_rules, "{order:?}");
    }
}

#[test]
fn a_state_that_does_not_last_settles_in_one_that_does() {
    let passing = State::ALL.into_iter().filter(|state| state.forced().is_some()).count();
    assert_eq!(passing, 12, "CSB-17: 12 of the 32 states are ephemeral");
    for state in State::ALL {
        assert_eq!(state.settled().forced(), None);
        assert_eq!(state.settled() == state, state.forced().is_none());
    }
    println!("case states that do not last: {passing} of 32");
}

/// Source: CERTCC/Vultron 6883299, `docs/includes/tab_exp_freq.md`: how often the event of the row comes before the
/// event of the column when every possible next event is equally likely; rows and columns V, F, D, P, X, A. The
/// source rounds to three places, in two cells half down (0.1875 and 0.8125).
const PUBLISHED_FREQUENCIES: [[f64; 6]; 6] = [
    [0.0, 1.0, 1.0, 0.333, 0.667, 0.750],
    [0.0, 0.0, 1.0, 0.111, 0.333, 0.375],
    [0.0, 0.0, 0.0, 0.037, 0.167, 0.187],
    [0.667, 0.889, 0.963, 0.0, 0.500, 0.667],
    [0.333, 0.667, 0.833, 0.500, 0.0, 0.500],
    [0.250, 0.625, 0.812, 0.333, 0.500, 0.0],
];

#[test]
fn a_random_walk_orders_the_events_as_often_as_published() {
    let mut before = [[0.0_f64; 6]; 6];
    walk(State::START, 1.0, &mut Vec::new(), &mut |order, chance| {
        for (index, first) in order.iter().enumerate() {
            for second in &order[index + 1..] {
                before[place(*first)][place(*second)] += chance;
            }
        }
    });
    let mut largest = 0.0_f64;
    for (ours, published) in before.iter().flatten().zip(PUBLISHED_FREQUENCIES.iter().flatten()) {
        largest = largest.max((ours - published).abs());
    }
    assert!(largest <= 0.000_501, "the largest difference is {largest}");
    println!("frequencies of event orders: 36 of 36 as published, largest difference {largest:.6}");
}

/// Source: CERTCC/Vultron 6883299, `docs/reference/measuring_cvd/random_walk.md`, its last column.
const PUBLISHED_PAGE_RANKS: [(&str, f64); 32] = [
    ("vfdpxa", 0.123),
    ("vfdpxA", 0.031),
    ("vfdpXa", 0.031),
    ("vfdpXA", 0.013),
    ("vfdPxa", 0.031),
    ("vfdPxA", 0.013),
    ("vfdPXa", 0.031),
    ("vfdPXA", 0.016),
    ("Vfdpxa", 0.031),
    ("VfdpxA", 0.020),
    ("VfdpXa", 0.011),
    ("VfdpXA", 0.010),
    ("VfdPxa", 0.037),
    ("VfdPxA", 0.032),
    ("VfdPXa", 0.051),
    ("VfdPXA", 0.063),
    ("VFdpxa", 0.011),
    ("VFdpxA", 0.013),
    ("VFdpXa", 0.007),
    ("VFdpXA", 0.008),
    ("VFdPxa", 0.018),
    ("VFdPxA", 0.027),
    ("VFdPXa", 0.037),
    ("VFdPXA", 0.092),
    ("VFDpxa", 0.007),
    ("VFDpxA", 0.010),
    ("VFDpXa", 0.007),
    ("VFDpXA", 0.009),
    ("VFDPxa", 0.012),
    ("VFDPxA", 0.026),
    ("VFDPXa", 0.031),
    ("VFDPXA", 0.139),
];

#[test]
fn the_page_rank_of_the_32_states_is_the_published_one() {
    let ranks = page_ranks(0.85);
    let mut largest = 0.0_f64;
    for (code, published) in PUBLISHED_PAGE_RANKS {
        largest = largest.max((ranks[code] - published).abs());
    }
    assert!(largest <= 0.000_501, "the largest difference is {largest}");
    println!("PageRank of case states: 32 of 32 as published, largest difference {largest:.6}");
}

/// Page rank by power iteration, with the one added link from the last state to the first that the source describes.
fn page_ranks(damping: f64) -> BTreeMap<String, f64> {
    let states = 32.0;
    let mut ranks: BTreeMap<State, f64> = State::ALL.into_iter().map(|state| (state, 1.0 / states)).collect();
    for _ in 0..200 {
        let mut next: BTreeMap<State, f64> =
            State::ALL.into_iter().map(|state| (state, (1.0 - damping) / states)).collect();
        for (state, rank) in &ranks {
            let mut after: Vec<State> = state.legal().filter_map(|event| state.next(event)).collect();
            if after.is_empty() {
                after.push(State::START);
            }
            let share = damping * rank / f64::from(u32::try_from(after.len()).expect("at most six"));
            for state in after {
                *next.get_mut(&state).expect("all 32 are there") += share;
            }
        }
        ranks = next;
    }
    ranks.into_iter().map(|(state, rank)| (state.code(), rank)).collect()
}

/// Walks every possible order from `state`, choosing each possible next event with equal chance.
fn walk(state: State, chance: f64, so_far: &mut Vec<Event>, visit: &mut dyn FnMut(&[Event], f64)) {
    let next: Vec<Event> = state.legal().collect();
    if next.is_empty() {
        visit(so_far, chance);
        return;
    }
    let share = chance / f64::from(u32::try_from(next.len()).expect("at most six"));
    for event in next {
        so_far.push(event);
        walk(state.next(event).expect("it is legal"), share, so_far, visit);
        so_far.pop();
    }
}

fn replay(order: &[Event]) -> Option<State> {
    order.iter().try_fold(State::START, |state, event| state.next(*event))
}

fn place(event: Event) -> usize {
    Event::ALL.iter().position(|other| *other == event).expect("it is one of the six")
}

fn orders() -> Vec<Vec<Event>> {
    let mut orders = vec![Vec::new()];
    for _ in Event::ALL {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<Event>| {
                Event::ALL
                    .into_iter()
                    .filter(|event| !order.contains(event))
                    .map(|event| [order.clone(), vec![event]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    orders
}
